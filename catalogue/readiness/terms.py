"""The five dimensions, the states of an assessment and of a gap, and how scores are said.

A score is 0 to 4. Means are kept in hundredths as whole numbers (312 is 3.12), so that they have a canonical form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tenants.said import Said, say
from tenants.words import N_

DIMENSIONS: Final[dict[str, str]] = {
    "organisation": N_("Organisasi"),
    "people": N_("Sumber daya manusia"),
    "budget": N_("Anggaran"),
    "marketing": N_("Pemasaran"),
    "cooperation": N_("Kerja sama"),
}
FEWEST, MOST = 4, 6
"""Questions of a dimension."""
HIGHEST: Final = 4
WHOLE: Final = 100
"""One point of a score, in hundredths."""
WANTED: Final = 3
"""An answer below this is a gap."""
DRAFT, IN_REVIEW, RETURNED, REJECTED, VERIFIED = "draft", "in_review", "returned", "rejected", "verified"
STATES: Final[dict[str, str]] = {
    DRAFT: N_("Konsep"),
    IN_REVIEW: N_("Diverifikasi Kanwil"),
    RETURNED: N_("Dikembalikan"),
    REJECTED: N_("Ditolak"),
    VERIFIED: N_("Terverifikasi"),
}
FILLING: Final = (DRAFT, RETURNED, REJECTED)
"""States in which the UPT writes."""
OPEN, DONE, DROPPED = "open", "done", "dropped"
GAP_STATES: Final[dict[str, str]] = {
    OPEN: N_("Terbuka"),
    DONE: N_("Selesai"),
    DROPPED: N_("Tidak dilanjutkan"),
}


def slot(dimension: str, number: int) -> str:
    """The key of a dimension's question by its place, from 1."""
    return f"{dimension}_{number}"


SLOTS: Final = tuple(slot(dimension, number) for dimension in DIMENSIONS for number in range(1, MOST + 1))


def dimension_of(key: str) -> str:
    """The dimension of a question's key."""
    return key.rpartition("_")[0]


def label_of(key: str) -> Said:
    """A question's short name: "Anggaran 2"."""
    return say(
        N_("%(dimension)s %(n)s"), dimension=say(DIMENSIONS[dimension_of(key)]), n=key.rpartition("_")[2]
    )


LABELS: Final[dict[str, str]] = {key: label_of(key) for key in SLOTS}


def means(scores: Mapping[str, int | None], asked: Sequence[str]) -> dict[str, int | None]:
    """The mean of each dimension in hundredths; None where not every question of it has a score."""
    found: dict[str, int | None] = {}
    for dimension in DIMENSIONS:
        own = [scores.get(key) for key in asked if dimension_of(key) == dimension]
        known = [score for score in own if score is not None]
        found[dimension] = (
            mean([score * WHOLE for score in known]) if own and len(known) == len(own) else None
        )
    return found


def mean(hundredths: Sequence[int]) -> int | None:
    """The mean, rounded half up; None of nothing."""
    return (2 * sum(hundredths) + len(hundredths)) // (2 * len(hundredths)) if hundredths else None


def total_of(by_dimension: Mapping[str, Any]) -> int | None:
    """The mean of the five; None where one is missing."""
    values = [by_dimension.get(name) for name in DIMENSIONS]
    return None if any(value is None for value in values) else mean([int(value or 0) for value in values])


def shown(hundredths: int | None) -> str:
    """A mean as people read it, rounded half up: 195 is "2,0"; a dash where there is none."""
    if hundredths is None:
        return "–"
    tenths = (hundredths + 5) // 10
    return f"{tenths // 10},{tenths % 10}"
