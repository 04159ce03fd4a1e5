"""What changed between two definitions: their YAML line by line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from workflows.documents import as_yaml


@dataclass(frozen=True)
class Line:
    """One line of a comparison: `kind` is same, added, removed, or gap (lines left out between two places)."""

    kind: str
    text: str
    before: int | None = None
    after: int | None = None


def compared(before: Any, after: Any, *, around: int = 3) -> list[Line]:
    """The lines that were added or removed from one document to the next, with `around` lines about each; none where
    nothing changed."""
    old, new = as_yaml(before).splitlines(), as_yaml(after).splitlines()
    lines: list[Line] = []
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around):
        if lines or group[0][1] > 0:
            lines.append(Line("gap", "…"))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                lines += [
                    Line("same", old[at], at + 1, new_from + at - old_from + 1)
                    for at in range(old_from, old_to)
                ]
                continue
            lines += [Line("removed", old[at], before=at + 1) for at in range(old_from, old_to)]
            lines += [Line("added", new[at], after=at + 1) for at in range(new_from, new_to)]
    return lines
