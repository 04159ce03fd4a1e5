"""What the inbox is narrowed to, as conditions: whose cases, which filters, and how many of them there are.

A case whose step has several seats open (`CaseSeat`) is found by those, in a second range beside the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, true

from tenants.officers import Actor
from workflows.models import OPEN, Case, CaseSeat, Decision

BOUND = 500
"""Counts stop here: a page says "500+"."""
TABS = ("mine", "acting", "team")
Statement = Any  # a Select of whatever columns: its own type names each
Within = Callable[[Any], Any]


@dataclass(frozen=True)
class Filters:
    """What the inbox is narrowed to: one UPT, one facet (a product's category), a stage (by the keys that name it and
    its step), those returned before, the urgent, those past their deadline."""

    upt_id: int | None = None
    facet: str | None = None
    again: bool = False
    stages: tuple[str, ...] = ()
    urgent: bool = False
    late: bool = False

    def with_only(self, **changed: Any) -> Filters:
        """The same filters but for these."""
        return replace(self, **changed)


ALL = Filters()
"""Nothing is left out."""


def narrowed(asked: Statement, by: Actor, tab: str, filters: Filters, now: datetime) -> Statement:
    """Cases as a whole: those of the whole Kanwil, or those whose one open stage is the officer's."""
    if filters.stages:
        asked = asked.where(_one_of(Case.stage_key, filters.stages))
    if filters.late:
        asked = asked.where(Case.due_at <= now)
    if tab == "team":
        return _filtered(asked.where(Case.state == OPEN), filters)
    return _filtered(asked.where(_one_of(Case.stage_role, _roles(by, tab))), filters)


def seats(asked: Statement, by: Actor, tab: str, filters: Filters, now: datetime) -> Statement:
    """Seats that are open beside others and the officer's to take: those of his roles, where he did not vote yet."""
    voted = select(Decision.id).where(
        Decision.case_id == Case.id, Decision.officer_id == by.id, Decision.stage_no >= Case.step_no
    )
    asked = asked.join_from(
        Case, CaseSeat, and_(CaseSeat.case_id == Case.id, CaseSeat.step_no == Case.step_no)
    )
    asked = asked.where(_one_of(CaseSeat.stage_role, _roles(by, tab)), Case.state == OPEN, ~voted.exists())
    if filters.stages:
        asked = asked.where(_one_of(CaseSeat.stage_key, filters.stages))
    if filters.late:
        asked = asked.where(CaseSeat.due_at <= now)
    if filters.urgent:
        asked = asked.where(CaseSeat.urgent == true())
    return _filtered(asked, filters)


def count_of(by: Actor, tab: str, filters: Filters, now: datetime, within: Within | None = None) -> Any:
    """How many, bounded: cases, and seats beside them. `within` narrows either by its own columns."""
    if within is None and filters.late and not filters.urgent:
        within = either  # the deadline is a range of an index within the urgent, and within the rest
    plain = narrowed(select(Case.id), by, tab, filters, now)
    counted = [plain if within is None else plain.where(within(Case))]
    if tab != "team":
        beside = seats(select(Case.id), by, tab, filters, now)
        counted.append(beside if within is None else beside.where(within(CaseSeat)))
    total = [
        select(func.count()).select_from(one.limit(BOUND).subquery()).scalar_subquery() for one in counted
    ]
    return total[0] if len(total) == 1 else total[0] + total[1]


def either(row: Any) -> Any:
    """Urgent or not, as an index reads it whose next column is the deadline."""
    return row.urgent.in_((False, True))


def _roles(by: Actor, tab: str) -> list[str]:
    """The roles that a tab is about: what letters lend the officer, or all that he may act in."""
    return sorted(one.role for one in by.acting) if tab == "acting" else sorted(by.roles)


def _one_of(column: Any, values: Any) -> Any:
    """A condition that one value leaves as an equality, so that an index gives the order beside it."""
    return column == values[0] if len(values) == 1 else column.in_(values)


def _filtered(asked: Statement, filters: Filters) -> Statement:
    if filters.upt_id is not None:
        asked = asked.where(Case.upt_id == filters.upt_id)
    if filters.facet:
        asked = asked.where(Case.facet == filters.facet)
    if filters.again:
        asked = asked.where(Case.again == true())
    if filters.urgent:
        asked = asked.where(Case.urgent == true())
    return asked
