"""Trainings as pages and the API read them: lists and counts for the UPT and its Kanwil; names for the UPT alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, func, select

from catalogue.partners.models import Partner
from catalogue.people import access
from catalogue.people.access import Known, within_upt
from catalogue.people.models import Person
from catalogue.trainings.models import CLOSED, OPEN, Attendance, Trainee, Training, TrainingSession
from catalogue.trainings.planning import load
from catalogue.trainings.sessions import meeting
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.queries import Page

STATES: Final[dict[str, str]] = {OPEN: N_("Berjalan"), CLOSED: N_("Selesai")}
LIMIT: Final = 24
MOST: Final = 100
EXPORTED: Final = 5000


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; `year` is the year in which a training began."""

    state: str | None = None
    upt_id: int | None = None
    partner_id: int | None = None
    year: int | None = None
    q: str = ""


@dataclass(frozen=True)
class Row:
    """A training in a list."""

    training: Training
    upt: str
    partner: str | None

    @property
    def state_words(self) -> str:
        return STATES[self.training.state]


@dataclass(frozen=True)
class Figure:
    """Counts of trainings by one key: a skill, a UPT."""

    label: str
    trainings: int
    participants: int
    passed: int
    hours: int
    certificates: int


@dataclass(frozen=True)
class Member:
    """A trainee with his name; `known` is None once he was erased."""

    trainee: Trainee
    known: Known | None


def trainings(filters: Filters, *, cursor: tuple[str, int] | None = None, limit: int = LIMIT) -> Page[Row]:
    """The trainings within the filters, the latest first. One statement a page.

    `cursor`: first day (ISO) and number of the last one seen; a page's `next_cursor` is the two with a dot between.

    Raises:
        Invalid: a state or a cursor that there isn't.
    """
    size = max(1, min(limit, MOST))
    asked = _narrowed(_asked(), filters).order_by(Training.from_on.desc(), Training.id.desc()).limit(size + 1)
    if cursor is not None:
        try:
            day = date.fromisoformat(cursor[0])
        except (TypeError, ValueError):
            raise Invalid(fields={"cursor": N_("Penanda halaman ini tidak dikenal.")}) from None
        after = (Training.from_on == day) & (Training.id < cursor[1])
        asked = asked.where((Training.from_on < day) | after)
    found = session().execute(asked).all()
    rows = [Row(*one) for one in found[:size]]
    last = rows[-1].training if len(found) > size else None
    return Page(rows, f"{last.from_on.isoformat()}.{last.id}" if last else None)


def every(filters: Filters) -> Iterator[Row]:
    """The trainings within the filters, for an export. One statement."""
    asked = _narrowed(_asked(), filters).order_by(Training.from_on.desc(), Training.id.desc())
    for one in session().execute(asked.limit(EXPORTED)):
        yield Row(*one)


def with_partner(partner_id: int, limit: int = 20) -> list[Row]:
    """The latest trainings with a partner. One statement."""
    asked = _asked().where(Training.partner_id == partner_id)
    ordered = asked.order_by(Training.from_on.desc(), Training.id.desc()).limit(limit)
    return [Row(*one) for one in session().execute(ordered)]


def row_of(training_id: int) -> Row:
    """One training with its UPT and partner. Two statements.

    Raises:
        NoSuchTraining: there is none within the scope.
    """
    load(training_id)
    return Row(*session().execute(_asked().where(Training.id == training_id)).one())


def sessions_of(training_id: int) -> list[TrainingSession]:
    """A training's sessions in order. One statement."""
    asked = select(TrainingSession).where(TrainingSession.training_id == training_id)
    return list(session().scalars(asked.order_by(TrainingSession.held_on, TrainingSession.id)))


def members(training_id: int, *, by: Actor, now: datetime, act: str = "training") -> list[Member]:
    """Who takes part, by name; that they were shown is written down. Two statements.

    Raises:
        NotInThisUpt.
    """
    within_upt(by)
    asked = (
        select(Trainee, Person)
        .join(Person, Person.id == Trainee.person_id)
        .where(Trainee.training_id == training_id)
        .order_by(Trainee.id)
    )
    with transaction() as here:
        found = here.execute(asked).all()
        known = access.show([person for _, person in found], act, by=by, now=now)
        made = [Member(trainee, known.get(person.id)) for trainee, person in found]
    return sorted(made, key=lambda one: one.known.name.casefold() if one.known else "\uffff")


def trainees(training_id: int) -> list[Trainee]:
    """The places of a training, without a name. One statement."""
    return list(session().scalars(select(Trainee).where(Trainee.training_id == training_id)))


def present_at(session_id: int) -> set[int]:
    """The trainees (their numbers in the training) who were at a session. Two statements.

    Raises:
        NoSuchSession: there is none within the scope.
    """
    meeting(session_id)
    asked = select(Attendance.trainee_id).where(Attendance.session_id == session_id)
    return set(session().scalars(asked))


def of_person(person_id: int) -> list[tuple[Trainee, Training]]:
    """The trainings that a person takes or took part in, the latest first. One statement; it names nobody."""
    asked = (
        select(Trainee, Training)
        .join(Training, Training.id == Trainee.training_id)
        .where(Trainee.person_id == person_id)
        .order_by(Training.from_on.desc(), Training.id.desc())
        .limit(MOST)
    )
    return [(trainee, training) for trainee, training in session().execute(asked)]


def by_skill(filters: Filters) -> list[Figure]:
    """The counts within the filters by skill, the most participants first. One statement."""
    return _figures(Training.skill, filters)


def by_upt(filters: Filters) -> list[Figure]:
    """The counts within the filters by UPT. One statement."""
    return _figures(Upt.short_name, filters)


def total(figures: list[Figure]) -> Figure:
    """The sum of figures."""
    names = ("trainings", "participants", "passed", "hours", "certificates")
    return Figure("", *(sum(getattr(one, name) for one in figures) for name in names))


def _figures(label: Any, filters: Filters) -> list[Figure]:
    counted = func.count(Training.id)
    columns = (Training.participants, Training.passed, Training.attended_hours, Training.certificates)
    asked = select(label, counted, *(func.sum(column) for column in columns)).join(
        Upt, Upt.id == Training.upt_id
    )
    ordered = (
        _narrowed(asked, filters)
        .group_by(label)
        .order_by(func.sum(Training.participants).desc(), label)
        .limit(200)
    )
    return [Figure(str(name), *map(int, counts)) for name, *counts in session().execute(ordered)]


def _asked() -> Any:
    return (
        select(Training, Upt.short_name, Partner.name)
        .join(Upt, Upt.id == Training.upt_id)
        .outerjoin(Partner, Partner.id == Training.partner_id)
    )


def _narrowed(asked: Select[Any], filters: Filters) -> Select[Any]:
    if filters.state is not None:
        if filters.state not in STATES:
            words = say(N_("Salah satu dari %(tabs)s."), tabs=", ".join(STATES))
            raise Invalid(fields={"state": words})
        asked = asked.where(Training.state == filters.state)
    if filters.upt_id is not None:
        asked = asked.where(Training.upt_id == filters.upt_id)
    if filters.partner_id is not None:
        asked = asked.where(Training.partner_id == filters.partner_id)
    if filters.year is not None:
        asked = asked.where(
            Training.from_on >= date(filters.year, 1, 1), Training.from_on <= date(filters.year, 12, 31)
        )
    for word in filters.q.lower().split()[:6]:
        title = func.lower(Training.title).contains(word, autoescape=True)
        asked = asked.where(title | func.lower(Training.skill).contains(word, autoescape=True))
    return asked
