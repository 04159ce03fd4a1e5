"""Inspections of published products, their findings, the complaints behind some, and how often a Kanwil inspects."""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _owned(*keys: tuple[str, str]) -> list[sa.Column | sa.Constraint]:
    """What each table of a tenant has: its number, its tenant, and keys that can't leave the tenant."""
    return [
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])
            for column, table in keys
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    ]


def _instant(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, tenants.base.Instant(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column(
        "kanwil_settings", sa.Column("inspection_months", sa.Integer(), server_default="6", nullable=False)
    )
    op.create_table(
        "product_complaint",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=130), nullable=False),
        _instant("created_at", nullable=False),
        *_owned(("product_id", "product")),
    )
    op.create_table(
        "inspection",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("revision_no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("turn", sa.String(length=20), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _instant("due_at", nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("opened_by_name", sa.String(length=130), nullable=True),
        _instant("created_at", nullable=False),
        sa.Column("inspector_id", sa.Integer(), nullable=True),
        sa.Column("inspector_name", sa.String(length=130), nullable=True),
        sa.Column("answers", tenants.base.JSONText(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        _instant("concluded_at"),
        _instant("closed_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        *_owned(("product_id", "product"), ("complaint_id", "product_complaint"), ("upt_id", "upt")),
    )
    planned = sa.text("kind = 'schedule' AND state <> 'done'")
    op.create_index(
        "uq_inspection_planned",
        "inspection",
        ["tenant_id", "product_id"],
        unique=True,
        sqlite_where=planned,
        postgresql_where=planned,
    )
    op.create_index("ix_inspection_state", "inspection", ["tenant_id", "state", "due_at", "id"])
    op.create_index("ix_inspection_turn", "inspection", ["tenant_id", "turn", "due_at", "id"])
    op.create_index("ix_inspection_closed", "inspection", ["tenant_id", "state", "closed_at", "id"])
    op.create_index("ix_inspection_product", "inspection", ["tenant_id", "product_id", "id"])
    op.create_table(
        "inspection_finding",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _instant("due_at", nullable=False),
        _instant("created_at", nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        _instant("answered_at"),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_by_name", sa.String(length=130), nullable=True),
        _instant("extended_at"),
        sa.Column("extended_by_name", sa.String(length=130), nullable=True),
        sa.Column("extension_reason", sa.Text(), nullable=True),
        _instant("settled_at"),
        sa.Column("settled_by_name", sa.String(length=130), nullable=True),
        _instant("reminded_at"),
        _instant("lapsed_at"),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        *_owned(("inspection_id", "inspection"), ("product_id", "product"), ("upt_id", "upt")),
        sa.UniqueConstraint("tenant_id", "inspection_id", "no"),
    )
    unsettled = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_finding_unsettled",
        "inspection_finding",
        ["tenant_id", "due_at", "id"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    op.create_index("ix_finding_product", "inspection_finding", ["tenant_id", "product_id", "id"])


def downgrade() -> None:
    op.drop_table("inspection_finding")
    op.drop_table("inspection")
    op.drop_table("product_complaint")
    op.drop_column("kanwil_settings", "inspection_months")
