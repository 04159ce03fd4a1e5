"""Saying something about a case, so that it stays said; and taking it back within a quarter of an hour."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tenants import files
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.models import Officer
from tenants.officers import KANWIL_ROLES, Actor, actor_of
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices
from workflows.errors import NoSuchCase
from workflows.models import Case
from workflows.proof.whole import sealed
from workflows.stages import clean
from workflows.subjects import subject_type
from workflows.talk import notices as talk_notices
from workflows.talk.checking import Checked
from workflows.talk.errors import CommentInvalid, InternalForKanwil, NoSuchComment, TooLateToStrike
from workflows.talk.models import FILES, NOTE, Comment, CommentFile, Note, NoteFile

MAX_TEXT = 5000
MAX_FILES = 5
MAX_MENTIONS = 20
STRIKE_WITHIN = timedelta(minutes=15)
MENTION = re.compile(r"(?<![\w@.])@([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True)
class Spoken:
    """A comment or note as it was kept; `unheard` are the mentioned names of nobody who may see it."""

    row: Comment | Note
    unheard: tuple[str, ...] = ()


def comment(
    case_id: int,
    body: str,
    *,
    attached: Sequence[Checked] = (),
    internal: bool = False,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> Spoken:
    """Add a comment, or an internal note of the Kanwil's, to a case, open or closed; who is mentioned gets a notice.

    `attached` are files as `checking.check` gave them. Repeating the call with the same key returns what was kept.
    One transaction; the case locked (1 statement), mentioned officers (0 to 2), the row, its files, event and case
    (3 to 4), notices (0 to 1).

    Raises:
        NoSuchCase: there is none within the scope, or its subject hides it from `by`.
        InternalForKanwil: a UPT's officer writes no internal notes.
        CommentInvalid: nothing was written, or too much.
    """
    if internal and not of_kanwil(by):
        raise InternalForKanwil()
    words = said(body, attached)
    spoken, _ = once(
        key,
        f"talk.{'note' if internal else 'comment'}",
        lambda: _comment(case_id, words, attached, internal=internal, by=by, now=now),
        lambda made: made.row.id,
        lambda id_: Spoken(_one(id_, internal=internal)),
        content=content_of(case_id, words, attached),
    )
    return spoken


def _comment(
    case_id: int, words: str, attached: Sequence[Checked], *, internal: bool, by: Actor, now: datetime
) -> Spoken:
    with transaction() as session:
        case = locked(session, case_id, by=by)
        names = mentioned(words)
        heard = _listeners(session, case, names, internal=internal)
        row: Comment | Note = Note(kind=NOTE) if internal else Comment(upt_id=case.upt_id)
        kept = keep(session, case, row, words, attached, mentions=sorted(heard), by=by, now=now)
        action = "case.noted" if internal else "case.commented"
        audit.link_case(session, case, action, payload_of(row, kept), by=by.id, now=now)
        session.flush()
        others = [one for one in heard.values() if one != by.id]
        notices.tell(session, talk_notices.of_mentions(case, by.name, words, others, internal=internal), now)
        return Spoken(row, tuple(one for one in names if one not in heard))


def strike(
    comment_id: int, *, case_id: int | None = None, internal: bool = False, by: Actor, now: datetime
) -> Comment | Note:
    """Take one's own comment or note back. Its row and its link in the chain stay; nobody is shown it any more.

    Striking it again changes nothing. One transaction, four statements.

    Raises:
        NoSuchComment: there is none within the scope.
        TooLateToStrike: it is another's, or older than a quarter of an hour, or an opinion that was asked for.
    """
    with transaction() as session:
        row = _one(comment_id, internal=internal)
        if case_id not in (None, row.case_id):
            raise NoSuchComment()
        try:
            case = locked(session, row.case_id, by=by)
        except NoSuchCase:
            raise NoSuchComment() from None
        session.refresh(row)
        if row.struck_at is not None and row.author_id == by.id:
            return row
        if not may_strike(row, by, now):
            raise TooLateToStrike(
                N_("Hanya penulisnya yang dapat menarik komentar, paling lambat 15 menit sesudahnya.")
            )
        row.struck_at = now
        session.flush()
        payload = payload_of(row, ())
        action = "case.note_struck" if internal else "case.comment_struck"
        audit.link_case(session, case, action, payload, by=by.id, now=now)
        session.flush()
        return row


def may_strike(row: Comment | Note, by: Actor, now: datetime) -> bool:
    """Whether `by` may still take it back."""
    own = row.author_id == by.id and row.struck_at is None and getattr(row, "kind", NOTE) == NOTE
    return own and now <= row.said_at + STRIKE_WITHIN


def _one(id_: int, *, internal: bool) -> Comment | Note:
    kind: Any = Note if internal else Comment
    row: Comment | Note | None = scoped_session().scalars(select(kind).where(kind.id == id_)).first()
    if row is None:
        raise NoSuchComment()
    return row


def content_of(*asked: Any) -> list[Any]:
    """What was asked, as an idempotency key holds it: files by their hashes."""
    return [
        [hashlib.sha256(one.data).hexdigest() for one in part] if isinstance(part, list | tuple) else part
        for part in asked
    ]


def locked(session: Session, case_id: int, *, by: Actor | None) -> Case:
    """The case, locked until the transaction ends. One statement.

    Raises:
        NoSuchCase: there is none within the scope, or its subject hides it from `by`.
    """
    case = session.scalars(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if case is None or (by is not None and not subject_type(case.subject_type).may_view(by, case)):
        raise NoSuchCase()
    return case


def said(body: str, attached: Sequence[Checked] = (), *, least: str = say(N_("Tulis komentarnya."))) -> str:
    """What was typed, fit to be kept. A file alone is enough.

    Raises:
        CommentInvalid: nothing, or too much.
    """
    try:
        words = clean(body or "", MAX_TEXT)
    except ValueError as error:
        raise CommentInvalid(fields={"body": str(error)}) from None
    if not words and not attached:
        raise CommentInvalid(fields={"body": least})
    if len(attached) > MAX_FILES:
        raise CommentInvalid(
            fields={"attachments": say(N_("Paling banyak %(max_files)s lampiran."), max_files=MAX_FILES)}
        )
    return words


def keep(
    session: Session,
    case: Case,
    row: Comment | Note,
    words: str,
    attached: Sequence[Checked],
    *,
    mentions: list[str],
    by: Actor | None,
    now: datetime,
) -> list[CommentFile | NoteFile]:
    """Write what was said and its files, which come back; the caller adds the event. An expert's note
    brings its own author."""
    if by is not None:
        row.author_id, row.author_name, row.author_office = by.id, by.name[:200], by.office[:200]
    stored = [(one, files.put(one.data)) for one in attached]
    row.case_id, row.body, row.mentions = case.id, words, mentions
    row.said_at, row.salt = now, secrets.token_hex(16)
    row.sha256 = row.fingerprint([digest for _, digest in stored])
    session.add(row)
    session.flush()
    mapped = FILES[type(row)]
    owner = {"comment_id": row.id, "upt_id": case.upt_id} if isinstance(row, Comment) else {"note_id": row.id}
    kept = [
        mapped(
            case_id=case.id,
            key=secrets.token_urlsafe(15),
            sha256=digest,
            kind=one.kind,
            name=one.name,
            bytes=len(one.data),
            **owner,
        )
        for one, digest in stored
    ]
    session.add_all(kept)
    session.flush()
    return kept


def payload_of(row: Comment | Note, kept: Sequence[CommentFile | NoteFile], *others: Any) -> dict[str, Any]:
    """What the chain says of it: which row, its salted hash, and the rows that were written with it."""
    word = "comment" if isinstance(row, Comment) else "note"
    return {word: row.id, "sha256": row.sha256, **sealed(row, *kept, *others)}


def mentioned(words: str) -> list[str]:
    """The names after an @, each once, in small letters."""
    return list(dict.fromkeys(one.lower() for one in MENTION.findall(words)))[:MAX_MENTIONS]


def of_kanwil(by: Actor) -> bool:
    """Whether the officer is the Kanwil's own."""
    return by.upt_id is None and by.has(*KANWIL_ROLES)


def _listeners(session: Session, case: Case, names: list[str], *, internal: bool) -> dict[str, int]:
    """Name -> id of those mentioned who may see it: the Kanwil's own, and the UPT's where it is not internal."""
    if not names:
        return {}
    found = session.scalars(
        select(Officer)
        .where(Officer.username.in_(names), Officer.active.is_(True))
        .options(selectinload(Officer.roles))
    )
    subject = subject_type(case.subject_type)
    heard = {}
    for officer in found:
        near = officer.upt_id is None or (not internal and officer.upt_id == case.upt_id)
        if near and officer.tenant_id == case.tenant_id and subject.may_view(actor_of(officer), case):
            heard[officer.username] = officer.id
    return heard
