CREATE TRIGGER IF NOT EXISTS published_capacity_added AFTER INSERT ON published_product BEGIN INSERT INTO published_capacity (kanwil_code, upt_slug, products, capacity_per_month)
  SELECT NEW.kanwil_code, NEW.upt_slug, 1, NEW.capacity_per_month WHERE NEW.state = 'published'
  ON CONFLICT (kanwil_code, upt_slug) DO UPDATE SET products = products + 1,
    capacity_per_month = capacity_per_month + excluded.capacity_per_month; END
-- next
CREATE TRIGGER IF NOT EXISTS published_capacity_changed AFTER UPDATE ON published_product BEGIN UPDATE published_capacity SET products = products - 1,
  capacity_per_month = capacity_per_month - OLD.capacity_per_month
  WHERE OLD.state = 'published' AND kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug; INSERT INTO published_capacity (kanwil_code, upt_slug, products, capacity_per_month)
  SELECT NEW.kanwil_code, NEW.upt_slug, 1, NEW.capacity_per_month WHERE NEW.state = 'published'
  ON CONFLICT (kanwil_code, upt_slug) DO UPDATE SET products = products + 1,
    capacity_per_month = capacity_per_month + excluded.capacity_per_month; END
-- next
CREATE TRIGGER IF NOT EXISTS published_capacity_removed AFTER DELETE ON published_product BEGIN UPDATE published_capacity SET products = products - 1,
  capacity_per_month = capacity_per_month - OLD.capacity_per_month
  WHERE OLD.state = 'published' AND kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug; END
-- next
CREATE TRIGGER IF NOT EXISTS questionnaire_kept_update BEFORE UPDATE ON readiness_questionnaire WHEN OLD.published_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a published questionnaire is immutable'); END
-- next
CREATE TRIGGER IF NOT EXISTS questionnaire_kept_delete BEFORE DELETE ON readiness_questionnaire WHEN OLD.published_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a published questionnaire is immutable'); END
-- next
CREATE TRIGGER IF NOT EXISTS readiness_score_kept_update BEFORE UPDATE ON readiness_score BEGIN SELECT RAISE(ABORT, 'verified figures are immutable'); END
-- next
CREATE TRIGGER IF NOT EXISTS readiness_score_kept_delete BEFORE DELETE ON readiness_score BEGIN SELECT RAISE(ABORT, 'verified figures are immutable'); END
