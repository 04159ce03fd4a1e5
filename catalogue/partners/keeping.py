"""Keeping the register: a partner is added and changed, an agreement recorded and, where need be, ended early."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.content import Unreadable, day, line, text
from catalogue.partners.errors import NoSuchAgreement, NoSuchPartner, PartnerInvalid, PartnerMoved
from catalogue.partners.models import Agreement, Partner
from tenants import files
from tenants.clock import local_day
from tenants.database import session, transaction
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.scope import current
from tenants.words import N_, date_id
from workflows import audit
from workflows.talk.checking import Checked

KEEPERS: Final = ("kadiv", "admin_kanwil")
KINDS: Final[dict[str, str]] = {
    "agency": N_("Instansi pemerintah"),
    "company": N_("Perusahaan"),
    "school": N_("Sekolah atau perguruan tinggi"),
    "training": N_("Lembaga pelatihan"),
    "community": N_("Yayasan atau komunitas"),
}
_LENGTHS: Final = {"name": 200, "contact": 160, "phone": 60, "email": 120}
_EMAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def add(
    given: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Partner, bool]:
    """Take a partner into the register of the Kanwil; it, and whether the call was a repetition of `key`.

    Raises:
        Forbidden: `by` does not keep the register.
        PartnerInvalid: a field, or the name is there already.
    """
    by.require(*KEEPERS)
    values = _read(given)

    def act() -> Partner:
        with transaction() as here:
            _unused(here, values["name"], None)
            row = Partner(**values, active=True, created_by=by.id, created_at=now, updated_at=now, version=1)
            here.add(row)
            _flushed(here)
            audit.record(audit.KANWIL, "partner.added", {"partner": row.id, **values}, by=by, now=now)
            return row

    return once(key, "partner.add", act, lambda row: row.id, load, content=dict(given))


def change(
    partner_id: int, given: Mapping[str, Any], *, by: Actor, now: datetime, version: int | None = None
) -> Partner:
    """Correct a partner, or put him to rest (``active`` false). Where all stays as it was, nothing is written.

    Raises:
        Forbidden, NoSuchPartner, PartnerInvalid; PartnerMoved: somebody changed it since `version`.
    """
    by.require(*KEEPERS)
    with transaction() as here:
        row = _locked(partner_id)
        if version is not None and version != row.version:
            raise PartnerMoved(N_("Mitra ini baru saja diubah orang lain. Muat ulang halamannya."))
        kept = {name: getattr(row, name) for name in (*_LENGTHS, "kind", "note")}
        values = {**_read({**kept, **given}), "active": _flag(given.get("active"), row.active)}
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            return row
        if "name" in changed:
            _unused(here, values["name"], row.id)
        for name, value in changed.items():
            setattr(row, name, value)
        row.updated_at, row.version = now, row.version + 1
        _flushed(here)
        audit.record(audit.KANWIL, "partner.changed", {"partner": row.id, **changed}, by=by, now=now)
        return row


def record_agreement(
    partner_id: int,
    given: Mapping[str, Any],
    *,
    file: Checked | None = None,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> tuple[Agreement, bool]:
    """Record what was agreed: number, days, scope, and the signed paper where there is one.

    Raises:
        Forbidden, NoSuchPartner; PartnerInvalid: a field, or the number is there already.
    """
    by.require(*KEEPERS)
    values = _read_agreement(given)
    sha = files.put(file.data) if file else None

    def act() -> Agreement:
        with transaction() as here:
            partner = _locked(partner_id)
            twice = select(Agreement.id).where(
                Agreement.partner_id == partner_id, Agreement.number == values["number"]
            )
            if here.scalars(twice).first() is not None:
                raise PartnerInvalid(fields={"number": N_("Nomor ini sudah tercatat pada mitra ini.")})
            row = Agreement(
                partner_id=partner.id,
                **values,
                file_sha256=sha,
                file_name=file.name[:120] if file else None,
                file_kind=file.kind if file else None,
                recorded_by=by.id,
                recorded_by_name=by.name,
                recorded_at=now,
            )
            here.add(row)
            here.flush()
            _repeat(here, partner, now)
            said = {"partner": partner.id, "agreement": row.id, "file": sha, **_plain(values)}
            audit.record(audit.KANWIL, "partner.agreed", said, by=by, now=now)
            return row

    content = {**dict(given), "file": sha}
    return once(key, f"partner.agree:{partner_id}", act, lambda row: row.id, agreement, content=content)


def end_agreement(
    agreement_id: int, *, on: date | None, why: str, by: Actor, now: datetime, key: str | None = None
) -> Agreement:
    """End an agreement before its last day, with the reason. Said again, nothing more happens.

    Raises:
        Forbidden, NoSuchAgreement; PartnerInvalid: the day (``ended_on``) or the reason (``ended_why``).
        PartnerMoved: it has ended already.
    """
    by.require(*KEEPERS)
    said = _line(why, 500)
    wrong = {} if said else {"ended_why": N_("Tulis alasannya.")}
    if on is None:
        wrong["ended_on"] = N_("Tulis tanggalnya.")

    def act() -> Agreement:
        with transaction() as here:
            row = agreement(agreement_id)
            partner = _locked(row.partner_id)
            if row.ended_on is not None:
                if (row.ended_on, row.ended_why) == (on, said):
                    return row
                raise PartnerMoved(N_("Perjanjian ini sudah diakhiri."))
            if on is not None and not row.from_on <= on < row.until_on:
                words = N_("Antara %(first)s dan sebelum %(last)s.")
                wrong["ended_on"] = say(words, first=date_id(row.from_on), last=date_id(row.until_on))
            if wrong:
                raise PartnerInvalid(fields=wrong)
            row.ended_on, row.ended_why = on, said
            here.flush()
            _repeat(here, partner, now)
            told = {"partner": partner.id, "agreement": row.id, "on": str(on), "why": said}
            audit.record(audit.KANWIL, "partner.ended", told, by=by, now=now)
            return row

    content = {"on": on, "why": why}
    return once(key, f"partner.end:{agreement_id}", act, lambda row: row.id, agreement, content=content)[0]


def load(partner_id: int) -> Partner:
    """One partner within the scope.

    Raises:
        NoSuchPartner: there is none.
    """
    return _one(select(Partner).where(Partner.id == partner_id))


def agreement(agreement_id: int) -> Agreement:
    """One agreement within the scope.

    Raises:
        NoSuchAgreement: there is none.
    """
    asked = select(Agreement).where(Agreement.id == agreement_id)
    row = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchAgreement(N_("Perjanjian ini tidak ada."))
    return row


def today_here(now: datetime) -> date:
    """The day on the Kanwil's calendar. One statement, none where the session knows the Kanwil."""
    return local_day(now, session().get_one(Kanwil, current().tenant_id).timezone)


