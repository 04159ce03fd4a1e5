"""Which message goes to whom on which event, and its way out by mail.

A notice is written in the transaction of the event and shown in the app; it is addressed to an officer, or to
everyone of a role (of one UPT, where set). `mailing` sends it on by mail: from the table, so that nothing is
lost and nothing waits for a mail server.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import NotFound
from tenants.officers import UPT_ROLES, Actor
from tenants.said import Said, joined, parts_of, say
from tenants.words import N_
from workflows import rows
from workflows.models import Case, Decision, Notice, NoticeChoice
from workflows.stages import Stage
from workflows.subjects import SubjectType

Draft = dict[str, Any]


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
        rows.add_notices(session, [{**one, "created_at": now} for one in drafts])


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
        said = say(N_("%(stage)s disetujui oleh %(who)s."), stage=stage.name, who=who)
        following = ", ".join(one.name for one in opened)
        return [
            *waiting(case, opened, subject, said),
            draft(
                "case.passed",
                say(N_("%(title)s: lolos %(stage)s"), title=case.title, stage=stage.name),
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
        lines.append(say("- %(field)s: %(text)s", field=say(label), text=request["text"]))
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


def of_reminder(case: Case, stage: Stage, subject: SubjectType, deadline: str) -> list[Draft]:
    """A stage's role is reminded of its deadline (`deadline` in words)."""
    body = say(N_("Tahap %(stage)s: %(deadline)s."), stage=stage.name, deadline=deadline)
    title = say("%(title)s: %(deadline)s", title=case.title, deadline=deadline)
    return [draft("case.reminder", title, body, subject.page(case), **_to(case, stage.role))]


def of_overdue(case: Case, stage: Stage, subject: SubjectType) -> list[Draft]:
    """A case past its deadline is named to whom the stage escalates."""
    body = say(N_("Tahap %(stage)s lewat tenggat dan belum diputuskan."), stage=stage.name)
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


def notices_for(
    by: Actor, *, unread: bool = False, limit: int = 20, before: int | None = None
) -> list[Notice]:
    """The newest notices of an officer: to him, or to a role of his (in his UPT); `before` is the id of the
    last one seen. One statement."""
    asked = select(Notice).where(_mine(by)).order_by(Notice.id.desc()).limit(limit)
    if unread:
        asked = asked.where(Notice.read_at.is_(None))
    if before is not None:
        asked = asked.where(Notice.id < before)
    return list(scoped_session().scalars(asked))


def unread_count(by: Actor, *, most: int = 100) -> int:
    """How many notices the officer has not read, counted up to `most`. One statement."""
    return int(scoped_session().scalar(select(unread(by, most))) or 0)


def unread(by: Actor, most: int = 100) -> Any:
    """The same count as a part of a larger statement."""
    some = select(Notice.id).where(_mine(by), Notice.read_at.is_(None)).limit(most).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def mark_read(notice_ids: list[int], *, by: Actor, now: datetime) -> None:
    """Mark notices of the officer as read. One statement."""
    with transaction() as session:
        session.execute(
            update(Notice)
            .where(Notice.id.in_(notice_ids), Notice.read_at.is_(None), _mine(by))
            .values(read_at=now)
            .execution_options(synchronize_session=False)
        )


def notice(notice_id: int, *, by: Actor) -> Notice:
    """One notice of the officer, as it is. One statement.

    Raises:
        NotFound: no such notice of his.
    """
    row = scoped_session().scalars(select(Notice).where(Notice.id == notice_id, _mine(by))).first()
    if row is None:
        raise NotFound()
    return row


def open_notice(notice_id: int, *, by: Actor, now: datetime) -> Notice:
    """One notice of the officer, read from now on. Two statements.

    Raises:
        NotFound: no such notice of his.
    """
    with transaction() as session:
        row = session.scalars(select(Notice).where(Notice.id == notice_id, _mine(by))).first()
        if row is None:
            raise NotFound()
        if row.read_at is None:
            row.read_at = now
        session.flush()
    return row


def mark_all_read(*, by: Actor, now: datetime) -> int:
    """Mark every notice of the officer as read; how many were not. One statement."""
    with transaction() as session:
        done = session.execute(
            update(Notice)
            .where(Notice.read_at.is_(None), _mine(by))
            .values(read_at=now)
            .execution_options(synchronize_session=False)
        )
    return int(done.rowcount)  # type: ignore[attr-defined]


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
