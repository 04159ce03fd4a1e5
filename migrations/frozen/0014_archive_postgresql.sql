CREATE OR REPLACE FUNCTION karya_obstacle_change_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'obstacle_change is append-only' USING ERRCODE = 'restrict_violation'; END $$
-- next
DROP TRIGGER IF EXISTS obstacle_change_kept ON obstacle_change
-- next
CREATE TRIGGER obstacle_change_kept BEFORE UPDATE OR DELETE ON obstacle_change FOR EACH ROW EXECUTE FUNCTION karya_obstacle_change_kept()
-- next
ALTER TABLE recap_text ADD COLUMN IF NOT EXISTS search_vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', search)) STORED
-- next
CREATE INDEX IF NOT EXISTS ix_recap_search ON recap_text USING gin (search_vector)
