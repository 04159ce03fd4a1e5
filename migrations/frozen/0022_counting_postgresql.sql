CREATE OR REPLACE FUNCTION karya_product_figure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'INSERT' THEN INSERT INTO product_figure AS f (tenant_id, upt_id, category, goods_group, state, products) SELECT c0, c1, c2, c3, c4, sum(change) FROM (SELECT n.tenant_id, n.upt_id, coalesce(n.category, ''), coalesce(n.goods_group, ''), n.state, 1 AS change FROM fresh n) AS changed (c0, c1, c2, c3, c4, change) GROUP BY c0, c1, c2, c3, c4 HAVING sum(change) <> 0 ORDER BY c0, c1, c2, c3, c4 ON CONFLICT (tenant_id, upt_id, category, goods_group, state) DO UPDATE SET products = f.products + excluded.products; ELSIF TG_OP = 'DELETE' THEN INSERT INTO product_figure AS f (tenant_id, upt_id, category, goods_group, state, products) SELECT c0, c1, c2, c3, c4, sum(change) FROM (SELECT o.tenant_id, o.upt_id, coalesce(o.category, ''), coalesce(o.goods_group, ''), o.state, -1 FROM gone o) AS changed (c0, c1, c2, c3, c4, change) GROUP BY c0, c1, c2, c3, c4 HAVING sum(change) <> 0 ORDER BY c0, c1, c2, c3, c4 ON CONFLICT (tenant_id, upt_id, category, goods_group, state) DO UPDATE SET products = f.products + excluded.products; ELSE INSERT INTO product_figure AS f (tenant_id, upt_id, category, goods_group, state, products) SELECT c0, c1, c2, c3, c4, sum(change) FROM (SELECT n.tenant_id, n.upt_id, coalesce(n.category, ''), coalesce(n.goods_group, ''), n.state, 1 AS change FROM fresh n UNION ALL SELECT o.tenant_id, o.upt_id, coalesce(o.category, ''), coalesce(o.goods_group, ''), o.state, -1 FROM gone o) AS changed (c0, c1, c2, c3, c4, change) GROUP BY c0, c1, c2, c3, c4 HAVING sum(change) <> 0 ORDER BY c0, c1, c2, c3, c4 ON CONFLICT (tenant_id, upt_id, category, goods_group, state) DO UPDATE SET products = f.products + excluded.products; END IF; RETURN NULL; END $$
-- next
DROP TRIGGER IF EXISTS product_figure_added ON product
-- next
CREATE TRIGGER product_figure_added AFTER INSERT ON product REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION karya_product_figure()
-- next
DROP TRIGGER IF EXISTS product_figure_moved ON product
-- next
CREATE TRIGGER product_figure_moved AFTER UPDATE ON product REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION karya_product_figure()
-- next
DROP TRIGGER IF EXISTS product_figure_removed ON product
-- next
CREATE TRIGGER product_figure_removed AFTER DELETE ON product REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION karya_product_figure()
-- next
CREATE OR REPLACE FUNCTION karya_published_figure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'INSERT' THEN INSERT INTO published_figure AS f (kanwil_code, upt_slug, category, goods_group, state, products) SELECT c0, c1, c2, c3, c4, sum(change) FROM (SELECT n.kanwil_code, n.upt_slug, n.category, n.goods_group, n.state, 1 AS change FROM fresh n) AS changed (c0, c1, c2, c3, c4, change) GROUP BY c0, c1, c2, c3, c4 HAVING sum(change) <> 0 ORDER BY c0, c1, c2, c3, c4 ON CONFLICT (kanwil_code, upt_slug, category, goods_group, state) DO UPDATE SET products = f.products + excluded.products; ELSIF TG_OP = 'DELETE' THEN INSERT INTO published_figure AS f (kanwil_code, upt_slug, category, goods_group, state, products) SELECT c0, c1, c2, c3, c4, sum(change) FROM (SELECT o.kanwil_code, o.upt_slug, o.category, o.goods_group, o.state, -1 FROM gone o) AS changed (c0, c1, c2, c3, c4, change) GROUP BY c0, c1, c2, c3, c4 HAVING sum(change) <> 0 ORDER BY c0, c1, c2, c3, c4 ON CONFLICT (kanwil_code, upt_slug, category, goods_group, state) DO UPDATE SET products = f.products + excluded.products; ELSE INSERT INTO published_figure AS f (kanwil_code, upt_slug, category, goods_group, state, products) SELECT c0, c1, c2, c3, c4, sum(change) FROM (SELECT n.kanwil_code, n.upt_slug, n.category, n.goods_group, n.state, 1 AS change FROM fresh n UNION ALL SELECT o.kanwil_code, o.upt_slug, o.category, o.goods_group, o.state, -1 FROM gone o) AS changed (c0, c1, c2, c3, c4, change) GROUP BY c0, c1, c2, c3, c4 HAVING sum(change) <> 0 ORDER BY c0, c1, c2, c3, c4 ON CONFLICT (kanwil_code, upt_slug, category, goods_group, state) DO UPDATE SET products = f.products + excluded.products; END IF; RETURN NULL; END $$
-- next
DROP TRIGGER IF EXISTS published_figure_added ON published_product
-- next
CREATE TRIGGER published_figure_added AFTER INSERT ON published_product REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION karya_published_figure()
-- next
DROP TRIGGER IF EXISTS published_figure_moved ON published_product
-- next
CREATE TRIGGER published_figure_moved AFTER UPDATE ON published_product REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION karya_published_figure()
-- next
DROP TRIGGER IF EXISTS published_figure_removed ON published_product
-- next
CREATE TRIGGER published_figure_removed AFTER DELETE ON published_product REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION karya_published_figure()
