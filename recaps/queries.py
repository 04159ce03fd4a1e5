"""What pages and the API read of recaps: a Kanwil's own list, the national inbox, one recap and what is around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from recaps import signing
from recaps.errors import NoSuchRecap
from recaps.figures_json import Figures, thaw
from recaps.gathering import span
from recaps.models import ACKNOWLEDGED, DELIVERED, IN_REVIEW, READY, REVOKED, SIGNED, STANDING, Recap
from sales.models import MonthFigure
from tenants import clock, database, files
from tenants.database import session
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.words import N_
from workflows.models import Case, Decision

Keyset = tuple[Any, ...]


@dataclass(frozen=True)
class Row:
    """A recap in a list, with its state as people know it and its Kanwil."""

    recap: Recap
    state: str
    kanwil: Kanwil

    @property
    def is_working(self) -> bool:
        """A job is at it: the page asks again by itself."""
        return is_working(self.recap)


@dataclass(frozen=True)
class Step:
    """One line of the recap's way: state ``done``, ``now`` or ``next``."""

    key: str
    state: str
    at: datetime | None = None
    who: str = ""


@dataclass(frozen=True)
class View:
    """Everything a page says of one recap."""

    row: Row
    figures: Figures | None
    decisions: list[Decision]
    due_on: date | None
    earlier: dict[str, Any]
    """The headline figures of the recap before, for what grew."""
    replaces: Recap | None
    replaced_by: Recap | None
    sizes: dict[str, int]
    """Bytes of the files inside."""

    @property
    def recap(self) -> Recap:
        return self.row.recap

    @property
    def state(self) -> str:
        return self.row.state

    def steps(self) -> list[Step]:
        """Who has done what, and whose turn it is."""
        recap = self.recap
        checked = next(
            (d for d in self.decisions if d.stage_key != signing.STAGE and d.outcome == "approve"), None
        )
        frozen = Step("frozen", "done" if recap.frozen_at else "now", recap.frozen_at)
        if recap.submitted_at or recap.signed_at:
            waits = self.state == IN_REVIEW
            at = checked.decided_at if checked else recap.submitted_at
            who = checked.officer_name if checked else recap.drafted_by_name
            review = Step("reviewed", "now" if waits else "done", None if waits else at, who)
        else:
            review = Step("reviewed", "now" if recap.frozen_at else "next")
        signed = Step(
            "signed",
            "done" if recap.signed_at else ("now" if self.state == READY else "next"),
            recap.signed_at,
            recap.signer_name or "",
        )
        received = Step(
            "received",
            "done" if recap.acknowledged_at else ("now" if self.state == DELIVERED else "next"),
            recap.acknowledged_at,
            recap.acknowledged_name or "",
        )
        return [frozen, review, signed, received]


def is_working(recap: Recap) -> bool:
    """Whether a job still has to prepare, sign or receive it."""
    if recap.problem:
        return False
    preparing = recap.preview_sha256 is None
    signing_now = recap.signed_at is None and _lately(recap.signing_since)
    receiving = recap.acknowledged_at is None and _lately(recap.receiving_since)
    return preparing or signing_now or receiving


def cut_off(recap: Recap) -> bool:
    """Whether a signature was asked for and did not come: it may be asked for again."""
    since = recap.receiving_since if recap.signed_at else recap.signing_since
    waits = recap.acknowledged_at is None and recap.problem is None
    return waits and since is not None and not _lately(since)


def _lately(since: datetime | None) -> bool:
    return since is not None and clock.now() - since < signing.PATIENCE


def state_of(recap: Recap, stage_key: str | None) -> str:
    """The state as the API names it: submitted and at the signing stage is ``ready_to_sign``."""
    return READY if recap.state == IN_REVIEW and stage_key == signing.STAGE else recap.state


def listed(*, after: Keyset | None = None, limit: int = 20) -> tuple[list[Row], Keyset | None]:
    """The Kanwil's recaps, newest period first. One statement."""
    asked = recap_rows().order_by(Recap.period_from.desc(), Recap.id.desc()).limit(limit + 1)
    if after is not None:
        day, last = date.fromisoformat(str(after[0])), int(after[1])
        asked = asked.where(or_(Recap.period_from < day, and_(Recap.period_from == day, Recap.id < last)))
    rows = [recap_row(*found) for found in session().execute(asked)]
    return rows[:limit], _next(rows, limit, lambda row: (row.recap.period_from.isoformat(), row.recap.id))


