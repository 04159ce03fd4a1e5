"""What these tables need beside their columns: a history that refuses change, and the archive's search index.

The index holds whole words and their beginnings: on SQLite a full-text table that triggers keep; on PostgreSQL a
generated column with a GIN index. Only the centre's
reach searches by it; within a Kanwil its own few rows are read.
"""

from __future__ import annotations

_INDEX = "INSERT INTO recap_search (rowid, search) VALUES (NEW.id, NEW.search)"
_UNINDEX = "INSERT INTO recap_search (recap_search, rowid, search) VALUES ('delete', OLD.id, OLD.search)"
_KEPT = "obstacle_change is append-only"
TRIGGERS = (
    "obstacle_change_no_update",
    "obstacle_change_no_delete",
    "recap_text_added",
    "recap_text_changed",
    "recap_text_removed",
)


def statements(dialect: str) -> list[str]:
    """The DDL for `sqlite` or `postgresql`, safe to run again."""
    if dialect == "sqlite":
        return [
            *(
                f"CREATE TRIGGER IF NOT EXISTS obstacle_change_no_{verb.lower()} BEFORE {verb} ON obstacle_change "
                f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END"
                for verb in ("UPDATE", "DELETE")
            ),
            "CREATE VIRTUAL TABLE IF NOT EXISTS recap_search USING fts5("
            "search, content='recap_text', content_rowid='id', tokenize='ascii', prefix='2 3 4')",
            f"CREATE TRIGGER IF NOT EXISTS recap_text_added AFTER INSERT ON recap_text BEGIN {_INDEX}; END",
            "CREATE TRIGGER IF NOT EXISTS recap_text_changed AFTER UPDATE ON recap_text "
            f"BEGIN {_UNINDEX}; {_INDEX}; END",
            f"CREATE TRIGGER IF NOT EXISTS recap_text_removed AFTER DELETE ON recap_text BEGIN {_UNINDEX}; END",
        ]
    return [
        "CREATE OR REPLACE FUNCTION karya_obstacle_change_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_KEPT}' USING ERRCODE = 'restrict_violation'; END $$",
        "DROP TRIGGER IF EXISTS obstacle_change_kept ON obstacle_change",
        "CREATE TRIGGER obstacle_change_kept BEFORE UPDATE OR DELETE ON obstacle_change "
        "FOR EACH ROW EXECUTE FUNCTION karya_obstacle_change_kept()",
        "ALTER TABLE recap_text ADD COLUMN IF NOT EXISTS search_vector tsvector "
        "GENERATED ALWAYS AS (to_tsvector('simple', search)) STORED",
        "CREATE INDEX IF NOT EXISTS ix_recap_search ON recap_text USING gin (search_vector)",
    ]
