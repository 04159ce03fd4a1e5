"""Who read a notice, officer by officer; mailboxes that refuse, and mails that are owed.

What was read before stays read for everybody it went to: whose mark it was nobody wrote down. Taken back, a notice to
one officer keeps his mark; one to a role is unread again for all.
"""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

KEPT = """
UPDATE notice SET read_at = (
    SELECT max(mark.read_at) FROM notice_read mark
    WHERE mark.tenant_id = notice.tenant_id AND mark.notice_id = notice.id AND mark.officer_id = notice.to_officer_id
) WHERE read_at IS NULL AND to_officer_id IS NOT NULL
"""
ALL_READ = """
UPDATE notice SET read_at = (
    SELECT max(mark.at) FROM notice_mark mark
    WHERE mark.tenant_id = notice.tenant_id AND mark.until_notice_id >= notice.id
    AND mark.officer_id = notice.to_officer_id
) WHERE read_at IS NULL AND to_officer_id IS NOT NULL
"""


def instant(name: str) -> sa.Column:
    return sa.Column(name, tenants.base.Instant(timezone=True), nullable=False)


def whole(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def owned(name: str, *parts: sa.schema.SchemaItem, notice: bool = False) -> None:
    """A tenant-owned table of an officer's, with the keys that hold it within its tenant."""
    keys = [
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        whole("tenant_id"),
        whole("officer_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
    ]
    unique = ["tenant_id", "officer_id"]
    if notice:
        keys.append(whole("notice_id"))
        keys.append(sa.ForeignKeyConstraint(["tenant_id", "notice_id"], ["notice.tenant_id", "notice.id"]))
        unique.append("notice_id")
    op.create_table(
        name,
        *keys,
        *parts,
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint(*unique),
    )


def upgrade() -> None:
    owned("notice_read", instant("read_at"), notice=True)
    owned("notice_mark", whole("until_notice_id"), instant("at"))
    owned("mail_owed", notice=True)
    owned(
        "mail_refusal",
        sa.Column("address", sa.String(length=320), nullable=False),
        whole("code"),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("for_good", sa.Boolean(), nullable=False),
        whole("tries"),
        instant("refused_at"),
        instant("again_at"),
    )


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:  # an owner who is no superuser sees no row otherwise
        for table in ("notice", "notice_read", "notice_mark"):
            op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(KEPT)
    op.execute(ALL_READ)
    if on_postgresql:
        op.execute("ALTER TABLE notice FORCE ROW LEVEL SECURITY")
    for table in ("mail_refusal", "mail_owed", "notice_mark", "notice_read"):
        op.drop_table(table)
