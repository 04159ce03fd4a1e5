"""What these tables need beside their columns: the log of who saw a name refuses every change."""

from __future__ import annotations

_KEPT = "person_access is append-only"


def statements(dialect: str) -> list[str]:
    """The triggers, for ``sqlite`` or ``postgresql``; safe to run again."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS person_access_no_{verb.lower()} BEFORE {verb} ON person_access "
            f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION karya_person_access_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_KEPT}' USING ERRCODE = 'restrict_violation'; END $$",
        "DROP TRIGGER IF EXISTS person_access_kept ON person_access",
        "CREATE TRIGGER person_access_kept BEFORE UPDATE OR DELETE ON person_access "
        "FOR EACH ROW EXECUTE FUNCTION karya_person_access_kept()",
        "DROP TRIGGER IF EXISTS person_access_no_truncate ON person_access",
        "CREATE TRIGGER person_access_no_truncate BEFORE TRUNCATE ON person_access "
        "FOR EACH STATEMENT EXECUTE FUNCTION karya_person_access_kept()",
    ]
