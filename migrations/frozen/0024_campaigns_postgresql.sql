CREATE OR REPLACE FUNCTION karya_campaign_change_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'campaign_change is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS campaign_change_kept ON campaign_change
-- next
CREATE TRIGGER campaign_change_kept BEFORE UPDATE OR DELETE ON campaign_change FOR EACH ROW EXECUTE FUNCTION karya_campaign_change_kept()
-- next
CREATE OR REPLACE FUNCTION karya_campaign_sale_change_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'campaign_sale_change is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS campaign_sale_change_kept ON campaign_sale_change
-- next
CREATE TRIGGER campaign_sale_change_kept BEFORE UPDATE OR DELETE ON campaign_sale_change FOR EACH ROW EXECUTE FUNCTION karya_campaign_sale_change_kept()
