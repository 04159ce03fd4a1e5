"""Row level security: the second layer, in PostgreSQL itself. One role a reach, and a policy a tenant table.

The application connects as `karya_app`, which owns nothing and bypasses nothing. Inside each transaction the guard
tells the database the scope (`karya.tenant`, `karya.upt`); a statement without it is an error, never all rows.
RLS stops defects, not someone who can run SQL of his own as `karya_app`; plain foreign keys pass it by, hence the
composite ones; views must be `security_invoker`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import MetaData

from tenants.base import owned_tables
from tenants.database import PUBLIC_PREFIX, PUBLIC_TABLES

ROLES = ("karya_app", "karya_national", "karya_public", "karya_jobs")
APPEND_ONLY = (
    *("audit_event", "decision", "reach_log", "comment_file", "note_file"),
    *("national_event", "obstacle_change", "feature_change"),
)
READ_ONLY_FOR_APP = ("alembic_version",)
TENANT = "(SELECT current_setting('karya.tenant'))::int"
UPT = "(SELECT current_setting('karya.upt'))"


def roles() -> Iterator[str]:
    """Make the roles that are missing. They can't sign in; the connection's user is a member and switches to them."""
    for role in ROLES:
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
            f"CREATE ROLE {role} NOLOGIN NOBYPASSRLS; END IF; "
            f"IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN GRANT {role} TO current_user; END IF; END $$"
        )


def policies(metadata: MetaData) -> Iterator[str]:
    """Grants and policies of every table in `metadata`, safe to run again."""
    owned = owned_tables()
    yield "GRANT USAGE ON SCHEMA public TO karya_app, karya_national, karya_public"
    yield "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO karya_app"
    for table in metadata.sorted_tables:
        name = table.name
        verbs = "SELECT, INSERT" if name in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        yield f'GRANT {verbs} ON "{name}" TO karya_app'
        of_centre = name in ("holiday", "national_event")
        if name in owned or name in PUBLIC_TABLES or name.startswith(PUBLIC_PREFIX) or of_centre:
            yield f'GRANT SELECT ON "{name}" TO karya_national'
        if name in PUBLIC_TABLES or name.startswith(PUBLIC_PREFIX):
            yield f'GRANT SELECT ON "{name}" TO karya_public'
        if name in owned:
            yield from _policy(name, owned[name])
    yield from _officers()


def _policy(name: str, reach: str) -> Iterator[str]:
    test = f"tenant_id = {TENANT}"
    if reach == "upt":
        test += f" AND ({UPT} = '' OR upt_id = nullif({UPT}, '')::int)"
    elif reach == "kanwil":
        test += f" AND {UPT} = ''"
    yield f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY'
    yield f'DROP POLICY IF EXISTS tenant ON "{name}"'
    yield f'CREATE POLICY tenant ON "{name}" TO karya_app USING ({test}) WITH CHECK ({test})'
    yield f'DROP POLICY IF EXISTS centre ON "{name}"'
    yield f'CREATE POLICY centre ON "{name}" FOR SELECT TO karya_national USING (true)'


def _officers() -> Iterator[str]:
    """Officers are looked up by name before their tenant is known; once it is told, only the tenant's are seen,
    and by a UPT its own and the Kanwil's."""
    told = "(SELECT coalesce(current_setting('karya.tenant', true), ''))"
    upt = "(SELECT coalesce(current_setting('karya.upt', true), ''))"
    test = (
        f"{told} = '' OR (tenant_id = nullif({told}, '')::int"
        f" AND ({upt} = '' OR upt_id IS NULL OR upt_id = nullif({upt}, '')::int))"
    )
    yield 'ALTER TABLE "ab_user" ENABLE ROW LEVEL SECURITY'
    yield 'DROP POLICY IF EXISTS tenant ON "ab_user"'
    yield f'CREATE POLICY tenant ON "ab_user" TO karya_app USING ({test}) WITH CHECK ({test})'
