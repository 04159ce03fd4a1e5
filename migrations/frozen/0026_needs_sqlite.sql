CREATE TRIGGER IF NOT EXISTS need_letter_no_change BEFORE UPDATE OF kind, to_kanwil_id, to_upt_id, need_ref, offer_ref, body, written_at, written_by, upt_id, id, tenant_id ON need_letter BEGIN SELECT RAISE(ABORT, 'need_letter is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS need_letter_no_delete BEFORE DELETE ON need_letter BEGIN SELECT RAISE(ABORT, 'need_letter is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS need_letter_no_mark BEFORE UPDATE OF carried_at, outcome ON need_letter WHEN (OLD.carried_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'need_letter is append-only'); END
