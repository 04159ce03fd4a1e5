"""The archive's time stamps on signed files, and warnings of certificates that end.

Files that were signed before this revision have no stamp and are due the first night that a service is set.
"""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STAMPED = ("recap", "minutes")


def instant(name: str, *, nullable: bool) -> sa.Column:
    return sa.Column(name, tenants.base.Instant(timezone=True), nullable=nullable)


def upgrade() -> None:
    for table in STAMPED:
        op.add_column(table, sa.Column("archived_sha256", sa.String(length=64), nullable=True))
        op.add_column(table, instant("archived_at", nullable=True))
        op.add_column(table, instant("restamp_at", nullable=True))
    op.create_table(
        "certificate_warning",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        instant("told_at", nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "officer_id", "serial", "step"),
    )


def downgrade() -> None:
    op.drop_table("certificate_warning")
    for table in reversed(STAMPED):
        for column in ("restamp_at", "archived_at", "archived_sha256"):
            op.drop_column(table, column)
