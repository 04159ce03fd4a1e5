CREATE OR REPLACE FUNCTION karya_feature_change_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'feature_change is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS feature_change_kept ON feature_change
-- next
CREATE TRIGGER feature_change_kept BEFORE UPDATE OR DELETE ON feature_change FOR EACH ROW EXECUTE FUNCTION karya_feature_change_kept()
-- next
ALTER TABLE published_facet ADD COLUMN IF NOT EXISTS search_vector tsvector
-- next
CREATE INDEX IF NOT EXISTS ix_published_search ON published_facet USING gin (search_vector) WITH (fastupdate = off)
-- next
CREATE OR REPLACE FUNCTION karya_published() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM published_facet WHERE product_id = OLD.product_id;
    DELETE FROM published_photo WHERE product_id = OLD.product_id;
    IF OLD.state = 'published' THEN
      UPDATE published_tally SET products = products - 1 WHERE kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug AND category = OLD.category AND goods_group = OLD.goods_group AND market_level = OLD.market_level AND ready = CASE WHEN OLD.stock > 0 THEN 1 ELSE 0 END;
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN
    INSERT INTO published_facet (product_id, name, category, goods_group, market_level, kanwil_code, upt_slug, price_rupiah, ready, search_vector)
      VALUES (NEW.product_id, NEW.name, NEW.category, NEW.goods_group, NEW.market_level, NEW.kanwil_code, NEW.upt_slug, NEW.price_rupiah, CASE WHEN NEW.stock > 0 THEN 1 ELSE 0 END, to_tsvector('simple', NEW.search || ' xbx' || NEW.product_id / 4096));
    INSERT INTO published_tally AS t (kanwil_code, upt_slug, category, goods_group, market_level, ready, kanwil_name, upt_name, products)
      VALUES (NEW.kanwil_code, NEW.upt_slug, NEW.category, NEW.goods_group, NEW.market_level, CASE WHEN NEW.stock > 0 THEN 1 ELSE 0 END, NEW.kanwil_name, NEW.upt_name, 1)
      ON CONFLICT (kanwil_code, upt_slug, category, goods_group, market_level, ready) DO UPDATE SET products = t.products + 1,
        kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name;
    INSERT INTO published_photo (sha256, product_id)
      SELECT p ->> 'sha256', NEW.product_id FROM jsonb_array_elements(CAST(NEW.photos AS jsonb)) AS p
      UNION SELECT th.value, NEW.product_id FROM jsonb_array_elements(CAST(NEW.photos AS jsonb)) AS p,
        jsonb_each_text(p -> 'thumbs') AS th
      ON CONFLICT DO NOTHING;
    -- In one order, so that two publications never wait for each other's new words.
    INSERT INTO published_word (word, head, tail)
      SELECT w, left(w, 2), right(w, 2) FROM (SELECT DISTINCT unnest(string_to_array(NEW.words, ' ')) AS w) AS own
      WHERE length(w) BETWEEN 4 AND 40 ORDER BY w
      ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$
-- next
DROP TRIGGER IF EXISTS published_kept ON published_product
-- next
CREATE TRIGGER published_kept AFTER INSERT OR UPDATE OR DELETE ON published_product FOR EACH ROW EXECUTE FUNCTION karya_published()
