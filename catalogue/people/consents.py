"""Written consent to be named as a maker: recorded with its paper, chosen for products, withdrawn at once.

A product's revision names a consent by its number, never a person: a frozen revision, a case, a signed document can
then outlive the name. The name itself stands in `ProductCredit` until it is withdrawn, and on the public page; both go
in the transaction of the withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from catalogue.content import CONSENT_UNKNOWN, Unreadable, day, line
from catalogue.models import Product, PublishedProduct, Revision
from catalogue.people import access, sealing
from catalogue.people.access import Known, within_upt
from catalogue.people.errors import NoSuchConsent, PersonInvalid
from catalogue.people.models import Consent, Person, ProductCredit
from catalogue.people.recording import WRITER, load, locked, today_here
from tenants import files
from tenants.database import session, transaction, when_committed
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.words import N_
from workflows import audit
from workflows.talk.checking import Checked

WITHDRAWERS: Final = ("operator_upt", "kepala_upt")
MAKERS: Final = "makers"
WITHDRAWN: Final = N_("Persetujuan ini sudah dicabut. Hapus pembuat ini.")
MOST: Final = 300


@dataclass(frozen=True)
class Choice:
    """A consent that a product may name."""

    id: int
    credit: str
    signed_on: date


def record(
    person_id: int,
    given: Mapping[str, Any],
    *,
    file: Checked | None,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> tuple[Consent, bool]:
    """Record that a person agreed in writing to be named: under which words, on which day, and the paper.

    Raises:
        Forbidden, NotInThisUpt, NoSuchPerson; PersonInvalid: ``credit``, ``signed_on`` or ``file``.
    """
    by.require(WRITER)
    within_upt(by)

    def act() -> Consent:
        with transaction() as here:
            person = locked(person_id)
            known = access.open_one(person)
            values = _read(given, today_here(now), file)
            pen = known.key
            row = Consent(
                person_id=person.id,
                upt_id=person.upt_id,
                credit_sealed=pen.seal(values["credit"] or known.name),
                signed_on=values["signed_on"],
                file_sha256=files.put(pen.seal_bytes(values["file"].data)),
                file_name_sealed=pen.seal(values["file"].name),
                file_kind=values["file"].kind,
                recorded_by=by.id,
                recorded_by_name=by.name[:130],
                recorded_at=now,
            )
            here.add(row)
            here.flush()
            said = {"person": person.id, "consent": row.id, "signed_on": row.signed_on.isoformat()}
            audit.record(audit.KANWIL, "consent.recorded", said, by=by, now=now, upt_id=person.upt_id)
            return row

    shown = (str(given.get("credit")), str(given.get("signed_on")), file.name if file else "")
    content = sealing.fingerprint(*shown)
    return once(key, f"consent.record:{person_id}", act, lambda row: row.id, one, content=content)


def withdraw(consent_id: int, *, by: Actor, now: datetime, key: str | None = None) -> Consent:
    """Withdraw a consent: its name leaves every product's page in this transaction, and is offered for none again.
    A second time changes nothing.

    Raises:
        Forbidden: neither operator nor head of the UPT; NotInThisUpt, NoSuchConsent.
    """
    by.require(*WITHDRAWERS)
    within_upt(by)

    def act() -> Consent:
        with transaction() as here:
            row = here.scalars(
                select(Consent)
                .where(Consent.id == consent_id)
                .with_for_update()
                .execution_options(populate_existing=True)
            ).first()
            if row is None:
                raise NoSuchConsent(N_("Persetujuan ini tidak ada."))
            if not row.holds:
                return row
            row.withdrawn_at, row.withdrawn_by_name = now, by.name[:130]
            products = take_down(here, [row.id], now=now)
            access.show([load(row.person_id)], "withdrawn", by=by, now=now)
            here.flush()
            said = {"person": row.person_id, "consent": row.id, "products": products}
            audit.record(audit.KANWIL, "consent.withdrawn", said, by=by, now=now, upt_id=row.upt_id)
            return row

    return once(key, f"consent.withdraw:{consent_id}", act, lambda row: row.id, one)[0]


def take_down(here: Session, consent_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Take the names of these consents off every product; the products' numbers. Four statements, and two for each
    product that the public sees; the caller holds the consents locked, and commits.

    The products are locked first: whoever publishes one in this instant is done before, or reads no name after.
    """
    ids = sorted(
        set(here.scalars(select(ProductCredit.product_id).where(ProductCredit.consent_id.in_(consent_ids))))
    )
    if not ids:
        return []
    here.execute(select(Product.id).where(Product.id.in_(ids)).order_by(Product.id).with_for_update()).all()
    here.execute(
        delete(ProductCredit)
        .where(ProductCredit.consent_id.in_(consent_ids))
        .execution_options(synchronize_session=False)
    )
    published = (
        select(Product.id, Revision.content)
        .join(Revision, (Revision.product_id == Product.id) & (Revision.no == Product.published_revision_no))
        .where(Product.id.in_(ids))
    )
    for product_id, content in here.execute(published).all():
        left = names_of(here, product_id, content.get(MAKERS) or [])
        here.execute(
            update(PublishedProduct)
            .where(PublishedProduct.product_id == product_id)
            .values(makers=left, updated_at=now)
            .execution_options(synchronize_session=False)
        )
    return ids


