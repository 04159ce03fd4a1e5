"""Which message goes to whom on which event, and its way out by mail.

A notice is written in the transaction of the event and shown in the app; it is addressed to an officer, or to
everyone of a role (of one UPT, where set). `mailing` sends it on by mail: from the table, so that nothing is
lost and nothing waits for a mail server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import NotFound
from tenants.officers import UPT_ROLES, Actor
from tenants.said import Said, joined, kept, parts_of, say, spoken
from tenants.words import N_
from workflows import rows
from workflows.models import Case, Decision, Notice, NoticeChoice, NoticeMark, NoticeRead
from workflows.stages import Stage
from workflows.steps import APPROVE
from workflows.subjects import SubjectType

Draft = dict[str, Any]
SETTLED: Final = timedelta(minutes=10)
"""Longer than any transaction that writes a notice: no number below those that are older can appear any more."""


def draft(
    kind: str,
    title: str,
    body: str = "",
    link: str = "",
    *,
    officer_id: int | None = None,
    role: str | None = None,
    upt_id: int | None = None,
) -> Draft:
    """A notice to one officer, or to everyone of a role (of one UPT). Where title or body are `Said`, a page may say
    them in another language."""
    made = isinstance(title, Said) or isinstance(body, Said)
    return {
        "kind": kind,
        "title": title[:300],
        "body": str(body),
        "said": {"title": parts_of(title), "body": parts_of(body)} if made else None,
        "link": link,
        "to_officer_id": officer_id,
        "to_role": role,
        "to_upt_id": upt_id,
    }


def tell(session: Session, drafts: list[Draft], now: datetime) -> None:
    """Write notices in the open transaction. One statement, however many."""
    if drafts:
        rows.add_notices(session, drafts, now)


def of_submission(case: Case, opened: Sequence[Stage], subject: SubjectType) -> list[Draft]:
    """A new case waits for the roles of the first step's stages."""
    words = (
        N_("%(who)s mengajukan kembali revisi %(no)s.")
        if case.again
        else N_("%(who)s mengajukan revisi %(no)s.")
    )
    return waiting(case, opened, subject, say(words, who=case.submitted_by_name, no=case.revision_no))


def of_decision(
    case: Case,
    decision: Decision,
    stage: Stage,
    opened: Sequence[Stage],
    subject: SubjectType,
    became: str | None = None,
) -> list[Draft]:
    """The submitter hears the outcome; the roles of the stages that follow (`opened`) hear that it is their turn. A
    vote that settles nothing yet is told to nobody: the case shows it. `became`: what an approved subject now is, where
    that isn't the usual."""
    who = f"{decision.officer_name} ({decision.acting_as})"
    page = subject.page(case)
    if opened:
        words, heading = (
            (N_("%(stage)s disetujui oleh %(who)s."), N_("%(title)s: lolos %(stage)s"))
            if decision.outcome == APPROVE
            else (
                N_("Pendapat %(stage)s diberikan oleh %(who)s."),
                N_("%(title)s: pendapat %(stage)s diberikan"),
            )
        )
        said = say(words, stage=stage.name, who=who)
        following = ", ".join(one.name for one in opened)
        return [
            *waiting(case, opened, subject, said),
            draft(
                "case.passed",
                say(heading, title=case.title, stage=stage.name),
                joined((said, say(N_("Berikutnya: %(stages)s."), stages=following)), " "),
                page,
                officer_id=case.submitted_by,
            ),
        ]
    if case.is_open:
        return []
    kind, words = {
        "approved": ("case.approved", N_("%(title)s: disetujui, kini %(state)s")),
        "returned": ("case.returned", N_("%(title)s: dikembalikan untuk diperbaiki")),
        "rejected": ("case.rejected", N_("%(title)s: ditolak")),
    }[case.state]
    lines: list[str] = [say(N_("%(stage)s oleh %(who)s."), stage=stage.name, who=who)]
    if decision.comment:
        lines.append(decision.comment)
    for request in decision.requests:
        label = subject.field_labels.get(request["field"], request["field"])
        lines.append(say("- %(field)s: %(text)s", field=kept(label), text=request["text"]))
    title = say(words, title=case.title, state=say(became or subject.approved_word.lower()))
    return [draft(kind, title, joined(lines), page, officer_id=case.submitted_by)]


def of_reopening(
    case: Case, opened: Sequence[Stage], subject: SubjectType, who: str, reason: str
) -> list[Draft]:
    """A rejected case that the Kadiv opened again waits once more; its submitter hears of it."""
    said = say(N_("%(who)s membuka kembali kasus ini: %(reason)s"), who=who, reason=reason)
    title = say(N_("%(title)s: dibuka kembali"), title=case.title)
    told = draft("case.reopened", title, said, subject.page(case), officer_id=case.submitted_by)
    return [*waiting(case, opened, subject, said), told]


