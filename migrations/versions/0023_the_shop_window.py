"""The shop window: what it is searched and narrowed by, and which words there are; licences with their ends, TKDN.

The public copies get what their approved cases say of TKDN and of the licences' ends, and the tables that are kept from
them are filled anew.
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

import tenants.base

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None

FROZEN = Path(__file__).resolve().parent.parent / "frozen"
OLD_INDEXES = {
    "ix_published_state": ["state", "product_id"],
    "ix_published_upt": ["state", "upt_slug", "product_id"],
}
PAPERS = ("pirt", "halal", "sni")
BATCH = 500


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    still(dialect)
    for name in OLD_INDEXES:
        op.drop_index(name, "published_product")
    op.add_column("published_product", sa.Column("tkdn_share", sa.Float(), nullable=True))
    op.add_column("published_product", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    op.drop_table("published_tally")
    op.create_table(
        "published_tally",
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("upt_slug", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("goods_group", sa.String(length=20), nullable=False),
        sa.Column("market_level", sa.String(length=20), nullable=False),
        sa.Column("ready", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kanwil_name", sa.String(length=120), nullable=False),
        sa.Column("upt_name", sa.String(length=200), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "kanwil_code", "upt_slug", "category", "goods_group", "market_level", "ready"
        ),
    )
    op.create_table(
        "published_word",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("head", sa.String(length=2), nullable=False),
        sa.Column("tail", sa.String(length=2), nullable=False),
        sa.PrimaryKeyConstraint("word"),
    )
    for end in ("head", "tail"):
        op.create_index(f"ix_published_word_{end}", "published_word", [end, "word"])
    op.create_table(
        "published_facet",
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("goods_group", sa.String(length=20), nullable=False),
        sa.Column("market_level", sa.String(length=20), nullable=False),
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("upt_slug", sa.String(length=120), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
    )
    for column in ("category", "kanwil_code", "upt_slug"):
        op.create_index(f"ix_facet_{column.split('_')[0]}", "published_facet", [column, "product_id"])
    op.create_index(
        "ix_facet_price",
        "published_facet",
        [
            *("price_rupiah", "product_id", "category", "goods_group"),
            *("market_level", "kanwil_code", "upt_slug", "ready"),
        ],
    )
    features()
    filled(op.get_bind())
    for statement in frozen(dialect):
        op.execute(statement)
    if dialect == "sqlite":
        op.execute("INSERT INTO published_search (published_search) VALUES ('rebuild')")
    refill(dialect)
    tell_less()


AWAY = "Kanwil penyedia sedang ditangguhkan."


def tell_less() -> None:
    """Why a product is suspended is the offices' own; the public copy only says that it is."""
    op.execute(
        "UPDATE product SET reason = (SELECT p.reason FROM published_product p WHERE p.product_id = product.id) "
        "WHERE public_state = 'suspended' AND reason IS NULL"
    )
    op.execute(f"UPDATE published_product SET reason = NULL WHERE state = 'suspended' AND reason <> '{AWAY}'")


