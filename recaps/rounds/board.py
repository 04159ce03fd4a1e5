"""The board of the country: who has sent a period's recap, who has not, and what is being made right now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from recaps.drafting import SUBJECT
from recaps.errors import BadPeriod
from recaps.gathering import span
from recaps.models import REPLACED, STANDING, Recap
from recaps.overview import newest_period
from recaps.queries import is_working, state_of
from recaps.rounds import schedule
from recaps.rounds.models import RecapRound
from recaps.workbook import Cell, workbook
from tenants import database
from tenants.models import Kanwil
from tenants.officers import Actor, acting_in
from tenants.words import N_
from workflows.deadlines import Calendar
from workflows.models import Case, Closure, Holiday

NONE: Final = "none"
WORDS: Final = {
    NONE: N_("Belum disusun"),
    "draft": N_("Konsep"),
    "in_review": N_("Ditelaah Kadiv"),
    "ready_to_sign": N_("Menunggu tanda tangan"),
    "delivered": N_("Terkirim"),
    "acknowledged": N_("Diterima"),
    "revoked": N_("Dicabut"),
}
_HEADER: Final = (
    *(
        "kode",
        "kanwil",
        "periode",
        "keadaan",
        "nomor",
        "ditandatangani",
        "dikirim",
        "batas",
        "terlambat_hari",
    ),
    *("diingatkan", "nilai_selesai_rupiah"),
)


@dataclass(frozen=True)
class Line:
    """One Kanwil on the board. `state`: as the API names a recap's, or ``none``; `late_days`: calendar days after
    `due_on` that it was sent, or, unsent, that have passed."""

    kanwil: Kanwil
    recap: Recap | None
    state: str
    due_on: date
    late_days: int
    reminded_at: datetime | None

    @property
    def is_sent(self) -> bool:
        return self.state in STANDING

    @property
    def is_working(self) -> bool:
        return self.recap is not None and is_working(self.recap)

    @property
    def value_rupiah(self) -> int | None:
        return (
            self.recap.summary.get("value_rupiah") if self.recap is not None and self.recap.summary else None
        )


@dataclass(frozen=True)
class Board:
    """A period's board: its lines by name, those that have sent counted."""

    period: str
    label: str
    lines: list[Line]

    @property
    def sent(self) -> int:
        return sum(line.is_sent for line in self.lines)

    @property
    def missing(self) -> list[Line]:
        return [line for line in self.lines if not line.is_sent]

    @property
    def working(self) -> int:
        return sum(line.is_working for line in self.lines)

    @property
    def undrafted(self) -> list[Line]:
        return [line for line in self.lines if line.state == NONE]

    @property
    def states(self) -> dict[str, str]:
        """Kanwil code -> state, for the map."""
        return {line.kanwil.code: line.state for line in self.lines}


def board(period: str, *, now: datetime, due_workday: int) -> Board:
    """Who has sent the period's recap. Three statements, whatever the number of Kanwil.

    Raises:
        BadPeriod: not a period.
    """
    _, _, label = span(period)
    period = period.strip()
    with database.national("papan rekap nasional") as reader:
        closed, holidays = _days_off(reader, period)
        lines = []
        for kanwil, recap, stage_key, reminded_at in reader.execute(_asked(period)):
            calendar = Calendar(kanwil.timezone, holidays | closed.get(kanwil.id, frozenset()))
            due_on = schedule.workday(period, due_workday, calendar)
            state = NONE if recap is None else state_of(recap, stage_key)
            lines.append(Line(kanwil, recap, state, due_on, _late(recap, due_on, now, kanwil), reminded_at))
    return Board(period, label, lines)


def _asked(period: str) -> Any:
    """Every active Kanwil with the period's newest recap that stands or is on its way."""
    newest = (
        select(Recap.tenant_id, func.max(Recap.id).label("id"))
        .where(Recap.period == period, Recap.state != REPLACED)
        .group_by(Recap.tenant_id)
        .subquery()
    )
    return (
        select(Kanwil, Recap, Case.stage_key, RecapRound.reminded_at)
        .outerjoin(newest, newest.c.tenant_id == Kanwil.id)
        .outerjoin(Recap, and_(Recap.id == newest.c.id, Recap.tenant_id == Kanwil.id))
        .outerjoin(
            Case,
            and_(Case.id == Recap.case_id, Case.tenant_id == Kanwil.id, Case.subject_type == SUBJECT),
        )
        .outerjoin(RecapRound, and_(RecapRound.tenant_id == Kanwil.id, RecapRound.period == period))
        .where(Kanwil.state == "active")
        .order_by(Kanwil.province)
        .execution_options(populate_existing=True)
    )


