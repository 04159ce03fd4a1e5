"""Signed recaps can be revoked; the country's get time stamps of the archive; letters that lend the office of the
Direktur Jenderal; rollups of products by state;
headers of the country's files that the centre explained.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"
REVOCABLE = ("recap", "national_recap")
GROUP = {
    "sqlite": "json_extract(r.content, '$.group')",
    "postgresql": "CAST(r.content AS jsonb) ->> 'group'",
}
GROUPS = """UPDATE product SET goods_group = (SELECT {group} FROM product_revision r
  WHERE r.tenant_id = product.tenant_id AND r.product_id = product.id AND r.no = product.revision_no)"""
COUNTED = (
    "INSERT INTO product_figure (tenant_id, upt_id, category, goods_group, state, products) "
    "SELECT tenant_id, upt_id, coalesce(category, ''), coalesce(goods_group, ''), state, count(*) "
    "FROM product GROUP BY 1, 2, 3, 4, 5",
    "INSERT INTO published_figure (kanwil_code, upt_slug, category, goods_group, state, products) "
    "SELECT kanwil_code, upt_slug, category, goods_group, state, count(*) "
    "FROM published_product GROUP BY 1, 2, 3, 4, 5",
)


def instant(name: str) -> sa.Column:
    return sa.Column(name, tenants.base.Instant(timezone=True), nullable=True)


def words(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=True)


def key(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    recaps()
    products()
    layouts()
    bundles()


def bundles() -> None:
    op.add_column(
        "kanwil_settings",
        sa.Column("auto_draft_longer", sa.String(length=3), server_default="", nullable=False),
    )
    op.create_table(
        "kanwil_bundle",
        sa.Column("year", sa.Integer(), nullable=False),
        key("title", 200),
        key("state", 10),
        sa.Column("files_total", sa.Integer(), nullable=False),
        sa.Column("files_done", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        words("sha256", 64),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        key("asked_by_name", 200),
        key("asked_by_office", 200),
        sa.Column("created_at", tenants.base.Instant(timezone=True), nullable=False),
        instant("finished_at"),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_kanwil_bundle_state", "kanwil_bundle", ["tenant_id", "state", "finished_at"])


def layouts() -> None:
    op.add_column("national_import", sa.Column("layout", tenants.base.JSONText(), nullable=True))
    op.create_table(
        "national_layout",
        sa.Column("id", sa.Integer(), nullable=False),
        key("fingerprint", 64),
        sa.Column("names", tenants.base.JSONText(), nullable=False),
        sa.Column("positions", tenants.base.JSONText(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        key("set_by_name", 160),
        sa.Column("set_at", tenants.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )


def products() -> None:
    dialect = op.get_bind().dialect.name
    op.add_column("product", words("goods_group", 20))
    op.create_index("ix_published_since", "published_product", ["kanwil_code", "published_at"])
    op.create_table(
        "product_figure",
        key("category", 20),
        key("goods_group", 20),
        key("state", 20),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("upt_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]),
        sa.ForeignKeyConstraint(["tenant_id"], ["kanwil.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "upt_id", "category", "goods_group", "state"),
    )
    op.create_table(
        "published_figure",
        key("kanwil_code", 40),
        key("upt_slug", 120),
        key("category", 20),
        key("goods_group", 20),
        key("state", 20),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kanwil_code", "upt_slug", "category", "goods_group", "state"),
    )
    if dialect == "postgresql":
        # An owner who is no superuser sees no product otherwise; the policies are renewed after every migration.
        for table in ("product", "product_revision"):
            op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(GROUPS.format(group=GROUP[dialect]))
    for statement in COUNTED:
        op.execute(statement)
    for statement in (
        (FROZEN / f"0022_counting_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n")
    ):
        op.execute(statement)


def recaps() -> None:
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
    op.drop_column("kanwil_settings", "auto_draft_longer")
    op.drop_index("ix_kanwil_bundle_state", table_name="kanwil_bundle")
    op.drop_table("kanwil_bundle")
    op.drop_table("national_layout")
    op.drop_column("national_import", "layout")
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, figures in (("product", "product_figure"), ("published_product", "published_figure")):
        for name in ("added", "moved", "removed"):
            op.execute(f"DROP TRIGGER IF EXISTS {figures}_{name}" + (f" ON {table}" if on_postgresql else ""))
        if on_postgresql:
            op.execute(f"DROP FUNCTION IF EXISTS karya_{figures}")
        op.drop_table(figures)
    op.drop_index("ix_published_since", table_name="published_product")
    op.drop_column("product", "goods_group")
    for name in ("revoked_reason", "revoked_by", "revoked_at"):
        op.drop_column("published_verification", name)
    op.drop_index("ix_centre_substitution_substitute", table_name="centre_substitution")
    op.drop_table("centre_substitution")
    for name in ("restamp_at", "archived_at", "archived_sha256"):
        op.drop_column("national_recap", name)
    for table in REVOCABLE:
        for name in ("revoked_reason", "revoked_office", "revoked_name", "revoked_by", "revoked_at"):
            op.drop_column(table, name)
