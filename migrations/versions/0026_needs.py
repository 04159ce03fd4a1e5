"""The needs board: needs, offers at both ends, letters between UPT, the national board, and packages that fulfil."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"
TABLES = ("need_package", "need_offer", "need_incoming", "need_letter", "need", "national_need")


def upgrade() -> None:
    tables()
    dialect = op.get_bind().dialect.name
    for statement in (FROZEN / f"0026_needs_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(statement)


def tables() -> None:
    op.create_table(
        "national_need",
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("kanwil_name", sa.String(length=120), nullable=False),
        sa.Column("upt_name", sa.String(length=200), nullable=False),
        sa.Column("upt_slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("goods_group", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=False),
        sa.Column("posted_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kanwil_id", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kanwil_id"],
            ["kanwil.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ref"),
    )
    op.create_index("ix_national_need_board", "national_need", ["state", "needed_by", "id"], unique=False)
    op.create_table(
        "need",
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("goods_group", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("fulfilled", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=False),
        sa.Column("ceiling_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("posted_by", sa.Integer(), nullable=False),
        sa.Column("posted_by_name", sa.String(length=160), nullable=False),
        sa.Column("posted_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("agreed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("fulfilled_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("closed_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "fulfilled >= 0 AND fulfilled <= agreed AND agreed <= quantity", name="ck_need_amounts"
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
        sa.UniqueConstraint("tenant_id", "ref"),
    )
    op.create_index("ix_need_board", "need", ["tenant_id", "state", "needed_by", "id"], unique=False)
    op.create_index("ix_need_posted", "need", ["tenant_id", "posted_at"], unique=False)
    op.create_index("ix_need_upt", "need", ["tenant_id", "upt_id", "id"], unique=False)
    op.create_table(
        "need_letter",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("to_kanwil_id", sa.Integer(), nullable=False),
        sa.Column("to_upt_id", sa.Integer(), nullable=False),
        sa.Column("need_ref", sa.String(length=16), nullable=False),
        sa.Column("offer_ref", sa.String(length=16), nullable=True),
        sa.Column("body", tenants.base.JSONText(), nullable=False),
        sa.Column("written_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("carried_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=60), nullable=True),
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
    op.create_index("ix_need_letter_need", "need_letter", ["tenant_id", "need_ref", "kind"], unique=False)
    op.create_index(
        "ix_need_letter_waiting",
        "need_letter",
        ["tenant_id", "id"],
        unique=False,
        sqlite_where=sa.text("carried_at IS NULL"),
        postgresql_where=sa.text("carried_at IS NULL"),
    )
    op.create_table(
        "need_incoming",
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("from_kanwil_id", sa.Integer(), nullable=False),
        sa.Column("from_upt_id", sa.Integer(), nullable=False),
        sa.Column("from_upt_name", sa.String(length=200), nullable=False),
        sa.Column("from_kanwil_name", sa.String(length=120), nullable=False),
        sa.Column("received_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=160), nullable=True),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("offer_ref", sa.String(length=16), nullable=False),
        sa.Column("need_ref", sa.String(length=16), nullable=False),
        sa.Column("product_name", sa.String(length=150), nullable=True),
        sa.Column("product_slug", sa.String(length=120), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("partial", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("agreed_quantity", sa.Integer(), nullable=False),
        sa.Column("decided_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("fulfilled", sa.Integer(), nullable=False),
        sa.Column("packages", tenants.base.JSONText(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("contact", tenants.base.JSONText(), nullable=True),
        sa.Column("contact_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("contact_sent_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("other_ready_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("other_contact", tenants.base.JSONText(), nullable=True),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "need_id"],
            ["need.tenant_id", "need.id"],
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
        sa.UniqueConstraint("tenant_id", "from_kanwil_id", "offer_ref"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_need_incoming_need", "need_incoming", ["tenant_id", "need_id", "id"], unique=False)
    op.create_index(
        "ix_need_incoming_state", "need_incoming", ["tenant_id", "upt_id", "state", "id"], unique=False
    )
    op.create_table(
        "need_offer",
        sa.Column("to_kanwil_id", sa.Integer(), nullable=False),
        sa.Column("to_upt_id", sa.Integer(), nullable=False),
        sa.Column("to_upt_name", sa.String(length=200), nullable=False),
        sa.Column("to_kanwil_name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("sent_by", sa.Integer(), nullable=False),
        sa.Column("sent_by_name", sa.String(length=160), nullable=False),
        sa.Column("sent_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("offer_ref", sa.String(length=16), nullable=False),
        sa.Column("need_ref", sa.String(length=16), nullable=False),
        sa.Column("product_name", sa.String(length=150), nullable=True),
        sa.Column("product_slug", sa.String(length=120), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("partial", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("agreed_quantity", sa.Integer(), nullable=False),
        sa.Column("decided_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("fulfilled", sa.Integer(), nullable=False),
        sa.Column("packages", tenants.base.JSONText(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("contact", tenants.base.JSONText(), nullable=True),
        sa.Column("contact_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("contact_sent_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("other_ready_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("other_contact", tenants.base.JSONText(), nullable=True),
        sa.Column("updated_at", tenants.base.Instant(timezone=True), nullable=False),
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
        sa.UniqueConstraint("tenant_id", "offer_ref"),
    )
    op.create_index("ix_need_offer_own", "need_offer", ["tenant_id", "upt_id", "id"], unique=False)
    op.create_index(
        "uq_need_offer_live",
        "need_offer",
        ["tenant_id", "upt_id", "need_ref"],
        unique=True,
        sqlite_where=sa.text("state IN ('sent', 'withdrawing')"),
        postgresql_where=sa.text("state IN ('sent', 'withdrawing')"),
    )
    op.create_table(
        "need_package",
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("seen_at", tenants.base.Instant(timezone=True), nullable=True),
        sa.Column("named_by", sa.String(length=10), nullable=False),
        sa.Column("named_by_name", sa.String(length=160), nullable=False),
        sa.Column("named_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "offer_id"],
            ["need_offer.tenant_id", "need_offer.id"],
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
        sa.UniqueConstraint("tenant_id", "package_id"),
    )
    op.create_index("ix_need_package_offer", "need_package", ["tenant_id", "offer_id", "id"], unique=False)


def downgrade() -> None:
    for table in TABLES:  # indexes and triggers go with their tables
        op.drop_table(table)