def of_withdrawal(
    case: Case, turns: Sequence[tuple[Stage, int | None]], subject: SubjectType, by: Actor, reason: str
) -> list[Draft]:
    """Whose turn it was (`turns`: each open stage with who holds it) hears that there is nothing left to decide; who
    submitted it, that somebody else took it back. Nobody hears of what he did himself."""
    title = say(N_("%(title)s: ditarik kembali"), title=case.title)
    lines: list[str] = [say(N_("Ditarik oleh %(who)s."), who=by.name)]
    if reason:
        lines.append(reason)
    body, page = joined(lines), subject.page(case)
    holders = {held for _, held in turns if held is not None} | {case.submitted_by}
    roles = dict.fromkeys(stage.role for stage, held in turns if held is None)
    return [
        *(draft("case.withdrawn", title, body, page, **_to(case, role)) for role in roles),
        *(
            draft("case.withdrawn", title, body, page, officer_id=one)
            for one in sorted(holders)
            if one != by.id
        ),
    ]


def of_reminder(case: Case, stage: Stage, subject: SubjectType, deadline: str) -> list[Draft]:
    """A stage's role is reminded of its deadline (`deadline` in words)."""
    body = say(N_("Tahap %(stage)s: %(deadline)s."), stage=stage.name, deadline=deadline)
    title = say("%(title)s: %(deadline)s", title=case.title, deadline=deadline)
    return [draft("case.reminder", title, body, subject.page(case), **_to(case, stage.role))]


def of_overdue(case: Case, stage: Stage, subject: SubjectType) -> list[Draft]:
    """A case past its deadline is named to whom the stage escalates."""
    words = (
        N_("Tahap %(stage)s lewat tenggat dan belum diputuskan.")
        if stage.decides
        else N_("Tahap %(stage)s lewat tenggat dan belum diberi pendapat.")
    )
    body = say(words, stage=stage.name)
    title = say(N_("%(title)s: lewat tenggat"), title=case.title)
    return [draft("case.overdue", title, body, subject.page(case), **_to(case, stage.escalate_to))]


def waiting(case: Case, opened: Sequence[Stage], subject: SubjectType, said: str) -> list[Draft]:
    """Each role that may decide now hears that a case waits, once however many of its stages are open."""
    named = {stage.role: stage.name for stage in reversed(opened)}
    page = subject.page(case)
    return [
        draft(
            "case.waiting",
            say(N_("%(title)s: menunggu %(stage)s"), title=case.title, stage=name),
            said,
            page,
            **_to(case, role),
        )
        for role, name in named.items()
    ]


def _to(case: Case, role: str) -> dict[str, Any]:
    return {"role": role, "upt_id": case.upt_id if role in UPT_ROLES else None}


@dataclass(frozen=True)
class Told:
    """A notice as one officer has it: `read_at` is his own."""

    id: int
    kind: str
    title: str
    body: str
    said: dict[str, Any] | None
    link: str
    created_at: datetime
    read_at: datetime | None


def told_in(notice: Notice | Told, part: str, translate: Callable[[str], str]) -> str:
    """The title or the body of a notice, said by `translate` where it is known what it is made of."""
    if notice.said is None:
        return str(getattr(notice, part))
    return spoken(notice.said[part], translate)


def notices_for(by: Actor, *, unread: bool = False, limit: int = 20, before: int | None = None) -> list[Told]:
    """The newest notices of an officer: to him, or to a role of his (in his UPT); `before` is the id of the
    last one seen. One statement."""
    asked = _asked(by).order_by(Notice.id.desc()).limit(limit)
    if unread:
        asked = asked.where(unread_by(by.id))
    if before is not None:
        asked = asked.where(Notice.id < before)
    return [_as_told(row) for row in scoped_session().execute(asked)]


def unread_count(by: Actor, *, most: int = 100) -> int:
    """How many notices the officer has not read, counted up to `most`. One statement."""
    return int(scoped_session().scalar(select(unread(by, most))) or 0)


def unread(by: Actor, most: int = 100) -> Any:
    """The same count as a part of a larger statement."""
    some = select(Notice.id).where(_mine(by), unread_by(by.id)).limit(most).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def unread_by(officer_id: int) -> ColumnElement[bool]:
    """What an officer has not read: a notice above his mark that has none of its own. What lies below is not looked at,
    so that a count costs what came since he read everything."""
    own = aliased(NoticeRead)
    read = select(own.id).where(own.officer_id == officer_id, own.notice_id == Notice.id)
    return and_(
        Notice.id > func.coalesce(_mark(officer_id, NoticeMark.until_notice_id), 0),
        Notice.read_at.is_(None),
        ~read.exists(),
    )


