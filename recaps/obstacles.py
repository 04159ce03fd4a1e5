"""The register of obstacles and solutions: part IV of the recap ("kendala dan solusi").

Every change is kept beside the obstacle, field by field, with who made it. One that was written down by mistake is
taken back, not deleted. `obstacle_lists` reads the register.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from catalogue.content import Unreadable, text
from recaps.errors import NoSuchObstacle
from recaps.models import Obstacle, ObstacleChange
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
REMOVED: Final = "removed"
FIELDS: Final = ("category", "description", "action", "who", "due_on", "upt_id", "state")
"""What of an obstacle can change; `upt_id` None is the Kanwil itself."""
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
        _keep(obstacle, dict.fromkeys(FIELDS), by, now)
        _tell("obstacle.added", obstacle, by, now)
        return obstacle


def change(
    obstacle_id: int, entered: Mapping[str, Any], *, by: Actor, now: datetime, version: int | None = None
) -> Obstacle:
    """Correct an obstacle, or settle it (``state`` "done") or open it again. Where all stays as it was,
    nothing is written.

    Raises:
        NoSuchObstacle, Invalid, Forbidden; Conflict: somebody changed it since `version`.
    """
    by.require(*_WRITERS)
    with transaction() as here:
        obstacle = _locked(obstacle_id)
        if version is not None and version != obstacle.version:
            raise Conflict(N_("Kendala ini baru saja diubah orang lain. Muat ulang halamannya."))
        was = _content(obstacle)
        kept = {name: getattr(obstacle, name) for name in FIELDS if name != "state"}
        for name, value in _read({**kept, **entered}, by).items():
            setattr(obstacle, name, value)
        state = str(entered.get("state") or obstacle.state)
        if state not in STATES:
            raise Invalid(fields={"state": N_("Pilih terbuka atau selesai.")})
        if state != obstacle.state:
            obstacle.done_on = _today(by, now) if state == "done" else None
        obstacle.state = state
        if _content(obstacle) == was:
            return obstacle
        obstacle.updated_at, obstacle.version = now, obstacle.version + 1
        here.flush()
        _keep(obstacle, was, by, now)
        _tell("obstacle.changed", obstacle, by, now)
        return obstacle


def remove(obstacle_id: int, *, by: Actor, now: datetime) -> None:
    """Take back an obstacle that was written down by mistake: no list and no recap shows it; its history stays.

    Raises:
        NoSuchObstacle, Forbidden.
    """
    by.require(*_WRITERS)
    with transaction() as here:
        obstacle = _locked(obstacle_id)
        was = _content(obstacle)
        obstacle.state, obstacle.done_on = REMOVED, None
        obstacle.updated_at, obstacle.version = now, obstacle.version + 1
        here.flush()
        _keep(obstacle, was, by, now)
        _tell("obstacle.removed", obstacle, by, now)


def load(obstacle_id: int) -> Obstacle:
    """One obstacle within the scope.

    Raises:
        NoSuchObstacle: there is none, or it was taken back.
    """
    return _one(select(Obstacle).where(Obstacle.id == obstacle_id))


def _locked(obstacle_id: int) -> Obstacle:
    return _one(select(Obstacle).where(Obstacle.id == obstacle_id).with_for_update())


def _one(asked: Any) -> Obstacle:
    obstacle: Obstacle | None = session().scalars(asked.where(Obstacle.state != REMOVED)).first()
    if obstacle is None:
        raise NoSuchObstacle()
    return obstacle


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
        wrong["category"] = N_("Pilih jenis kendalanya.")
    for name, most in _LENGTHS.items():
        try:
            values[name] = text(str(entered.get(name) or ""), most)
        except Unreadable as error:
            wrong[name] = str(error)
            continue
        if not values[name]:
            wrong[name] = N_("Isi bagian ini.")
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
        wrong["upt_id"] = N_("UPT ini tidak ada di Kanwil Anda.")
    return found


def _content(obstacle: Obstacle) -> dict[str, Any]:
    """What an obstacle says, as its history keeps it."""
    values = {name: getattr(obstacle, name) for name in FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _keep(obstacle: Obstacle, was: dict[str, Any], by: Actor, now: datetime) -> None:
    changes = {name: [was[name], value] for name, value in _content(obstacle).items() if value != was[name]}
    session().add(
        ObstacleChange(
            obstacle_id=obstacle.id,
            upt_id=obstacle.upt_id,
            version=obstacle.version,
            changes=changes,
            by_id=by.id,
            by_name=by.name,
            by_office=by.office,
            at=now,
        )
    )
    session().flush()


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
