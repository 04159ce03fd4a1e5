"""Recording persons and the work they do. Nothing here goes into an audit event, a notice or a job but numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.content import Unreadable, count, day, line
from catalogue.models import Product
from catalogue.people import access, sealing
from catalogue.people.access import Known, within_upt
from catalogue.people.errors import NoSuchPerson, NoSuchWork, PersonInvalid, PersonMoved
from catalogue.people.models import Participation, Person
from tenants.clock import local_day
from tenants.database import session, transaction
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.scope import current
from tenants.words import N_
from workflows import audit

WRITER: Final = "operator_upt"
KINDS: Final[dict[str, str]] = {
    "narapidana": N_("Narapidana"),
    "tahanan": N_("Tahanan"),
    "anak": N_("Anak binaan"),
    "klien": N_("Klien pemasyarakatan"),
}
LONGEST: Final = {"name": 150, "number": 40}
MOST_HOURS: Final = 20_000


def record(
    given: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Person, bool]:
    """Record a person: name, registration number, kind, and the day of his release where it is known. He, and whether
    the call was a repetition of `key`. Four statements.

    Raises:
        Forbidden: `by` is no operator; NotInThisUpt.
        PersonInvalid: a field is missing, or the number is there already.
    """
    by.require(WRITER)
    upt_id = within_upt(by)
    values = _read(given)

    def act() -> Person:
        with transaction() as here:
            today = today_here(now)
            pen, sealed = sealing.new_key()
            row = Person(
                upt_id=upt_id,
                key_sealed=sealed,
                kind=values["kind"],
                released_on=values["released_on"],
                recorded_on=today,
                since_on=since(today, None, values["released_on"]),
                created_by=by.id,
                created_at=now,
                version=1,
            )
            _write(here, row, pen, values)
            here.add(row)
            _flushed(here)
            access.show([row], "recorded", by=by, now=now)
            _tell("person.recorded", row, by, now)
            return row

    content = sealing.fingerprint(values["name"], values["number"])
    return once(key, "person.record", act, lambda row: row.id, load, content=content)


def change(
    person_id: int, given: Mapping[str, Any], *, by: Actor, now: datetime, version: int | None = None
) -> Person:
    """Correct a person's record, or note his release.

    Raises:
        Forbidden, NotInThisUpt, NoSuchPerson, PersonInvalid; PersonMoved: somebody changed it since `version`.
    """
    by.require(WRITER)
    within_upt(by)
    with transaction() as here:
        row = locked(person_id)
        if version is not None and version != row.version:
            raise PersonMoved(N_("Data ini baru saja diubah orang lain. Muat ulang halamannya."))
        known = access.open_one(row)
        kept = {"name": known.name, "number": known.number, "kind": row.kind, "released_on": row.released_on}
        values = _read({**kept, **given})
        if values == kept:
            return row
        row.kind, row.released_on = values["kind"], values["released_on"]
        row.since_on = since(row.recorded_on, row.last_on, row.released_on)
        _write(here, row, known.key, values, own=row.id)
        row.version += 1
        _flushed(here)
        access.show([row], "changed", by=by, now=now)
        _tell("person.changed", row, by, now)
        return row


def add_work(
    person_id: int, given: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Participation, bool]:
    """Record work that a person did: what, from when to when, how many hours in all, and at which product.

    Raises:
        Forbidden, NotInThisUpt, NoSuchPerson, PersonInvalid.
    """
    by.require(WRITER)
    within_upt(by)

    def act() -> Participation:
        with transaction() as here:
            person = locked(person_id)
            today = today_here(now)
            values = _read_work(here, given, today)
            row = Participation(
                person_id=person.id,
                upt_id=person.upt_id,
                **values,
                recorded_by_name=by.name[:130],
                recorded_at=now,
            )
            here.add(row)
            was_there(person, values["until_on"] or today)
            here.flush()
            _tell("person.worked", person, by, now, work=row.id, hours=row.hours)
            return row

    content = sealing.fingerprint(*(str(given.get(name)) for name in sorted(given)))
    return once(key, f"person.work:{person_id}", act, lambda row: row.id, _work, content=content)


def remove_work(work_id: int, *, by: Actor, now: datetime) -> int:
    """Take back work that was written down by mistake; the person's number comes back.

    Raises:
        Forbidden, NotInThisUpt, NoSuchWork.
    """
    by.require(WRITER)
    within_upt(by)
    with transaction() as here:
        row = _work(work_id)
        person = locked(row.person_id)
        here.delete(row)
        here.flush()
        _tell("person.work_removed", person, by, now, work=work_id)
        return person.id


def load(person_id: int) -> Person:
    """One person within the scope. One statement.

    Raises:
        NoSuchPerson: there is none, or he was erased.
    """
    return _one(select(Person).where(Person.id == person_id))


def locked(person_id: int) -> Person:
    """The same, locked until the open transaction ends."""
    return _one(select(Person).where(Person.id == person_id).with_for_update())


def was_there(person: Person, on: date) -> None:
    """Note that a person worked or learned on a day; retention counts from his last one."""
    if person.last_on is None or on > person.last_on:
        person.last_on = on
        person.since_on = since(person.recorded_on, person.last_on, person.released_on)


def since(recorded_on: date, last_on: date | None, released_on: date | None) -> date:
    """The day from which the years of retention are counted: the last of what is known of a person."""
    return max(one for one in (recorded_on, last_on, released_on) if one is not None)


def today_here(now: datetime) -> date:
    """The day on the Kanwil's calendar. One statement, none where the session knows the Kanwil."""
    return local_day(now, session().get_one(Kanwil, current().tenant_id).timezone)


