"""The triggers beside this room's tables: what was said of a campaign and of its sales is written once."""

from __future__ import annotations

KEPT = ("campaign_change", "campaign_sale_change")


def statements(dialect: str) -> list[str]:
    """The DDL for `sqlite` or `postgresql`, safe to run again."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in KEPT
            for verb in ("UPDATE", "DELETE")
        ]
    found = []
    for table in KEPT:
        found += [
            f"CREATE OR REPLACE FUNCTION karya_{table}_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$",
            f"DROP TRIGGER IF EXISTS {table}_kept ON {table}",
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION karya_{table}_kept()",
        ]
    return found
