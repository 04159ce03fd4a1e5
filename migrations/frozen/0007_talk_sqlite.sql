CREATE TRIGGER IF NOT EXISTS case_comment_no_change BEFORE UPDATE OF case_id, author_id, author_name, author_office, body, mentions, salt, sha256, said_at, upt_id, id, tenant_id ON case_comment BEGIN SELECT RAISE(ABORT, 'case_comment is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS case_comment_no_delete BEFORE DELETE ON case_comment BEGIN SELECT RAISE(ABORT, 'case_comment is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS case_comment_no_strike BEFORE UPDATE OF struck_at ON case_comment WHEN (OLD.struck_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'case_comment is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS case_note_no_change BEFORE UPDATE OF kind, case_id, author_id, author_name, author_office, body, mentions, salt, sha256, said_at, id, tenant_id ON case_note BEGIN SELECT RAISE(ABORT, 'case_note is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS case_note_no_delete BEFORE DELETE ON case_note BEGIN SELECT RAISE(ABORT, 'case_note is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS case_note_no_strike BEFORE UPDATE OF struck_at ON case_note WHEN (OLD.struck_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'case_note is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS comment_file_no_change BEFORE UPDATE OF comment_id, case_id, key, sha256, kind, name, bytes, upt_id, id, tenant_id ON comment_file BEGIN SELECT RAISE(ABORT, 'comment_file is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS comment_file_no_delete BEFORE DELETE ON comment_file BEGIN SELECT RAISE(ABORT, 'comment_file is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS note_file_no_change BEFORE UPDATE OF note_id, case_id, key, sha256, kind, name, bytes, id, tenant_id ON note_file BEGIN SELECT RAISE(ABORT, 'note_file is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS note_file_no_delete BEFORE DELETE ON note_file BEGIN SELECT RAISE(ABORT, 'note_file is append-only'); END
