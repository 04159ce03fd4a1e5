"""Who bought from whom and groups of commodities; obstacles with their history; dispositions, archive and bundles."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"
TRADES = """INSERT INTO trade_figure
  (tenant_id, month, upt_id, buyer_key, buyer_kind, packages, quantity, value_rupiah)
  SELECT tenant_id, month, upt_id, buyer, buyer_kind, count(*), sum(quantity), sum(total_rupiah) FROM (
    SELECT tenant_id, month, upt_id, buyer_kind, quantity, total_rupiah,
      CASE WHEN buyer_upt_id IS NOT NULL THEN 'upt:' || buyer_upt_id
        WHEN buyer_institution <> '' THEN 'inst:' || buyer_institution
        ELSE 'inst:' || buyer_unit END AS buyer
    FROM purchase WHERE status = 'Selesai') AS bought
  GROUP BY tenant_id, month, upt_id, buyer, buyer_kind"""


def upgrade() -> None:
    tables()
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        # An owner who is no superuser sees no purchase otherwise; the policies are renewed after every migration.
        op.execute("ALTER TABLE purchase NO FORCE ROW LEVEL SECURITY")
    op.execute(TRADES)
    for statement in (
        (FROZEN / f"0014_archive_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n")
    ):
        op.execute(statement)


def tables() -> None:
    op.create_table(
        "centre_disposition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kanwil_id", sa.Integer(), nullable=False),
        sa.Column("to_officer_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("recap_id", sa.Integer(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=False),
        sa.Column("given_by_name", sa.String(length=200), nullable=False),
        sa.Column("given_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_by_name", sa.String(length=200), nullable=True),
        sa.Column("done_note", sa.Text(), nullable=True),
        sa.Column("done_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["kanwil_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_centre_disposition_recap", "centre_disposition", ["recap_id"], unique=False)
    op.create_index("ix_centre_disposition_state", "centre_disposition", ["state", "id"], unique=False)
    op.create_index(
        "ix_centre_disposition_to", "centre_disposition", ["to_officer_id", "state", "id"], unique=False
    )
    op.create_table(
        "commodity_group",
        sa.Column("commodity", sa.String(length=300), nullable=False),
        sa.Column("goods_group", sa.String(length=20), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "commodity"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_table(
        "recap_bundle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kanwil_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("files_total", sa.Integer(), nullable=False),
        sa.Column("files_done", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("asked_by_office", sa.String(length=200), nullable=False),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("finished_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["kanwil_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recap_bundle_state", "recap_bundle", ["state", "finished_at"], unique=False)
    op.create_table(
        "trade_figure",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("buyer_key", sa.String(length=310), nullable=False),
        sa.Column("buyer_kind", sa.String(length=12), nullable=False),
        sa.Column("packages", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value_rupiah", sa.BigInteger(), nullable=False),
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
        sa.UniqueConstraint("tenant_id", "month", "upt_id", "buyer_key", "buyer_kind"),
    )
    op.create_index(
        "ix_trade_figure_buyer", "trade_figure", ["tenant_id", "buyer_key", "month"], unique=False
    )
    op.create_table(
        "obstacle_change",
        sa.Column("obstacle_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changes", tenants.base.JSONText(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("by_office", sa.String(length=200), nullable=False),
        sa.Column("at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "obstacle_id"],
            ["obstacle.tenant_id", "obstacle.id"],
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
        sa.UniqueConstraint("tenant_id", "obstacle_id", "version"),
    )
    op.create_table(
        "disposition",
        sa.Column("recap_id", sa.Integer(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=False),
        sa.Column("given_by_name", sa.String(length=200), nullable=False),
        sa.Column("given_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_by_name", sa.String(length=200), nullable=True),
        sa.Column("done_note", sa.Text(), nullable=True),
        sa.Column("done_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "recap_id"],
            ["recap.tenant_id", "recap.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_disposition_open", "disposition", ["state", "id"], unique=False)
    op.create_index("ix_disposition_recap", "disposition", ["recap_id"], unique=False)
    op.create_index("ix_disposition_state", "disposition", ["tenant_id", "state", "id"], unique=False)
    op.create_table(
        "recap_text",
        sa.Column("recap_id", sa.Integer(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "recap_id"],
            ["recap.tenant_id", "recap.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "recap_id"),
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE IF EXISTS recap_search")  # triggers go with their tables
    op.drop_table("recap_text")
    op.drop_index("ix_disposition_state", table_name="disposition")
    op.drop_index("ix_disposition_recap", table_name="disposition")
    op.drop_index("ix_disposition_open", table_name="disposition")
    op.drop_table("disposition")
    op.drop_table("obstacle_change")
    op.drop_index("ix_trade_figure_buyer", table_name="trade_figure")
    op.drop_table("trade_figure")
    op.drop_index("ix_recap_bundle_state", table_name="recap_bundle")
    op.drop_table("recap_bundle")
    op.drop_table("commodity_group")
    op.drop_index("ix_centre_disposition_to", table_name="centre_disposition")
    op.drop_index("ix_centre_disposition_state", table_name="centre_disposition")
    op.drop_index("ix_centre_disposition_recap", table_name="centre_disposition")
    op.drop_table("centre_disposition")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS karya_obstacle_change_kept")
