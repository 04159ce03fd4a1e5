"""Campaigns with their units, sales, counters and public copies; signed campaign papers; labels and their design."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"


def upgrade() -> None:
    tables()
    dialect = op.get_bind().dialect.name
    for statement in (
        (FROZEN / f"0024_campaigns_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n")
    ):
        op.execute(statement)


def tables() -> None:

    op.create_table(
        "published_campaign",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("kanwil_name", sa.String(length=120), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("late_until_on", sa.Date(), nullable=False),
        sa.Column("target_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("announced_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("closed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("figures_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index(
        "ix_published_campaign_days", "published_campaign", ["ends_on", "campaign_id"], unique=False
    )
    op.create_table(
        "published_campaign_figure",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("upt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("sales", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_rupiah", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "upt_id", "sold_on"),
    )
    op.create_table(
        "published_campaign_unit",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("upt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("pledge_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("show_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id", "upt_id"),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kanwil_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("target_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("counts_purchases", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_by_name", sa.String(length=160), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("announced_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("closed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("closed_by_name", sa.String(length=160), nullable=True),
        sa.Column("figures_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["kanwil_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index("ix_campaign_days", "campaign", ["starts_on", "id"], unique=False)
    op.create_index("ix_campaign_state", "campaign", ["state", "ends_on"], unique=False)
    op.create_table(
        "label_design",
        sa.Column("ink", sa.String(length=12), nullable=False),
        sa.Column("ground", sa.String(length=12), nullable=False),
        sa.Column("motif", sa.String(length=12), nullable=False),
        sa.Column("line", sa.String(length=60), nullable=False),
        sa.Column("logo_sha256", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by_name", sa.String(length=160), nullable=False),
        sa.Column("changed_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_table(
        "campaign_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("changes", tenants.base.JSONText(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=160), nullable=False),
        sa.Column("at", tenants.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "version"),
    )
    op.create_table(
        "campaign_figure",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("sales", sa.Integer(), nullable=False),
        sa.Column("packages", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("purchase_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "campaign_id", "upt_id", "sold_on"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_campaign_figure_campaign", "campaign_figure", ["campaign_id", "tenant_id"], unique=False
    )
    op.create_table(
        "campaign_paper",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("archived_sha256", sa.String(length=64), nullable=True),
        sa.Column("archived_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("restamp_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("paper_sha256", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=160), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=True),
        sa.Column("signed_sha256", sa.String(length=64), nullable=True),
        sa.Column("signer_name", sa.String(length=200), nullable=True),
        sa.Column("signer_office", sa.String(length=200), nullable=True),
        sa.Column("issued_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "number"),
    )
    op.create_index(
        "ix_campaign_paper_campaign",
        "campaign_paper",
        ["tenant_id", "campaign_id", "kind", "upt_id"],
        unique=False,
    )
    op.create_table(
        "campaign_unit",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("pledge_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("pledge_text", sa.String(length=300), nullable=False),
        sa.Column("show_on", sa.Date(), nullable=True),
        sa.Column("invited_by_name", sa.String(length=160), nullable=True),
        sa.Column("joined_by_name", sa.String(length=160), nullable=True),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "campaign_id", "upt_id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_campaign_unit_campaign", "campaign_unit", ["campaign_id", "state"], unique=False)
    op.create_table(
        "label_run",
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", tenants.base.JSONText(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=160), nullable=False),
        sa.Column("asked_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("printed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_label_run_recent", "label_run", ["tenant_id", "upt_id", "id"], unique=False)
    op.create_table(
        "national_campaign_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("paper_sha256", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=160), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=24), nullable=True),
        sa.Column("signed_sha256", sa.String(length=64), nullable=True),
        sa.Column("signer_name", sa.String(length=200), nullable=True),
        sa.Column("signer_office", sa.String(length=200), nullable=True),
        sa.Column("issued_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_table(
        "campaign_sale",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("product_name", sa.String(length=150), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("package_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_by_name", sa.String(length=160), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ix_campaign_sale_recent", "campaign_sale", ["tenant_id", "campaign_id", "id"], unique=False
    )
    op.create_index(
        "ix_campaign_sale_unit",
        "campaign_sale",
        ["tenant_id", "campaign_id", "upt_id", "sold_on", "id"],
        unique=False,
    )
    op.create_index(
        "uq_campaign_sale_package",
        "campaign_sale",
        ["tenant_id", "campaign_id", "upt_id", "package_id"],
        unique=True,
        sqlite_where=sa.text("state = 'standing' AND package_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'standing' AND package_id IS NOT NULL"),
    )
    op.create_table(
        "campaign_sale_change",
        sa.Column("sale_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changes", tenants.base.JSONText(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=160), nullable=False),
        sa.Column("at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sale_id"],
            ["campaign_sale.tenant_id", "campaign_sale.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "upt_id"],
            ["upt.tenant_id", "upt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "sale_id", "version"),
    )


def downgrade() -> None:

    op.drop_table("campaign_sale_change")
    op.drop_index(
        "uq_campaign_sale_package",
        table_name="campaign_sale",
        sqlite_where=sa.text("state = 'standing' AND package_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'standing' AND package_id IS NOT NULL"),
    )
    op.drop_index("ix_campaign_sale_unit", table_name="campaign_sale")
    op.drop_index("ix_campaign_sale_recent", table_name="campaign_sale")
    op.drop_table("campaign_sale")
    op.drop_table("national_campaign_paper")
    op.drop_index("ix_label_run_recent", table_name="label_run")
    op.drop_table("label_run")
    op.drop_index("ix_campaign_unit_campaign", table_name="campaign_unit")
    op.drop_table("campaign_unit")
    op.drop_index("ix_campaign_paper_campaign", table_name="campaign_paper")
    op.drop_table("campaign_paper")
    op.drop_index("ix_campaign_figure_campaign", table_name="campaign_figure")
    op.drop_table("campaign_figure")
    op.drop_table("campaign_change")
    op.drop_table("label_design")
    op.drop_index("ix_campaign_state", table_name="campaign")
    op.drop_index("ix_campaign_days", table_name="campaign")
    op.drop_table("campaign")
    op.drop_table("published_campaign_unit")
    op.drop_table("published_campaign_figure")
    op.drop_index("ix_published_campaign_days", table_name="published_campaign")
    op.drop_table("published_campaign")

    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS karya_campaign_change_kept")
        op.execute("DROP FUNCTION IF EXISTS karya_campaign_sale_change_kept")
