"""Readiness across the country: verified figures alone, by Kanwil and by UPT, read with the national reach.

Nothing here names a question, an answer or a gap: `Score` is all that the centre reads of an UPT.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue.readiness.models import Score
from catalogue.readiness.terms import DIMENSIONS, mean, total_of
from tenants.models import DirectoryUpt, Kanwil

MOST = 600
"""UPT of one list: the country has fewer."""


@dataclass(frozen=True)
class KanwilRow:
    """A Kanwil's verified UPT in a year: how many of how many, and the means in hundredths (None: none verified)."""

    kanwil_id: int
    code: str
    kanwil: str
    upts: int
    verified: int
    means: dict[str, int | None]
    total: int | None
    before: int | None
    rank: int | None = None


@dataclass(frozen=True)
class UptRow:
    """An UPT in the ranking; equal totals share a rank."""

    rank: int
    upt: str
    kanwil: str
    scores: dict[str, int]
    total: int
    before: int | None


@dataclass(frozen=True)
class Country:
    """A year of the country."""

    year: int
    kanwil: list[KanwilRow]
    upts: list[UptRow]
    means: dict[str, int | None]
    total: int | None
    before: int | None

    @property
    def verified(self) -> int:
        return sum(row.verified for row in self.kanwil)

    @property
    def all_upts(self) -> int:
        return sum(row.upts for row in self.kanwil)


def years(session: Session) -> list[int]:
    """The years that have verified figures, the newest first. One statement."""
    return list(session.scalars(select(Score.year).distinct().order_by(Score.year.desc()).limit(20)))


def country(year: int, session: Session) -> Country:
    """A year by Kanwil and by UPT, with the year before. Three statements; `session` has the national reach."""
    kanwils = session.execute(
        select(Kanwil, func.count(DirectoryUpt.upt_id))
        .outerjoin(DirectoryUpt, DirectoryUpt.kanwil_id == Kanwil.id)
        .group_by(Kanwil.id)
        .order_by(Kanwil.province)
    ).all()
    scores = session.execute(
        select(Score, DirectoryUpt.short_name)
        .outerjoin(DirectoryUpt, DirectoryUpt.upt_id == Score.upt_id)
        .where(Score.year == year)
        .order_by(Score.total.desc(), DirectoryUpt.short_name)
        .limit(MOST)
    ).all()
    earlier = {
        row.upt_id: row
        for row in session.execute(
            select(Score.tenant_id, Score.upt_id, Score.total).where(Score.year == year - 1).limit(MOST)
        )
    }
    names = {kanwil.id: kanwil.short_name for kanwil, _ in kanwils}
    own: dict[int, list[Score]] = {kanwil.id: [] for kanwil, _ in kanwils}
    for score, _name in scores:
        own.setdefault(score.tenant_id, []).append(score)
    before: dict[int, list[int]] = {}
    for row in earlier.values():
        before.setdefault(row.tenant_id, []).append(row.total)
    rows = [_kanwil(kanwil, int(upts), own[kanwil.id], before.get(kanwil.id, [])) for kanwil, upts in kanwils]
    rows.sort(key=lambda row: (row.total is None, -(row.total or 0), row.kanwil))
    totals = [row.total for row in rows if row.total is not None]
    ranked = [
        KanwilRow(**{**vars(row), "rank": totals.index(row.total) + 1 if row.total is not None else None})
        for row in rows
    ]
    order = [score.total for score, _ in scores]
    upts = [
        UptRow(
            order.index(score.total) + 1,
            name or f"UPT {score.upt_id}",
            names.get(score.tenant_id, ""),
            score.by_dimension(),
            score.total,
            earlier[score.upt_id].total if score.upt_id in earlier else None,
        )
        for score, name in scores
    ]
    means = _means([score for score, _ in scores])
    return Country(year, ranked, upts, means, total_of(means), mean([row.total for row in earlier.values()]))


def _kanwil(kanwil: Kanwil, upts: int, scores: list[Score], before: list[int]) -> KanwilRow:
    means = _means(scores)
    return KanwilRow(
        kanwil.id, kanwil.code, kanwil.short_name, upts, len(scores), means, total_of(means), mean(before)
    )


def _means(scores: list[Score]) -> dict[str, int | None]:
    return {name: mean([one.by_dimension()[name] for one in scores]) for name in DIMENSIONS}
