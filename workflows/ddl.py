"""The triggers beside this room's tables."""

from __future__ import annotations

from workflows import audit


def statements(dialect: str) -> list[str]:
    """Decisions and audit events refuse change, on ``sqlite`` and ``postgresql``."""
    return audit.ddl(dialect)
