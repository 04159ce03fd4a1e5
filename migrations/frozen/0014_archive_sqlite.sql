CREATE TRIGGER IF NOT EXISTS obstacle_change_no_update BEFORE UPDATE ON obstacle_change BEGIN SELECT RAISE(ABORT, 'obstacle_change is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS obstacle_change_no_delete BEFORE DELETE ON obstacle_change BEGIN SELECT RAISE(ABORT, 'obstacle_change is append-only'); END
-- next
CREATE VIRTUAL TABLE IF NOT EXISTS recap_search USING fts5(search, content='recap_text', content_rowid='id', tokenize='ascii', prefix='2 3 4')
-- next
CREATE TRIGGER IF NOT EXISTS recap_text_added AFTER INSERT ON recap_text BEGIN INSERT INTO recap_search (rowid, search) VALUES (NEW.id, NEW.search); END
-- next
CREATE TRIGGER IF NOT EXISTS recap_text_changed AFTER UPDATE ON recap_text BEGIN INSERT INTO recap_search (recap_search, rowid, search) VALUES ('delete', OLD.id, OLD.search); INSERT INTO recap_search (rowid, search) VALUES (NEW.id, NEW.search); END
-- next
CREATE TRIGGER IF NOT EXISTS recap_text_removed AFTER DELETE ON recap_text BEGIN INSERT INTO recap_search (recap_search, rowid, search) VALUES ('delete', OLD.id, OLD.search); END
