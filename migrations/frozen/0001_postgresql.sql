CREATE OR REPLACE FUNCTION karya_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS decision_append_only ON decision
-- next
CREATE TRIGGER decision_append_only BEFORE UPDATE OR DELETE ON decision FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS decision_no_truncate ON decision
-- next
CREATE TRIGGER decision_no_truncate BEFORE TRUNCATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS audit_event_append_only ON audit_event
-- next
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION karya_append_only()
-- next
DROP TRIGGER IF EXISTS audit_event_no_truncate ON audit_event
-- next
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()
-- next
CREATE OR REPLACE FUNCTION karya_revision_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a submitted revision is immutable' USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS revision_kept ON product_revision
-- next
CREATE TRIGGER revision_kept BEFORE UPDATE OR DELETE ON product_revision FOR EACH ROW WHEN (OLD.submitted_at IS NOT NULL) EXECUTE FUNCTION karya_revision_kept()
-- next
ALTER TABLE published_product ADD COLUMN IF NOT EXISTS search_vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', search)) STORED
-- next
CREATE INDEX IF NOT EXISTS ix_published_search ON published_product USING gin (search_vector)
-- next
CREATE OR REPLACE FUNCTION karya_published() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM published_photo WHERE product_id = OLD.product_id;
    IF OLD.state = 'published' THEN
      UPDATE published_tally SET products = products - 1 WHERE kanwil_code = OLD.kanwil_code
        AND upt_slug = OLD.upt_slug AND category = OLD.category;
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN
    INSERT INTO published_tally AS t (kanwil_code, upt_slug, category, kanwil_name, upt_name, products)
      VALUES (NEW.kanwil_code, NEW.upt_slug, NEW.category, NEW.kanwil_name, NEW.upt_name, 1)
      ON CONFLICT (kanwil_code, upt_slug, category) DO UPDATE SET products = t.products + 1,
        kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name;
    INSERT INTO published_photo (sha256, product_id)
      SELECT p ->> 'sha256', NEW.product_id FROM jsonb_array_elements(CAST(NEW.photos AS jsonb)) AS p
      UNION SELECT th.value, NEW.product_id FROM jsonb_array_elements(CAST(NEW.photos AS jsonb)) AS p,
        jsonb_each_text(p -> 'thumbs') AS th
      ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$
-- next
DROP TRIGGER IF EXISTS published_kept ON published_product
-- next
CREATE TRIGGER published_kept AFTER INSERT OR UPDATE OR DELETE ON published_product FOR EACH ROW EXECUTE FUNCTION karya_published()
