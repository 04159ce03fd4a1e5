"""Asking a colleague for an opinion, and giving one. An opinion decides nothing: the case stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.models import Officer
from tenants.officers import Actor, actor_of
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices
from workflows.calendars import calendar_of
from workflows.errors import CaseMoved
from workflows.models import Case
from workflows.proof.whole import sealed
from workflows.stages import clean
from workflows.subjects import subject_type
from workflows.talk import notices as talk_notices
from workflows.talk.checking import Checked
from workflows.talk.comments import content_of, keep, locked, of_kanwil, payload_of, said
from workflows.talk.errors import NoSuchOpinion, OpinionClosed, OpinionInvalid
from workflows.talk.models import OPINION, Note, Opinion

ASKERS = ("pembina", "pemantau", "pengendali", "kadiv", "kakanwil")
"""Who decides in a Kanwil may ask."""
LONGEST = timedelta(days=90)
MAX_QUESTION = 2000


def ask(
    case_id: int,
    username: str,
    question: str,
    *,
    until_on: date | None = None,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> Opinion:
    """Ask an officer of the same Kanwil for an opinion on an open case; he gets a notice.

    Repeating the call with the same key returns the first request. One transaction, seven statements.

    Raises:
        Forbidden: `by` decides nothing in this Kanwil.
        NoSuchCase: there is none within the scope.
        CaseMoved: the case is closed.
        OpinionInvalid: nobody of that name may be asked, he was asked already, or question or day are wrong.
    """
    by.require(*ASKERS)
    asked, _ = once(
        key,
        "talk.ask",
        lambda: _ask(case_id, username, question, until_on, by, now),
        lambda made: made.id,
        _opinion,
        content=content_of(case_id, username, question, until_on),
    )
    return asked


def _ask(
    case_id: int, username: str, question: str, until_on: date | None, by: Actor, now: datetime
) -> Opinion:
    with transaction() as session:
        case = locked(session, case_id, by=by)
        if not case.is_open:
            raise CaseMoved(N_("Kasus ini sudah selesai, jadi tidak ada lagi yang perlu ditanyakan."))
        wrong: dict[str, Any] = {}
        colleague = _colleague(session, case, username, by)
        if colleague is None:
            wrong["officer"] = N_("Pilih rekan petugas Kanwil ini.")
        elif _asked_already(session, case.id, colleague.id):
            wrong["officer"] = N_("Rekan ini sudah dimintai pendapat dan belum menjawab.")
        try:
            words = clean(question or "", MAX_QUESTION)
            if not words:
                wrong["question"] = N_("Tulis apa yang ingin Anda tanyakan.")
        except ValueError as error:
            words, wrong["question"] = "", str(error)
        if until_on is not None:
            today = local_day(now, calendar_of(session).timezone)
            if not today <= until_on <= today + LONGEST:
                wrong["until_on"] = N_("Pilih hari ini atau sesudahnya, paling lama 90 hari.")
        if wrong or colleague is None:
            raise OpinionInvalid(fields=wrong)
        row = Opinion(
            case_id=case.id,
            asker_id=by.id,
            asker_name=by.name[:200],
            asked_id=colleague.id,
            asked_name=colleague.name[:200],
            question=words,
            until_on=until_on,
            asked_at=now,
        )
        session.add(row)
        session.flush()
        payload = {"opinion": row.id, "asked": colleague.id, **sealed(row)}
        audit.link_case(session, case, "case.opinion_asked", payload, by=by.id, now=now)
        session.flush()
        notices.tell(session, [talk_notices.of_question(case, row)], now)
        return row


def answer(
    opinion_id: int,
    body: str,
    *,
    attached: Sequence[Checked] = (),
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> Opinion:
    """Give the opinion that was asked of `by`: kept as an internal note, told to the asker; the case does not move.

    Repeating the call with the same key returns the answered request. One transaction, eight statements.

    Raises:
        NoSuchOpinion: nothing like it was asked of `by`.
        OpinionClosed: it was answered already, or the case is closed.
        CommentInvalid: nothing was written, or too much.
    """
    words = said(body, attached, least=say(N_("Tulis pendapat Anda.")))
    answered, _ = once(
        key,
        "talk.answer",
        lambda: _answer(opinion_id, words, attached, by, now),
        lambda made: made.id,
        _opinion,
        content=content_of(opinion_id, words, attached),
    )
    return answered


def _answer(opinion_id: int, words: str, attached: Sequence[Checked], by: Actor, now: datetime) -> Opinion:
    with transaction() as session:
        row = require_asked(opinion_id, by=by)
        case = locked(session, row.case_id, by=by)
        session.refresh(row)
        if row.answered_at is not None:
            raise OpinionClosed(N_("Anda sudah menjawab permintaan ini."))
        if not case.is_open:
            raise OpinionClosed(N_("Kasusnya sudah selesai, jadi pendapat tidak diperlukan lagi."))
        note = Note(kind=OPINION)
        kept = keep(session, case, note, words, attached, mentions=[], by=by, now=now)
        row.answered_at, row.note_id = now, note.id
        payload = {**payload_of(note, kept, row), "opinion": row.id}
        audit.link_case(session, case, "case.opinion_given", payload, by=by.id, now=now)
        session.flush()
        notices.tell(session, [talk_notices.of_answer(case, row)], now)
        return row


def require_asked(opinion_id: int, *, by: Actor) -> Opinion:
    """What was asked of `by`. One statement.

    Raises:
        NoSuchOpinion: nothing like it was.
    """
    row = _opinion(opinion_id)
    if row.asked_id != by.id:
        raise NoSuchOpinion()
    return row


def colleagues(case: Case, by: Actor) -> list[tuple[str, str]]:
    """(username, name) of whom `by` may ask about this case, by name. Two statements."""
    return [
        (officer.username, officer.name)
        for officer in _of_the_kanwil(scoped_session())
        if officer.id != by.id and _may_be_asked(officer, case)
    ]


def _colleague(session: Session, case: Case, username: str, by: Actor) -> Officer | None:
    name = (username or "").strip().lstrip("@").lower()
    found = [one for one in _of_the_kanwil(session, name) if one.id != by.id and _may_be_asked(one, case)]
    return found[0] if found else None


def _of_the_kanwil(session: Session, username: str | None = None) -> list[Officer]:
    asked = (
        select(Officer)
        .where(Officer.upt_id.is_(None), Officer.active.is_(True))
        .options(selectinload(Officer.roles))
        .order_by(Officer.first_name, Officer.last_name)
        .limit(200)
    )
    if username is not None:
        asked = asked.where(Officer.username == username)
    return list(session.scalars(asked))


def _may_be_asked(officer: Officer, case: Case) -> bool:
    actor = actor_of(officer)
    return of_kanwil(actor) and subject_type(case.subject_type).may_view(actor, case)


def _asked_already(session: Session, case_id: int, officer_id: int) -> bool:
    asked = select(Opinion.id).where(
        Opinion.case_id == case_id, Opinion.asked_id == officer_id, Opinion.answered_at.is_(None)
    )
    return session.scalar(asked) is not None


def _opinion(opinion_id: int) -> Opinion:
    row = scoped_session().scalars(select(Opinion).where(Opinion.id == opinion_id)).first()
    if row is None:
        raise NoSuchOpinion()
    return row


__all__ = ["ASKERS", "answer", "ask", "colleagues", "require_asked"]