def consents_of(person: Known) -> list[tuple[Consent, str]]:
    """A person's consents with the words that he chose, the newest first. One statement."""
    asked = select(Consent).where(Consent.person_id == person.id).order_by(Consent.id.desc())
    return [(one_, person.key.open(one_.credit_sealed)) for one_ in session().scalars(asked)]


def paper(consent_id: int, *, by: Actor, now: datetime) -> tuple[Consent, str, bytes]:
    """The signed paper of a consent, with its name; that it was opened is written down.

    Raises:
        NotInThisUpt, NoSuchConsent.
    """
    within_upt(by)
    with transaction():
        row = one(consent_id)
        known = access.show([load(row.person_id)], "consent", by=by, now=now)[row.person_id]
        name = known.key.open(row.file_name_sealed)
        return row, name, known.key.open_bytes(files.get(row.file_sha256))


def choices(*, by: Actor, now: datetime) -> list[Choice]:
    """The makers that a product of this UPT may name; that they were shown is written down. Two statements."""
    within_upt(by)
    asked = (
        select(Consent, Person)
        .join(Person, Person.id == Consent.person_id)
        .where(Consent.withdrawn_at.is_(None), Person.erased_at.is_(None))
        .order_by(Consent.id)
        .limit(MOST)
    )
    with transaction() as here:
        found = here.execute(asked).all()
        known = access.show({person.id: person for _, person in found}.values(), "makers", by=by, now=now)
        made = [Choice(c.id, known[p.id].key.open(c.credit_sealed), c.signed_on) for c, p in found]
    return sorted(made, key=lambda choice: choice.credit.casefold())


def settle(content: dict[str, Any], problems: dict[str, str]) -> None:
    """Hold the makers of a content against the consents of the UPT: each row gets the day of its consent; one that
    names none, or one that was withdrawn, stands among `problems`. One statement, none without makers."""
    rows = content.get(MAKERS) or []
    wanted = [row["consent"] for row in rows if row.get("consent")]
    if not wanted:
        return
    found = {c.id: c for c in session().scalars(select(Consent).where(Consent.id.in_(wanted)))}
    for number, row in enumerate(rows):
        consent = found.get(row.get("consent"))
        row["consented_on"] = consent.signed_on.isoformat() if consent and consent.holds else None
        if row.get("consent") and row["consented_on"] is None:
            problems[f"{MAKERS}.{number}.consent"] = WITHDRAWN if consent else CONSENT_UNKNOWN


def withdrawn_in(content: Mapping[str, Any]) -> dict[str, str]:
    """The makers of a draft whose consent was withdrawn since they were chosen. One statement, none without makers."""
    rows = content.get(MAKERS) or []
    wanted = [row["consent"] for row in rows if row.get("consent")]
    if not wanted:
        return {}
    holding = set(
        session().scalars(select(Consent.id).where(Consent.id.in_(wanted), Consent.withdrawn_at.is_(None)))
    )
    return {
        f"{MAKERS}.{number}.consent": WITHDRAWN
        for number, row in enumerate(rows)
        if row.get("consent") and row["consent"] not in holding
    }


