"""Filling an assessment: an UPT begins one a year, scores itself with evidence, and hands it to the Kanwil.

A draft keeps whatever was typed and is saved answer by answer; what was submitted is frozen in the workflow's case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.checks import unanswered
from catalogue.readiness import questions
from catalogue.readiness.errors import (
    EvidenceNotFound,
    NotYourReadiness,
    ReadinessIncomplete,
    ReadinessMoved,
    ReadinessNotFound,
)
from catalogue.readiness.models import Answer, Assessment, Evidence
from catalogue.readiness.questions import Asked
from catalogue.readiness.terms import (
    DRAFT,
    FILLING,
    HIGHEST,
    IN_REVIEW,
    LABELS,
    REJECTED,
    RETURNED,
    means,
    total_of,
)
from tenants import files
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.models import Upt
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit, submission
from workflows.calendars import calendar_of
from workflows.models import Case
from workflows.queries import open_requests
from workflows.stages import clean
from workflows.talk.checking import Checked

SUBJECT: Final = "readiness"
FILLER: Final = "operator_upt"
FIRST_YEAR: Final = 2020
LONGEST_EVIDENCE: Final = 2000
LONGEST_REPLY: Final = 2000
MOST_FILES: Final = 5
"""Files beside one answer."""


def begin(year: int, *, by: Actor, now: datetime, key: str | None = None) -> Assessment:
    """Begin the year's assessment of the officer's UPT with the questionnaire in force; one that is there already is
    given back.

    Raises:
        NotYourReadiness: `by` is no operator of an UPT.
        ReadinessIncomplete: not a year, or one that has not begun.
    """
    _may_fill(by)

    def act() -> Assessment:
        with transaction() as session:
            today = local_day(now, calendar_of(session).timezone)
            if not FIRST_YEAR <= year <= today.year:
                raise ReadinessIncomplete(
                    fields={
                        "year": say(
                            N_("Pilih tahun %(first)s sampai %(last)s."), first=FIRST_YEAR, last=today.year
                        )
                    }
                )
            found: Assessment | None = session.scalars(_of_year(by, year)).first()
            if found is not None:
                return found
            asked = questions.in_force(session)
            row = Assessment(
                upt_id=by.upt_id,
                year=year,
                state=DRAFT,
                questionnaire_version=asked.version,
                self_scores={},
                created_at=now,
                updated_at=now,
            )
            try:
                with session.begin_nested():
                    session.add(row)
            except IntegrityError:  # a second click came first
                first: Assessment = session.scalars(_of_year(by, year)).one()
                return first
            session.add_all(
                Answer(readiness_id=row.id, upt_id=row.upt_id, question=one, evidence="", reason="")
                for one in asked.keys
            )
            payload = {"readiness": row.id, "year": year, "questionnaire": asked.version}
            audit.record(audit.KANWIL, "readiness.begun", payload, by=by, now=now, upt_id=row.upt_id)
            session.flush()
            return row

    return once(key, "readiness.begin", act, lambda row: row.id, loaded, content=[year])[0]


def save(
    readiness_id: int,
    changes: Mapping[str, Mapping[str, Any]],
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
    replies: Mapping[str, str] = {},
    strict: bool = False,
) -> Assessment:
    """Keep answers: `changes` maps a question to ``{"score", "evidence"}``, either left out where it stays. `replies`
    are what the UPT answers to the requests of a return. What can't be read leaves the answer as it was, unless
    `strict`.

    Raises:
        ReadinessNotFound: there is none within the scope. NotYourReadiness: another UPT's, or no operator.
        ReadinessMoved: it is being verified; or since `version` somebody else changed one of these answers.
        ReadinessIncomplete: with `strict`, what can't be read, by field.
    """
    with transaction() as session:
        row, asked = opened(session, readiness_id, by)
        read, wrong = read_answers(changes, asked)
        if strict and wrong:
            raise ReadinessIncomplete(fields=wrong)
        answers = {one.question: one for one in session.scalars(_answers(row))}
        touched = []
        for key, values in read.items():
            answer = answers[key]
            if all(getattr(answer, name) == value for name, value in values.items()):
                continue
            if version is not None and answer.changed_version > version and answer.changed_by != by.id:
                raise ReadinessMoved(
                    say(
                        N_("Jawaban %(label)s baru saja diubah orang lain. Muat ulang halamannya."),
                        label=LABELS[key],
                    ),
                    detail={"question": key},
                )
            for name, value in values.items():
                setattr(answer, name, value)
            touched.append(answer)
        given = {
            str(key)[:60]: str(text).replace("\x00", "").strip()[:LONGEST_REPLY]
            for key, text in replies.items()
        }
        if not touched and all(row.replies.get(key, "") == text for key, text in given.items()):
            return row
        row.replies = {**row.replies, **given}
        changed(session, row, list(answers.values()), touched, by, now)
        return row


def attach(
    readiness_id: int,
    question: str,
    given: Sequence[Checked],
    *,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> list[Evidence]:
    """Put files beside an answer, each judged by its content already.

    Raises:
        ReadinessNotFound, NotYourReadiness, ReadinessMoved: as `save`.
        ReadinessIncomplete: no such question, no file, or more than five beside the answer.
    """
    kept = [(one, sha256(one.data).hexdigest()) for one in given]

    def act() -> Evidence:
        with transaction() as session:
            row, asked = opened(session, readiness_id, by)
            place = f"{question}.files"
            if asked.question(question) is None:
                raise ReadinessIncomplete(fields={place: N_("Pertanyaan ini tidak ada.")})
            there = len(session.scalars(_files(row, question)).all())
            if not kept or there + len(kept) > MOST_FILES:
                words = (
                    say(N_("Pilih sebuah berkas."))
                    if not kept
                    else say(N_("Paling banyak %(most)s berkas untuk satu jawaban."), most=MOST_FILES)
                )
                raise ReadinessIncomplete(fields={place: words})
            made = []
            for one, digest in kept:
                files.put(one.data)
                made.append(
                    Evidence(
                        readiness_id=row.id,
                        upt_id=row.upt_id,
                        question=question,
                        key=token_urlsafe(18),
                        name=one.name,
                        sha256=digest,
                        size_bytes=len(one.data),
                        kind=one.kind,
                        added_by=by.id,
                        added_at=now,
                    )
                )
            session.add_all(made)
            answers = list(session.scalars(_answers(row)))
            changed(session, row, answers, [one for one in answers if one.question == question], by, now)
            return made[-1]

    last, _ = once(
        key,
        f"readiness.attach:{readiness_id}:{question}",
        act,
        lambda one: one.id,
        lambda id_: scoped_session().scalars(select(Evidence).where(Evidence.id == id_)).one(),
        content=[digest for _, digest in kept],
    )
    asked = select(Evidence).where(Evidence.readiness_id == readiness_id, Evidence.question == question)
    found = list(scoped_session().scalars(asked.where(Evidence.id <= last.id).order_by(Evidence.id.desc())))
    return found[: len(kept)][::-1]


def detach(file_key: str, *, by: Actor, now: datetime) -> Assessment:
    """Take a file away from its answer. One that was never submitted is gone; a submitted one stays with its revision.

    Raises:
        EvidenceNotFound: there is none within the scope. NotYourReadiness, ReadinessMoved: as `save`.
    """
    with transaction() as session:
        found = session.scalars(
            select(Evidence).where(Evidence.key == file_key, Evidence.removed_at.is_(None))
        ).first()
        if found is None:
            raise EvidenceNotFound()
        row, _ = opened(session, found.readiness_id, by)
        if row.submitted_at is not None and found.added_at <= row.submitted_at:
            found.removed_at = now
        else:
            session.delete(found)
        session.flush()
        answers = list(session.scalars(_answers(row)))
        changed(session, row, answers, [one for one in answers if one.question == found.question], by, now)
        return row


def submit(
    readiness_id: int,
    *,
    by: Actor,
    now: datetime,
    replies: Mapping[str, str] = {},
    key: str | None = None,
) -> Case:
    """Freeze the answers and open the case in which the Kanwil verifies them; the same `key` gives the same case.

    Raises:
        ReadinessNotFound, NotYourReadiness: as `save`.
        ReadinessMoved: it is being verified, was verified, or nothing changed since it was returned.
        ReadinessIncomplete: what is missing, by field (``organisation_1.score``, ``reply.<id>``).
    """
    given = {str(name)[:60]: str(text)[:LONGEST_REPLY] for name, text in replies.items()}
    case, _ = once(
        key,
        f"readiness.submit:{readiness_id}",
        lambda: _submitted(readiness_id, given, by, now),
        lambda case: case.id,
        lambda case_id: scoped_session().scalars(select(Case).where(Case.id == case_id)).one(),
        content=given,
    )
    return case


def _submitted(readiness_id: int, given: Mapping[str, str], by: Actor, now: datetime) -> Case:
    with transaction() as session:
        row, asked = opened(session, readiness_id, by)
        replies = {**row.replies, **given}
        answers = {one.question: one for one in session.scalars(_answers(row))}
        files_of: dict[str, list[Evidence]] = {}
        for one in session.scalars(_files(row)):
            files_of.setdefault(one.question, []).append(one)
        frozen = snapshot(row, asked, answers, files_of)
        before = (
            session.scalars(select(Case.fields).where(Case.id == row.case_id)).one() if row.case_id else {}
        )
        wrong = missing(answers, asked)
        if row.state == RETURNED and row.case_id is not None:
            for request in unanswered(open_requests(row.case_id), replies, before, frozen):
                wrong[f"reply.{request['id']}"] = N_("Jawab permintaan ini, atau ubah jawabannya.")
        if wrong:
            raise ReadinessIncomplete(say(N_("%(n)s isian belum lengkap."), n=len(wrong)), fields=wrong)
        for key, answer in answers.items():
            if before.get(key) != frozen.get(key):  # what was verified is no longer what is said
                answer.verified_score, answer.reason = None, ""
                answer.verified_by = answer.verified_by_name = answer.verified_at = None
        if row.submitted_at is not None:
            row.revision_no += 1
        row.state, row.submitted_at, row.updated_at = IN_REVIEW, now, now
        row.version += 1
        row.replies = {}
        session.flush()
        upt = session.scalars(select(Upt).where(Upt.id == row.upt_id)).one()
        case = submission.submit(
            SUBJECT,
            row.id,
            revision_no=row.revision_no,
            title=f"Kesiapan {row.year}: {upt.short_name}",
            fields=frozen,
            upt_id=row.upt_id,
            editor_ids=row.edited_by,
            by=by,
            now=now,
            previous_case_id=row.case_id,
            answers={name: text for name, text in replies.items() if text},
        )
        row.case_id = case.id
        session.flush()
        return case


def snapshot(
    row: Assessment, asked: Asked, answers: Mapping[str, Answer], files_of: Mapping[str, Sequence[Evidence]]
) -> dict[str, Any]:
    """The assessment as its case keeps it: each answer with its question, and the means of what it says."""
    by_dimension = means({key: one.score for key, one in answers.items()}, asked.keys)
    return {
        "year": row.year,
        "questionnaire": asked.version,
        "self": by_dimension,
        "total": total_of(by_dimension),
        **{
            one.key: {
                "question": one.text,
                "score": answers[one.key].score,
                "evidence": answers[one.key].evidence,
                "files": [file.told() for file in files_of.get(one.key, [])],
            }
            for one in asked.questions
        },
    }


def missing(answers: Mapping[str, Answer], asked: Asked) -> dict[str, str]:
    """What still stands between a draft and its submission, by field. A score of 0 needs no evidence."""
    found: dict[str, str] = {}
    for key in asked.keys:
        answer = answers[key]
        if answer.score is None:
            found[f"{key}.score"] = say(N_("Pilih nilainya."))
        elif answer.score > 0 and not answer.evidence:
            found[f"{key}.evidence"] = say(N_("Tulis buktinya: apa yang dapat dilihat verifikator."))
    return found


def read_answers(
    changes: Mapping[str, Any], asked: Asked
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """What was typed in its types, by question; and what can't be read, by field."""
    read: dict[str, dict[str, Any]] = {}
    wrong: dict[str, str] = {}
    for key, given in changes.items():
        if asked.question(key) is None or not isinstance(given, Mapping):
            wrong[str(key)[:60]] = N_("Pertanyaan ini tidak ada.")
            continue
        values: dict[str, Any] = {}
        if "score" in given:
            try:
                values["score"] = read_score(given["score"])
            except ValueError as error:
                wrong[f"{key}.score"] = str(error)
        if "evidence" in given:
            text = given["evidence"]
            try:
                values["evidence"] = clean(text if isinstance(text, str) else "", LONGEST_EVIDENCE)
            except ValueError as error:
                wrong[f"{key}.evidence"] = str(error)
        if values:
            read[key] = values
    return read, wrong


