CREATE TRIGGER IF NOT EXISTS feature_change_no_update BEFORE UPDATE ON feature_change BEGIN SELECT RAISE(ABORT, 'feature_change is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS feature_change_no_delete BEFORE DELETE ON feature_change BEGIN SELECT RAISE(ABORT, 'feature_change is append-only'); END
-- next
DROP TRIGGER IF EXISTS published_added
-- next
DROP TRIGGER IF EXISTS published_changed
-- next
DROP TRIGGER IF EXISTS published_removed
-- next
CREATE TRIGGER published_added AFTER INSERT ON published_product BEGIN INSERT INTO published_search (rowid, search) VALUES (NEW.product_id, NEW.search); INSERT INTO published_facet (product_id, name, category, goods_group, market_level, kanwil_code, upt_slug, price_rupiah, ready)
  SELECT NEW.product_id, NEW.name, NEW.category, NEW.goods_group, NEW.market_level, NEW.kanwil_code, NEW.upt_slug, NEW.price_rupiah, CASE WHEN NEW.stock > 0 THEN 1 ELSE 0 END WHERE NEW.state = 'published'; INSERT INTO published_tally (kanwil_code, upt_slug, category, goods_group, market_level, ready, kanwil_name, upt_name, products)
  SELECT NEW.kanwil_code, NEW.upt_slug, NEW.category, NEW.goods_group, NEW.market_level, CASE WHEN NEW.stock > 0 THEN 1 ELSE 0 END, NEW.kanwil_name, NEW.upt_name, 1 WHERE NEW.state = 'published'
  ON CONFLICT (kanwil_code, upt_slug, category, goods_group, market_level, ready) DO UPDATE SET products = products + 1,
    kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name; INSERT INTO published_photo (sha256, product_id)
  SELECT json_extract(p.value, '$.sha256'), NEW.product_id FROM json_each(NEW.photos) AS p
  WHERE NEW.state = 'published'
  UNION SELECT t.value, NEW.product_id FROM json_each(NEW.photos) AS p, json_each(p.value, '$.thumbs') AS t
  WHERE NEW.state = 'published'
  ON CONFLICT DO NOTHING; INSERT INTO published_word (word, head, tail)
  SELECT value, substr(value, 1, 2), substr(value, -2) FROM json_each('["' || replace(NEW.words, ' ', '","') || '"]')
  WHERE NEW.state = 'published' AND length(value) BETWEEN 4 AND 40
  ON CONFLICT DO NOTHING; END
-- next
CREATE TRIGGER published_changed AFTER UPDATE ON published_product BEGIN INSERT INTO published_search (published_search, rowid, search)
  VALUES ('delete', OLD.product_id, OLD.search); DELETE FROM published_facet WHERE product_id = OLD.product_id; UPDATE published_tally SET products = products - 1 WHERE kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug AND category = OLD.category AND goods_group = OLD.goods_group AND market_level = OLD.market_level AND ready = CASE WHEN OLD.stock > 0 THEN 1 ELSE 0 END AND OLD.state = 'published'; DELETE FROM published_photo WHERE product_id = OLD.product_id; INSERT INTO published_search (rowid, search) VALUES (NEW.product_id, NEW.search); INSERT INTO published_facet (product_id, name, category, goods_group, market_level, kanwil_code, upt_slug, price_rupiah, ready)
  SELECT NEW.product_id, NEW.name, NEW.category, NEW.goods_group, NEW.market_level, NEW.kanwil_code, NEW.upt_slug, NEW.price_rupiah, CASE WHEN NEW.stock > 0 THEN 1 ELSE 0 END WHERE NEW.state = 'published'; INSERT INTO published_tally (kanwil_code, upt_slug, category, goods_group, market_level, ready, kanwil_name, upt_name, products)
  SELECT NEW.kanwil_code, NEW.upt_slug, NEW.category, NEW.goods_group, NEW.market_level, CASE WHEN NEW.stock > 0 THEN 1 ELSE 0 END, NEW.kanwil_name, NEW.upt_name, 1 WHERE NEW.state = 'published'
  ON CONFLICT (kanwil_code, upt_slug, category, goods_group, market_level, ready) DO UPDATE SET products = products + 1,
    kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name; INSERT INTO published_photo (sha256, product_id)
  SELECT json_extract(p.value, '$.sha256'), NEW.product_id FROM json_each(NEW.photos) AS p
  WHERE NEW.state = 'published'
  UNION SELECT t.value, NEW.product_id FROM json_each(NEW.photos) AS p, json_each(p.value, '$.thumbs') AS t
  WHERE NEW.state = 'published'
  ON CONFLICT DO NOTHING; INSERT INTO published_word (word, head, tail)
  SELECT value, substr(value, 1, 2), substr(value, -2) FROM json_each('["' || replace(NEW.words, ' ', '","') || '"]')
  WHERE NEW.state = 'published' AND length(value) BETWEEN 4 AND 40
  ON CONFLICT DO NOTHING; END
-- next
CREATE TRIGGER published_removed AFTER DELETE ON published_product BEGIN INSERT INTO published_search (published_search, rowid, search)
  VALUES ('delete', OLD.product_id, OLD.search); DELETE FROM published_facet WHERE product_id = OLD.product_id; UPDATE published_tally SET products = products - 1 WHERE kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug AND category = OLD.category AND goods_group = OLD.goods_group AND market_level = OLD.market_level AND ready = CASE WHEN OLD.stock > 0 THEN 1 ELSE 0 END AND OLD.state = 'published'; DELETE FROM published_photo WHERE product_id = OLD.product_id; END