def received(
    *, waiting: bool | None = None, after: Keyset | None = None, limit: int = 20
) -> tuple[list[Row], Keyset | None]:
    """The recaps that reached the Dirjen, newest delivery first; `waiting`: not yet acknowledged. One statement."""
    states = (DELIVERED,) if waiting else SIGNED
    asked = recap_rows().where(Recap.state.in_(states)).order_by(Recap.delivered_at.desc(), Recap.id.desc())
    if after is not None:
        at, last = datetime.fromisoformat(str(after[0])), int(after[1])
        asked = asked.where(or_(Recap.delivered_at < at, and_(Recap.delivered_at == at, Recap.id < last)))
    with database.national("rekap masuk") as reader:
        rows = [recap_row(*found) for found in reader.execute(asked.limit(limit + 1))]
    return rows[:limit], _next(
        rows, limit, lambda row: (str(row.recap.delivered_at.isoformat()), row.recap.id)
    )


def received_counts(lately: datetime | None = None) -> dict[str, int]:
    """How many wait for the Dirjen's receipt, how many have it, and how many were revoked since `lately`. One
    statement."""
    asked = select(Recap.state, func.count()).where(
        or_(
            Recap.state.in_(STANDING),
            and_(Recap.state == REVOKED, Recap.revoked_at >= (lately or clock.now())),
        )
    )
    with database.national("rekap masuk") as reader:
        found = {state: int(count) for state, count in reader.execute(asked.group_by(Recap.state))}
    return {
        "waiting": found.get(DELIVERED, 0),
        "received": found.get(ACKNOWLEDGED, 0),
        "revoked": found.get(REVOKED, 0),
    }


def revoked_since(since: datetime, limit: int) -> list[Row]:
    """The recaps of every Kanwil revoked since then, the newest first. One statement."""
    asked = recap_rows().where(Recap.state == REVOKED, Recap.revoked_at >= since)
    with database.national("rekap masuk") as reader:
        found = reader.execute(asked.order_by(Recap.revoked_at.desc(), Recap.id.desc()).limit(limit))
        return [recap_row(*one) for one in found]


def view(recap_id: int, *, by: Actor) -> View:
    """One recap with what stands around it: of the officer's Kanwil, or, for the centre, one that was delivered.
    Six statements.

    Raises:
        NoSuchRecap: there is none within reach.
    """
    with _reader(by) as reader:
        asked = recap_rows().where(Recap.id == recap_id)
        if by.tenant_id is None:
            asked = asked.where(Recap.state.in_(SIGNED))
        found = reader.execute(asked.execution_options(populate_existing=True)).first()
        if found is None:
            raise NoSuchRecap()
        row = recap_row(*found)
        recap = row.recap
        decisions: list[Decision] = []
        if recap.case_id is not None:
            decisions = list(
                reader.scalars(
                    select(Decision).where(Decision.case_id == recap.case_id).order_by(Decision.stage_no)
                )
            )
        earlier = reader.scalars(
            select(Recap.summary)
            .where(
                Recap.tenant_id == recap.tenant_id,
                Recap.period_until < recap.period_from,
                Recap.state.in_(STANDING),
            )
            .order_by(Recap.period_until.desc(), Recap.id.desc())
            .limit(1)
        ).first()
        linked = list(
            reader.scalars(
                select(Recap).where(or_(Recap.id == (recap.replaces_id or 0), Recap.replaces_id == recap.id))
            )
        )
    return View(
        row=row,
        figures=thaw(files.get(recap.figures_sha256)) if recap.figures_sha256 else None,
        decisions=decisions,
        due_on=found[1] if row.state in (IN_REVIEW, READY) else None,
        earlier=earlier or {},
        replaces=next((one for one in linked if one.id == recap.replaces_id), None),
        replaced_by=next((one for one in linked if one.replaces_id == recap.id and one.signed_at), None),
        sizes=_sizes(recap),
    )


