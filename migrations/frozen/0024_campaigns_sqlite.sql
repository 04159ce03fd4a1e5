CREATE TRIGGER IF NOT EXISTS campaign_change_no_update BEFORE UPDATE ON campaign_change BEGIN SELECT RAISE(ABORT, 'campaign_change is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS campaign_change_no_delete BEFORE DELETE ON campaign_change BEGIN SELECT RAISE(ABORT, 'campaign_change is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS campaign_sale_change_no_update BEFORE UPDATE ON campaign_sale_change BEGIN SELECT RAISE(ABORT, 'campaign_sale_change is append-only'); END
-- next
CREATE TRIGGER IF NOT EXISTS campaign_sale_change_no_delete BEFORE DELETE ON campaign_sale_change BEGIN SELECT RAISE(ABORT, 'campaign_sale_change is append-only'); END
