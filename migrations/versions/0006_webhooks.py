"""Webhooks with their deliveries, and sheets of product drafts."""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("events", tenants.base.JSONText(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("secret_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_until", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("after_event_id", sa.Integer(), nullable=False),
        sa.Column("seen_event_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_webhook_active", "webhook", ["tenant_id", "active"], unique=False)
    op.create_table(
        "webhook_delivery",
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("next_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("tried_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("finished_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "webhook_id"], ["webhook.tenant_id", "webhook.id"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "webhook_id", "event_id", "event"),
        sa.UniqueConstraint("tenant_id", "uid"),
    )
    op.create_index(
        "ix_webhook_delivery_due", "webhook_delivery", ["tenant_id", "state", "next_at", "id"], unique=False
    )
    op.create_index(
        "ix_webhook_delivery_of", "webhook_delivery", ["tenant_id", "webhook_id", "id"], unique=False
    )
    op.create_table(
        "product_import",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "upt_id", "sha256"),
    )
    op.create_table(
        "product_import_row",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["product_import.tenant_id", "product_import.id"]
        ),
        sa.ForeignKeyConstraint(["tenant_id", "product_id"], ["product.tenant_id", "product.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "import_id", "row"),
    )


def downgrade() -> None:
    op.drop_table("product_import_row")
    op.drop_table("product_import")
    op.drop_index("ix_webhook_delivery_of", table_name="webhook_delivery")
    op.drop_index("ix_webhook_delivery_due", table_name="webhook_delivery")
    op.drop_table("webhook_delivery")
    op.drop_index("ix_webhook_active", table_name="webhook")
    op.drop_table("webhook")