def _write(
    here: Session, row: Person, pen: sealing.Key, values: Mapping[str, Any], *, own: int | None = None
) -> None:
    index = sealing.index_of(values["number"])
    with here.no_autoflush:
        twice = here.scalar(select(Person.id).where(Person.number_index == index))
    if twice is not None and twice != own:
        raise PersonInvalid(fields={"number": _TWICE})
    row.name_sealed, row.number_sealed = pen.seal(values["name"]), pen.seal(values["number"])
    row.number_index, row.words = index, sealing.word_hashes(values["name"])


_TWICE: Final = N_("Nomor registrasi ini sudah tercatat.")


def _flushed(here: Session) -> None:
    try:
        here.flush()
    except IntegrityError:  # the same number in the same instant
        raise PersonInvalid(fields={"number": _TWICE}) from None


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, shortest, words in (
        ("name", 2, say(N_("Tulis nama lengkapnya."))),
        ("number", 2, say(N_("Tulis nomor registrasinya."))),
    ):
        try:
            values[name] = line(given.get(name) or "", LONGEST[name]) or ""
        except Unreadable as error:
            wrong[name] = str(error)
            continue
        if len(values[name]) < shortest:
            wrong[name] = words
    if "number" not in wrong and not any(letter.isalnum() for letter in values["number"]):
        wrong["number"] = N_("Tulis nomor registrasinya.")
    values["kind"] = given.get("kind")
    if not isinstance(values["kind"], str) or values["kind"] not in KINDS:
        wrong["kind"] = N_("Pilih salah satu.")
    values["released_on"] = _day(given.get("released_on"), "released_on", wrong)
    if wrong:
        raise PersonInvalid(fields=wrong)
    return values


def _read_work(here: Session, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    try:
        values["activity"] = line(given.get("activity") or "", 150)
    except Unreadable as error:
        wrong["activity"] = str(error)
    if "activity" not in wrong and not values["activity"]:
        wrong["activity"] = N_("Tulis kegiatannya, misalnya bengkel kayu.")
    values["from_on"] = _day(given.get("from_on"), "from_on", wrong)
    values["until_on"] = _day(given.get("until_on"), "until_on", wrong)
    if "from_on" not in wrong and values["from_on"] is None:
        wrong["from_on"] = N_("Tulis tanggalnya.")
    for name in ("from_on", "until_on"):
        if values.get(name) is not None and values[name] > today:
            wrong[name] = N_("Tanggal ini belum tiba.")
    if not wrong and values["until_on"] is not None and values["until_on"] < values["from_on"]:
        wrong["until_on"] = N_("Tidak boleh sebelum tanggal mulai.")
    try:
        values["hours"] = count(given.get("hours") or "", 1, MOST_HOURS)
    except Unreadable as error:
        wrong["hours"] = str(error)
    values["product_id"] = None
    product = str(given.get("product_id") or "")
    if product:
        number = int(product) if product.isascii() and product.isdigit() and len(product) < 10 else 0
        values["product_id"] = here.scalar(select(Product.id).where(Product.id == number))
        if values["product_id"] is None:
            wrong["product_id"] = N_("Pilih salah satu dari daftar.")
    if wrong:
        raise PersonInvalid(fields=wrong)
    return values


def _day(given: Any, name: str, wrong: dict[str, str]) -> date | None:
    if isinstance(given, date) or given in (None, ""):
        return given or None
    try:
        return day(given)
    except Unreadable as error:
        wrong[name] = str(error)
        return None


def _tell(action: str, person: Person, by: Actor, now: datetime, **more: int) -> None:
    audit.record(audit.KANWIL, action, {"person": person.id, **more}, by=by, now=now, upt_id=person.upt_id)


def _work(work_id: int) -> Participation:
    row = session().scalars(select(Participation).where(Participation.id == work_id)).first()
    if row is None:
        raise NoSuchWork(N_("Kegiatan ini tidak ada."))
    return row


def _one(asked: Any) -> Person:
    row: Person | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None or row.is_erased:
        raise NoSuchPerson(N_("Peserta ini tidak ada, atau datanya sudah dihapus."))
    return row


__all__ = ["Known", "add_work", "change", "load", "locked", "record", "remove_work", "since", "was_there"]