def mark_read(notice_ids: list[int], *, by: Actor, now: datetime) -> None:
    """Mark notices of the officer as read, for him alone. Two statements."""
    with transaction() as session:
        asked = select(Notice.id).where(Notice.id.in_(notice_ids), _mine(by), unread_by(by.id))
        _read(session, session.scalars(asked).all(), by, now)


def notice(notice_id: int, *, by: Actor) -> Told:
    """One notice of the officer, as it is. One statement.

    Raises:
        NotFound: no such notice of his.
    """
    row = scoped_session().execute(_asked(by).where(Notice.id == notice_id)).first()
    if row is None:
        raise NotFound()
    return _as_told(row)


def open_notice(notice_id: int, *, by: Actor, now: datetime) -> Told:
    """One notice of the officer, read by him from now on. Two statements.

    Raises:
        NotFound: no such notice of his.
    """
    with transaction() as session:
        row = session.execute(_asked(by).where(Notice.id == notice_id)).first()
        if row is None:
            raise NotFound()
        told = _as_told(row)
        if told.read_at is not None:
            return told
        _read(session, [told.id], by, now)
    return replace(told, read_at=now)


def mark_all_read(*, by: Actor, now: datetime) -> int:
    """Mark every notice of the officer as read, for him alone; how many were not. At most five statements.

    His mark goes up to what is older than `SETTLED`; what is newer gets marks of its own, so that a notice whose
    transaction ends only now, with a number from before, is not read unseen.
    """
    with transaction() as session:
        asked = select(Notice.id, Notice.created_at).where(_mine(by), unread_by(by.id))
        found = session.execute(asked).all()
        until = max((row.id for row in found if row.created_at <= now - SETTLED), default=0)
        if until:
            values = {"officer_id": by.id, "until_notice_id": until, "at": now}
            if not rows.add_unless_there(session, NoticeMark, [values]):
                session.execute(
                    update(NoticeMark)
                    .where(NoticeMark.officer_id == by.id, NoticeMark.until_notice_id < until)
                    .values(until_notice_id=until, at=now)
                    .execution_options(synchronize_session=False)
                )
        _read(session, [row.id for row in found if row.id > until], by, now)
    return len(found)


def begin(officer_id: int, *, now: datetime) -> None:
    """An officer begins with nothing to read: what his role was told before he came is no news of his. Two
    statements."""
    with transaction() as session:
        until = session.scalar(select(func.max(Notice.id))) or 0
        mark = {"officer_id": officer_id, "until_notice_id": until, "at": now}
        rows.add_unless_there(session, NoticeMark, [mark])


def _read(session: Session, notice_ids: Sequence[int], by: Actor, now: datetime) -> None:
    marks = [{"officer_id": by.id, "notice_id": one, "read_at": now} for one in notice_ids]
    rows.add_unless_there(session, NoticeRead, marks)


def _mark(officer_id: int, column: Any) -> Any:
    return select(column).where(NoticeMark.officer_id == officer_id).scalar_subquery()


def _asked(by: Actor) -> Select[Any]:
    """The officer's notices with what says whether he read them."""
    return (
        select(
            Notice,
            NoticeRead.read_at.label("own"),
            _mark(by.id, NoticeMark.until_notice_id).label("until"),
            _mark(by.id, NoticeMark.at).label("marked_at"),
        )
        .outerjoin(NoticeRead, and_(NoticeRead.notice_id == Notice.id, NoticeRead.officer_id == by.id))
        .where(_mine(by))
    )


def _as_told(row: Any) -> Told:
    one: Notice = row[0]
    read_at = row.own or one.read_at or (row.marked_at if one.id <= (row.until or 0) else None)
    return Told(one.id, one.kind, one.title, one.body, one.said, one.link, one.created_at, read_at)


def _mine(by: Actor) -> Any:
    to_role = and_(
        Notice.to_role.in_(sorted(by.roles)), or_(Notice.to_upt_id.is_(None), Notice.to_upt_id == by.upt_id)
    )
    muted = (
        select(NoticeChoice.id)
        .where(
            NoticeChoice.officer_id == by.id, NoticeChoice.kind == Notice.kind, NoticeChoice.in_app == false()
        )
        .exists()
    )
    return and_(or_(Notice.to_officer_id == by.id, to_role), ~muted)
