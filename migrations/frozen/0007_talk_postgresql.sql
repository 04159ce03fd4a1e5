DROP TRIGGER IF EXISTS case_comment_no_change ON case_comment
-- next
CREATE TRIGGER case_comment_no_change BEFORE UPDATE OF case_id, author_id, author_name, author_office, body, mentions, salt, sha256, said_at, upt_id, id, tenant_id ON case_comment FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS case_comment_no_delete ON case_comment
-- next
CREATE TRIGGER case_comment_no_delete BEFORE DELETE ON case_comment FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS case_comment_no_strike ON case_comment
-- next
CREATE TRIGGER case_comment_no_strike BEFORE UPDATE OF struck_at ON case_comment FOR EACH ROW WHEN (OLD.struck_at IS NOT NULL) EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS case_comment_no_truncate ON case_comment
-- next
CREATE TRIGGER case_comment_no_truncate BEFORE TRUNCATE ON case_comment FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS case_note_no_change ON case_note
-- next
CREATE TRIGGER case_note_no_change BEFORE UPDATE OF kind, case_id, author_id, author_name, author_office, body, mentions, salt, sha256, said_at, id, tenant_id ON case_note FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS case_note_no_delete ON case_note
-- next
CREATE TRIGGER case_note_no_delete BEFORE DELETE ON case_note FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS case_note_no_strike ON case_note
-- next
CREATE TRIGGER case_note_no_strike BEFORE UPDATE OF struck_at ON case_note FOR EACH ROW WHEN (OLD.struck_at IS NOT NULL) EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS case_note_no_truncate ON case_note
-- next
CREATE TRIGGER case_note_no_truncate BEFORE TRUNCATE ON case_note FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS comment_file_no_change ON comment_file
-- next
CREATE TRIGGER comment_file_no_change BEFORE UPDATE OF comment_id, case_id, key, sha256, kind, name, bytes, upt_id, id, tenant_id ON comment_file FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS comment_file_no_delete ON comment_file
-- next
CREATE TRIGGER comment_file_no_delete BEFORE DELETE ON comment_file FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS comment_file_no_truncate ON comment_file
-- next
CREATE TRIGGER comment_file_no_truncate BEFORE TRUNCATE ON comment_file FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS note_file_no_change ON note_file
-- next
CREATE TRIGGER note_file_no_change BEFORE UPDATE OF note_id, case_id, key, sha256, kind, name, bytes, id, tenant_id ON note_file FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS note_file_no_delete ON note_file
-- next
CREATE TRIGGER note_file_no_delete BEFORE DELETE ON note_file FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS note_file_no_truncate ON note_file
-- next
CREATE TRIGGER note_file_no_truncate BEFORE TRUNCATE ON note_file FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()