def _repeat(here: Session, partner: Partner, now: datetime) -> None:
    """Repeat in the partner from when to when its agreement that runs longest holds."""
    ends = func.coalesce(Agreement.ended_on, Agreement.until_on)
    row = here.execute(
        select(Agreement.from_on, ends)
        .where(Agreement.partner_id == partner.id)
        .order_by(ends.desc(), Agreement.id.desc())
        .limit(1)
    ).first()
    partner.agreed_from, partner.agreed_until = (row[0], row[1]) if row else (None, None)
    partner.updated_at, partner.version = now, partner.version + 1
    here.flush()


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, most in _LENGTHS.items():
        try:
            values[name] = line(given.get(name) or "", most) or ""
        except Unreadable as error:
            wrong[name] = str(error)
    try:
        values["note"] = text(given.get("note") or "", 2000) or ""
    except Unreadable as error:
        wrong["note"] = str(error)
    values["kind"] = given.get("kind")
    if not isinstance(values["kind"], str) or values["kind"] not in KINDS:
        wrong["kind"] = N_("Pilih jenis mitranya.")
    if "name" not in wrong and len(values["name"]) < 3:
        wrong["name"] = N_("Tulis nama mitra, sedikitnya 3 huruf.")
    if values.get("email") and not _EMAIL.match(values["email"]):
        wrong["email"] = N_("Alamat surel ini tidak lengkap.")
    if wrong:
        raise PartnerInvalid(fields=wrong)
    return values


def _read_agreement(given: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, read, most, words in (
        ("number", line, 120, say(N_("Tulis nomor perjanjiannya."))),
        ("scope", text, 2000, say(N_("Tulis ruang lingkupnya."))),
    ):
        try:
            values[name] = read(given.get(name) or "", most)
        except Unreadable as error:
            wrong[name] = str(error)
            continue
        if not values[name]:
            wrong[name] = words
    for name in ("from_on", "until_on"):
        value = given.get(name)
        try:
            values[name] = value if isinstance(value, date) else day(value or "")
        except Unreadable as error:
            wrong[name] = str(error)
    if not wrong and values["until_on"] < values["from_on"]:
        wrong["until_on"] = N_("Tidak boleh sebelum tanggal mulai.")
    if wrong:
        raise PartnerInvalid(fields=wrong)
    return values


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _line(given: Any, most: int) -> str:
    try:
        return line(given or "", most) or ""
    except Unreadable as error:
        raise PartnerInvalid(fields={"ended_why": str(error)}) from None


def _flag(given: Any, kept: bool) -> bool:
    return kept if given is None else given is True or given in ("yes", "1", "true")


def _unused(here: Session, name: str, own: int | None) -> None:
    asked = select(Partner.id).where(func.lower(Partner.name) == name.lower())
    if any(found != own for found in here.scalars(asked)):
        raise PartnerInvalid(fields={"name": N_("Mitra dengan nama ini sudah ada.")})


def _flushed(here: Session) -> None:
    try:
        here.flush()
    except IntegrityError:  # somebody entered the same name in the same instant
        raise PartnerInvalid(fields={"name": N_("Mitra dengan nama ini sudah ada.")}) from None


def _locked(partner_id: int) -> Partner:
    return _one(select(Partner).where(Partner.id == partner_id).with_for_update())


def _one(asked: Any) -> Partner:
    row: Partner | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchPartner(N_("Mitra ini tidak ada."))
    return row