def read_score(given: Any) -> int | None:
    """A score from 0 to 4; None where nothing was chosen.

    Raises:
        ValueError: anything else, with a sentence for people.
    """
    if given is None or given == "":
        return None
    text = str(given)
    if isinstance(given, bool) or not (
        text.isascii() and text.isdigit() and len(text) == 1 and int(text) <= HIGHEST
    ):
        raise ValueError(say(N_("Nilai antara 0 dan %(most)s."), most=HIGHEST))
    return int(text)


def opened(session: Session, readiness_id: int, by: Actor) -> tuple[Assessment, Asked]:
    """An assessment that `by` may fill now, locked, with its questionnaire. One or two statements.

    Raises:
        ReadinessNotFound, NotYourReadiness, ReadinessMoved: see `save`.
    """
    _may_fill(by)
    row = locked(session, readiness_id)
    if row.upt_id != by.upt_id:
        raise NotYourReadiness()
    if row.state not in FILLING:
        words = (
            N_("Penilaian ini sedang diverifikasi Kanwil.")
            if row.state == IN_REVIEW
            else N_("Penilaian ini sudah terverifikasi; yang berikutnya tahun depan.")
        )
        raise ReadinessMoved(words, detail={"state": row.state})
    return row, questions.of_version(row.questionnaire_version, session)


