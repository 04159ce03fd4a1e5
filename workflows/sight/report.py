"""The report of the approval: how long, what waits, what comes back, who decides how much, how much is late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenants.clock import local_day
from tenants.database import session as scoped_session
from workflows.calendars import calendar_of
from workflows.definitions import DEFAULTS, default_text, in_force, parse
from workflows.sight import counting
from workflows.sight.counting import Decided, Reach
from workflows.sight.windows import Window, month_name, window
from workflows.stages import Step
from workflows.steps import OPINION
from workflows.subjects import subject_type


class Days:
    """A histogram of whole days; median and the like are the smallest number of days within which so many ended."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    def add(self, days: int | None, n: int) -> None:
        if days is not None:
            self.counts[days] += n

    @property
    def n(self) -> int:
        return self.counts.total()

    def within(self, share: float) -> int | None:
        """Days within which this share of all ended (0.5: half of them); None of nothing."""
        reached, wanted = 0, share * self.n
        for days in sorted(self.counts):
            reached += self.counts[days]
            if reached >= wanted:
                return days
        return None

    @property
    def median(self) -> int | None:
        return self.within(0.5)

    @property
    def p90(self) -> int | None:
        return self.within(0.9)


@dataclass
class Held:
    """How long somebody had cases: working days and calendar days."""

    days: Days = field(default_factory=Days)
    calendar: Days = field(default_factory=Days)

    def add(self, days: int, calendar: int, n: int) -> None:
        self.days.add(days, n)
        self.calendar.add(calendar, n)

    def figures(self) -> dict[str, Any]:
        return {
            "cases": self.days.n,
            "median_days": self.days.median,
            "p90_days": self.days.p90,
            "median_calendar_days": self.calendar.median,
            "p90_calendar_days": self.calendar.p90,
        }


@dataclass
class Line:
    """One row of the report: a month, a stage, a UPT (nationally a Kanwil), or all of it.

    `opinions` are not among `decided`. `timed` are the decisions and opinions whose deadline was noted, of which `late`
    came after it; `waited` is how long cases waited at their stage for either, `office` and `upt` how long the office
    and the UPT had them.
    """

    key: str
    name: str
    id: int | None = None
    role: str | None = None
    decided: int = 0
    opinions: int = 0
    returned: int = 0
    timed: int = 0
    late: int = 0
    waiting: int = 0
    overdue: int = 0
    waited: Days = field(default_factory=Days)
    office: Held = field(default_factory=Held)
    upt: Held = field(default_factory=Held)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def return_share(self) -> float | None:
        return self.returned / self.decided if self.decided else None

    @property
    def late_share(self) -> float | None:
        return self.late / self.timed if self.timed else None

    def figures(self) -> dict[str, Any]:
        """The row as programs read it; shares are fractions."""
        return {
            "decided": self.decided,
            "opinions": self.opinions,
            "returned": self.returned,
            "return_share": self.return_share,
            "late": self.late,
            "late_share": self.late_share,
            "waiting": self.waiting,
            "overdue": self.overdue,
            "median_days_at_stage": self.waited.median,
            "p90_days_at_stage": self.waited.p90,
            "office_time": self.office.figures(),
            "upt_time": self.upt.figures(),
            "requested_fields": dict(self.reasons.most_common()),
        }


@dataclass
class Load:
    """One officer at one stage: decisions and opinions of the period, how long cases had waited, what his role has open
    now."""

    officer_id: int
    name: str
    stage: str
    stage_name: str
    open_of_role: int
    decided: int = 0
    opinions: int = 0
    waited: Days = field(default_factory=Days)


@dataclass
class Report:
    """A period of the approval of one kind of subject, for a Kanwil by UPT or for the country by Kanwil."""

    kind: str
    subject: str
    window: Window
    total: Line
    months: list[Line]
    stages: list[Line]
    places: list[Line]
    officers: list[Load]
    labels: dict[str, str]

    @property
    def reasons(self) -> list[tuple[str, str, int]]:
        """(field, its label, how many returns asked to change it), the commonest first."""
        return [(name, self.labels.get(name, name), n) for name, n in self.total.reasons.most_common()]

    @property
    def untimed(self) -> int:
        """Decisions made before days and deadlines were noted."""
        return self.total.decided + self.total.opinions - self.total.timed

    def as_json(self) -> dict[str, Any]:
        """The same figures for programs."""
        place = "upt" if self.kind == counting.KANWIL else "kanwil"
        return {
            "period": {
                "key": self.window.key,
                "from": self.window.first.isoformat(),
                "before": self.window.until.isoformat(),
            },
            "subject": self.subject,
            "total": self.total.figures(),
            "by_month": [{"month": one.key, **one.figures()} for one in self.months],
            "by_stage": [{"stage": one.key, "name": one.name, **one.figures()} for one in self.stages],
            f"by_{place}": [{f"{place}_id": one.id, place: one.name, **one.figures()} for one in self.places],
            "requested_fields": [
                {"field": name, "label": label, "returns": n} for name, label, n in self.reasons
            ],
            "by_officer": [
                {k: v for k, v in asdict(one).items() if k != "waited"}
                | {"median_days_at_stage": one.waited.median}
                for one in self.officers
            ],
        }


