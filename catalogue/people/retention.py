"""How long a person's record is kept, and how it goes: by rule so many years after his release or his last
participation, or at once where he asks for it.

Erasing leaves a number, and the counts of the trainings: his name, his registration number, what he worked at, what he
agreed to and what was signed for him are deleted or can't be opened any more, as his key is. Rooms above add what they
keep of him by `on_erasure`.
Source: Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi, Pasal 43 and 44.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue.people import access, consents
from catalogue.people.access import within_upt
from catalogue.people.errors import PersonInvalid
from catalogue.people.models import Participation, Person
from catalogue.people.recording import locked, today_here
from tenants import clock, database
from tenants.database import session, transaction
from tenants.jobs import alone_in, scheduled
from tenants.models import Kanwil, KanwilSettings, Upt
from tenants.officers import Actor
from tenants.said import say
from tenants.scope import Scope
from tenants.words import N_, date_id
from workflows import audit, notices

YEARS: Final = 5
RULE, REQUEST = "rule", "request"
WARN_DAYS: Final = 30
BATCH: Final = 100

Forget = Callable[[Session, Person, datetime], list[str]]
_forgetters: list[Forget] = []


def on_erasure(forget: Forget) -> Forget:
    """Register what a room deletes of a person who is erased, in the same transaction; the sealed files that are then
    nobody's come back."""
    _forgetters.append(forget)
    return forget


def years() -> int:
    """How many years a record is kept in this Kanwil. One statement."""
    return int(session().scalar(select(KanwilSettings.person_years)) or YEARS)


def last_day(since_on: date, kept_years: int) -> date:
    """The last day on which a record is kept whose years are counted from `since_on`."""
    try:
        return since_on.replace(year=since_on.year + kept_years)
    except ValueError:  # 29 February
        return since_on.replace(year=since_on.year + kept_years, day=28)


def erase(person_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Erase a person at his request, or because his record should never have been.

    Raises:
        Forbidden: `by` is not the head of the UPT; NotInThisUpt, NoSuchPerson; PersonInvalid: no reason (``reason``).
    """
    by.require("kepala_upt")
    within_upt(by)
    said = " ".join(reason.split())[:300]
    if len(said) < 5:
        raise PersonInvalid(fields={"reason": N_("Tulis alasannya, sedikitnya 5 huruf.")})
    with transaction() as here:
        person = locked(person_id)
        access.show([person], "erased", by=by, now=now, purpose=said)
        _erase(here, person, REQUEST, by, now)
    settle_pages()


@scheduled("10 18 * * *", "people.retention")
def sweep(planned: datetime) -> None:
    """Warn and erase in every UPT that has records. Every night (01.10 WIB)."""
    with database.public() as reader:  # of a suspended Kanwil, too: the law knows no suspension
        ids = list(reader.scalars(select(Kanwil.id).order_by(Kanwil.id)))
    for scope in map(Scope, ids):
        with alone_in(scope):
            upts = list(session().scalars(select(Upt.id).order_by(Upt.id)))
            database.db.release()
            for upt_id in upts:
                with alone_in(Scope(scope.tenant_id, upt_id)):
                    keep_to_the_rule(clock.now())


def keep_to_the_rule(now: datetime) -> tuple[int, int]:
    """Warn of the records whose time ends within `WARN_DAYS`, and erase those whose time has ended; how many of each.
    Three statements in a UPT without any."""
    kept_years, today = years(), today_here(now)
    warned = _warn(kept_years, today, now)
    erased = 0
    while True:
        done = _erase_due(kept_years, today, now)
        erased += done
        if done < BATCH:
            break
    if erased:
        settle_pages()
    return warned, erased


def settle_pages() -> None:
    """Have SQLite bring what was overwritten from its journal into the file, where `secure_delete` left nothing of it.
    PostgreSQL does so by its own vacuum (docs/operasi.md)."""
    if database.db.dialect != "sqlite":
        return
    raw = database.db.app_engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        connection.execute(
            "PRAGMA busy_timeout=500"
        )  # a reader in the way is not waited for: the next night comes
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA busy_timeout=30000")
    finally:
        raw.close()


def before(day: date, kept_years: int) -> date:
    """The `since_on` before which the time of a record has ended on a day."""
    try:
        return day.replace(year=day.year - kept_years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - kept_years, day=28)


def _erase_due(kept_years: int, today: date, now: datetime) -> int:
    with transaction() as here:
        found = list(
            here.scalars(
                select(Person)
                .where(Person.erased_at.is_(None), Person.since_on < before(today, kept_years))
                .order_by(Person.since_on, Person.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
                .execution_options(populate_existing=True)
            )
        )
        for person in found:
            _erase(here, person, RULE, None, now)
        return len(found)


def _erase(here: Session, person: Person, why: str, by: Actor | None, now: datetime) -> None:
    products, papers = consents.forget(here, person.id, now=now)
    here.execute(
        delete(Participation)
        .where(Participation.person_id == person.id)
        .execution_options(synchronize_session=False)
    )
    for forget in _forgetters:
        papers += forget(here, person, now)
    person.key_sealed = person.name_sealed = person.number_sealed = person.number_index = None
    person.words = []
    person.released_on = person.last_on = None
    person.erased_at, person.erased_why = now, why
    person.version += 1
    here.flush()
    said = {"person": person.id, "why": why, "products": products}
    audit.record(audit.KANWIL, "person.erased", said, by=by, now=now, upt_id=person.upt_id)
    consents.discard(papers)


def _warn(kept_years: int, today: date, now: datetime) -> int:
    """Tell the UPT once of each record whose time ends soon, so that a release that nobody noted can still be."""
    soon = before(today + timedelta(days=WARN_DAYS), kept_years)
    with transaction() as here:
        found = [
            one
            for one in here.scalars(
                select(Person)
                .where(
                    Person.erased_at.is_(None),
                    Person.since_on < soon,
                    Person.since_on >= before(today, kept_years),
                )
                .with_for_update(skip_locked=True)
                .execution_options(populate_existing=True)
            )
            if one.warned_on != one.since_on
        ]
        if not found:
            return 0
        for one in found:
            one.warned_on = one.since_on
        here.flush()
        first = min(last_day(one.since_on, kept_years) for one in found)
        title = say(
            N_("%(count)s data peserta dihapus mulai %(day)s"),
            count=len(found),
            day=date_id(first + timedelta(days=1)),
        )
        body = say(
            N_(
                "Masa simpan %(years)s tahun sejak bebas atau kegiatan terakhir segera habis. Bila masih di sini, "
                "catat perkiraan bebasnya."
            ),
            years=kept_years,
        )
        upt_id = found[0].upt_id
        drafts = [
            notices.draft("person.ending", title, body, "/peserta?segera=1", role=role, upt_id=upt_id)
            for role in ("operator_upt", "kepala_upt")
        ]
        notices.tell(here, drafts, now)
        return len(found)


__all__ = ["erase", "keep_to_the_rule", "last_day", "on_erasure", "years"]
