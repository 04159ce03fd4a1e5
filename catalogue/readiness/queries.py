"""Assessments as officers read them: one with all that belongs to it, and a year of the Kanwil by UPT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from catalogue.readiness import questions
from catalogue.readiness.errors import EvidenceNotFound, ReadinessNotFound
from catalogue.readiness.gaps import is_late
from catalogue.readiness.models import Answer, Assessment, Evidence, Gap, Score
from catalogue.readiness.questions import Asked, Question
from catalogue.readiness.terms import (
    DIMENSIONS,
    FILLING,
    IN_REVIEW,
    OPEN,
    RETURNED,
    VERIFIED,
    WANTED,
    mean,
    total_of,
)
from tenants import files
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.errors import NotFound
from tenants.models import Upt
from tenants.officers import Actor
from tenants.scope import current
from workflows.calendars import calendar_of
from workflows.models import Case, Decision
from workflows.queries import CaseView, case_view
from workflows.talk.checking import KINDS

GAPS: Final = 200
"""Gaps of one page, the most urgent first."""


@dataclass(frozen=True)
class Line:
    """One question of an assessment: its answer, its files, and what is done about it."""

    question: Question
    answer: Answer
    files: list[Evidence]
    gaps: list[GapRow]
    requests: list[dict[str, str]]

    @property
    def counted(self) -> int | None:
        """The score that counts: the verified one, else the UPT's own."""
        verified = self.answer.verified_score
        return verified if verified is not None else self.answer.score

    @property
    def is_gap(self) -> bool:
        return self.counted is not None and self.counted < WANTED


@dataclass(frozen=True)
class GapRow:
    """A gap with whether it is late, and of which year's assessment it is."""

    gap: Gap
    late: bool
    year: int
    upt: str = ""


@dataclass(frozen=True)
class View:
    """Everything that a page or the API says of one assessment."""

    row: Assessment
    upt: Upt
    asked: Asked
    lines: list[Line]
    before: Score | None
    """The verified figures of the year before."""
    carried: list[GapRow]
    """What earlier years left open."""
    today: date

    @property
    def scores(self) -> Mapping[str, int | None]:
        """The means that count: verified where they are, else the UPT's own."""
        return self.row.verified_scores or self.row.self_scores

    @property
    def total(self) -> int | None:
        return total_of(self.scores)

    def of(self, dimension: str) -> list[Line]:
        return [line for line in self.lines if line.question.dimension == dimension]

    @property
    def complete(self) -> int:
        """Answered questions in percent."""
        return round(100 * self.row.answered / len(self.lines)) if self.lines else 0

    @property
    def is_open(self) -> bool:
        """Whether the UPT writes."""
        return self.row.state in FILLING


@dataclass(frozen=True)
class YearRow:
    """One UPT in one year: its assessment, or that there is none."""

    upt_id: int
    upt: str
    readiness_id: int | None
    state: str | None
    scores: Mapping[str, int | None]
    """Verified means, else those that the UPT gave itself; empty without an assessment."""
    total: int | None
    before: int | None
    """The verified total of the year before."""
    gaps_open: int = 0
    gaps_late: int = 0

    @property
    def is_verified(self) -> bool:
        return self.state == VERIFIED


@dataclass(frozen=True)
class Year:
    """A year of the Kanwil (or of the UPT in scope). `means` are those of the verified alone."""

    year: int
    rows: list[YearRow]
    means: dict[str, int | None]
    total: int | None
    means_before: dict[str, int | None]
    gaps: list[GapRow] = field(default_factory=list)

    @property
    def verified(self) -> int:
        return sum(row.is_verified for row in self.rows)


