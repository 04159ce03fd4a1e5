"""An expert from outside, who comes with nothing but a link: what he is shown, and the one thing he may say.

The token's hash is looked up in `GuestLink`, the one table read without a scope, by the whole hash; all else happens
inside the Kanwil's scope that it leads to. Whatever is wrong with a link, the answer is the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select

from tenants import files
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import NotFound
from tenants.jobs import scheduled
from tenants.models import Kanwil, Upt
from tenants.said import say
from tenants.scope import Scope, entered
from tenants.words import N_
from workflows import audit, notices
from workflows.models import OPEN, Case
from workflows.subjects import SubjectType, subject_type
from workflows.talk import notices as talk_notices
from workflows.talk.checking import Checked
from workflows.talk.comments import keep, locked, payload_of, said
from workflows.talk.errors import NoSuchInvitation
from workflows.talk.invitations import token_hash, use
from workflows.talk.models import EXPERT, GuestLink, Invitation, Note


@dataclass(frozen=True)
class Guest:
    """What an expert is shown: his invitation and the revision, by the fields that its subject lets out."""

    invitation: Invitation
    case: Case
    subject: SubjectType
    fields: Mapping[str, Any]
    kanwil: Kanwil
    upt: str

    @property
    def photos(self) -> Sequence[Mapping[str, Any]]:
        return list(self.fields.get("photos") or [])


def visit(token: str, *, now: datetime) -> Guest:
    """What the link shows. It uses nothing up. Four statements.

    Raises:
        NoSuchInvitation: the link leads nowhere, or nowhere any more.
    """
    with _entered_by(token, now) as (tenant_id, invitation_id):
        return _guest(tenant_id, invitation_id, token, now)


def photo(token: str, number: int, *, now: datetime) -> bytes:
    """The `number`-th photo (from 1) of the revision, as WebP.

    Raises:
        NoSuchInvitation: the link leads nowhere, or there is no such photo.
    """
    photos = visit(token, now=now).photos
    if not 1 <= number <= len(photos):
        raise NoSuchInvitation()
    one = photos[number - 1]
    try:
        return files.get(str((one.get("thumbs") or {}).get("960") or one["sha256"]))
    except NotFound:
        raise NoSuchInvitation() from None


def contribute(
    token: str,
    body: str,
    *,
    attached: Callable[[], Sequence[Checked]] = tuple,
    key: str = "",
    now: datetime,
) -> Invitation:
    """The expert's one comment: kept as a note of the Kanwil's, told to who invited; the link is used up with it.

    `attached` gives the file, asked only once the link has proved good. `key` is the form's own: the same form sent
    again is answered the same, and kept once. One transaction in the Kanwil's scope, ten statements.

    Raises:
        NoSuchInvitation: the link leads nowhere, or nowhere any more.
        CommentInvalid: nothing was written, or too much.
    """
    with _entered_by(token, now) as (tenant_id, invitation_id):
        again = _used_by(invitation_id, token, key)
        if again is not None:
            return again
        guest = _guest(tenant_id, invitation_id, token, now)
        brought = list(attached())[:1]
        words = said(body, brought, least=say(N_("Tulis pendapat Anda.")))
        with transaction() as session:
            case = locked(session, guest.case.id, by=None)
            row = guest.invitation
            if not case.is_open:
                raise NoSuchInvitation()
            note = Note(kind=EXPERT, author_name=row.name, author_office=row.office)
            kept = keep(session, case, note, words, brought, mentions=[], by=None, now=now)
            if not use(row, note.id, key=key or secrets.token_hex(16), now=now):
                raise NoSuchInvitation()
            session.refresh(row)
            payload = {**payload_of(note, kept, row), "invitation": row.id}
            audit.link_case(session, case, "case.expert_answered", payload, by=None, now=now)
            session.flush()
            notices.tell(session, [talk_notices.of_expert(case, row)], now)
            return row


@contextmanager
def _entered_by(token: str, now: datetime) -> Iterator[tuple[int, int]]:
    """Enter the Kanwil's scope that a token leads to; (tenant, invitation) come back.

    Raises:
        NoSuchInvitation: it leads nowhere.
    """
    with entered(None):
        found = (
            scoped_session()
            .execute(
                select(GuestLink.tenant_id, GuestLink.invitation_id).where(
                    GuestLink.token_sha256 == token_hash(token)
                )
            )
            .first()
        )
    if found is None:
        raise NoSuchInvitation()
    with entered(Scope(found.tenant_id)):
        yield found.tenant_id, found.invitation_id


def _guest(tenant_id: int, invitation_id: int, token: str, now: datetime) -> Guest:
    session = scoped_session()
    row = session.execute(
        select(Invitation, Case, Upt.short_name)
        .join(Case, and_(Case.id == Invitation.case_id))
        .outerjoin(Upt, and_(Upt.id == Case.upt_id))
        .where(Invitation.id == invitation_id, Invitation.token_sha256 == token_hash(token))
        .execution_options(populate_existing=True)
    ).first()
    kanwil = session.scalars(select(Kanwil).where(Kanwil.id == tenant_id)).first()
    if row is None or kanwil is None or kanwil.state != "active":
        raise NoSuchInvitation()
    invitation, case, upt = row
    subject = subject_type(case.subject_type)
    if not invitation.is_open(now) or case.state != OPEN or subject.outside is None:
        raise NoSuchInvitation()
    return Guest(invitation, case, subject, subject.outside(case), kanwil, upt or "")


def _used_by(invitation_id: int, token: str, key: str) -> Invitation | None:
    """The invitation, if this very form used it up before."""
    if not key:
        return None
    return (
        scoped_session()
        .scalars(
            select(Invitation).where(
                Invitation.id == invitation_id,
                Invitation.token_sha256 == token_hash(token),
                Invitation.used_key == token_hash(key),
            )
        )
        .first()
    )


@scheduled("40 3 * * *", "talk.links")
def sweep(planned: datetime) -> None:
    """Drop the addresses of links that are over; the invitations stay. Once a night."""
    with entered(None), transaction() as session:
        session.execute(delete(GuestLink).where(GuestLink.expires_at < planned))
