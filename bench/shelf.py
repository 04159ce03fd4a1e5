"""A shop window of any size: products with every combination of what they can be narrowed to, made in the database.

The rows are written by one statement and what triggers would keep of them by one more each, as the migration does; at
a million products the triggers themselves would take minutes.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from catalogue import shop
from catalogue.ddl import statements
from tenants import database

GOODS = (
    "tas anyaman purun ukir kayu batik tulis kopi bubuk meja lipat sepatu kulit gitar keripik bayam "
    "sajadah tikar rotan kursi jati kemeja songket sambal tempe kain tenun mug keramik lukisan"
).split()
PLACES = (
    "banten aceh bali riau jambi lampung bengkulu gorontalo maluku papua jakarta yogyakarta bangka kalbar kalteng "
    "kalsel kaltim kaltara sulut sulteng sulsel sultra sulbar sumbar sumut sumsel jabar jateng jatim ntb ntt kepri "
    "malut"
).split()
CATEGORIES = (
    "craft craft culinary fashion craft manufacture culinary agribusiness fashion art craft services".split()
)
GROUPS = "craft craft basic_needs craft office_supplies".split()
MARKETS = "local national local local national export local".split()
OLD = 30_000
"""The first so many products carry a word that no later one has: a Kanwil that once published much, and stopped."""
UPTS = 660
_NARROW = "category, goods_group, market_level, kanwil_code, upt_slug"


def fill(engine: Engine, rows: int) -> None:
    """Empty the shop window and put `rows` products into it."""
    dialect = engine.dialect.name
    with engine.begin() as connection:
        _still(connection, dialect)
        for table in (
            "published_facet",
            "published_tally",
            "published_word",
            "published_photo",
            "published_product",
        ):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text(_products(rows)))
        for statement in _kept(dialect):
            connection.execute(text(statement))
        for statement in statements(dialect):
            connection.exec_driver_sql(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(
            "VACUUM ANALYZE" if dialect == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)"
        )
    database.db.dispose()
    shop.forget()


def _still(connection: Connection, dialect: str) -> None:
    if dialect == "sqlite":
        for name in ("published_added", "published_changed", "published_removed"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    else:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS published_kept ON published_product")


def _pick(values: list[str] | tuple[str, ...], number: str) -> str:
    """An expression for one of the values, turning with a number."""
    whens = " ".join(f"WHEN {place} THEN '{value}'" for place, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {whens} END"


def _products(rows: int) -> str:
    upt = f"((i * 7) % {UPTS})"
    plain = "replace(replace({0}, '_', ''), '-', '')".format
    price = "1000 * (5 + (i * 37) % 500)"
    step = "CAST(floor(4 * log(1000 * (5 + (i * 37) % 500)) / log(10)) AS integer)"
    old = f"CASE WHEN i <= {OLD} THEN 'warisan ' ELSE '' END"
    return f"""
INSERT INTO published_product (product_id, slug, state, name, description, category, goods_group, market_level, unit,
  price_rupiah, stock, capacity_per_month, lead_time_days, materials, papers, makers, photos, kanwil_code, kanwil_name,
  upt_slug, upt_name, revision_no, published_at, updated_at, search, words)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}),
r AS (SELECT i, {_pick(GOODS, "i * 11")} AS a, {_pick(GOODS, "i / 3 + 5")} AS b, {_pick(GOODS, "i / 7 + 9")} AS c,
  {_pick(CATEGORIES, "i / 2")} AS category, {_pick(GROUPS, "i / 5")} AS goods_group,
  {_pick(MARKETS, "i / 11")} AS market,
  {_pick(PLACES, upt)} AS place, {upt} AS upt, {price} AS price, (i / 13) % 4 AS stock, i / 20 AS rare FROM n)
SELECT i, 'barang-' || i, 'published', a || ' ' || b || ' ' || c || ' ' || i,
  {" || ' ' || ".join(["'Dibuat di bengkel kerja dengan bahan pilihan dan diperiksa sebelum dijual.'"] * 6)},
  category, goods_group, market, 'buah', price, stock, 100, 7, b, '{{}}', '[]', '[]', place, 'Kanwil ' || place,
  'upt-' || upt, 'Lapas ' || upt || ' ' || place, 1, '2024-03-05 03:00:00', '2024-03-05 03:00:00',
  a || ' ' || b || ' ' || c || ' ' || place || ' ' || {old} || 'langka' || rare
    || ' dibuat bengkel kerja bahan pilihan xcx' || category
    || ' xgx' || {plain("goods_group")} || ' xmx' || market || ' xkx' || place || ' xuxupt' || upt
    || ' xpx' || {step} || CASE WHEN stock > 0 THEN ' xrx1' ELSE '' END,
  a || ' ' || b || ' ' || c || ' ' || place FROM r"""


def _kept(dialect: str) -> list[str]:
    ready = "CASE WHEN stock > 0 THEN 1 ELSE 0 END"
    vector = (
        (", search_vector", ", to_tsvector('simple', search || ' xbx' || product_id / 4096)")
        if dialect == "postgresql"
        else ("", "")
    )
    left = "left(w, 2), right(w, 2)" if dialect == "postgresql" else "substr(w, 1, 2), substr(w, -2)"
    known = " UNION ".join(f"SELECT '{word}' AS w" for word in {*GOODS, *PLACES} if len(word) > 3)
    found = [
        f"INSERT INTO published_facet (product_id, name, {_NARROW}, price_rupiah, ready{vector[0]}) "
        f"SELECT product_id, name, {_NARROW}, price_rupiah, {ready}{vector[1]} FROM published_product",
        f"INSERT INTO published_tally ({_NARROW}, ready, kanwil_name, upt_name, products) SELECT {_NARROW}, {ready}, "
        f"max(kanwil_name), max(upt_name), count(*) FROM published_product GROUP BY {_NARROW}, {ready}",
        f"INSERT INTO published_word (word, head, tail) SELECT w, {left} FROM ({known}) AS known",
    ]
    if dialect == "sqlite":
        found.append("INSERT INTO published_search (published_search) VALUES ('rebuild')")
    return found