def view(readiness_id: int, *, now: datetime) -> View:
    """One assessment with its answers, files, gaps and the year before. Six statements; seven after a return, one more
    for a questionnaire of the centre's.

    Raises:
        ReadinessNotFound: there is none within the scope.
    """
    session = scoped_session()
    earlier = aliased(Score)
    found = session.execute(
        select(Assessment, Upt, earlier)
        .join(Upt, Upt.id == Assessment.upt_id)
        .outerjoin(earlier, and_(earlier.upt_id == Assessment.upt_id, earlier.year == Assessment.year - 1))
        .where(Assessment.id == readiness_id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise ReadinessNotFound()
    row, upt, before = found
    today = local_day(now, calendar_of(session).timezone)
    asked = questions.of_version(row.questionnaire_version, session)
    answers = {
        one.question: one for one in session.scalars(select(Answer).where(Answer.readiness_id == row.id))
    }
    kept: dict[str, list[Evidence]] = defaultdict(list)
    files_asked = select(Evidence).where(Evidence.readiness_id == row.id, Evidence.removed_at.is_(None))
    for one in session.scalars(files_asked.order_by(Evidence.id)):
        kept[one.question].append(one)
    own: dict[str, list[GapRow]] = defaultdict(list)
    carried = []
    gaps_asked = (
        select(Gap, Assessment.year)
        .join(Assessment, Assessment.id == Gap.readiness_id)
        .where(Gap.upt_id == row.upt_id, Assessment.year <= row.year)
        .order_by(Gap.due_on, Gap.id)
    )
    for gap, year in session.execute(gaps_asked).all():
        shown = GapRow(gap, is_late(gap, today), year)
        if gap.readiness_id == row.id:
            own[gap.question].append(shown)
        elif gap.state == OPEN:
            carried.append(shown)
    requests = _requests(row)
    lines = [
        Line(one, answers[one.key], kept[one.key], own[one.key], requests.get(one.key, []))
        for one in asked.questions
    ]
    return View(row, upt, asked, lines, before, carried, today)


def _requests(row: Assessment) -> dict[str, list[dict[str, str]]]:
    """What a return asks, by question. One statement, none where nothing was returned."""
    if row.state != RETURNED or row.case_id is None:
        return {}
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    asked = select(Decision).where(Decision.case_id == row.case_id, Decision.outcome == "return")
    for decision in scoped_session().scalars(asked.order_by(Decision.stage_no)):
        for one in decision.requests:
            found[one["field"]].append({**one, "by": decision.officer_name})
    return found


def case_of(row: Assessment, by: Actor) -> CaseView | None:
    """The case in which an assessment is, or was last, verified. Five statements, none without one."""
    return case_view(row.case_id, by=by) if row.case_id is not None else None


def years() -> list[int]:
    """The years that have an assessment within the scope, the newest first. One statement."""
    asked = select(Assessment.year).distinct().order_by(Assessment.year.desc()).limit(20)
    return list(scoped_session().scalars(asked))


def own(upt_id: int) -> list[Assessment]:
    """An UPT's assessments, the newest year first. One statement."""
    asked = select(Assessment).where(Assessment.upt_id == upt_id).order_by(Assessment.year.desc()).limit(20)
    return list(scoped_session().scalars(asked))


def year(year_of: int, *, now: datetime) -> Year:
    """A year by UPT with the year before and the gaps that are open: of the Kanwil, or of the UPT in scope. Four
    statements, on rows that are one an UPT and year."""
    session = scoped_session()
    today = local_day(now, calendar_of(session).timezone)
    listed = (
        select(Upt.id, Upt.short_name, Upt.active, Assessment)
        .outerjoin(Assessment, and_(Assessment.upt_id == Upt.id, Assessment.year == year_of))
        .order_by(Upt.short_name)
    )
    own_upt = current().upt_id  # the register of UPT is seen by all of the Kanwil
    upts = session.execute(listed if own_upt is None else listed.where(Upt.id == own_upt)).all()
    scores: dict[int, dict[int, Score]] = defaultdict(dict)
    for one in session.scalars(select(Score).where(Score.year.in_((year_of, year_of - 1)))):
        scores[one.year][one.upt_id] = one
    counts = _gap_counts(today)
    rows = []
    for upt_id, name, active, found in upts:
        row: Assessment | None = found
        if row is None and not active:
            continue
        shown = (row.verified_scores or row.self_scores) if row is not None else {}
        earlier = scores[year_of - 1].get(upt_id)
        gaps_open, gaps_late = counts.get(upt_id, (0, 0))
        rows.append(
            YearRow(
                upt_id,
                name,
                row.id if row is not None else None,
                row.state if row is not None else None,
                shown,
                total_of(shown),
                earlier.total if earlier is not None else None,
                gaps_open,
                gaps_late,
            )
        )
    means = means_of(list(scores[year_of].values()))
    return Year(
        year_of,
        rows,
        means,
        total_of(means),
        means_of(list(scores[year_of - 1].values())),
        open_gaps(today, limit=GAPS),
    )


def means_of(scores: Sequence[Score]) -> dict[str, int | None]:
    """The mean of each dimension over these figures; None of nothing."""
    return {name: mean([one.by_dimension()[name] for one in scores]) for name in DIMENSIONS}


def open_gaps(today: date, *, limit: int = GAPS) -> list[GapRow]:
    """What is open within the scope, the earliest date first. One statement."""
    asked = (
        select(Gap, Assessment.year, Upt.short_name)
        .join(Assessment, Assessment.id == Gap.readiness_id)
        .join(Upt, Upt.id == Gap.upt_id)
        .where(Gap.state == OPEN)
        .order_by(Gap.due_on, Gap.id)
        .limit(limit)
    )
    rows = scoped_session().execute(asked).all()
    return [GapRow(gap, is_late(gap, today), of_year, upt) for gap, of_year, upt in rows]


def _gap_counts(today: date) -> dict[int, tuple[int, int]]:
    late = func.count().filter(Gap.due_on < today)
    rows = scoped_session().execute(
        select(Gap.upt_id, func.count(), late).where(Gap.state == OPEN).group_by(Gap.upt_id)
    )
    return {upt_id: (int(n), int(n_late)) for upt_id, n, n_late in rows}


def gap_states(year_of: int, today: date) -> dict[str, int]:
    """How many gaps of assessments up to a year are open, late, done or dropped within the scope. One statement."""
    late = and_(Gap.state == OPEN, Gap.due_on < today)
    asked = (
        select(Gap.state, func.count(), func.count().filter(late))
        .join(Assessment, Assessment.id == Gap.readiness_id)
        .where(Assessment.year <= year_of)
        .group_by(Gap.state)
    )
    found = {"open": 0, "late": 0, "done": 0, "dropped": 0}
    for state, n, n_late in scoped_session().execute(asked):
        found[state] = int(n)
        found["late"] += int(n_late)
    return found


def evidence(file_key: str) -> tuple[bytes, Evidence, str]:
    """A file's bytes, what it is, and its media type. One statement.

    Raises:
        EvidenceNotFound: there is none within the scope, or its bytes are gone.
    """
    row = scoped_session().scalars(select(Evidence).where(Evidence.key == file_key)).first()
    if row is None or row.kind not in KINDS:
        raise EvidenceNotFound()
    try:
        return files.get(row.sha256), row, KINDS[row.kind]
    except NotFound:
        raise EvidenceNotFound() from None


def verifier_words(view: CaseView, by: Actor, now: datetime) -> str | None:
    """Why `by` can't give verified scores now; None when he can."""
    return view.why_not(by, now)


def waiting_case(row: Assessment) -> bool:
    """Whether the assessment is being verified."""
    return row.state == IN_REVIEW and row.case_id is not None


def previous(row: Assessment) -> Any:
    """The content of the last submitted revision, as its case froze it; {} where there is none. One statement."""
    if row.case_id is None:
        return {}
    return scoped_session().scalars(select(Case.fields).where(Case.id == row.case_id)).first() or {}
