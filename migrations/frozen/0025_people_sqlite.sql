CREATE TRIGGER IF NOT EXISTS person_access_no_update BEFORE UPDATE ON person_access BEGIN SELECT RAISE(ABORT, 'person_access is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS person_access_no_delete BEFORE DELETE ON person_access BEGIN SELECT RAISE(ABORT, 'person_access is append-only'); END
