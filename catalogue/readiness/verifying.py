"""What the Kanwil does with a submitted assessment: its own score beside each of the UPT's, and what a case leads to.

Whoever may decide the case now may score; the workflow says who that is, and keeps the editors away from it. Each
change is an event on the case's chain; the approval freezes the verified means as the year's figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalogue.readiness import questions
from catalogue.readiness.errors import ReadinessIncomplete, ReadinessMoved
from catalogue.readiness.filling import SUBJECT, locked, read_score
from catalogue.readiness.models import Answer, Assessment, Score
from catalogue.readiness.terms import (
    DRAFT,
    FILLING,
    IN_REVIEW,
    REJECTED,
    RETURNED,
    VERIFIED,
    means,
    total_of,
)
from tenants.database import transaction
from tenants.errors import Conflict
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit
from workflows.calendars import calendar_of
from workflows.decisions import Verdict, lock_case, seat
from workflows.desk.holds import refusal, stops
from workflows.errors import VerdictIncomplete
from workflows.models import Case
from workflows.proof.whole import sealed
from workflows.stages import clean

LONGEST_REASON: Final = 1000


def verify(
    readiness_id: int, scores: Mapping[str, Mapping[str, Any]], *, by: Actor, now: datetime
) -> Assessment:
    """Keep verified scores: `scores` maps a question to ``{"score", "reason"}``; questions left out stay. A score that
    differs from the UPT's own needs its reason. One transaction with its event; said again, it changes nothing.

    Raises:
        ReadinessNotFound: there is none within the scope.
        ReadinessMoved: it is not being verified.
        NotYourStage, FourEyes, CaseHeld: `by` may not decide its case now.
        ReadinessIncomplete: what can't be accepted, by field (``organisation_1.score``, ``organisation_1.reason``).
    """
    with transaction() as session:
        row = locked(session, readiness_id)
        if row.state != IN_REVIEW or row.case_id is None:
            raise ReadinessMoved(N_("Penilaian ini tidak sedang diverifikasi."), detail={"state": row.state})
        at = lock_case(session, row.case_id, by)
        here, stage = seat(session, at, Verdict("approve"), by)
        held = stops(at.holds, at.case, stage, here.votes, by, now)
        if held is not None:
            raise refusal(held, now, calendar_of(session).timezone)
        answers = {
            one.question: one for one in session.scalars(select(Answer).where(Answer.readiness_id == row.id))
        }
        read = _read(scores, answers)
        told: dict[str, Any] = {}
        for key, (score, reason) in read.items():
            answer = answers[key]
            if (answer.verified_score, answer.reason) == (score, reason):
                continue
            answer.verified_score, answer.reason = score, reason
            answer.verified_by, answer.verified_by_name, answer.verified_at = by.id, by.name, now
            told[key] = {"self": answer.score, "verified": score, "reason": reason}
        if told:
            row.version += 1
            row.updated_at = now
            payload = {"readiness": row.id, "scores": told}
            audit.link_case(session, at.case, "readiness.assessed", payload, by=by.id, now=now)
            session.flush()
        return row


def _read(scores: Mapping[str, Any], answers: Mapping[str, Answer]) -> dict[str, tuple[int | None, str]]:
    wrong: dict[str, str] = {}
    read: dict[str, tuple[int | None, str]] = {}
    for key, given in scores.items():
        answer = answers.get(key)
        if answer is None or not isinstance(given, Mapping):
            wrong[str(key)[:60]] = N_("Pertanyaan ini tidak ada.")
            continue
        try:
            score = read_score(given.get("score"))
        except ValueError as error:
            wrong[f"{key}.score"] = str(error)
            continue
        reason = given.get("reason")
        try:
            words = clean(reason if isinstance(reason, str) else "", LONGEST_REASON)
        except ValueError as error:
            wrong[f"{key}.reason"] = str(error)
            continue
        if score is not None and score != answer.score and not words:
            wrong[f"{key}.reason"] = say(N_("Tulis mengapa nilainya berbeda dari penilaian UPT."))
            continue
        read[key] = (score, words)
    if wrong:
        raise ReadinessIncomplete(fields=wrong)
    return read


# --- what a case leads to ---


def before_decide(session: Session, case: Case, verdict: Any, by: Actor) -> None:
    """An approval needs a verified score for every question; a return names questions that were asked.

    Raises:
        VerdictIncomplete: they are missing, or none of the asked.
    """
    if verdict.outcome == "approve":
        asked = select(Answer.question).where(
            Answer.readiness_id == case.subject_id, Answer.verified_score.is_(None)
        )
        left = len(session.scalars(asked).all())
        if left:
            words = say(N_("%(n)s jawaban belum diberi nilai verifikasi. Buka penilaiannya dahulu."), n=left)
            raise VerdictIncomplete(words, fields={"verified": words})
    if verdict.outcome == "return" and isinstance(verdict.requests, list | tuple):
        wrong = {
            f"requests.{at}.field": N_("Pertanyaan ini tidak ada dalam kuesioner.")
            for at, one in enumerate(verdict.requests)
            if isinstance(one, Mapping) and one.get("field") not in case.fields
        }
        if wrong:
            raise VerdictIncomplete(fields={"requests": next(iter(wrong.values())), **wrong})


def approved(session: Session, case: Case, now: datetime) -> str | None:
    """The verified means become the year's figures. Five statements, the caller commits."""
    row = locked(session, case.subject_id)
    answers = session.scalars(select(Answer).where(Answer.readiness_id == row.id).order_by(Answer.id)).all()
    asked = questions.of_version(row.questionnaire_version, session)
    by_dimension = means({one.question: one.verified_score for one in answers}, asked.keys)
    total = total_of(by_dimension)
    if total is None:  # `before_decide` holds this; a case that lost its answers is no year's figures
        raise Conflict(N_("Nilai verifikasinya belum lengkap."))
    figures = {name: int(value or 0) for name, value in by_dimension.items()}
    score = Score(
        upt_id=row.upt_id,
        readiness_id=row.id,
        case_id=case.id,
        year=row.year,
        questionnaire_version=row.questionnaire_version,
        **figures,
        total=total,
        verified_at=now,
    )
    session.add(score)
    row.state, row.verified_scores, row.verified_at, row.updated_at = VERIFIED, figures, now, now
    row.version += 1
    session.flush()
    payload = {
        "readiness": row.id,
        "score_id": score.id,
        "scores": {
            one.question: {"self": one.score, "verified": one.verified_score, "reason": one.reason}
            for one in answers
        },
        "means": figures,
        "total": total,
        **sealed(score),
    }
    audit.link_case(session, case, "readiness.scored", payload, by=None, now=now)
    session.flush()
    return None


def moved_to(state: str) -> Any:
    """A hook that moves the assessment with its case."""

    def hook(session: Session, case: Case, now: datetime) -> None:
        session.execute(
            update(Assessment)
            .where(Assessment.id == case.subject_id)
            .values(state=state, version=Assessment.version + 1, updated_at=now)
            .execution_options(synchronize_session=False)
        )

    return hook


def reopened(session: Session, case: Case, now: datetime) -> None:
    """A rejected assessment is verified again, unless the UPT has changed it since.

    Raises:
        Conflict: it has.
    """
    done = session.execute(
        update(Assessment)
        .where(Assessment.id == case.subject_id, Assessment.state == REJECTED)
        .values(state=IN_REVIEW, version=Assessment.version + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(N_("Penilaian ini sudah diubah UPT sejak ditolak; minta UPT mengajukannya lagi."))


__all__ = [
    "DRAFT",
    "FILLING",
    "RETURNED",
    "SUBJECT",
    "approved",
    "before_decide",
    "moved_to",
    "reopened",
    "verify",
]
