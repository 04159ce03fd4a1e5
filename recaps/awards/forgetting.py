"""What certificates forget of a person who is erased: the file, and what was written about him. That one was issued,
its number and the hash of the file stay, so that the paper in his hands is still found to be genuine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.people.models import Person
from catalogue.people.retention import on_erasure
from recaps.awards.models import Award


@on_erasure
def forget(here: Session, person: Person, now: datetime) -> list[str]:
    """Let go of the person's files; those that were never signed go whole. One statement, and one a certificate."""
    files = []
    for row in here.scalars(select(Award).where(Award.person_id == person.id).with_for_update()):
        if row.issued_at is None:
            here.delete(row)
            continue
        if row.file_sha256 is not None:
            files.append(row.file_sha256)
        row.file_sha256, row.revoked_why_sealed, row.problem = None, None, None
    here.flush()
    return files
