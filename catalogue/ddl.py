"""What these tables need beside their columns: an unchangeable revision, a search index, and what is kept of the shelf.

The database keeps these, so that whatever writes a row (a use case, a repair by hand) keeps them right in
the same transaction: `published_facet` (what is searched and narrowed), `published_photo` (what the public may
fetch), `published_tally` (how many products are on the shelf), `published_word` (what mistyped words are compared with)
and, on SQLite, the full-text index. PostgreSQL keeps the words as a tsvector in `published_facet`.
"""

from __future__ import annotations

_NARROW = (
    "category",
    "goods_group",
    "market_level",
    "kanwil_code",
    "upt_slug",
)
_READY = "CASE WHEN {0}.stock > 0 THEN 1 ELSE 0 END"


def _facet(row: str) -> str:
    columns = ", ".join(f"{row}.{name}" for name in _NARROW)
    return f"{row}.product_id, {row}.name, {columns}, {row}.price_rupiah, {_READY.format(row)}"


def _counted(row: str) -> str:
    names = ("kanwil_code", "upt_slug", "category", "goods_group", "market_level")
    columns = ", ".join(f"{row}.{name}" for name in names)
    return f"{columns}, {_READY.format(row)}, {row}.kanwil_name, {row}.upt_name, 1"


_FACET_COLUMNS = f"product_id, name, {', '.join(_NARROW)}, price_rupiah, ready"
_TALLY_KEY = "kanwil_code, upt_slug, category, goods_group, market_level, ready"
_SAME = " AND ".join(
    f"{name} = OLD.{name}" for name in ("kanwil_code", "upt_slug", "category", "goods_group", "market_level")
)
_UNCOUNT = (
    "UPDATE published_tally SET products = products - 1 "  # noqa: S608
    f"WHERE {_SAME} AND ready = {_READY.format('OLD')}"
)
# A photo's own picture and each of its smaller ones, as rows.
_SQLITE_PHOTOS = """INSERT INTO published_photo (sha256, product_id)
  SELECT json_extract(p.value, '$.sha256'), NEW.product_id FROM json_each(NEW.photos) AS p
  WHERE NEW.state = 'published'
  UNION SELECT t.value, NEW.product_id FROM json_each(NEW.photos) AS p, json_each(p.value, '$.thumbs') AS t
  WHERE NEW.state = 'published'
  ON CONFLICT DO NOTHING"""
_SQLITE_FACET = f"""INSERT INTO published_facet ({_FACET_COLUMNS})
  SELECT {_facet("NEW")} WHERE NEW.state = 'published'"""
_SQLITE_COUNT = f"""INSERT INTO published_tally ({_TALLY_KEY}, kanwil_name, upt_name, products)
  SELECT {_counted("NEW")} WHERE NEW.state = 'published'
  ON CONFLICT ({_TALLY_KEY}) DO UPDATE SET products = products + 1,
    kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name"""
# Not OR IGNORE: inside a trigger SQLite replaces that by what the outer statement says of conflicts.
_SQLITE_WORDS = """INSERT INTO published_word (word, head, tail)
  SELECT value, substr(value, 1, 2), substr(value, -2) FROM json_each('["' || replace(NEW.words, ' ', '","') || '"]')
  WHERE NEW.state = 'published' AND length(value) BETWEEN 4 AND 40
  ON CONFLICT DO NOTHING"""
_SQLITE_INDEX = "INSERT INTO published_search (rowid, search) VALUES (NEW.product_id, NEW.search)"
_SQLITE_UNINDEX = """INSERT INTO published_search (published_search, rowid, search)
  VALUES ('delete', OLD.product_id, OLD.search)"""
_SQLITE_UNFACET = "DELETE FROM published_facet WHERE product_id = OLD.product_id"
_SQLITE_UNPHOTO = "DELETE FROM published_photo WHERE product_id = OLD.product_id"
_SQLITE_UNCOUNT = f"{_UNCOUNT} AND OLD.state = 'published'"
_UNCHANGEABLE = "a submitted revision is immutable"
_APPEND_ONLY = "feature_change is append-only"

_TRIGGERS = ("published_added", "published_changed", "published_removed")


