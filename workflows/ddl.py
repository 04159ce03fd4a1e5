"""The triggers beside this room's tables."""

from __future__ import annotations

from workflows import audit
from workflows.talk import ddl as talk


def statements(dialect: str) -> list[str]:
    """Decisions, audit events and what was said refuse change, on ``sqlite`` and ``postgresql``."""
    return [*audit.ddl(dialect), *talk.statements(dialect)]