def credit(here: Session, product_id: int, upt_id: int, content: Mapping[str, Any], now: datetime) -> None:
    """Note under which names a product's makers will be credited, so that the Kanwil can publish them. Three
    statements, none without makers; the caller is in the UPT's scope and commits."""
    wanted = {row["consent"] for row in content.get(MAKERS) or [] if row.get("consent")}
    if not wanted:
        return
    there = set(here.scalars(select(ProductCredit.consent_id).where(ProductCredit.product_id == product_id)))
    missing = sorted(wanted - there)
    if not missing:
        return
    asked = (
        select(Consent, Person)
        .join(Person, Person.id == Consent.person_id)
        .where(Consent.id.in_(missing), Consent.withdrawn_at.is_(None), Person.erased_at.is_(None))
        .with_for_update(of=Consent)  # who withdraws it in this instant finds the name, or we find none
    )
    for consent, person in here.execute(asked):
        name = sealing.opened(person.key_sealed or "").open(consent.credit_sealed)
        here.add(
            ProductCredit(
                product_id=product_id,
                upt_id=upt_id,
                consent_id=consent.id,
                name_sealed=sealing.seal_credit(name),
                created_at=now,
            )
        )
    here.flush()


def names_of(here: Session, product_id: int, makers: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names under which a revision's makers may be shown today, in its order. One statement, none without makers
    of a recorded consent. Names that were typed before consents were recorded stand as they were."""
    rows = list(makers)
    wanted = [row["consent"] for row in rows if row.get("consent")]
    found: dict[int, str] = {}
    if wanted:
        asked = select(ProductCredit.consent_id, ProductCredit.name_sealed).where(
            ProductCredit.product_id == product_id, ProductCredit.consent_id.in_(wanted)
        )
        found = {id_: sealing.open_credit(sealed) for id_, sealed in here.execute(asked)}
    named = [
        found.get(row["consent"])
        if row.get("consent")
        else row.get("name")
        if row.get("consented_on")
        else None
        for row in rows
    ]
    return [name for name in named if name]


def forget(here: Session, person_id: int, *, now: datetime) -> tuple[list[int], list[str]]:
    """Delete everything a person agreed to, his names on products with it; the products, and the papers that are to be
    discarded. For erasure alone; the caller commits."""
    rows = list(here.scalars(select(Consent).where(Consent.person_id == person_id).with_for_update()))
    products = take_down(here, [row.id for row in rows], now=now) if rows else []
    papers = [row.file_sha256 for row in rows]
    for row in rows:
        here.delete(row)
    here.flush()
    return products, papers


def discard(papers: Iterable[str]) -> None:
    """Discard sealed files once the open transaction is committed. Should the process die before, what is left is
    noise: its key is gone."""
    for digest in list(papers):
        when_committed(partial(files.discard, digest))


def one(consent_id: int) -> Consent:
    """One consent within the scope.

    Raises:
        NoSuchConsent: there is none.
    """
    asked = select(Consent).where(Consent.id == consent_id)
    row = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchConsent(N_("Persetujuan ini tidak ada."))
    return row


def _read(given: Mapping[str, Any], today: date, file: Checked | None) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {"file": file}
    try:
        values["credit"] = line(given.get("credit") or "", 120)
    except Unreadable as error:
        wrong["credit"] = str(error)
    try:
        values["signed_on"] = day(given.get("signed_on") or "")
    except Unreadable as error:
        wrong["signed_on"] = str(error)
    else:
        if values["signed_on"] > today:
            wrong["signed_on"] = N_("Tanggal ini belum tiba.")
    if file is None:
        wrong["file"] = N_("Lampirkan pindaian surat persetujuan yang ditandatangani.")
    if wrong:
        raise PersonInvalid(fields=wrong)
    return values


__all__ = ["Choice", "choices", "credit", "names_of", "record", "settle", "take_down", "withdraw"]
