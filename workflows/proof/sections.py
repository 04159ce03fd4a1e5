"""More to tell of a case than its rows: other rooms add their part of the case file here.

A section's value travels in the exported file under ``sections.<key>`` and inside the minutes; where the minutes should
print it, a template ``recaps/templates/minutes/<key>.html`` does (it is given `section`, the value, and `c`, the file).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tenants.officers import Actor
from workflows.models import Case


@dataclass(frozen=True)
class Section:
    """One part: `read` gives a JSON value of what `by` may see of these cases, or None where there is nothing."""

    key: str
    read: Callable[[Session, Sequence[Case], Actor], Any]


_sections: dict[str, Section] = {}


def add_section(section: Section) -> Section:
    """Make a section known; adding it again replaces it."""
    _sections[section.key] = section
    return section


def read_sections(session: Session, cases: Sequence[Case], by: Actor) -> dict[str, Any]:
    """The value of every section that has one."""
    found = {key: one.read(session, cases, by) for key, one in _sections.items()}
    return {key: value for key, value in found.items() if value is not None}
