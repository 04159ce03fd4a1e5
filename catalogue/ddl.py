"""What these tables need beside their columns: an unchangeable revision, a search index, tallies and rollups.

The database keeps these, so that whatever writes a row (a use case, a repair by hand) keeps them right in
the same transaction: `published_photo` (what the public may fetch), `published_tally` (how many products are
on the shelf), the rollups of products (`counting`) and, on SQLite, the full-text index. PostgreSQL keeps a generated
column.
"""

from __future__ import annotations

from catalogue import capacity, counting
from catalogue.needs import ddl as needs
from catalogue.people import ddl as people
from catalogue.readiness import ddl as readiness

# A photo's own picture and each of its thumbnails, as rows.
_SQLITE_PHOTOS = """INSERT OR IGNORE INTO published_photo (sha256, product_id)
  SELECT json_extract(p.value, '$.sha256'), NEW.product_id FROM json_each(NEW.photos) AS p
  WHERE NEW.state = 'published'
  UNION SELECT t.value, NEW.product_id FROM json_each(NEW.photos) AS p, json_each(p.value, '$.thumbs') AS t
  WHERE NEW.state = 'published'"""
_SQLITE_COUNT = """INSERT INTO published_tally
  (kanwil_code, upt_slug, category, kanwil_name, upt_name, products)
  SELECT NEW.kanwil_code, NEW.upt_slug, NEW.category, NEW.kanwil_name, NEW.upt_name, 1
  WHERE NEW.state = 'published'
  ON CONFLICT (kanwil_code, upt_slug, category) DO UPDATE SET products = products + 1,
    kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name"""
_SQLITE_UNCOUNT = """UPDATE published_tally SET products = products - 1 WHERE OLD.state = 'published'
  AND kanwil_code = OLD.kanwil_code AND upt_slug = OLD.upt_slug AND category = OLD.category"""
_SQLITE_INDEX = "INSERT INTO published_search (rowid, search) VALUES (NEW.product_id, NEW.search)"
_SQLITE_UNINDEX = """INSERT INTO published_search (published_search, rowid, search)
  VALUES ('delete', OLD.product_id, OLD.search)"""
_SQLITE_UNPHOTO = "DELETE FROM published_photo WHERE product_id = OLD.product_id"
_UNCHANGEABLE = "a submitted revision is immutable"

TRIGGERS = {
    "product_revision": ("revision_kept_update", "revision_kept_delete"),
    "published_product": ("published_added", "published_changed", "published_removed"),
}


def statements(dialect: str) -> list[str]:
    """The DDL for `sqlite` or `postgresql`, safe to run again."""
    own = _sqlite() if dialect == "sqlite" else _postgresql()
    rooms = (capacity, counting, needs, people, readiness)
    return [*own, *(one for room in rooms for one in room.statements(dialect))]


def _sqlite() -> list[str]:
    kept = f"SELECT RAISE(ABORT, '{_UNCHANGEABLE}')"
    return [
        "CREATE TRIGGER IF NOT EXISTS revision_kept_update BEFORE UPDATE ON product_revision "
        f"WHEN OLD.submitted_at IS NOT NULL BEGIN {kept}; END",
        "CREATE TRIGGER IF NOT EXISTS revision_kept_delete BEFORE DELETE ON product_revision "
        f"WHEN OLD.submitted_at IS NOT NULL BEGIN {kept}; END",
        "CREATE VIRTUAL TABLE IF NOT EXISTS published_search USING fts5("
        "search, content='published_product', content_rowid='product_id', tokenize='ascii', prefix='2 3 4')",
        "CREATE TRIGGER IF NOT EXISTS published_added AFTER INSERT ON published_product "
        f"BEGIN {_SQLITE_INDEX}; {_SQLITE_COUNT}; {_SQLITE_PHOTOS}; END",
        "CREATE TRIGGER IF NOT EXISTS published_changed AFTER UPDATE ON published_product "
        f"BEGIN {_SQLITE_UNINDEX}; {_SQLITE_INDEX}; {_SQLITE_UNCOUNT}; {_SQLITE_COUNT}; "
        f"{_SQLITE_UNPHOTO}; {_SQLITE_PHOTOS}; END",
        "CREATE TRIGGER IF NOT EXISTS published_removed AFTER DELETE ON published_product "
        f"BEGIN {_SQLITE_UNINDEX}; {_SQLITE_UNCOUNT}; {_SQLITE_UNPHOTO}; END",
    ]


def _postgresql() -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION karya_revision_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_UNCHANGEABLE}' USING ERRCODE = 'restrict_violation'; END $$",
        "DROP TRIGGER IF EXISTS revision_kept ON product_revision",
        "CREATE TRIGGER revision_kept BEFORE UPDATE OR DELETE ON product_revision FOR EACH ROW "
        "WHEN (OLD.submitted_at IS NOT NULL) EXECUTE FUNCTION karya_revision_kept()",
        "ALTER TABLE published_product ADD COLUMN IF NOT EXISTS search_vector tsvector "
        "GENERATED ALWAYS AS (to_tsvector('simple', search)) STORED",
        "CREATE INDEX IF NOT EXISTS ix_published_search ON published_product USING gin (search_vector)",
        """CREATE OR REPLACE FUNCTION karya_published() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM published_photo WHERE product_id = OLD.product_id;
    IF OLD.state = 'published' THEN
      UPDATE published_tally SET products = products - 1 WHERE kanwil_code = OLD.kanwil_code
        AND upt_slug = OLD.upt_slug AND category = OLD.category;
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN
    INSERT INTO published_tally AS t (kanwil_code, upt_slug, category, kanwil_name, upt_name, products)
      VALUES (NEW.kanwil_code, NEW.upt_slug, NEW.category, NEW.kanwil_name, NEW.upt_name, 1)
      ON CONFLICT (kanwil_code, upt_slug, category) DO UPDATE SET products = t.products + 1,
        kanwil_name = excluded.kanwil_name, upt_name = excluded.upt_name;
    INSERT INTO published_photo (sha256, product_id)
      SELECT p ->> 'sha256', NEW.product_id FROM jsonb_array_elements(CAST(NEW.photos AS jsonb)) AS p
      UNION SELECT th.value, NEW.product_id FROM jsonb_array_elements(CAST(NEW.photos AS jsonb)) AS p,
        jsonb_each_text(p -> 'thumbs') AS th
      ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$""",
        "DROP TRIGGER IF EXISTS published_kept ON published_product",
        "CREATE TRIGGER published_kept AFTER INSERT OR UPDATE OR DELETE ON published_product "
        "FOR EACH ROW EXECUTE FUNCTION karya_published()",
    ]


def drop(dialect: str) -> list[str]:
    """Take them away again; for a migration's way back."""
    if dialect == "sqlite":
        names = [name for group in TRIGGERS.values() for name in group]
        return [
            *(f"DROP TRIGGER IF EXISTS {name}" for name in names),
            "DROP TABLE IF EXISTS published_search",
        ]
    return [
        "DROP TRIGGER IF EXISTS revision_kept ON product_revision",
        "DROP TRIGGER IF EXISTS published_kept ON published_product",
        "DROP INDEX IF EXISTS ix_published_search",
        "DROP FUNCTION IF EXISTS karya_revision_kept",
        "DROP FUNCTION IF EXISTS karya_published",
    ]
