CREATE TRIGGER IF NOT EXISTS decision_no_update BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS decision_no_delete BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS revision_kept_update BEFORE UPDATE ON product_revision WHEN OLD.submitted_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a submitted revision is immutable'); END
-- next
CREATE TRIGGER IF NOT EXISTS revision_kept_delete BEFORE DELETE ON product_revision WHEN OLD.submitted_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a submitted revision is immutable'); END
-- next
CREATE VIRTUAL TABLE IF NOT EXISTS published_search USING fts5(search, content='published_product', content_rowid='product_id', tokenize='ascii', prefix='2 3 4')
-- next
CREATE TRIGGER IF NOT EXISTS published_added AFTER INSERT ON published_product BEGIN INSERT INTO published_search (rowid, search) VALUES (NEW.product_id, NEW.search); INSERT INTO published_tally
  (kanwil_code, upt_slug, category, kanwil_name, upt_name, products)
  SELECT NEW.kanwil_code, NEW.upt_slug, NEW.category, NEW.kanwil_name, NEW.upt_name, 1
  WHERE NEW.state = 'published'
  ON CONFLICT (kanwil_code, upt_slug, category) DO UPDATE SET products = products + 1,
    kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name; INSERT OR IGNORE INTO published_photo (sha256, product_id)
  SELECT json_extract(p.value, '$.sha256'), NEW.product_id FROM json_each(NEW.photos) AS p
  WHERE NEW.state = 'published'
  UNION SELECT t.value, NEW.product_id FROM json_each(NEW.photos) AS p, json_each(p.value, '$.thumbs') AS t
  WHERE NEW.state = 'published'; END
-- next
CREATE TRIGGER IF NOT EXISTS published_changed AFTER UPDATE ON published_product BEGIN INSERT INTO published_search (published_search, rowid, search)
  VALUES ('delete', OLD.product_id, OLD.search); INSERT INTO published_search (rowid, search) VALUES (NEW.product_id, NEW.search); UPDATE published_tally SET products = products - 1 WHERE OLD.state = 'published'
  AND kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug AND category = OLD.category; INSERT INTO published_tally
  (kanwil_code, upt_slug, category, kanwil_name, upt_name, products)
  SELECT NEW.kanwil_code, NEW.upt_slug, NEW.category, NEW.kanwil_name, NEW.upt_name, 1
  WHERE NEW.state = 'published'
  ON CONFLICT (kanwil_code, upt_slug, category) DO UPDATE SET products = products + 1,
    kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name; DELETE FROM published_photo WHERE product_id = OLD.product_id; INSERT OR IGNORE INTO published_photo (sha256, product_id)
  SELECT json_extract(p.value, '$.sha256'), NEW.product_id FROM json_each(NEW.photos) AS p
  WHERE NEW.state = 'published'
  UNION SELECT t.value, NEW.product_id FROM json_each(NEW.photos) AS p, json_each(p.value, '$.thumbs') AS t
  WHERE NEW.state = 'published'; END
-- next
CREATE TRIGGER IF NOT EXISTS published_removed AFTER DELETE ON published_product BEGIN INSERT INTO published_search (published_search, rowid, search)
  VALUES ('delete', OLD.product_id, OLD.search); UPDATE published_tally SET products = products - 1 WHERE OLD.state = 'published'
  AND kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug AND category = OLD.category; DELETE FROM published_photo WHERE product_id = OLD.product_id; END
