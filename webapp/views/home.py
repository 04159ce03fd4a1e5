"""``/beranda``: what waits for the officer and what to do next, by role.

Each role brings panels: a name (a template of `home/`) and what it shows. Who holds several roles sees each once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask, render_template
from flask_appbuilder import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _

import recaps.overview
import sales.overview
from catalogue import queries as products
from catalogue.oversight import queries as oversight
from sales import figures
from sales.campaigns import queries as campaigns
from tenants import database, substitutes
from tenants.clock import now
from tenants.officers import ROLE_LABELS, Actor
from tenants.setup import setup_state
from tenants.words import month_id
from webapp.access import actor, requires
from webapp.home_map import COLUMNS, HEIGHT, ROWS, WIDTH, tiles
from webapp.role_words import role_words
from webapp.shell import timezone_here, waiting
from workflows import overview, queries
from workflows.talk import queries as talk

SHOWN = 6


class HomeView(BaseView):
    """FAB's index view; the front page `/` is the public catalogue's."""

    route_base = "/beranda"
    default_view = "home"

    @expose("/")
    @requires("read_home")
    def home(self) -> Any:
        by, at = actor(), now()
        names: list[str] = []
        for role in ROLE_LABELS:
            if role in by.roles:
                names += [name for name in PANELS.get(role, ()) if name not in names]
        panels = [(name, _BUILD[name](by, at)) for name in names]
        return render_template("home/home.html", active="home", panels=panels, greeting=_greeting(at))


def register(app: Flask, appbuilder: Any) -> None:
    """The app factory gives `HomeView` to FAB as its index."""


PANELS: dict[str, tuple[str, ...]] = {
    "operator_upt": ("products", "campaign", "sold"),
    "kepala_upt": ("products", "campaign", "sold"),
    "pembina": ("inbox", "opinions"),
    "pemantau": ("inbox", "opinions"),
    "pengendali": ("inbox", "opinions"),
    "kadiv": ("opinions", "piles", "absent", "recaps", "sold"),
    "kakanwil": ("to_sign", "opinions", "recaps", "sold"),
    "admin_kanwil": ("setup", "opinions"),
    "dirjen": ("arrived", "national"),
    "admin_pusat": ("tenants",),
    "auditor": ("reaches",),
}


def _products(by: Actor, at: datetime) -> dict[str, Any]:
    counts = products.counts()
    returned = products.products(by, state="returned", limit=SHOWN).items if counts["returned"] else []
    own = by.has("operator_upt") and counts["draft"]
    drafts = products.products(by, state="draft", limit=SHOWN).items if own else []
    asked = oversight.open_findings(now=at, limit=SHOWN)
    return {"counts": counts, "returned": returned, "drafts": drafts, "findings": asked}


def _sold(by: Actor, at: datetime) -> dict[str, Any]:
    today = at.astimezone(timezone_here()).date()
    last = sales.overview.last_month()
    year = int(last[:4]) if last else today.year
    return {"has_any": last is not None, "year": year, "pnbp": figures.pnbp(str(year)), "last": _month(last)}


def _campaign(by: Actor, at: datetime) -> dict[str, Any]:
    rows = campaigns.waiting(by, at.astimezone(timezone_here()).date())
    sums = campaigns.totals(row.id for row in rows)
    return {"rows": rows, "sums": {number: one.value_rupiah for number, one in sums.items()}}


def _inbox(by: Actor, at: datetime) -> dict[str, Any]:
    counts = queries.inbox_counts(by, at)
    rows = queries.inbox(by, limit=SHOWN, now=at).items if counts.mine else []
    return {"counts": counts, "rows": rows}


def _opinions(by: Actor, at: datetime) -> dict[str, Any]:
    return {"rows": talk.asked_of(by, limit=SHOWN) if waiting().get("opinions") else []}


def _piles(by: Actor, at: datetime) -> dict[str, Any]:
    piles = overview.piles(at)
    most = max((pile.waiting for pile in piles), default=1)
    return {"piles": piles, "most": most, "labels": role_words(), "late": sum(pile.late for pile in piles)}


def _absent(by: Actor, at: datetime) -> dict[str, Any]:
    return {"absences": substitutes.absences(at), "labels": role_words()}


def _recaps(by: Actor, at: datetime) -> dict[str, Any]:
    rows = recaps.overview.newest()
    before = (at.astimezone(timezone_here()).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    period = f"{before:%Y-%m}"
    return {
        "rows": rows,
        "due": None if any(row.period == period for row in rows) else period,
        "due_label": month_id(before.year, before.month),
        "may_draft": by.has("kadiv"),
    }


def _to_sign(by: Actor, at: datetime) -> dict[str, Any]:
    return {"rows": queries.inbox(by, limit=SHOWN, now=at).items}


def _setup(by: Actor, at: datetime) -> dict[str, Any]:
    state = setup_state()
    year = at.astimezone(timezone_here()).year
    own = state.settings
    missing = ", ".join(role_words()[role] for role in state.missing_roles)
    steps = [
        (
            bool(own and own.address and own.phone),
            _("Alamat dan telepon kop surat"),
            _("Tercetak di kepala setiap surat rekap."),
            "settings.index",
        ),
        (
            bool(own and own.emblem_sha256),
            _("Lambang untuk kop surat"),
            _("Sampai diunggah, surat memakai tanda netral."),
            "settings.index",
        ),
        (
            not missing,
            _("Petugas untuk setiap tahap"),
            _("Belum ada: %(roles)s.", roles=missing) if missing else "",
            "officers.index",
        ),
        (
            state.upts > 0 and state.upts_without_operator == 0,
            _("Operator di setiap UPT"),
            _("%(n)s dari %(all)s UPT belum punya operator.", n=state.upts_without_operator, all=state.upts),
            "officers.index",
        ),
        (
            bool(figures.targets(year)),
            _("Target %(year)s", year=year),
            _("Tanpa target, beranda UPT dan rekap tidak dapat membandingkan capaian."),
            "settings.targets",
        ),
    ]
    done = sum(1 for step in steps if step[0])
    return {"steps": steps, "done": done, "state": state}


def _arrived(by: Actor, at: datetime) -> dict[str, Any]:
    with database.national("beranda: rekap masuk") as reader:
        rows, total = recaps.overview.to_acknowledge(reader)
        period = recaps.overview.newest_period(reader)
        states = recaps.overview.states_of(reader, period) if period else {}
    box = f"0 0 {COLUMNS * WIDTH} {ROWS * HEIGHT}"
    return {
        "rows": rows,
        "total": total,
        "period": _month(period) or period,
        "tiles": tiles(states),
        "states": states,
        "box": box,
    }


def _national(by: Actor, at: datetime) -> dict[str, Any]:
    with database.national("beranda: angka nasional") as reader:
        last = sales.overview.last_month(session=reader)
        if last is None:
            return {"year": at.year, "top": [], "completed": None, "most": 1}
        found = figures.national(last[:4], session=reader)
    top = [row for row in found["by_kanwil"] if row["value_rupiah"]][:8]
    most = max((row["value_rupiah"] for row in top), default=1)
    return {"year": last[:4], "completed": found["completed"], "top": top, "most": most}


def _tenants(by: Actor, at: datetime) -> dict[str, Any]:
    from tenants.lifecycle import tenants_list
    from workflows.calendars import holidays_of

    rows = tenants_list()
    next_year = at.year + 1
    return {
        "rows": rows,
        "suspended": [row for row in rows if row.state != "active"],
        "year": at.year,
        "days": len(holidays_of(at.year)),
        "next_year": next_year,
        "next_days": len(holidays_of(next_year)),
    }


def _reaches(by: Actor, at: datetime) -> dict[str, Any]:
    from tenants.lifecycle import reaches

    return {"rows": reaches(limit=10)}


_BUILD: dict[str, Callable[[Actor, datetime], dict[str, Any]]] = {
    "products": _products,
    "sold": _sold,
    "campaign": _campaign,
    "inbox": _inbox,
    "opinions": _opinions,
    "piles": _piles,
    "absent": _absent,
    "recaps": _recaps,
    "to_sign": _to_sign,
    "setup": _setup,
    "arrived": _arrived,
    "national": _national,
    "tenants": _tenants,
    "reaches": _reaches,
}


def _month(key: str | None) -> str:
    """ "2024-03" as "Maret 2024"; other periods as they are written."""
    if not key or len(key) != 7 or not key[5:].isdigit():
        return key or ""
    return month_id(int(key[:4]), int(key[5:]))


def _greeting(at: datetime) -> str:
    hour = at.astimezone(timezone_here()).hour
    if hour < 11:
        return _("Selamat pagi")
    if hour < 15:
        return _("Selamat siang")
    return _("Selamat sore") if hour < 18 else _("Selamat malam")


def today_here() -> date:
    """Today on the officer's wall calendar."""
    return now().astimezone(timezone_here()).date()
