"""Signed recaps can be revoked; the country's get time stamps of the archive; letters that lend the office of the
Direktur Jenderal.
"""

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
    op.add_column("national_recap", words("archived_sha256", 64))
    op.add_column("national_recap", instant("archived_at"))
    op.add_column("national_recap", instant("restamp_at"))
    op.create_table(
        "centre_substitution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=True),
        sa.Column("principal_name", sa.String(length=200), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=False),
        sa.Column("substitute_name", sa.String(length=200), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("letter_number", sa.String(length=120), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        instant("revoked_at"),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_centre_substitution_substitute", "centre_substitution", ["substitute_id", "until_on"])
    op.add_column("published_verification", instant("revoked_at"))
    op.add_column("published_verification", words("revoked_by", 200))
    op.add_column("published_verification", sa.Column("revoked_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ("revoked_reason", "revoked_by", "revoked_at"):
        op.drop_column("published_verification", name)
    op.drop_index("ix_centre_substitution_substitute", table_name="centre_substitution")
    op.drop_table("centre_substitution")
    for name in ("restamp_at", "archived_at", "archived_sha256"):
        op.drop_column("national_recap", name)
    for table in REVOCABLE:
        for name in ("revoked_reason", "revoked_office", "revoked_name", "revoked_by", "revoked_at"):
            op.drop_column(table, name)