def _days_off(reader: Session, period: str) -> tuple[dict[int, frozenset[date]], frozenset[date]]:
    until = span(period)[1]
    closed: dict[int, set[date]] = {}
    for tenant_id, day in reader.execute(select(Closure.tenant_id, Closure.day).where(Closure.day > until)):
        closed.setdefault(tenant_id, set()).add(day)
    holidays = frozenset(reader.scalars(select(Holiday.day).where(Holiday.day > until)))
    return {tenant_id: frozenset(days) for tenant_id, days in closed.items()}, holidays


def _late(recap: Recap | None, due_on: date, now: datetime, kanwil: Kanwil) -> int:
    sent = recap.delivered_at if recap is not None and recap.state in STANDING else None
    day = (sent or now).astimezone(ZoneInfo(kanwil.timezone)).date()
    return max(0, (day - due_on).days)


def usual_period(now: datetime) -> str:
    """The period that the board opens with: last month once it has a recap, else the newest that was sent, else last
    month. Two statements at most."""
    last = schedule.month_before(now.astimezone(ZoneInfo("Asia/Jakarta")).date())
    with database.national("papan rekap nasional") as reader:
        if reader.scalar(select(Recap.id).where(Recap.period == last).limit(1)) is not None:
            return last
        return newest_period(reader) or last


def periods(now: datetime) -> list[tuple[str, str]]:
    """The periods that the board offers: ended months of a year and a half, quarters, halves and years."""
    today = now.astimezone(ZoneInfo("Asia/Jakarta")).date()
    count = today.year * 12 + today.month - 1
    keys = [f"{(count - back) // 12}-{(count - back) % 12 + 1:02}" for back in range(1, 19)]
    for year in (today.year, today.year - 1, today.year - 2):
        keys += [f"{year}-Q{n}" for n in (4, 3, 2, 1)] + [f"{year}-S2", f"{year}-S1", str(year)]
    spans = [(key, span(key)) for key in keys]
    return [(key, label) for key, (_, until, label) in spans if until < today]


def as_sheet(board_: Board) -> bytes:
    """The board as an XLSX file."""
    rows = list(_rows(board_))
    return workbook(
        f"Papan {board_.period}", _HEADER, rows, widths=(12, 30, 12, 24, 34, 14, 14, 12, 14, 14, 20)
    )


def _rows(board_: Board) -> Iterator[list[Cell]]:
    for line in board_.lines:
        recap, zone = line.recap, ZoneInfo(line.kanwil.timezone)
        signed_at = recap.signed_at if recap is not None else None
        sent_at = recap.delivered_at if recap is not None else None
        yield [
            line.kanwil.code,
            line.kanwil.short_name,
            board_.period,
            WORDS.get(line.state, line.state),
            recap.number if recap is not None else None,
            signed_at.astimezone(zone).date() if signed_at else None,
            sent_at.astimezone(zone).date() if sent_at else None,
            line.due_on,
            line.late_days,
            line.reminded_at.astimezone(zone).date() if line.reminded_at else None,
            line.value_rupiah,
        ]


# --- what the centre does from the board ---


def remind_missing(
    period: str, *, by: Actor, now: datetime, due_workday: int, kanwil_id: int | None = None
) -> int:
    """Remind each Kanwil that has not sent (`kanwil_id`: that one alone); how many were. Each entry into a Kanwil is
    logged; nobody is reminded twice within a day.

    Raises:
        BadPeriod: not a period, or one that has not ended. Forbidden: neither Dirjen nor Admin Pusat.
    """
    by.require("dirjen", "admin_pusat")
    _ended(period, now)
    wanted = [
        line.kanwil.id
        for line in board(period, now=now, due_workday=due_workday).missing
        if kanwil_id is None or line.kanwil.id == kanwil_id
    ]
    reminded = 0
    for tenant_id in wanted:
        with acting_in(tenant_id, by=by, purpose=f"mengingatkan rekap {period}", now=now):
            reminded += schedule.remind(period.strip(), now=now, who=by.office or by.name)
    return reminded


def draft_missing(period: str, *, by: Actor, now: datetime, due_workday: int) -> int:
    """Have the draft made in each Kanwil that has none; how many were begun. Jobs prepare them side by side; called
    again, it finds them.

    Raises:
        BadPeriod: not a period, or one that has not ended. Forbidden: not Admin Pusat.
    """
    by.require("admin_pusat")
    _ended(period, now)
    begun = 0
    for line in board(period, now=now, due_workday=due_workday).undrafted:
        with (
            acting_in(line.kanwil.id, by=by, purpose=f"menyusun konsep rekap {period}", now=now),
            database.transaction() as here,
        ):
            kept = schedule.locked(here, period.strip())
            kept.drafted_at = kept.drafted_at or now
            here.flush()
            begun += schedule.draft_missing(here, period.strip(), f"{by.name} (Pusat)", now) is not None
    return begun


def _ended(period: str, now: datetime) -> None:
    if span(period)[1] >= now.astimezone(ZoneInfo("Asia/Jakarta")).date():
        raise BadPeriod(
            N_("Periode ini belum berakhir."), fields={"period": N_("Pilih periode yang sudah berakhir.")}
        )
