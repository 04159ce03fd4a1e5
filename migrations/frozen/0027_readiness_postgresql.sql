CREATE OR REPLACE FUNCTION karya_published_capacity() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' AND OLD.state = 'published' THEN
    UPDATE published_capacity SET products = products - 1,
      capacity_per_month = capacity_per_month - OLD.capacity_per_month
      WHERE kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN
    INSERT INTO published_capacity AS c (kanwil_code, upt_slug, products, capacity_per_month)
      VALUES (NEW.kanwil_code, NEW.upt_slug, 1, NEW.capacity_per_month)
      ON CONFLICT (kanwil_code, upt_slug) DO UPDATE SET products = c.products + 1,
        capacity_per_month = c.capacity_per_month + excluded.capacity_per_month;
  END IF;
  RETURN NULL;
END $$
-- next
DROP TRIGGER IF EXISTS published_capacity_kept ON published_product
-- next
CREATE TRIGGER published_capacity_kept AFTER INSERT OR UPDATE OR DELETE ON published_product FOR EACH ROW EXECUTE FUNCTION karya_published_capacity()
-- next
CREATE OR REPLACE FUNCTION karya_questionnaire_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a published questionnaire is immutable' USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS questionnaire_kept ON readiness_questionnaire
-- next
CREATE TRIGGER questionnaire_kept BEFORE UPDATE OR DELETE ON readiness_questionnaire FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION karya_questionnaire_kept()
-- next
CREATE OR REPLACE FUNCTION karya_readiness_score_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'verified figures are immutable' USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS readiness_score_kept ON readiness_score
-- next
CREATE TRIGGER readiness_score_kept BEFORE UPDATE OR DELETE ON readiness_score FOR EACH ROW EXECUTE FUNCTION karya_readiness_score_kept()
