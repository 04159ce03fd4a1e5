"""What the case page and the API read of minutes."""

from __future__ import annotations

from sqlalchemy import select

from recaps.errors import NoSuchMinutes
from recaps.minutes.document import ENDINGS
from recaps.minutes.issuing import ISSUERS, SUBJECT, load
from recaps.minutes.models import Minutes
from tenants import files
from tenants.database import session
from tenants.officers import Actor
from tenants.words import N_
from workflows.models import Case
from workflows.subjects import subject_type

SHOWN = 20


def minutes_of(case_id: int) -> list[Minutes]:
    """The minutes of a case, newest first, at most `SHOWN`. One statement."""
    asked = select(Minutes).where(Minutes.case_id == case_id).order_by(Minutes.id.desc()).limit(SHOWN)
    return list(session().scalars(asked.execution_options(populate_existing=True)))


def has_ended(case: Case) -> bool:
    """Whether the case is a product's and ended in a way that minutes tell of; a returned one goes on."""
    return case.subject_type == SUBJECT and case.state in ENDINGS


def may_issue(case: Case, rows: list[Minutes], by: Actor) -> bool:
    """Whether `by` may ask for minutes now: none stands over the chain's head, or the last try failed."""
    if not by.has(*ISSUERS) or not has_ended(case):
        return False
    return not any(
        row.head == case.chain_head and (row.issued_at is not None or row.is_working) for row in rows
    )


def one(case_id: int, minutes_id: int, *, by: Actor) -> Minutes:
    """The minutes of that number, if they are this case's and `by` may see the case. Two statements.

    Raises:
        NoSuchMinutes: none within the scope, or of another case.
    """
    row = load(minutes_id)
    case = session().scalars(select(Case).where(Case.id == case_id)).first()
    if case is None or row.case_id != case_id or not subject_type(case.subject_type).may_view(by, case):
        raise NoSuchMinutes()
    return row


def pdf(case_id: int, minutes_id: int, *, by: Actor) -> tuple[Minutes, bytes]:
    """The signed file of minutes. Two statements.

    Raises:
        NoSuchMinutes: as `one`, or not signed yet.
    """
    row = one(case_id, minutes_id, by=by)
    if row.file_sha256 is None:
        raise NoSuchMinutes(N_("Berita acara ini belum selesai ditandatangani."))
    return row, files.get(row.file_sha256)


def file_name(row: Minutes) -> str:
    """The name under which the file is saved."""
    return f"berita-acara-{row.number.replace('/', '-').lower()}.pdf"
