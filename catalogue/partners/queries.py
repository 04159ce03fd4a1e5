"""The register as pages, exports and the API read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select

from catalogue.partners.keeping import KINDS
from catalogue.partners.models import Agreement, Partner
from tenants.database import session
from tenants.errors import Invalid
from tenants.said import say
from tenants.words import N_
from workflows.queries import Page

SOON: Final = timedelta(days=90)
STATES: Final[dict[str, str]] = {
    "current": N_("Berlaku"),
    "ending": N_("Segera berakhir"),
    "ended": N_("Berakhir"),
    "none": N_("Tanpa perjanjian"),
}
LIMIT: Final = 24
MOST: Final = 100
EXPORTED: Final = 5000


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to. `state` is one of `STATES`."""

    state: str | None = None
    kind: str | None = None
    q: str = ""


@dataclass(frozen=True)
class Row:
    """A partner in a list: `state` of its agreements on the day."""

    partner: Partner
    state: str

    @property
    def state_words(self) -> str:
        return STATES[self.state]

    @property
    def kind_words(self) -> str:
        return KINDS[self.partner.kind]


def partners(filters: Filters, *, today: date, after: int | None = None, limit: int = LIMIT) -> Page[Row]:
    """The partners within the filters, the newest first. One statement a page.

    Raises:
        Invalid: a state or a kind that there isn't.
    """
    size = max(1, min(limit, MOST))
    asked = _narrowed(filters, today).order_by(Partner.id.desc()).limit(size + 1)
    if after is not None:
        asked = asked.where(Partner.id < after)
    found = list(session().scalars(asked))
    rows = [Row(one, state_of(one, today)) for one in found[:size]]
    return Page(rows, str(rows[-1].partner.id) if len(found) > size else None)


def every(filters: Filters, *, today: date) -> Iterator[tuple[Row, Agreement | None]]:
    """The partners within the filters, each with each of its agreements, for an export. One statement."""
    asked = (
        _narrowed(filters, today)
        .add_columns(Agreement)
        .outerjoin(Agreement, Agreement.partner_id == Partner.id)
        .order_by(Partner.name, Agreement.from_on, Agreement.id)
        .limit(EXPORTED)
    )
    for partner, agreement in session().execute(asked):
        yield Row(partner, state_of(partner, today)), agreement


def counts(today: date) -> dict[str, int]:
    """How many partners stand in each state. One statement."""
    columns = [
        select(func.count()).select_from(_narrowed(Filters(state=state), today).subquery()).scalar_subquery()
        for state in STATES
    ]
    return dict(zip(STATES, session().execute(select(*columns)).one(), strict=True))


def agreements_of(partner_id: int) -> list[Agreement]:
    """A partner's agreements, the newest first. One statement."""
    asked = select(Agreement).where(Agreement.partner_id == partner_id)
    return list(session().scalars(asked.order_by(Agreement.from_on.desc(), Agreement.id.desc()).limit(MOST)))


def choices(*, kept: int | None = None) -> list[tuple[int, str]]:
    """The partners that a training or a product may name, by name, and the one that is named already. One statement."""
    asked = select(Partner.id, Partner.name).where((Partner.active.is_(True)) | (Partner.id == (kept or 0)))
    return [(int(id_), str(name)) for id_, name in session().execute(asked.order_by(Partner.name).limit(500))]


def name_of(partner_id: int) -> str | None:
    """A partner's name; None where the scope has none of that number. One statement."""
    return session().scalar(select(Partner.name).where(Partner.id == partner_id))


def state_of(partner: Partner, today: date) -> str:
    """Where a partner's agreements stand on a day."""
    if partner.agreed_until is None:
        return "none"
    if partner.agreed_until < today:
        return "ended"
    return "ending" if partner.agreed_until - today <= SOON else "current"


def _narrowed(filters: Filters, today: date) -> Select[Any]:
    asked = select(Partner)
    wrong = {}
    if filters.state is not None and filters.state not in STATES:
        wrong["state"] = say(N_("Salah satu dari %(tabs)s."), tabs=", ".join(STATES))
    if filters.kind is not None and filters.kind not in KINDS:
        wrong["kind"] = say(N_("Salah satu dari %(tabs)s."), tabs=", ".join(KINDS))
    if wrong:
        raise Invalid(fields=wrong)
    until = Partner.agreed_until
    if filters.state == "none":
        asked = asked.where(until.is_(None))
    elif filters.state == "ended":
        asked = asked.where(until < today)
    elif filters.state == "ending":
        asked = asked.where(until >= today, until <= today + SOON)
    elif filters.state == "current":
        asked = asked.where(until > today + SOON)
    if filters.kind:
        asked = asked.where(Partner.kind == filters.kind)
    for word in filters.q.lower().split()[:6]:
        asked = asked.where(func.lower(Partner.name).contains(word, autoescape=True))
    return asked
