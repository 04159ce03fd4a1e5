CREATE OR REPLACE FUNCTION karya_person_access_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'person_access is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS person_access_kept ON person_access
-- next
CREATE TRIGGER person_access_kept BEFORE UPDATE OR DELETE ON person_access FOR EACH ROW EXECUTE FUNCTION karya_person_access_kept()
-- next
DROP TRIGGER IF EXISTS person_access_no_truncate ON person_access
-- next
CREATE TRIGGER person_access_no_truncate BEFORE TRUNCATE ON person_access FOR EACH STATEMENT EXECUTE FUNCTION karya_person_access_kept()