def features() -> None:
    op.add_column("published_photo", sa.Column("modern", sa.Integer(), nullable=False, server_default="0"))
    waiting = sa.text("modern = 0")
    op.create_index(
        "ix_published_photo_modern",
        "published_photo",
        ["modern", "product_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "published_feature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("page", "product_id"),
    )
    op.create_table(
        "feature_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", tenants.base.Instant(timezone=True), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("officer_name", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("product_name", sa.String(length=150), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_feature_change_page", "feature_change", ["page", "id"])


def still(dialect: str) -> None:
    """Take away what keeps the tables of the shelf, while they are changed."""
    if dialect == "sqlite":
        for name in ("published_added", "published_changed", "published_removed"):
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
        return
    op.execute("DROP TRIGGER IF EXISTS published_kept ON published_product")
    op.execute("ALTER TABLE published_product DROP COLUMN IF EXISTS search_vector")
    # An owner who is no superuser sees no case otherwise; the policies are renewed after every migration.
    op.execute("ALTER TABLE case_file NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE product NO FORCE ROW LEVEL SECURITY")


def frozen(dialect: str) -> list[str]:
    return (FROZEN / f"0023_window_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n")


def filled(bind: sa.Connection) -> None:
    """Give each public copy its words, the marks of the new filters, and what its approved case says beside."""
    last = 0
    while True:
        rows = bind.execute(
            sa.text(
                "SELECT p.product_id, p.name, p.materials, p.upt_name, p.kanwil_name, p.search, p.goods_group, "
                "p.market_level, p.stock, c.fields FROM published_product p LEFT JOIN case_file c "
                "ON c.subject_type = 'product' AND c.subject_id = p.product_id AND c.revision_no = p.revision_no "
                "AND c.state = 'approved' WHERE p.product_id > :last ORDER BY p.product_id LIMIT :batch"
            ),
            {"last": last, "batch": BATCH},
        ).all()
        if not rows:
            return
        last = rows[-1].product_id
        bind.execute(
            sa.text(
                "UPDATE published_product SET search = :search, words = :words, tkdn_share = :tkdn, papers = :papers "
                "WHERE product_id = :id"
            ),
            [changed(row) for row in rows],
        )


def changed(row: Any) -> dict[str, Any]:
    fields = json.loads(row.fields) if row.fields else {}
    papers = {
        key: fields[key]
        for paper in PAPERS
        for key in (f"{paper}_number", f"{paper}_expires_on")
        if fields.get(f"{paper}_number") and fields.get(key)
    }
    marks = [
        f"xgx{plain(row.goods_group)}",
        f"xmx{plain(row.market_level)}",
        *(["xrx1"] if row.stock else []),
    ]
    texts = (row.name, row.materials, row.upt_name, row.kanwil_name)
    known = dict.fromkeys(word for text in texts for word in words(text or ""))
    return {
        "id": row.product_id,
        "search": " ".join([row.search, *marks]),
        "words": " ".join(known),
        "tkdn": fields.get("tkdn_share"),
        "papers": json.dumps(papers, ensure_ascii=False, separators=(",", ":")),
    }


def plain(value: str) -> str:
    return "".join(letter for letter in value if letter.isalnum())


def words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.findall(r"[a-z0-9]+", folded)


def refill(dialect: str) -> None:
    """What the triggers keep from now on, of what is there already."""
    narrow = "name, category, goods_group, market_level, kanwil_code, upt_slug, price_rupiah"
    ready = "CASE WHEN stock > 0 THEN 1 ELSE 0 END"
    key = "kanwil_code, upt_slug, category, goods_group, market_level"
    vector = (
        (", search_vector", ", to_tsvector('simple', search || ' xbx' || product_id / 4096)")
        if dialect == "postgresql"
        else ("", "")
    )
    op.execute(
        f"INSERT INTO published_facet (product_id, {narrow}, ready{vector[0]}) "
        f"SELECT product_id, {narrow}, {ready}{vector[1]} FROM published_product WHERE state = 'published'"
    )
    op.execute(
        f"INSERT INTO published_tally ({key}, ready, kanwil_name, upt_name, products) "
        f"SELECT {key}, {ready}, max(kanwil_name), max(upt_name), count(*) FROM published_product "
        f"WHERE state = 'published' GROUP BY {key}, {ready}"
    )
    if dialect == "sqlite":
        op.execute(
            "INSERT OR IGNORE INTO published_word (word, head, tail) SELECT w.value, "
            "substr(w.value, 1, 2), substr(w.value, -2) "
            "FROM published_product p, json_each('[\"' || replace(p.words, ' ', '\",\"') || '\"]') w "
            "WHERE p.state = 'published' AND length(w.value) BETWEEN 4 AND 40"
        )
    else:
        op.execute(
            "INSERT INTO published_word (word, head, tail) SELECT w, left(w, 2), right(w, 2) FROM "
            "(SELECT DISTINCT unnest(string_to_array(words, ' ')) AS w FROM published_product "
            "WHERE state = 'published') AS known WHERE length(w) BETWEEN 4 AND 40"
        )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for name in ("published_added", "published_changed", "published_removed"):
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
    else:
        op.execute("DROP TRIGGER IF EXISTS published_kept ON published_product")
    op.drop_table("feature_change")
    op.drop_table("published_feature")
    op.drop_index("ix_published_photo_modern", "published_photo")
    op.drop_column("published_photo", "modern")
    op.drop_table("published_facet")
    op.drop_table("published_word")
    op.drop_table("published_tally")
    op.create_table(
        "published_tally",
        sa.Column("kanwil_code", sa.String(length=40), nullable=False),
        sa.Column("upt_slug", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("kanwil_name", sa.String(length=120), nullable=False),
        sa.Column("upt_name", sa.String(length=200), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kanwil_code", "upt_slug", "category"),
    )
    op.drop_column("published_product", "words")
    op.drop_column("published_product", "tkdn_share")
    for name, columns in OLD_INDEXES.items():
        op.create_index(name, "published_product", columns)
    op.execute(
        "INSERT INTO published_tally (kanwil_code, upt_slug, category, kanwil_name, upt_name, products) "
        "SELECT kanwil_code, upt_slug, category, max(kanwil_name), max(upt_name), count(*) FROM published_product "
        "WHERE state = 'published' GROUP BY kanwil_code, upt_slug, category"
    )
    for statement in (FROZEN / f"0001_{dialect}.sql").read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(statement)
