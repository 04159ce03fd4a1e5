"""The register of obstacles and solutions: part IV of the recap ("kendala dan solusi")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from catalogue.content import Unreadable, text
from recaps.errors import NoSuchObstacle
from recaps.models import Obstacle
from tenants.database import session, transaction
from tenants.errors import Conflict, Invalid
from tenants.idempotency import once
from tenants.models import Kanwil, Upt
from tenants.officers import Actor
from tenants.words import N_, read_date
from workflows import audit

CATEGORIES: Final[dict[str, str]] = {
    "materials": N_("Bahan baku"),
    "equipment": N_("Alat dan mesin"),
    "people": N_("Tenaga dan keterampilan"),
    "budget": N_("Anggaran"),
    "marketing": N_("Pemasaran"),
    "ecatalog": N_("e-Katalog"),
    "delivery": N_("Pengiriman"),
    "quality": N_("Mutu"),
    "cooperation": N_("Kerja sama"),
    "other": N_("Lain-lain"),
}
STATES: Final[dict[str, str]] = {"open": N_("Terbuka"), "done": N_("Selesai")}
_WRITERS: Final = ("operator_upt", "kepala_upt", "kadiv")
_LENGTHS: Final = {"description": 2000, "action": 2000, "who": 160}
CHAIN: Final = "kanwil"


def add(
    entered: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Obstacle, bool]:
    """Write an obstacle down. A UPT's officer writes for its UPT, the Kadiv for a UPT (`upt_id`) or for the Kanwil.

    Returns it and whether the call was a repetition.

    Raises:
        Invalid: with a message for each field that is missing or wrong.
        Forbidden: not a role that writes obstacles.
    """
    by.require(*_WRITERS)
    values = _read(entered, by)
    return once(
        key, "obstacle.add", lambda: _add(values, by, now), lambda o: o.id, load, content=dict(entered)
    )


def _add(values: dict[str, Any], by: Actor, now: datetime) -> Obstacle:
    with transaction() as here:
        obstacle = Obstacle(
            **values,
            state="open",
            noticed_on=_today(by, now),
            created_by=by.id,
            created_at=now,
            updated_at=now,
        )
        here.add(obstacle)
        here.flush()
        _tell("obstacle.added", obstacle, by, now)
        return obstacle


def change(
    obstacle_id: int, entered: Mapping[str, Any], *, by: Actor, now: datetime, version: int | None = None
) -> Obstacle:
    """Correct an obstacle, or settle it (``state`` "done") or open it again.

    Raises:
        NoSuchObstacle, Invalid, Forbidden; Conflict: somebody changed it since `version`.
    """
    by.require(*_WRITERS)
    with transaction() as here:
        obstacle = here.scalars(select(Obstacle).where(Obstacle.id == obstacle_id).with_for_update()).first()
        if obstacle is None:
            raise NoSuchObstacle()
        if version is not None and version != obstacle.version:
            raise Conflict("Kendala ini baru saja diubah orang lain. Muat ulang halamannya.")
        kept = {
            name: getattr(obstacle, name)
            for name in ("category", "description", "action", "who", "due_on", "upt_id")
        }
        for name, value in _read({**kept, **entered}, by).items():
            setattr(obstacle, name, value)
        state = str(entered.get("state") or obstacle.state)
        if state not in STATES:
            raise Invalid(fields={"state": "Pilih terbuka atau selesai."})
        if state != obstacle.state:
            obstacle.done_on = _today(by, now) if state == "done" else None
        obstacle.state, obstacle.updated_at, obstacle.version = state, now, obstacle.version + 1
        _tell("obstacle.changed", obstacle, by, now)
        return obstacle


def remove(obstacle_id: int, *, by: Actor, now: datetime) -> None:
    """Delete an obstacle that was written down by mistake; the audit keeps what it said.

    Raises:
        NoSuchObstacle, Forbidden.
    """
    by.require(*_WRITERS)
    with transaction() as here:
        obstacle = load(obstacle_id)
        _tell("obstacle.removed", obstacle, by, now)
        here.delete(obstacle)


def load(obstacle_id: int) -> Obstacle:
    """One obstacle within the scope.

    Raises:
        NoSuchObstacle: there is none.
    """
    obstacle = session().scalars(select(Obstacle).where(Obstacle.id == obstacle_id)).first()
    if obstacle is None:
        raise NoSuchObstacle()
    return obstacle


def listed(
    *, state: str | None = None, after: int | None = None, limit: int = 50
) -> tuple[list[dict[str, Any]], int | None]:
    """Obstacles within the scope, newest first, with their UPT's name; the second value continues the
    list. One statement.
    """
    asked = select(Obstacle, Upt.short_name).outerjoin(Upt, Upt.id == Obstacle.upt_id)
    if state in STATES:
        asked = asked.where(Obstacle.state == state)
    if after is not None:
        asked = asked.where(Obstacle.id < after)
    rows = session().execute(asked.order_by(Obstacle.id.desc()).limit(limit + 1)).all()
    items = [
        {"obstacle": row, "upt": upt or N_("Kanwil"), "category": CATEGORIES.get(row.category, row.category)}
        for row, upt in rows
    ]
    return items[:limit], (rows[limit - 1][0].id if len(rows) > limit else None)


def counts() -> dict[str, int]:
    """How many are open and done, within the scope. One statement."""
    found = {
        state: int(count)
        for state, count in session().execute(select(Obstacle.state, func.count()).group_by(Obstacle.state))
    }
    return {state: found.get(state, 0) for state in STATES}


def upts() -> list[tuple[int, str]]:
    """The UPT that an obstacle can be about, within the scope."""
    return [
        (int(i), str(name))
        for i, name in session().execute(select(Upt.id, Upt.short_name).order_by(Upt.short_name))
    ]


def _read(entered: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    values: dict[str, Any] = {"category": str(entered.get("category") or "").strip()}
    if values["category"] not in CATEGORIES:
        wrong["category"] = "Pilih jenis kendalanya."
    for name, most in _LENGTHS.items():
        try:
            values[name] = text(str(entered.get(name) or ""), most)
        except Unreadable as error:
            wrong[name] = str(error)
            continue
        if not values[name]:
            wrong[name] = "Isi bagian ini."
    due = entered.get("due_on")
    values["due_on"] = due if isinstance(due, date) else None
    if due and not isinstance(due, date):
        try:
            values["due_on"] = read_date(str(due))
        except ValueError as error:
            wrong["due_on"] = str(error)
    values["upt_id"] = by.upt_id or _upt(entered.get("upt_id"), wrong)
    if wrong:
        raise Invalid(fields=wrong)
    return values


def _upt(asked: Any, wrong: dict[str, Any]) -> int | None:
    if asked in (None, "", 0, "0"):
        return None
    found = session().scalar(select(Upt.id).where(Upt.id == int(asked))) if str(asked).isdigit() else None
    if found is None:
        wrong["upt_id"] = "UPT ini tidak ada di Kanwil Anda."
    return found


def _today(by: Actor, now: datetime) -> date:
    kanwil = session().get(Kanwil, by.tenant_id)
    return now.astimezone(ZoneInfo(kanwil.timezone if kanwil else "Asia/Jakarta")).date()


def _tell(action: str, obstacle: Obstacle, by: Actor, now: datetime) -> None:
    said = {
        "obstacle": obstacle.id,
        "category": obstacle.category,
        "description": obstacle.description,
        "action": obstacle.action,
        "state": obstacle.state,
    }
    audit.record(CHAIN, action, said, by=by, now=now, upt_id=obstacle.upt_id)
