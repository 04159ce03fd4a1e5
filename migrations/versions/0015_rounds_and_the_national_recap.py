"""The month's round of recaps, the recap of the country, and sifat, lampiran and hal as settings."""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

PATTERN = "Rekapitulasi produk hasil karya warga binaan {period}"


def instant(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, tenants.base.Instant(timezone=True), nullable=nullable)


def words(name: str, length: int, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def whole(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def upgrade() -> None:
    for name, length, usual in (
        ("classification", 40, "Biasa"),
        ("enclosures", 60, "1 (satu) berkas"),
        ("subject_pattern", 160, PATTERN),
    ):
        column = sa.Column(name, sa.String(length=length), server_default=usual, nullable=False)
        op.add_column("kanwil_settings", column)
    op.add_column(
        "kanwil_settings", sa.Column("auto_draft", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.create_table(
        "recap_round",
        words("period", 8),
        instant("drafted_at"),
        whole("reminders"),
        instant("reminded_at"),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        whole("tenant_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "period"),
    )
    op.create_table(
        "national_recap",
        whole("id"),
        words("period", 8),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_until", sa.Date(), nullable=False),
        words("label", 60),
        words("state", 12),
        whole("revision_no"),
        whole("replaces_id", nullable=True),
        whole("drafted_by"),
        words("drafted_by_name", 200),
        instant("drafted_at", nullable=False),
        instant("frozen_at"),
        words("figures_sha256", 64, nullable=True),
        words("history_sha256", 64, nullable=True),
        words("preview_sha256", 64, nullable=True),
        sa.Column("summary", tenants.base.JSONText(), nullable=False),
        whole("submitted_by", nullable=True),
        instant("submitted_at"),
        sa.Column("note", sa.Text(), nullable=True),
        whole("attempt"),
        whole("signing_by", nullable=True),
        instant("signing_since"),
        sa.Column("problem", sa.Text(), nullable=True),
        words("number", 160, nullable=True),
        words("code", 24, nullable=True),
        words("signed_sha256", 64, nullable=True),
        whole("signed_by", nullable=True),
        words("signer_name", 200, nullable=True),
        words("signer_office", 200, nullable=True),
        instant("signed_at"),
        sa.ForeignKeyConstraint(["replaces_id"], ["national_recap.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_national_recap_period", "national_recap", ["period_from", "id"])
    op.create_index(
        "uq_national_recap_one_underway",
        "national_recap",
        ["period"],
        unique=True,
        sqlite_where=sa.text("signed_at IS NULL"),
        postgresql_where=sa.text("signed_at IS NULL"),
    )
    op.create_table(
        "national_sequence",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year"),
    )
    op.create_table(
        "national_letter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        words("address", 300),
        words("contact", 200),
        words("number_pattern", 120),
        words("addressee", 160),
        words("addressee_place", 80),
        words("classification", 40),
        words("enclosures", 60),
        words("subject_pattern", 160),
        sa.Column("copies", tenants.base.JSONText(), nullable=False),
        whole("due_workday"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "national_event",
        whole("id"),
        words("chain", 80),
        whole("seq"),
        words("prev_hash", 64),
        words("hash", 64),
        instant("at", nullable=False),
        whole("officer_id", nullable=True),
        words("action", 60),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("chain", "seq"),
    )


def downgrade() -> None:
    op.drop_table("national_event")
    op.drop_table("national_letter")
    op.drop_table("national_sequence")
    op.drop_index("uq_national_recap_one_underway", table_name="national_recap")
    op.drop_index("ix_national_recap_period", table_name="national_recap")
    op.drop_table("national_recap")
    op.drop_table("recap_round")
    for name in ("auto_draft", "subject_pattern", "enclosures", "classification"):
        op.drop_column("kanwil_settings", name)
