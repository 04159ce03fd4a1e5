"""An assessment as its case holds it: how an answer is written, and what changed from one revision to the next."""

from __future__ import annotations

from typing import Any

from catalogue.difference import FieldChange, words
from catalogue.readiness.terms import DIMENSIONS, LABELS, shown
from tenants.words import N_
from workflows.models import Case


def shown_by_key(key: str, value: Any) -> str | None:
    """An answer in words, None where the question was not asked."""
    if not isinstance(value, dict):
        return None
    files = ", ".join(str(one.get("name", "")) for one in value.get("files") or [])
    parts = (f"{value.get('question', '')} {value.get('score')}/4.", value.get("evidence") or "", files)
    return "\n".join(part for part in parts if part)


def changes_between(before: Case, after: Case) -> list[FieldChange]:
    """The answers that differ, each with what was written before and now."""
    found = []
    for key, label in LABELS.items():
        was, now = before.fields.get(key), after.fields.get(key)
        if was != now:
            old, new = shown_by_key(key, was) or "", shown_by_key(key, now) or ""
            found.append(FieldChange(key, label, "text", old, new, words(old, new)))
    return found


def summary(case: Case) -> list[tuple[str, str]]:
    """What the inbox's preview shows: what the UPT says of itself in each dimension."""
    said = case.fields.get("self") or {}
    rows = [(label, shown(said.get(key))) for key, label in DIMENSIONS.items()]
    return [(N_("Tahun"), str(case.fields.get("year", ""))), *rows]
