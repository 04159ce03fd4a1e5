"""The live counter: what anyone may see of a campaign, read from the public copies alone.

An answer is kept for a second and made by one thread at a time, so that a thousand open screens cost the database three
statements a second. Nothing here knows a tenant: callers need no scope.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from sales.campaigns import terms
from sales.campaigns.models import (
    ANNOUNCED,
    CLOSED,
    NATIONAL,
    PublishedCampaign,
    PublishedCampaignFigure,
    PublishedCampaignUnit,
)
from tenants.clock import local_day
from tenants.database import public
from tenants.models import DirectoryUpt, Kanwil
from workflows.kept import Kept

SECONDS: Final = 1.0
MOST: Final = 60
LISTED: Final = 50


@dataclass(frozen=True)
class Ranked:
    """A UPT or a Kanwil and what it sold; equal values share a rank."""

    rank: int
    key: str
    name: str
    kanwil: str
    code: str
    """Of its Kanwil."""
    value_rupiah: int
    quantity: int
    sales: int
    units: int = 1
    pledge_rupiah: int = 0


@dataclass(frozen=True)
class Board:
    """A campaign as the live page shows it. `today` and `phase` are of its own clock."""

    id: int
    slug: str
    title: str
    summary: str
    kanwil_code: str
    kanwil_name: str
    starts_on: date
    ends_on: date
    late_until_on: date
    target_rupiah: int | None
    phase: str
    today: date
    day_no: int
    days: int
    closed_at: datetime | None
    timezone: str
    value_rupiah: int = 0
    quantity: int = 0
    sales: int = 0
    pledge_rupiah: int = 0
    today_rupiah: int = 0
    today_sales: int = 0
    kanwils: list[Ranked] = field(default_factory=list)
    upts: list[Ranked] = field(default_factory=list)
    by_day: list[tuple[date, int]] = field(default_factory=list)
    """Every day of the campaign that has come, or has figures, in order."""
    shows_today: list[Ranked] = field(default_factory=list)
    """The UPT whose day it is."""

    @property
    def is_national(self) -> bool:
        return self.kanwil_code == NATIONAL

    @property
    def reached(self) -> float | None:
        """The share of the target, from 0."""
        return self.value_rupiah / self.target_rupiah if self.target_rupiah else None

    @property
    def best_day(self) -> tuple[date, int] | None:
        best = max(self.by_day, key=lambda one: one[1], default=None)
        return best if best and best[1] else None

    @property
    def is_live(self) -> bool:
        """Whether the figures may still change."""
        return self.phase in (terms.RUNNING, terms.LATE, terms.ENDED)


_kept: Kept[Board | None] = Kept(MOST, seconds=SECONDS)
_making = Lock()


def board(slug: str, now: datetime) -> Board | None:
    """The campaign at a public address; None if there is none. Three statements, none within a second after."""
    kept = _kept.get(slug)
    if kept is not None:
        return kept
    with _making:
        kept = _kept.get(slug)  # while this thread waited another one made it
        if kept is not None:
            return kept
        with public() as session:
            made = read(session, slug, now)
        return _kept.put(slug, made) if made is not None else None


def forget() -> None:
    """Drop what this process keeps; for tests, and for what loads the demonstration."""
    _kept.forget()


def read(session: Session, slug: str, now: datetime) -> Board | None:
    """The same, read now. Three statements."""
    row = session.scalars(_shown().where(PublishedCampaign.slug == slug)).first()
    return None if row is None else of(session, row, now)


def of(session: Session, row: PublishedCampaign, now: datetime) -> Board:
    """The board of a published campaign. Two statements."""
    today = local_day(now, row.timezone)
    national = row.kanwil_code == NATIONAL
    upts = _units(session, row)
    days = _days(session, row, today)
    on_today = dict(days).get(today, (0, 0))
    shown = {entry.key: entry for entry, _ in upts}
    return Board(
        id=row.campaign_id,
        slug=row.slug,
        title=row.title,
        summary=row.summary,
        kanwil_code=row.kanwil_code,
        kanwil_name=row.kanwil_name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        late_until_on=row.late_until_on,
        target_rupiah=row.target_rupiah,
        phase=terms.national_phase(row, now) if national else terms.phase(row, today),
        today=today,
        day_no=terms.day_number(row, today),
        days=(row.ends_on - row.starts_on).days + 1,
        closed_at=row.closed_at,
        timezone=row.timezone,
        value_rupiah=sum(entry.value_rupiah for entry, _ in upts),
        quantity=sum(entry.quantity for entry, _ in upts),
        sales=sum(entry.sales for entry, _ in upts),
        pledge_rupiah=sum(entry.pledge_rupiah for entry, _ in upts),
        today_rupiah=on_today[0],
        today_sales=on_today[1],
        kanwils=_kanwils([entry for entry, _ in upts]),
        upts=list(shown.values()),
        by_day=[(day, value) for day, (value, _) in days],
        shows_today=[entry for entry, show_on in upts if show_on == today],
    )


def listed(session: Session, now: datetime) -> list[tuple[PublishedCampaign, str, int]]:
    """The published campaigns with their phase and what they reached: running ones first, then those to come, then the
    closed ones, at most `LISTED`. Two statements."""
    rows = list(session.scalars(_shown().order_by(PublishedCampaign.ends_on.desc()).limit(LISTED)))
    sums = reached(session, [row.campaign_id for row in rows])
    order = {terms.RUNNING: 0, terms.LATE: 1, terms.UPCOMING: 2, terms.ENDED: 3, CLOSED: 4}
    found = []
    for row in rows:
        phase = (
            terms.national_phase(row, now)
            if row.kanwil_code == NATIONAL
            else terms.phase(row, local_day(now, row.timezone))
        )
        found.append((row, phase, sums.get(row.campaign_id, 0)))
    return sorted(
        found, key=lambda one: (order[one[1]], one[0].kanwil_code != NATIONAL, -one[0].ends_on.toordinal())
    )


def reached(session: Session, campaign_ids: list[int]) -> dict[int, int]:
    """What all UPT together reached in each campaign. One statement."""
    figure = PublishedCampaignFigure
    asked = (
        select(figure.campaign_id, func.sum(figure.value_rupiah))
        .where(figure.campaign_id.in_(campaign_ids))
        .group_by(figure.campaign_id)
    )
    return {int(number): int(value) for number, value in session.execute(asked)}


def _shown() -> Any:
    """Published campaigns; those of a Kanwil that is suspended are not shown."""
    active = select(Kanwil.code).where(Kanwil.state == "active")
    return select(PublishedCampaign).where(
        PublishedCampaign.state.in_((ANNOUNCED, CLOSED)),
        or_(PublishedCampaign.kanwil_code == NATIONAL, PublishedCampaign.kanwil_code.in_(active)),
    )


def _units(session: Session, row: PublishedCampaign) -> list[tuple[Ranked, date | None]]:
    """Every UPT that takes part, most sold first, with the day that is its own. One statement."""
    unit, figure, upt = PublishedCampaignUnit, PublishedCampaignFigure, DirectoryUpt
    sold = (
        select(
            figure.upt_id,
            func.sum(figure.value_rupiah).label("value"),
            func.sum(figure.quantity).label("quantity"),
            func.sum(figure.sales).label("sales"),
        )
        .where(figure.campaign_id == row.campaign_id)
        .group_by(figure.upt_id)
        .subquery()
    )
    asked = (
        select(
            *(upt.slug, upt.short_name, upt.kanwil_code, upt.kanwil_name),
            *(sold.c.value, sold.c.quantity, sold.c.sales, unit.pledge_rupiah, unit.show_on),
        )
        .select_from(unit)
        .join(upt, upt.upt_id == unit.upt_id)
        .outerjoin(sold, and_(sold.c.upt_id == unit.upt_id))
        .where(unit.campaign_id == row.campaign_id)
    )
    rows = sorted(session.execute(asked), key=lambda one: (-int(one.value or 0), one.short_name))
    found: list[tuple[Ranked, date | None]] = []
    for place, one in enumerate(rows, 1):
        value = int(one.value or 0)
        before = found[-1][0] if found else None
        rank = before.rank if before is not None and before.value_rupiah == value else place
        found.append(
            (
                Ranked(
                    *(rank, one.slug, one.short_name, one.kanwil_name, one.kanwil_code, value),
                    quantity=int(one.quantity or 0),
                    sales=int(one.sales or 0),
                    pledge_rupiah=int(one.pledge_rupiah or 0),
                ),
                one.show_on,
            )
        )
    return found


def _kanwils(upts: list[Ranked]) -> list[Ranked]:
    """The same by Kanwil."""
    sums: dict[tuple[str, str], list[int]] = {}
    for one in upts:
        into = sums.setdefault((one.code, one.kanwil), [0, 0, 0, 0, 0])
        for at, value in enumerate((one.value_rupiah, one.quantity, one.sales, 1, one.pledge_rupiah)):
            into[at] += value
    found: list[Ranked] = []
    ordered = sorted(sums.items(), key=lambda one: (-one[1][0], one[0][1]))
    for place, ((code, name), (value, quantity, sales, units, pledge)) in enumerate(ordered, 1):
        rank = found[-1].rank if found and found[-1].value_rupiah == value else place
        found.append(Ranked(rank, code, name, name, code, value, quantity, sales, units, pledge))
    return found


def _days(session: Session, row: PublishedCampaign, today: date) -> list[tuple[date, tuple[int, int]]]:
    """Each day's value and number of sales. One statement."""
    figure = PublishedCampaignFigure
    asked = (
        select(figure.sold_on, func.sum(figure.value_rupiah), func.sum(figure.sales))
        .where(figure.campaign_id == row.campaign_id)
        .group_by(figure.sold_on)
    )
    sums = {day: (int(value), int(sales)) for day, value, sales in session.execute(asked)}
    last = max([min(today, row.ends_on), *sums], default=row.starts_on)
    span = range(row.starts_on.toordinal(), last.toordinal() + 1)
    return [(day, sums.get(day, (0, 0))) for ordinal in span for day in [date.fromordinal(ordinal)]]


