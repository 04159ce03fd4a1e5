"""Certificates as the UPT's pages read them, and their files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from catalogue.people import access
from catalogue.people.access import within_upt
from catalogue.people.recording import load as person_of
from recaps import signing
from recaps.awards.errors import NoSuchAward
from recaps.awards.issuing import load
from recaps.awards.models import Award
from tenants import files
from tenants.database import session, transaction
from tenants.officers import Actor
from tenants.words import N_

SHOWN = 100


def of_training(training_id: int) -> dict[int, Award]:
    """The newest certificate of each person in a training, by the person's number. One statement."""
    asked = select(Award).where(Award.training_id == training_id).order_by(Award.id)
    found = session().scalars(asked.execution_options(populate_existing=True))
    return {row.person_id: row for row in found}


def of_person(person_id: int) -> list[Award]:
    """The certificates of a person that were signed, the newest first. One statement."""
    asked = (
        select(Award)
        .where(Award.person_id == person_id, Award.issued_at.is_not(None))
        .order_by(Award.id.desc())
        .limit(SHOWN)
    )
    return list(session().scalars(asked))


def pdf(award_id: int, *, by: Actor, now: datetime) -> tuple[Award, bytes]:
    """The signed file of a certificate; that it was opened is written down. Three statements.

    Raises:
        NotInThisUpt; NoSuchAward: none, not signed yet, or gone with its person.
    """
    within_upt(by)
    with transaction():
        row = load(award_id)
        if row.file_sha256 is None:
            words = N_("Berkas sertifikat ini belum ada, atau sudah dihapus bersama data orangnya.")
            raise NoSuchAward(words)
        known = access.show([person_of(row.person_id)], "award_file", by=by, now=now)[row.person_id]
        return row, known.key.open_bytes(files.get(row.file_sha256))


def file_name(row: Award) -> str:
    """The name under which the file is saved; it names nobody."""
    return f"sertifikat-{(row.number or str(row.id)).replace('/', '-').lower()}.pdf"


def needs_pin() -> bool:
    """Whether signing asks for a PIN here."""
    return signing.signer().needs_pin
