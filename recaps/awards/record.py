"""The work record for a Litmas: printed for a purpose that is asked for, handed out once, and kept nowhere.

What stays is a line of the log: who printed it, when, for whom and why, and the hash of the file, by which a copy that
turns up is told apart. Writing the Litmas itself is the Pembimbing Kemasyarakatan's.
Source: Radar Sumbar (Pembantu Pembimbing Kemasyarakatan, Litmas); UU 27/2022 Pasal 31 (records of processing).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from catalogue.content import Unreadable, line
from catalogue.models import PublishedProduct
from catalogue.people import access, consents, queries
from catalogue.people.access import within_upt
from catalogue.people.models import ProductCredit
from catalogue.people.recording import KINDS, load
from catalogue.trainings import queries as trainings
from recaps.awards import queries as awards
from recaps.awards.document import Line, Printed, work_record
from recaps.awards.errors import RecordInvalid
from recaps.awards.issuing import paper_of
from recaps.rendering import render
from tenants.clock import local_day
from tenants.database import session, transaction
from tenants.officers import Actor
from tenants.words import N_, date_id, number_id

SECONDS: Final = 30.0
"""Longer than this nobody waits for a page of it."""


@dataclass(frozen=True)
class Extract:
    """A work record as it goes out: its bytes, their hash, and a name that names nobody."""

    data: bytes
    sha256: str
    file_name: str


def extract(person_id: int, given: Mapping[str, Any], *, by: Actor, now: datetime) -> Extract:
    """Print a person's work record, and write down who did, for whom and why.

    Rendered while its officer waits, not in a job: a job would have to keep the file somewhere.

    Raises:
        NotInThisUpt, NoSuchPerson; RecordInvalid: ``purpose`` or ``recipient``; RenderingFailed.
    """
    within_upt(by)
    purpose, recipient = _read(given)
    person = load(person_id)
    known = access.open_one(person)  # written down below, with the hash, before anybody is shown it
    work = queries.work_of(person_id)
    paper = paper_of(person.upt_id, now)
    letter = work_record(
        {
            "name": known.name,
            "number": known.number,
            "kind": KINDS.get(person.kind, person.kind),
            "code": person.code,
        },
        [_work(one, local_day(now, paper.timezone)) for one in work],
        _trainings(person_id),
        _products([consent.id for consent, _ in consents.consents_of(known) if consent.holds]),
        _certificates(person_id, paper.timezone),
        Printed(by.name, by.office, now, purpose, recipient),
        paper,
        hours=sum(one.row.hours for one in work),
    )
    session().rollback()  # nothing is held while it is rendered
    data = render(letter, [], seconds=SECONDS)
    digest = hashlib.sha256(data).hexdigest()
    with transaction():
        why = f"{recipient}: {purpose}"
        access.show([load(person_id)], "litmas", by=by, now=now, purpose=why, sha256=digest)
    return Extract(data, digest, f"catatan-kerja-{person.code.lower()}-{now:%Y%m%d}.pdf")


def _work(one: queries.Work, today: date) -> Line:
    row = one.row
    until = date_id(row.until_on) if row.until_on else f"sekarang ({date_id(today)})"
    more = f"Produk: {one.product}" if one.product else ""
    return Line(row.activity, f"{date_id(row.from_on)} sampai {until}", f"{number_id(row.hours)} jam", more)


def _trainings(person_id: int) -> list[Line]:
    words = {"passed": "lulus", "failed": "tidak lulus", None: "berjalan"}
    return [
        Line(
            training.title,
            f"{date_id(training.from_on)} sampai {date_id(training.until_on)}",
            f"{trainee.hours} dari {training.hours} jam",
            f"Keterampilan: {training.skill}; {words[trainee.outcome]}",
        )
        for trainee, training in trainings.of_person(person_id)
    ]


def _products(consent_ids: list[int]) -> list[Line]:
    asked = (
        select(PublishedProduct.name, PublishedProduct.published_at)
        .join(ProductCredit, ProductCredit.product_id == PublishedProduct.product_id)
        .where(ProductCredit.consent_id.in_(consent_ids), PublishedProduct.state == "published")
        .order_by(PublishedProduct.name)
    )
    rows = session().execute(asked).all() if consent_ids else []
    return [Line(name, "terbit di katalog", date_id(at.date())) for name, at in rows]


def _certificates(person_id: int, timezone: str) -> list[Line]:
    return [
        Line(
            row.skill,
            date_id(local_day(row.issued_at, timezone)) if row.issued_at else "",
            row.number or "",
            "dicabut" if row.revoked_at else "",
        )
        for row in awards.of_person(person_id)
    ]


def _read(given: Mapping[str, Any]) -> tuple[str, str]:
    wrong: dict[str, str] = {}
    values: dict[str, str] = {}
    for name, least, words in (
        ("purpose", 5, N_("Tulis untuk Litmas apa, sedikitnya 5 huruf.")),
        ("recipient", 3, N_("Tulis nama Pembimbing Kemasyarakatan dan Bapasnya.")),
    ):
        try:
            values[name] = line(given.get(name) or "", 200) or ""
        except Unreadable as error:
            wrong[name] = str(error)
            continue
        if len(values[name]) < least:
            wrong[name] = words
    if wrong:
        raise RecordInvalid(fields=wrong)
    return values["purpose"], values["recipient"]
