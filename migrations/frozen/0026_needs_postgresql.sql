DROP TRIGGER IF EXISTS need_letter_no_change ON need_letter
-- next
CREATE TRIGGER need_letter_no_change BEFORE UPDATE OF kind, to_kanwil_id, to_upt_id, need_ref, offer_ref, body, written_at, written_by, upt_id, id, tenant_id ON need_letter FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS need_letter_no_delete ON need_letter
-- next
CREATE TRIGGER need_letter_no_delete BEFORE DELETE ON need_letter FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS need_letter_no_mark ON need_letter
-- next
CREATE TRIGGER need_letter_no_mark BEFORE UPDATE OF carried_at, outcome ON need_letter FOR EACH ROW WHEN (OLD.carried_at IS NOT NULL) EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS need_letter_no_truncate ON need_letter
-- next
CREATE TRIGGER need_letter_no_truncate BEFORE TRUNCATE ON need_letter FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()
