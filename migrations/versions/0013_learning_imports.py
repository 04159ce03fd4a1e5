"""What imports learn (columns, buyers), how far they are, and how a whole one is taken back."""

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OF_IMPORTS = (
    ("lines_total", sa.Integer()),
    ("written", tenants.base.JSONText()),
    ("undone_at", tenants.base.Instant(timezone=True)),
    ("undone_by_name", sa.String(length=160)),
    ("undone", tenants.base.JSONText()),
)
OF_VERSIONS = (("replaced_by_name", sa.String(length=160)), ("reason", sa.String(length=500)))
PRISONS = (
    "lapas%",
    "rutan%",
    "bapas%",
    "lpka%",
    "rupbasan%",
    "lembaga p%",
    "rumah tahanan%",
    "balai pemasy%",
)


def owned(name: str, *parts: sa.Column | sa.Constraint) -> None:
    op.create_table(
        name,
        *parts,
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )


def upgrade() -> None:
    for name, kind in OF_IMPORTS:
        op.add_column("purchase_import", sa.Column(name, kind, nullable=True))
    for name, kind in OF_VERSIONS:
        op.add_column("purchase_version", sa.Column(name, kind, nullable=True))
    op.create_index("ix_purchase_version_import", "purchase_version", ["tenant_id", "import_id"])
    op.create_index(
        "ix_purchase_version_replaced", "purchase_version", ["tenant_id", "replaced_by_import_id"]
    )
    op.add_column(
        "purchase", sa.Column("buyer_known", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    _mark_unknown_buyers()
    op.create_index("ix_purchase_import", "purchase", ["tenant_id", "import_id"])
    op.create_index(
        "ix_purchase_unsettled",
        "purchase",
        ["tenant_id", "buyer_unit"],
        sqlite_where=sa.text("buyer_known = 0"),
        postgresql_where=sa.text("NOT buyer_known"),
    )
    owned(
        "column_layout",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("names", tenants.base.JSONText(), nullable=False),
        sa.Column("positions", tenants.base.JSONText(), nullable=False),
        sa.Column("set_by_name", sa.String(length=160), nullable=False),
        sa.Column("set_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.UniqueConstraint("tenant_id", "fingerprint"),
    )
    owned(
        "settled_buyer",
        sa.Column("unit", sa.String(length=300), nullable=False),
        sa.Column("institution", sa.String(length=300), nullable=False),
        sa.Column("plain_name", sa.String(length=700), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=True),
        sa.Column("settled_by_name", sa.String(length=160), nullable=False),
        sa.Column("settled_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.UniqueConstraint("tenant_id", "plain_name"),
    )


def _mark_unknown_buyers() -> None:
    """Those who named no institution, and prisons that no register knew, wait to be settled."""
    purchase = sa.table(
        "purchase",
        *(sa.column(name) for name in ("buyer_known", "buyer_kind", "buyer_institution", "buyer_unit")),
    )
    nameless = (purchase.c.buyer_kind == "other") & (purchase.c.buyer_institution == "")
    prison = sa.or_(*(sa.func.lower(purchase.c.buyer_unit).like(words) for words in PRISONS))
    op.execute(
        sa.update(purchase)
        .where(nameless | ((purchase.c.buyer_kind != "upt") & prison))
        .values(buyer_known=sa.false())
    )


def downgrade() -> None:
    op.drop_table("settled_buyer")
    op.drop_table("column_layout")
    op.drop_index("ix_purchase_unsettled", table_name="purchase")
    op.drop_index("ix_purchase_import", table_name="purchase")
    op.drop_column("purchase", "buyer_known")
    op.drop_index("ix_purchase_version_replaced", table_name="purchase_version")
    op.drop_index("ix_purchase_version_import", table_name="purchase_version")
    for name, _ in OF_VERSIONS:
        op.drop_column("purchase_version", name)
    for name, _ in OF_IMPORTS:
        op.drop_column("purchase_import", name)