def pdf(recap_id: int, *, by: Actor) -> tuple[Recap, bytes]:
    """The newest file of a recap: the preview, the signed one, the one with the receipt.

    Raises:
        NoSuchRecap: none within reach, or nothing rendered yet.
    """
    with _reader(by) as reader:
        asked = select(Recap).where(Recap.id == recap_id).execution_options(populate_existing=True)
        recap = reader.scalars(
            asked if by.tenant_id is not None else asked.where(Recap.state.in_(SIGNED))
        ).first()
    if recap is None or recap.file_sha256 is None:
        raise NoSuchRecap(N_("Surat rekap ini belum selesai dirender.") if recap is not None else None)
    return recap, files.get(recap.file_sha256)


def file_name(recap: Recap, kanwil_code: str) -> str:
    """The name under which the file is saved."""
    return f"rekap-{kanwil_code}-{recap.period}{'' if recap.signed_at else '-konsep'}.pdf"


def as_json(row: Row, figures: Figures | None) -> dict[str, Any]:
    """A recap as the API gives it."""
    recap = row.recap
    return {
        "id": recap.id,
        "period": recap.period,
        "label": recap.label,
        "kanwil": row.kanwil.code,
        "state": row.state,
        "working": row.is_working,
        "problem": recap.problem,
        "number": recap.number,
        "code": recap.code,
        "case_id": recap.case_id,
        "revision": recap.revision_no,
        "replaces": recap.replaces_id,
        "frozen_at": _iso(recap.frozen_at),
        "signed_at": _iso(recap.signed_at),
        "signer": recap.signer_name,
        "delivered_at": _iso(recap.delivered_at),
        "acknowledged_at": _iso(recap.acknowledged_at),
        "revoked_at": _iso(recap.revoked_at),
        "revoked_by": recap.revoked_office,
        "revoked_reason": recap.revoked_reason,
        "summary": recap.summary or {},
        "figures": figures,
    }


def choices(now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """The periods that ended and can be drafted, (key, label): months with purchases and no recap first, then the last
    year and a half, quarters, halves and years. Two statements on rollups and recaps."""
    today = now.astimezone(zone).date()
    done = set(session().scalars(select(Recap.period).where(Recap.state != REVOKED).distinct()))
    sold = [str(month) for month in session().scalars(select(MonthFigure.month).distinct().limit(240))]
    keys = sorted((month for month in sold if month not in done), reverse=True)
    this_month = today.year * 12 + today.month - 1
    keys += [f"{(this_month - back) // 12}-{(this_month - back) % 12 + 1:02}" for back in range(1, 19)]
    years = {today.year, today.year - 1, *(int(month[:4]) for month in sold)}
    for year in sorted(years, reverse=True):
        keys += [f"{year}-Q{n}" for n in (4, 3, 2, 1)] + [f"{year}-S2", f"{year}-S1", str(year)]
    spans = [(key, span(key)) for key in dict.fromkeys(keys)]
    return [(key, label) for key, (_, until, label) in spans if until < today]


@contextmanager
def _reader(by: Actor) -> Iterator[Any]:
    if by.tenant_id is None:
        with database.national("rekap masuk") as reader:
            yield reader
    else:
        yield session()


def recap_rows() -> Any:
    """Recaps with what a list says of them; each found row goes into `recap_row`."""
    return (
        select(Recap, Case.due_on, Case.stage_key, Kanwil)
        .join(Kanwil, Kanwil.id == Recap.tenant_id)
        .outerjoin(Case, and_(Case.id == Recap.case_id, Case.tenant_id == Recap.tenant_id))
    )


def recap_row(recap: Recap, due_on: date | None, stage_key: str | None, kanwil: Kanwil) -> Row:
    return Row(recap, state_of(recap, stage_key), kanwil)


def _next(rows: list[Row], limit: int, key: Any) -> Keyset | None:
    return key(rows[limit - 1]) if len(rows) > limit else None


def _sizes(recap: Recap) -> dict[str, int]:
    named = {
        "angka.json": recap.figures_sha256,
        "pembelian.xlsx": recap.purchases_sha256,
        "riwayat.json": recap.history_sha256,
        "surat": recap.file_sha256,
    }
    paths = {name: files.path(digest) for name, digest in named.items() if digest}
    return {name: path.stat().st_size for name, path in paths.items() if path is not None}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
