"""The triggers beside these tables: what was said stays said."""

from __future__ import annotations

from workflows.talk.models import Comment, CommentFile, Note, NoteFile

SAID = (Comment, Note)
KEPT = (CommentFile, NoteFile)


def statements(dialect: str) -> list[str]:
    """Comments and notes refuse change but for the one striking, files refuse all; safe to run again.

    On PostgreSQL the function `karya_append_only` of `workflows.audit` answers.
    """
    made: list[str] = []
    for mapped in (*SAID, *KEPT):
        table = mapped.__tablename__
        words = ", ".join(column.name for column in mapped.__table__.columns if column.name != "struck_at")
        events = {"change": (f"UPDATE OF {words}", ""), "delete": ("DELETE", "")}
        if mapped in SAID:
            events["strike"] = ("UPDATE OF struck_at", " WHEN (OLD.struck_at IS NOT NULL)")
        for name, (event, when) in events.items():
            if dialect == "sqlite":
                made.append(
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{name} BEFORE {event} ON {table}{when} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            else:
                made += [
                    f"DROP TRIGGER IF EXISTS {table}_no_{name} ON {table}",
                    f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} FOR EACH ROW{when} "
                    "EXECUTE FUNCTION karya_append_only()",
                ]
        if dialect != "sqlite":
            made += [
                f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()",
            ]
    return made