def statements(dialect: str) -> list[str]:
    """The DDL for `sqlite` or `postgresql`, safe to run again."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _sqlite() -> list[str]:
    kept = f"SELECT RAISE(ABORT, '{_UNCHANGEABLE}')"
    added = f"{_SQLITE_FACET}; {_SQLITE_COUNT}; {_SQLITE_PHOTOS}; {_SQLITE_WORDS}"
    removed = f"{_SQLITE_UNINDEX}; {_SQLITE_UNFACET}; {_SQLITE_UNCOUNT}; {_SQLITE_UNPHOTO}"
    return [
        "CREATE TRIGGER IF NOT EXISTS revision_kept_update BEFORE UPDATE ON product_revision "
        f"WHEN OLD.submitted_at IS NOT NULL BEGIN {kept}; END",
        "CREATE TRIGGER IF NOT EXISTS revision_kept_delete BEFORE DELETE ON product_revision "
        f"WHEN OLD.submitted_at IS NOT NULL BEGIN {kept}; END",
        *(
            f"CREATE TRIGGER IF NOT EXISTS feature_change_no_{verb.lower()} BEFORE {verb} ON feature_change "
            f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
            for verb in ("UPDATE", "DELETE")
        ),
        "CREATE VIRTUAL TABLE IF NOT EXISTS published_search USING fts5("
        "search, content='published_product', content_rowid='product_id', tokenize='ascii', prefix='2 3 4')",
        *(f"DROP TRIGGER IF EXISTS {name}" for name in _TRIGGERS),
        "CREATE TRIGGER published_added AFTER INSERT ON published_product "
        f"BEGIN {_SQLITE_INDEX}; {added}; END",
        "CREATE TRIGGER published_changed AFTER UPDATE ON published_product "
        f"BEGIN {removed}; {_SQLITE_INDEX}; {added}; END",
        f"CREATE TRIGGER published_removed AFTER DELETE ON published_product BEGIN {removed}; END",
    ]


def _postgresql() -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION karya_revision_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_UNCHANGEABLE}' USING ERRCODE = 'restrict_violation'; END $$",
        "DROP TRIGGER IF EXISTS revision_kept ON product_revision",
        "CREATE TRIGGER revision_kept BEFORE UPDATE OR DELETE ON product_revision FOR EACH ROW "
        "WHEN (OLD.submitted_at IS NOT NULL) EXECUTE FUNCTION karya_revision_kept()",
        "CREATE OR REPLACE FUNCTION karya_feature_change_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_APPEND_ONLY}' USING ERRCODE = 'restrict_violation'; END $$",
        "DROP TRIGGER IF EXISTS feature_change_kept ON feature_change",
        "CREATE TRIGGER feature_change_kept BEFORE UPDATE OR DELETE ON feature_change FOR EACH ROW "
        "EXECUTE FUNCTION karya_feature_change_kept()",
        "ALTER TABLE published_facet ADD COLUMN IF NOT EXISTS search_vector tsvector",
        # Few rows are written and many read: nothing waits in a pending list.
        "CREATE INDEX IF NOT EXISTS ix_published_search ON published_facet USING gin (search_vector) "
        "WITH (fastupdate = off)",
        f"""CREATE OR REPLACE FUNCTION karya_published() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM published_facet WHERE product_id = OLD.product_id;
    DELETE FROM published_photo WHERE product_id = OLD.product_id;
    IF OLD.state = 'published' THEN
      {_UNCOUNT};
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN
    INSERT INTO published_facet ({_FACET_COLUMNS}, search_vector)
      VALUES ({_facet("NEW")}, to_tsvector('simple', NEW.search || ' xbx' || NEW.product_id / 4096));
    INSERT INTO published_tally AS t ({_TALLY_KEY}, kanwil_name, upt_name, products)
      VALUES ({_counted("NEW")})
      ON CONFLICT ({_TALLY_KEY}) DO UPDATE SET products = t.products + 1,
        kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name;
    INSERT INTO published_photo (sha256, product_id)
      SELECT p ->> 'sha256', NEW.product_id FROM jsonb_array_elements(CAST(NEW.photos AS jsonb)) AS p
      UNION SELECT th.value, NEW.product_id FROM jsonb_array_elements(CAST(NEW.photos AS jsonb)) AS p,
        jsonb_each_text(p -> 'thumbs') AS th
      ON CONFLICT DO NOTHING;
    -- In one order, so that two publications never wait for each other's new words.
    INSERT INTO published_word (word, head, tail)
      SELECT w, left(w, 2), right(w, 2) FROM (SELECT DISTINCT unnest(string_to_array(NEW.words, ' ')) AS w) AS own
      WHERE length(w) BETWEEN 4 AND 40 ORDER BY w
      ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$""",  # noqa: S608
        "DROP TRIGGER IF EXISTS published_kept ON published_product",
        "CREATE TRIGGER published_kept AFTER INSERT OR UPDATE OR DELETE ON published_product "
        "FOR EACH ROW EXECUTE FUNCTION karya_published()",
    ]
