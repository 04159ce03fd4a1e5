"""How long somebody had a case, in whole days: working days on the Kanwil's own calendar and clock, and calendar days.

Counted as deadlines are: the day of arrival is not one of them, so what ends on the day it came took 0. The days are
noted when a stage or a case ends, with the calendar that holds then; a holiday that is corrected later changes the
deadlines to come, not what was measured. Pure functions: they set columns of rows that are about to be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from workflows.deadlines import Calendar, working_days
from workflows.models import Case, Decision

MAX_ASKED = 500


def days_between(start: datetime, end: datetime, calendar: Calendar) -> tuple[int, int]:
    """(working days, calendar days) from the local day of `start` to that of `end`; never below 0."""
    zone = ZoneInfo(calendar.timezone)
    after, until = start.astimezone(zone).date(), end.astimezone(zone).date()
    if until <= after:
        return 0, 0
    return working_days(after, until, calendar.days_off), (until - after).days


def of_decision(
    decision: Decision, case: Case, earlier: Sequence[Decision], due_at: datetime | None, calendar: Calendar
) -> None:
    """Note on a decision how long the case had waited at its stage, for which deadline, and what a return asks for.

    `case` is still at the stage that is decided, which is due at `due_at`; `earlier` are the decisions made before.
    """
    arrived = max((one.decided_at for one in earlier), default=case.submitted_at)
    decision.subject_type = case.subject_type
    decision.due_at = due_at
    decision.waited_days = days_between(arrived, decision.decided_at, calendar)[0]
    decision.asked = _asked(decision) if decision.outcome == "return" else None


def of_case(case: Case, calendar: Calendar) -> None:
    """Note on a case that ends how long the office had it. What was withdrawn was not decided, so nothing is noted."""
    if case.closed_at is not None and case.state != "withdrawn":
        case.office_days, case.office_calendar_days = days_between(
            case.submitted_at, case.closed_at, calendar
        )


def of_revision(case: Case, previous: Case | None, calendar: Calendar) -> None:
    """Note on a case that begins how long the UPT had the one before, where that was returned."""
    if previous is not None and previous.state == "returned" and previous.closed_at is not None:
        case.upt_days, case.upt_calendar_days = days_between(previous.closed_at, case.submitted_at, calendar)


def _asked(decision: Decision) -> str:
    """The fields of a return's requests, each once, in order: few different texts, which a database can count."""
    names = sorted({one["field"] for one in decision.requests})
    while len(" ".join(names)) > MAX_ASKED:
        names.pop()
    return " ".join(names)
