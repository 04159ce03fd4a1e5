"""More to tell of a case than its rows: other rooms add their part of the case file here.

A section's value travels in the exported file under ``sections.<key>`` and inside the minutes; where the minutes should
print it, a template ``recaps/templates/minutes/<key>.html`` does (it is given `section`, the value, `c`, the file, and
`when`, which says an instant of the file in words).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tenants.officers import Actor
from workflows.chains import Problem
from workflows.models import AuditEvent, Case


@dataclass(frozen=True)
class Section:
    """One part: `read` gives a JSON value of what `by` may see of these cases, or None where there is nothing; `check`
    holds such a value (None where it is missing) against the events of the file's chains."""

    key: str
    read: Callable[[Session, Sequence[Case], Actor], Any]
    check: Callable[[Any, Sequence[AuditEvent]], Iterable[Problem]] | None = None


_sections: dict[str, Section] = {}


def add_section(section: Section) -> Section:
    """Make a section known; adding it again replaces it."""
    _sections[section.key] = section
    return section


def read_sections(session: Session, cases: Sequence[Case], by: Actor) -> dict[str, Any]:
    """The value of every section that has one."""
    found = {key: one.read(session, cases, by) for key, one in _sections.items()}
    return {key: value for key, value in found.items() if value is not None}


def check_sections(found: Any, events: Sequence[AuditEvent]) -> Iterable[Problem]:
    """What is wrong with the sections of a case file. A file from before a section was kept has none of it."""
    if not isinstance(found, dict):
        return
    for key, one in _sections.items():
        if one.check is not None and key in found:
            yield from one.check(found[key], events)
