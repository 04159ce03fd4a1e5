"""What a report counts, as SQL: each function is one statement that groups a period of decisions or cases.

All of it is answered from indexes without reading a row (`ix_decision_sight`, `ix_decision_asked`,
`ix_case_file_ended`, `ix_case_file_revised`, `ix_case_file_waiting`), and no statement names a comment, an answer, a
checklist or, nationally, a person. Medians differ between databases;
so the statements give histograms of whole days (how often 0, 1, 2 … days), which `report` folds: exact, the same on
both, and as many rows as there are different days, not as there are cases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.models import Kanwil, Officer, Upt
from workflows.models import Case, Decision
from workflows.sight.windows import Window

KANWIL, COUNTRY = "upt", "kanwil"
_NOTHING = cast(null(), Integer)


@dataclass(frozen=True)
class Reach:
    """Whose cases: those of the Kanwil in scope by UPT, or those of the country by Kanwil.

    `clocks` maps a timezone to the Kanwil that live by it; within a Kanwil there is one, with nobody named.
    """

    session: Session
    kind: str
    names: dict[int, str]
    clocks: dict[str, list[int]]
    officers: dict[int, str] = field(default_factory=dict)

    def place(self, cls: Any) -> Any:
        return cls.upt_id if self.kind == KANWIL else cls.tenant_id

    def month(self, cls: Any, at: Any, window: Window) -> tuple[Any, list[Any]]:
        """The number of the month that an instant lies in, and the conditions that keep it inside the window."""
        bounds = {zone: window.instants(zone) for zone in self.clocks}
        inside: list[Any] = [
            at >= min(one[0] for one in bounds.values()),
            at < max(one[-1] for one in bounds.values()),
        ]
        if self.kind == KANWIL:
            (only,) = bounds.values()
            return _number(at, only), inside
        inside.append(cls.tenant_id.in_([kanwil for ids in self.clocks.values() for kanwil in ids]))
        of_clock = [(cls.tenant_id.in_(ids), _number(at, bounds[zone])) for zone, ids in self.clocks.items()]
        return case(*of_clock, else_=null()), inside

    def own(self, cls: Any) -> list[Any]:
        """The condition that lets a national statement use an index that begins with the Kanwil."""
        if self.kind == KANWIL:
            return []
        return [cls.tenant_id.in_([kanwil for ids in self.clocks.values() for kanwil in ids])]


class Decided(NamedTuple):
    """Decisions that are alike, and how many. See `decisions`."""

    who: str
    month: int | None
    stage: str
    place: int | None
    said: str
    late: int | None
    days: int | None
    n: int


def of_kanwil(timezone: str) -> Reach:
    """The reach of the Kanwil in scope: its UPT by name, and its own officers. One statement."""
    session = scoped_session()
    upts = select(literal("upt").label("of"), Upt.id, Upt.short_name.label("name"))
    full = Officer.first_name + literal(" ") + Officer.last_name
    officers = select(literal("officer").label("of"), Officer.id, full.label("name"))
    found = session.execute(union_all(upts, officers.where(Officer.upt_id.is_(None)))).all()
    names = sorted((row.name, row.id) for row in found if row.of == "upt")
    return Reach(
        session,
        KANWIL,
        {id_: name for name, id_ in names},
        {timezone: []},
        {row.id: row.name.strip() for row in found if row.of == "officer"},
    )


def of_country(session: Session) -> Reach:
    """The reach of the centre, on its own connection. One statement."""
    clocks: dict[str, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    rows = session.execute(select(Kanwil.id, Kanwil.province, Kanwil.timezone).order_by(Kanwil.province))
    for id_, province, timezone in rows:
        names[id_] = f"Kanwil {province}"
        clocks[timezone].append(id_)
    return Reach(session, COUNTRY, names, dict(clocks))


def decisions(reach: Reach, subject: str, window: Window) -> list[Decided]:
    """The decisions of the window, grouped three times. One statement.

    ``all``: by month, stage, place, outcome (`said`), `late` (1 or 0; None: no deadline was noted) and days waited.
    ``asked``: the returns by month, stage, place and the fields they ask for, which stand in `said`, divided by
    spaces. ``officer``, of a Kanwil: by stage, outcome and days waited, `place` being the number of the officer.
    """
    month, inside = reach.month(Decision, Decision.decided_at, window)
    inside.append(Decision.subject_type == subject)
    late = case((Decision.due_at.is_(None), null()), (Decision.decided_at > Decision.due_at, 1), else_=0)
    place, officer = reach.place(Decision), Decision.officer_id
    # No label is the name of a column that is read: GROUP BY would take the column.
    fine: dict[str, Any] = {"month": month, "stage": Decision.stage_key, "place": place}
    fine |= {"said": Decision.outcome, "late": late, "days": Decision.waited_days}
    if reach.kind == KANWIL:
        fine["officer"] = officer
    once = (
        _grouped({f"one_{name}": value for name, value in fine.items()}, func.count())
        .where(*inside)
        .cte("once")
    )  # the period is read once
    same = {name: once.c[f"one_{name}"] for name in fine if name != "officer"}
    asked = {"month": month, "stage": Decision.stage_key, "place": place, "said": Decision.asked}
    parts = [
        _grouped(same, func.sum(once.c.n), literal("all")),
        _grouped(asked | {"late": _NOTHING, "days": _NOTHING}, func.count(), literal("asked")).where(
            Decision.asked.is_not(None), *inside
        ),
    ]
    if reach.kind == KANWIL:
        own = same | {"month": _NOTHING, "place": once.c.one_officer, "late": _NOTHING}
        parts.append(_grouped(own, func.sum(once.c.n), literal("officer")))
    rows = reach.session.execute(union_all(*parts))
    return [Decided(*row)._replace(n=int(row.n)) for row in rows]


def _grouped(columns: dict[str, Any], n: Any, who: Any = None) -> Select[Any]:
    """These columns under these names, how many (`n`) of each, and before them what sort of row it is."""
    chosen = [value.label(name) for name, value in columns.items()]
    before = [] if who is None else [who.label("who")]
    return select(*before, *chosen, n.label("n")).group_by(*columns)


def held(reach: Reach, subject: str, window: Window) -> Sequence[Any]:
    """(who, month, place, days, calendar_days, n): by the office, of cases that ended; by the UPT, of cases that
    came back."""
    parts = []
    for who, at, days, calendar_days in (
        ("office", Case.closed_at, Case.office_days, Case.office_calendar_days),
        ("upt", Case.submitted_at, Case.upt_days, Case.upt_calendar_days),
    ):
        month, inside = reach.month(Case, at, window)
        parts.append(
            select(
                literal(who).label("who"),
                month.label("month"),
                reach.place(Case).label("place"),
                days.label("days"),
                calendar_days.label("calendar_days"),
                func.count().label("n"),
            )
            .where(Case.subject_type == subject, days.is_not(None), at.is_not(None), *inside)
            .group_by("month", "place", "days", "calendar_days")
        )
    return reach.session.execute(union_all(*parts)).all()


def waiting(reach: Reach, subject: str, now: datetime) -> Sequence[Any]:
    """(stage, role, place, n, late): what waits now, and how much of it is past its deadline."""
    late = func.sum(case((Case.due_at <= now, 1), else_=0))
    asked = (
        select(
            Case.stage_key.label("stage"),
            Case.stage_role.label("role"),
            reach.place(Case).label("place"),
            func.count().label("n"),
            late.cast(Integer).label("late"),
        )
        .where(Case.subject_type == subject, Case.stage_key.is_not(None), *reach.own(Case))
        .group_by("stage", "role", "place")
    )
    return reach.session.execute(asked).all()


def _number(at: Any, bounds: Sequence[datetime]) -> Any:
    """The number of the month, counted from 0, that lies between these instants; None outside."""
    whens: list[tuple[Any, Any]] = [(at < bounds[0], null())]
    whens += [(at < end, literal(number)) for number, end in enumerate(bounds[1:])]
    return case(*whens, else_=null())
