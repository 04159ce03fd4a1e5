"""Keeping the register: the centre adds an institution, corrects it, and takes it out of the count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from sales.institutions.errors import InstitutionInvalid, InstitutionMoved, InstitutionNotFound
from sales.institutions.models import BuyingInstitution
from sales.providers import plain
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.administration import tell_all
from workflows.stages import clean

KEEPER: Final = "admin_pusat"
KINDS: Final[dict[str, str]] = {
    "ministry": N_("Kementerian"),
    "agency": N_("Lembaga"),
    "local": N_("Pemerintah daerah"),
    "state_company": N_("BUMN dan BUMD"),
    "other": N_("Lainnya"),
}
MOST: Final = 500
MOST_NAMES: Final = 20
LENGTHS: Final = {"name": 200, "basis": 500}
TAKEN: Final = N_("Nama ini sudah ada dalam daftar.")


def add(entered: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None) -> BuyingInstitution:
    """Register an institution: ``{name, kind, names, basis}``; the same `key` gives the same one. Every active Kanwil's
    chain says so, since its dashboard follows.

    Raises:
        Forbidden: not admin_pusat. InstitutionInvalid: what is missing, wrong or taken, by field.
    """
    by.require(KEEPER)
    values = _read(entered)

    def act() -> BuyingInstitution:
        with transaction() as session:
            _free(values, None)
            row = BuyingInstitution(
                **values,
                is_active=True,
                created_by_name=by.name,
                created_at=now,
                updated_by_name=by.name,
                updated_at=now,
            )
            try:
                with session.begin_nested():
                    session.add(row)
            except IntegrityError:
                raise InstitutionInvalid(fields={"name": TAKEN}) from None
            return row

    row, repeated = once(key, "institution.add", act, lambda one: one.id, one, content=dict(entered))
    if not repeated:
        tell_all("institution.added", _told(row), by, now)
    return row


def change(
    institution_id: int,
    entered: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
    key: str | None = None,
) -> BuyingInstitution:
    """Correct an institution, or take it out of the count (``is_active`` false). What stays as it was writes nothing.

    Raises:
        Forbidden: not admin_pusat. InstitutionNotFound: there is none. InstitutionMoved: changed since `version`.
        InstitutionInvalid: by field.
    """
    by.require(KEEPER)
    before: list[int] = []

    def act() -> BuyingInstitution:
        with transaction() as session:
            asked = select(BuyingInstitution).where(BuyingInstitution.id == institution_id).with_for_update()
            row = session.scalars(asked.execution_options(populate_existing=True)).first()
            if row is None:
                raise InstitutionNotFound()
            if version is not None and row.version != version:
                raise InstitutionMoved(N_("Muat ulang halamannya, lalu ubah lagi."))
            was = {name: getattr(row, name) for name in ("name", "kind", "names", "basis", "is_active")}
            values = _read({**was, **entered})
            values["is_active"] = bool(entered.get("is_active", row.is_active))
            before.append(row.version)
            if all(getattr(row, name) == value for name, value in values.items()):
                return row
            _free(values, row.id)
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_by_name, row.updated_at, row.version = by.name, now, row.version + 1
            try:
                session.flush()
            except IntegrityError:
                raise InstitutionInvalid(fields={"name": TAKEN}) from None
            return row

    content = [dict(entered), version]
    row, repeated = once(
        key, f"institution.change:{institution_id}", act, lambda done: done.id, one, content=content
    )
    if not repeated and row.version not in before:
        tell_all("institution.changed", _told(row), by, now)
    return row


def one(institution_id: int) -> BuyingInstitution:
    """One institution. One statement.

    Raises:
        InstitutionNotFound: there is none.
    """
    asked = select(BuyingInstitution).where(BuyingInstitution.id == institution_id)
    found = scoped_session().scalars(asked).first()
    if found is None:
        raise InstitutionNotFound()
    return found


def every(*, active: bool = False) -> list[BuyingInstitution]:
    """The register by name, at most 500. One statement."""
    asked = select(BuyingInstitution).order_by(BuyingInstitution.name).limit(MOST)
    return list(scoped_session().scalars(asked.where(BuyingInstitution.is_active) if active else asked))


def _read(entered: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, longest in LENGTHS.items():
        text = entered.get(name)
        try:
            values[name] = clean(text if isinstance(text, str) else "", longest)
        except ValueError as error:
            values[name], wrong[name] = "", str(error)
    if not plain(values["name"]) and "name" not in wrong:
        wrong["name"] = N_("Tulis nama instansinya.")
    values["plain_name"] = plain(values["name"])[:300]
    values["kind"] = str(entered.get("kind") or "")
    if values["kind"] not in KINDS:
        wrong["kind"] = N_("Pilih jenisnya.")
    given = entered.get("names") or []
    rows = given.splitlines() if isinstance(given, str) else given if isinstance(given, list) else []
    names = [" ".join(str(one).replace("\x00", "").split()) for one in rows]
    values["names"] = list(dict.fromkeys(one for one in names if plain(one)))
    if len(values["names"]) > MOST_NAMES or any(len(one) > LENGTHS["name"] for one in values["names"]):
        wrong["names"] = say(N_("Paling banyak %(most)s nama, masing-masing 200 huruf."), most=MOST_NAMES)
    if wrong:
        raise InstitutionInvalid(fields=wrong)
    return values


def _free(values: Mapping[str, Any], own: int | None) -> None:
    """Raises:
    InstitutionInvalid: a name belongs to another institution already.
    """
    taken = {
        name: row.name
        for row in every()
        if row.id != own
        for name in (row.plain_name, *(plain(one) for one in row.names))
    }
    if values["plain_name"] in taken:
        raise InstitutionInvalid(fields={"name": TAKEN})
    for name in values["names"]:
        if plain(name) in taken:
            words = say(N_("“%(name)s” sudah menjadi nama %(other)s."), name=name, other=taken[plain(name)])
            raise InstitutionInvalid(fields={"names": words})


def _told(row: BuyingInstitution) -> dict[str, Any]:
    return {
        "institution": row.id,
        "name": row.name,
        "kind": row.kind,
        "names": list(row.names),
        "is_active": row.is_active,
    }
