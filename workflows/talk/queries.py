"""Reading what was said about a case, what a colleague was asked, and one attachment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from tenants import files
from tenants.database import session as scoped_session
from tenants.errors import Invalid, NotFound
from tenants.models import Officer
from tenants.officers import Actor
from tenants.words import N_
from workflows.errors import NoSuchCase
from workflows.models import OPEN, Case
from workflows.subjects import subject_type
from workflows.talk.checking import KINDS
from workflows.talk.comments import may_strike
from workflows.talk.errors import NoSuchComment
from workflows.talk.models import Comment, CommentFile, Invitation, Note, NoteFile, Opinion
from workflows.talk.notices import page

BOUND = 100
STARTS = ("case.commented", "case.noted", "case.opinion_asked", "case.expert_invited")
"""Events one of which stands on the chain of every case that has something to read here."""
Position = tuple[datetime, bool, int]
"""Where a page of what was said ended: when, whether internal, which row."""


@dataclass(frozen=True)
class Attachment:
    """A file as a page names it."""

    key: str
    name: str
    kind: str
    bytes: int


@dataclass(frozen=True)
class Line:
    """One thing that was said. `kind` is comment, note, opinion or expert; a struck one has neither words nor files."""

    id: int
    kind: str
    author_id: int | None
    author: str
    office: str
    body: str
    mentions: list[str]
    said_at: datetime
    struck_at: datetime | None
    may_strike: bool
    attachments: list[Attachment]

    @property
    def internal(self) -> bool:
        return self.kind != "comment"

    @property
    def position(self) -> Position:
        return self.said_at, self.internal, self.id


@dataclass(frozen=True)
class Asked:
    """What a colleague was asked, with the case it is about."""

    opinion: Opinion
    case: Case
    link: str


def talk(
    case: Case,
    *,
    by: Actor,
    now: datetime,
    after: Position | None = None,
    limit: int = 30,
    newest: bool = False,
) -> tuple[list[Line], bool]:
    """What was said about a case that `by` may see, oldest first, and whether there is more. Two statements for a
    UPT's officer, four for the Kanwil's.

    `newest` gives the last ones instead of the first.
    """
    found: list[Comment | Note] = []
    kinds: tuple[Any, ...] = (Comment,) if by.upt_id is not None else (Comment, Note)
    session = scoped_session()
    for kind in kinds:
        asked = select(kind).where(kind.case_id == case.id)
        if after is not None:
            asked = asked.where(_after(kind, after))
        order = (kind.said_at.desc(), kind.id.desc()) if newest else (kind.said_at, kind.id)
        found += session.scalars(asked.order_by(*order).limit(limit + 1))
    found.sort(key=_position)
    more = len(found) > limit
    rows = (found[-limit:] if newest else found[:limit]) if more else found
    attached = _attachments(rows)
    return [_line(row, attached[type(row), row.id], by, now) for row in rows], more


def case_for(case_id: int, *, by: Actor) -> Case:
    """A case that `by` may see. One statement.

    Raises:
        NoSuchCase: there is none within the scope, or its subject hides it from `by`.
    """
    case = scoped_session().scalars(select(Case).where(Case.id == case_id)).first()
    if case is None or not subject_type(case.subject_type).may_view(by, case):
        raise NoSuchCase()
    return case


def line_of(row: Comment | Note, *, by: Actor, now: datetime) -> Line:
    """One row as it is shown. One statement."""
    return _line(row, _attachments([row])[type(row), row.id], by, now)


def opinions_of(case: Case) -> list[Opinion]:
    """What colleagues were asked about a case, oldest first; for the Kanwil's scope alone. One statement."""
    return list(
        scoped_session().scalars(
            select(Opinion).where(Opinion.case_id == case.id).order_by(Opinion.id).limit(BOUND)
        )
    )


def invitations_of(case: Case) -> list[Invitation]:
    """The experts invited to a case, oldest first; for the Kanwil's scope alone. One statement."""
    asked = select(Invitation).where(Invitation.case_id == case.id).order_by(Invitation.id).limit(BOUND)
    return list(scoped_session().scalars(asked))


def asked_of(by: Actor, *, limit: int = 50) -> list[Asked]:
    """What is asked of `by` and still open, the nearest day first. One statement; none for a UPT's officer."""
    if by.upt_id is not None:
        return []
    rows = scoped_session().execute(
        _open_for(by, select(Opinion, Case))
        .order_by(Opinion.until_on.is_(None), Opinion.until_on, Opinion.id)
        .limit(limit)
    )
    return [_asked(opinion, case) for opinion, case in rows]


def answered_by(by: Actor, *, limit: int = 20) -> list[Asked]:
    """What `by` answered, the newest first. One statement."""
    rows = scoped_session().execute(
        select(Opinion, Case)
        .join(Case, and_(Case.id == Opinion.case_id))
        .where(Opinion.asked_id == by.id, Opinion.answered_at.is_not(None))
        .order_by(Opinion.answered_at.desc())
        .limit(limit)
    )
    return [_asked(opinion, case) for opinion, case in rows]


