"""Signed recaps can be revoked."""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0022"
down_revision = "0019"
branch_labels = None
depends_on = None

REVOCABLE = ("recap", "national_recap")


def instant(name: str) -> sa.Column:
    return sa.Column(name, tenants.base.Instant(timezone=True), nullable=True)


def words(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=True)


def upgrade() -> None:
    for table in REVOCABLE:
        op.add_column(table, instant("revoked_at"))
        op.add_column(table, sa.Column("revoked_by", sa.Integer(), nullable=True))
        op.add_column(table, words("revoked_name", 200))
        op.add_column(table, words("revoked_office", 200))
        op.add_column(table, sa.Column("revoked_reason", sa.Text(), nullable=True))
    op.add_column("published_verification", instant("revoked_at"))
    op.add_column("published_verification", words("revoked_by", 200))
    op.add_column("published_verification", sa.Column("revoked_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ("revoked_reason", "revoked_by", "revoked_at"):
        op.drop_column("published_verification", name)
    for table in REVOCABLE:
        for name in ("revoked_reason", "revoked_office", "revoked_name", "revoked_by", "revoked_at"):
            op.drop_column(table, name)