def of_kanwil(subject: str, period: str | None, *, now: datetime) -> Report:
    """The report of the Kanwil in scope. Five statements: names, workflow, and three that count.

    Raises:
        Invalid: not a period.
        NoSuchDefinition: the Kanwil has no workflow for this subject.
    """
    timezone = calendar_of(scoped_session()).timezone
    chosen = window(period, local_day(now, timezone))
    reach = counting.of_kanwil(timezone)
    return _report(reach, subject, chosen, in_force(reach.session, subject)[2].steps, now)


def of_country(subject: str, period: str | None, *, session: Session, now: datetime) -> Report:
    """The report of the country, by Kanwil, on the national connection: counts alone, nobody's name. Four statements.

    Each Kanwil's months begin on its own clock.

    Raises:
        Invalid: not a period.
    """
    chosen = window(period, local_day(now, "Asia/Jakarta"))
    steps = parse(default_text(subject)).steps if subject in DEFAULTS else ()
    return _report(counting.of_country(session), subject, chosen, steps, now)


def _report(reach: Reach, subject: str, chosen: Window, in_order: Sequence[Step], now: datetime) -> Report:
    total = Line("total", "Semua")
    months = [Line(key, month_name(key)) for key in chosen.months]
    stages = {one.key: Line(one.key, one.name, role=one.role) for step in in_order for one in step.stages}
    named = {step.key: step.name for step in in_order}
    places = {id_: Line(str(id_), name, id_) for id_, name in reach.names.items()}

    def stage(key: str) -> Line:
        """Steps with several seats, stages of earlier versions and of a Kanwil's own workflow come after those of the
        one in force."""
        return stages.setdefault(key, Line(key, named.get(key) or key.replace("_", " ").capitalize()))

    def place(id_: int | None) -> Line:
        return places.setdefault(id_ or 0, Line("0", "Kanwil"))

    decided = counting.decisions(reach, subject, chosen)
    for row in decided:
        if row.who == "officer" or row.month is None:
            continue
        for line in (total, months[row.month], stage(row.stage), place(row.place)):
            if row.who == "asked":
                line.reasons.update(dict.fromkeys(row.said.split(), row.n))
                continue
            line.decided += row.n if row.said != OPINION else 0
            line.opinions += row.n if row.said == OPINION else 0
            line.returned += row.n if row.said == "return" else 0
            line.timed += row.n if row.late is not None else 0
            line.late += row.n if row.late else 0
            line.waited.add(row.days, row.n)
    for row in counting.held(reach, subject, chosen):
        if row.month is None:
            continue
        for line in (total, months[row.month], place(row.place)):
            getattr(line, row.who).add(row.days, row.calendar_days, row.n)
    for row in counting.waiting(reach, subject, now):
        here = stage(row.stage)
        here.role = here.role or row.role
        for line in (total, here, place(row.place)):
            line.waiting += row.n
            line.overdue += row.late
    return Report(
        kind=reach.kind,
        subject=subject,
        window=chosen,
        total=total,
        months=months,
        stages=list(stages.values()),
        places=[one for one in places.values() if _has_any(one)],
        officers=_loads(reach, [row for row in decided if row.who == "officer"], stages),
        labels=dict(subject_type(subject).field_labels),
    )


def _has_any(line: Line) -> bool:
    return bool(line.decided or line.opinions or line.waiting or line.office.days.n or line.upt.days.n)


def _loads(reach: Reach, rows: Sequence[Decided], stages: dict[str, Line]) -> list[Load]:
    found: dict[tuple[int, str], Load] = {}
    of_role: Counter[str | None] = Counter()
    for one in stages.values():
        of_role[one.role] += one.waiting
    for row in rows:
        at, who = stages[row.stage], row.place or 0
        load = found.setdefault(
            (who, row.stage),
            Load(
                who,
                reach.officers.get(who, "—"),
                row.stage,
                at.name,
                of_role[at.role] if at.role else 0,
            ),
        )
        load.decided += row.n if row.said != OPINION else 0
        load.opinions += row.n if row.said == OPINION else 0
        load.waited.add(row.days, row.n)
    rank = {key: number for number, key in enumerate(stages)}
    return sorted(found.values(), key=lambda one: (rank[one.stage], one.name, one.officer_id))