def as_json(one: Board) -> dict[str, Any]:
    """The board for programs. Money is whole rupiah, days ISO 8601."""
    return {
        "slug": one.slug,
        "title": one.title,
        "owner": one.kanwil_code,
        "owner_name": one.kanwil_name,
        "starts_on": one.starts_on.isoformat(),
        "ends_on": one.ends_on.isoformat(),
        "late_until_on": one.late_until_on.isoformat(),
        "phase": one.phase,
        "day": one.day_no,
        "days": one.days,
        "target_rupiah": one.target_rupiah,
        "value_rupiah": one.value_rupiah,
        "quantity": one.quantity,
        "sales": one.sales,
        "units": len(one.upts),
        "pledge_rupiah": one.pledge_rupiah,
        "today_rupiah": one.today_rupiah,
        "today_sales": one.today_sales,
        "by_kanwil": [_ranked(row) | {"code": row.code, "units": row.units} for row in one.kanwils],
        "by_upt": [_ranked(row) | {"kanwil": row.code, "slug": row.key} for row in one.upts],
        "by_day": [{"day": day.isoformat(), "value_rupiah": value} for day, value in one.by_day],
    }


def _ranked(row: Ranked) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "name": row.name,
        "value_rupiah": row.value_rupiah,
        "quantity": row.quantity,
        "sales": row.sales,
    }