def locked(session: Session, readiness_id: int) -> Assessment:
    """An assessment, locked until the transaction ends. One statement.

    Raises:
        ReadinessNotFound: there is none within the scope.
    """
    row = session.scalars(
        select(Assessment)
        .where(Assessment.id == readiness_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise ReadinessNotFound(N_("Penilaian ini tidak ada."))
    return row


def loaded(readiness_id: int) -> Assessment:
    """One assessment within the scope. One statement.

    Raises:
        ReadinessNotFound: there is none.
    """
    row = scoped_session().scalars(select(Assessment).where(Assessment.id == readiness_id)).first()
    if row is None:
        raise ReadinessNotFound(N_("Penilaian ini tidak ada."))
    return row


def changed(
    session: Session,
    row: Assessment,
    answers: Sequence[Answer],
    touched: Sequence[Answer],
    by: Actor,
    now: datetime,
) -> None:
    """The assessment after its answers changed: who, how much of it is answered, what it says of itself."""
    row.version += 1
    row.updated_at = now
    if row.state == REJECTED:  # begun anew: the rejected revision is no longer what would be reopened
        row.state = DRAFT
    for answer in touched:
        answer.changed_version, answer.changed_by = row.version, by.id
    if touched and by.id not in row.edited_by:
        row.edited_by = [*row.edited_by, by.id]
    row.answered = sum(one.score is not None and bool(one.evidence or one.score == 0) for one in answers)
    row.self_scores = means({one.question: one.score for one in answers}, [one.question for one in answers])
    session.flush()


def _may_fill(by: Actor) -> None:
    if by.upt_id is None or not by.has(FILLER):
        raise NotYourReadiness()


def _of_year(by: Actor, year: int) -> Any:
    return select(Assessment).where(Assessment.upt_id == by.upt_id, Assessment.year == year)


def _answers(row: Assessment) -> Any:
    return select(Answer).where(Answer.readiness_id == row.id).order_by(Answer.id)


def _files(row: Assessment, question: str | None = None) -> Any:
    asked = select(Evidence).where(Evidence.readiness_id == row.id, Evidence.removed_at.is_(None))
    asked = asked.where(Evidence.question == question) if question is not None else asked
    return asked.order_by(Evidence.id)
