"""The triggers beside the letters: what was written stays, and is marked as carried once."""

from __future__ import annotations

from catalogue.needs.models import Letter

_TABLE = Letter.__tablename__
_MARK = ("carried_at", "outcome")


def statements(dialect: str) -> list[str]:
    """A letter refuses change but for its one mark, and deletion; safe to run again.

    On PostgreSQL the function `karya_append_only` of `workflows.audit` answers.
    """
    words = ", ".join(column.name for column in Letter.__table__.columns if column.name not in _MARK)
    events = {
        "change": (f"UPDATE OF {words}", ""),
        "delete": ("DELETE", ""),
        "mark": (f"UPDATE OF {', '.join(_MARK)}", " WHEN (OLD.carried_at IS NOT NULL)"),
    }
    made: list[str] = []
    for name, (event, when) in events.items():
        if dialect == "sqlite":
            made.append(
                f"CREATE TRIGGER IF NOT EXISTS {_TABLE}_no_{name} BEFORE {event} ON {_TABLE}{when} "
                f"BEGIN SELECT RAISE(ABORT, '{_TABLE} is append-only'); END"
            )
        else:
            made += [
                f"DROP TRIGGER IF EXISTS {_TABLE}_no_{name} ON {_TABLE}",
                f"CREATE TRIGGER {_TABLE}_no_{name} BEFORE {event} ON {_TABLE} FOR EACH ROW{when} "
                "EXECUTE FUNCTION karya_append_only()",
            ]
    if dialect != "sqlite":
        made += [
            f"DROP TRIGGER IF EXISTS {_TABLE}_no_truncate ON {_TABLE}",
            f"CREATE TRIGGER {_TABLE}_no_truncate BEFORE TRUNCATE ON {_TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()",
        ]
    return made
