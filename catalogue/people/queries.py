"""Persons as their UPT's officers read them. Each of these opens names, and is written down (`access`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, and_, cast, func, select

from catalogue.models import Product
from catalogue.people import access, consents, retention, sealing
from catalogue.people.access import Known, within_upt
from catalogue.people.models import Consent, Participation, Person
from catalogue.people.recording import KINDS, load, today_here
from tenants.database import session, transaction
from tenants.officers import Actor
from workflows.queries import Page

LIMIT: Final = 24


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to: words of a name or a whole number, a kind, those whose time ends soon."""

    q: str = ""
    kind: str | None = None
    ending: bool = False


@dataclass(frozen=True)
class Row:
    """A person in a list, with the last day on which his record is kept."""

    known: Known
    until_on: date

    @property
    def kind_words(self) -> str:
        return KINDS.get(self.known.person.kind, self.known.person.kind)


@dataclass(frozen=True)
class Work:
    """A line of what a person did, with the product's name where it was at one."""

    row: Participation
    product: str | None


@dataclass(frozen=True)
class PersonView:
    """What the page says of a person."""

    known: Known
    until_on: date
    work: list[Work]
    consents: list[tuple[Consent, str]]

    @property
    def person(self) -> Person:
        return self.known.person

    @property
    def kind_words(self) -> str:
        return KINDS.get(self.person.kind, self.person.kind)

    @property
    def hours(self) -> int:
        return sum(one.row.hours for one in self.work)


def people(
    filters: Filters,
    *,
    by: Actor,
    now: datetime,
    before: int | None = None,
    limit: int = LIMIT,
    act: str = "listed",
    without: Sequence[int] = (),
) -> Page[Row]:
    """The persons of the UPT, the newest first; those shown are written down. Four statements a page.

    `without`: the numbers of those who are left out.

    Raises:
        NotInThisUpt.
    """
    within_upt(by)
    years = retention.years()
    asked = _narrowed(filters, years, now).order_by(Person.id.desc()).limit(limit + 1)
    if before is not None:
        asked = asked.where(Person.id < before)
    if without:
        asked = asked.where(Person.id.not_in(list(without)))
    with transaction() as here:
        found = list(here.scalars(asked.execution_options(populate_existing=True)))
        known = access.show(found[:limit], act, by=by, now=now)
        rows = [Row(known[one.id], retention.last_day(one.since_on, years)) for one in found[:limit]]
    return Page(rows, str(rows[-1].known.id) if len(found) > limit else None)


def person(person_id: int, *, by: Actor, now: datetime, act: str = "opened", purpose: str = "") -> PersonView:
    """One person with what he did and agreed to; that he was shown is written down. Five statements.

    Raises:
        NotInThisUpt, NoSuchPerson.
    """
    within_upt(by)
    with transaction():
        known = access.show([load(person_id)], act, by=by, now=now, purpose=purpose)[person_id]
        return PersonView(
            known=known,
            until_on=retention.last_day(known.person.since_on, retention.years()),
            work=work_of(person_id),
            consents=consents.consents_of(known),
        )


def work_of(person_id: int) -> list[Work]:
    """What a person did, the newest first. One statement; it names nobody."""
    asked = (
        select(Participation, Product.name)
        .outerjoin(Product, Product.id == Participation.product_id)
        .where(Participation.person_id == person_id)
        .order_by(Participation.from_on.desc(), Participation.id.desc())
        .limit(500)
    )
    return [Work(row, name) for row, name in session().execute(asked)]


def products() -> list[tuple[int, str]]:
    """The products of the UPT that work may be recorded at. One statement."""
    asked = select(Product.id, Product.name).where(Product.name != "").order_by(Product.name).limit(300)
    return [(int(id_), str(name)) for id_, name in session().execute(asked)]


def how_many() -> int:
    """How many persons the UPT has records of. One statement; it names nobody."""
    return int(session().scalar(select(func.count(Person.id)).where(Person.erased_at.is_(None))) or 0)


def _narrowed(filters: Filters, years: int, now: datetime) -> Any:
    asked = select(Person).where(Person.erased_at.is_(None))
    if filters.kind:
        asked = asked.where(Person.kind == filters.kind)
    if filters.ending:
        until = today_here(now) + timedelta(days=retention.WARN_DAYS)
        asked = asked.where(Person.since_on < retention.before(until, years))
    if filters.q:
        # A whole number, or every word of a name: neither is opened for it.
        by_words = [
            cast(Person.words, String).contains(f'"{word}"', autoescape=True)
            for word in sealing.word_hashes(filters.q)
        ]
        number = Person.number_index == sealing.index_of(filters.q)
        asked = asked.where(number | and_(*by_words)) if by_words else asked.where(number)
    return asked