def asked_count(by: Actor) -> int:
    """How many open requests wait for `by`, bounded. One statement; none for a UPT's officer."""
    if by.upt_id is not None:
        return 0
    return int(scoped_session().scalar(select(asks(by))) or 0)


def asks(by: Actor) -> Any:
    """The same count as a part of a larger statement; for the Kanwil's scope alone."""
    some = _open_for(by, select(Opinion.id)).limit(BOUND).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def listeners(case: Case, by: Actor) -> list[tuple[str, str, bool]]:
    """(username, name, whether of the UPT) of whom a comment may mention, the Kanwil's first. One statement."""
    rows = scoped_session().execute(
        select(Officer.username, Officer.first_name, Officer.last_name, Officer.upt_id)
        .where(
            Officer.active.is_(True),
            Officer.id != by.id,
            or_(Officer.upt_id.is_(None), Officer.upt_id == case.upt_id),
        )
        .order_by(Officer.upt_id.is_not(None), Officer.first_name, Officer.last_name)
        .limit(BOUND)
    )
    return [(name, f"{first} {last}".strip(), upt is not None) for name, first, last, upt in rows]


def attachment(key: str, *, by: Actor) -> tuple[bytes, Attachment, str]:
    """An attachment's bytes, what it is, and its media type. One to three statements.

    Raises:
        NoSuchComment: there is none within the scope, what it hangs on was struck, or its case is hidden from `by`.
    """
    session = scoped_session()
    kinds: list[tuple[Any, Any, Any]] = [(CommentFile, Comment, CommentFile.comment_id)]
    if by.upt_id is None:
        kinds.append((NoteFile, Note, NoteFile.note_id))
    for kept, said, parent in kinds:
        row = session.execute(
            select(kept, Case)
            .join(said, and_(said.id == parent))
            .join(Case, and_(Case.id == kept.case_id))
            .where(kept.key == key, said.struck_at.is_(None))
        ).first()
        if row is not None and subject_type(row[1].subject_type).may_view(by, row[1]):
            try:
                return files.get(row[0].sha256), _attachment(row[0]), KINDS[row[0].kind]
            except NotFound:
                break
    raise NoSuchComment(N_("Lampiran tidak ditemukan."))


def read_position(keyset: list[Any] | None) -> Position | None:
    """The position that a cursor stands for.

    Raises:
        Invalid: it isn't one that this list gave.
    """
    if keyset is None:
        return None
    try:
        at, internal, last = keyset
        found = datetime.fromisoformat(at)
        if found.tzinfo is None or not 2000 < found.year < 3000 or type(internal) is not bool:
            raise ValueError
        if type(last) is not int or not 0 <= last < 2**31:
            raise ValueError
    except (ValueError, TypeError):
        raise Invalid(
            fields={"cursor": N_("Penanda halaman tidak dikenal; mulai dari halaman pertama.")}
        ) from None
    return found, internal, last


def _after(kind: Any, after: Position) -> Any:
    at, internal, last = after
    own = kind is Note
    if own == internal:
        same = and_(kind.said_at == at, kind.id > last)
    elif own:  # at the same instant notes come after comments
        same = kind.said_at == at
    else:
        return kind.said_at > at
    return and_(kind.said_at >= at, or_(kind.said_at > at, same))


def _position(row: Comment | Note) -> Position:
    return row.said_at, isinstance(row, Note), row.id


def _attachments(rows: Sequence[Comment | Note]) -> dict[tuple[type, int], list[Attachment]]:
    found: dict[tuple[type, int], list[Attachment]] = defaultdict(list)
    session = scoped_session()
    kinds: tuple[tuple[Any, Any, Any], ...] = (
        (Comment, CommentFile, CommentFile.comment_id),
        (Note, NoteFile, NoteFile.note_id),
    )
    for said, kept, parent in kinds:
        ids = [row.id for row in rows if isinstance(row, said) and row.struck_at is None]
        if not ids:
            continue
        for owner, file in session.execute(select(parent, kept).where(parent.in_(ids)).order_by(kept.id)):
            found[said, owner].append(_attachment(file))
    return found


def _attachment(row: CommentFile | NoteFile) -> Attachment:
    return Attachment(row.key, row.name, row.kind, row.bytes)


def _line(row: Comment | Note, attached: list[Attachment], by: Actor, now: datetime) -> Line:
    struck = row.struck_at is not None
    return Line(
        id=row.id,
        kind=row.kind if isinstance(row, Note) else "comment",
        author_id=row.author_id,
        author=row.author_name,
        office=row.author_office,
        body="" if struck else row.body,
        mentions=[] if struck else list(row.mentions),
        said_at=row.said_at,
        struck_at=row.struck_at,
        may_strike=may_strike(row, by, now),
        attachments=[] if struck else attached,
    )


def _open_for(by: Actor, asked: Any) -> Any:
    return asked.join(Case, and_(Case.id == Opinion.case_id)).where(
        Opinion.asked_id == by.id, Opinion.answered_at.is_(None), Case.state == OPEN
    )


def _asked(opinion: Opinion, case: Case) -> Asked:
    return Asked(opinion, case, f"{page(case).partition('#')[0]}#pendapat-{opinion.id}")
