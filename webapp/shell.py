"""What stands around every officer's page: the rail with its counts, who and where one is; the words of templates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from flask_babel import get_locale, gettext
from flask_babel import gettext as _
from flask_login import current_user

from tenants import said, words
from tenants.clock import now
from tenants.models import Kanwil
from tenants.officers import ACTING_WORDS, Actor
from webapp.access import actor, may, post
from webapp.forms import same_page
from webapp.role_words import role_words

MAX_ENTRIES = 7
SETTINGS = ("settings", "substitutes", "definitions", "webhooks", "audit", "ClosureView", "UptAliasView")
"""Pages that stand under the settings where they have no entry of their own."""
WITHIN = {
    "product_sheets": "products",
    "purchase_imports": "purchases",
    "purchase_entry": "purchases",
    "figures": "purchases",
    "national_recaps": "recaps",
    "obstacles": "recaps",
    "delivery": "recaps",
}
YIELDING = ("featured", "audit", "definitions", "reports", "purchases", "recaps")
"""Entries that give way, in this order, where one's roles bring more than the rail holds; the home page names them."""
_ENGLISH = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def register(app: Flask) -> None:
    """Give every template the shell's values and the house's ways of writing money, numbers and dates."""
    app.context_processor(_context)
    app.jinja_env.finalize = spoken
    app.jinja_env.filters.update(
        rupiah=words.rupiah,
        number=words.number_id,
        date_id=shown_day,
        moment=moment,
        short_moment=short_moment,
        spoken=spoken,
        told=told,
        again=again,
    )
    app.jinja_env.filters["moment_or"] = moment_or
    app.jinja_env.globals.update(same_page=same_page)
    app.jinja_env.globals.update(may=may, locale_code=lambda: str(get_locale() or "id"))


def spoken(text: Any) -> Any:
    """What the house says, in the language of this request; anything else as it is. Every `{{ }}` of a page does this,
    so that an error's words need no more than being shown."""
    return said.spoken(text.parts, gettext) if isinstance(text, said.Said) else text


def again(text: str | None, parts: said.Parts = None) -> str:
    """A text of the house that was kept, in the language of this request: from its parts, or those that were kept
    beside it, or as it stands in the catalogue."""
    if not text:
        return ""
    parts = text.parts if isinstance(text, said.Said) else parts
    return said.spoken(parts, gettext) if isinstance(parts, dict) else gettext(text)


def told(notice: Any, part: str) -> str:
    """The title or the body of a notice, in the language of this request where it is known what it is made of."""
    if notice.said is None:
        return str(getattr(notice, part))
    return said.spoken(notice.said[part], gettext)


def kanwil_here() -> Kanwil | None:
    """The Kanwil of the officer of this request."""
    here = post() if getattr(g, "karya_officer", None) is not None else None
    return here.kanwil if here else None


def timezone_here() -> ZoneInfo:
    """The wall clock of the officer's Kanwil; WIB for the centre and the public."""
    kanwil = kanwil_here()
    return ZoneInfo(kanwil.timezone if kanwil else "Asia/Jakarta")


def moment(at: datetime | None) -> str:
    """An instant as people say it there: "5 Maret 2024 pukul 09.12"."""
    if at is None:
        return ""
    local = at.astimezone(timezone_here())
    return _("%(day)s pukul %(hour)s", day=shown_day(local.date()), hour=f"{local:%H.%M}")


def shown_day(day: date) -> str:
    """A day in the reader's language: "5 Maret 2024", "5 March 2024"."""
    if str(get_locale() or "id") == "en":
        return f"{day.day} {_ENGLISH[day.month - 1]} {day.year}"
    return words.date_id(day)


def moment_or(at: datetime | None, otherwise: str) -> str:
    """The same, or other words where there is none. FAB keeps its instants without a timezone, in UTC."""
    if at is None:
        return otherwise
    return moment(at if at.tzinfo else at.replace(tzinfo=UTC))


def short_moment(at: datetime | None) -> str:
    """The same, short and near: "tadi 09.12", "kemarin 14.20", "12 Maret"."""
    if at is None:
        return ""
    local = at.astimezone(timezone_here())
    today: date = now().astimezone(timezone_here()).date()
    days = (today - local.date()).days
    if days == 0:
        return _("hari ini %(hour)s", hour=f"{local:%H.%M}")
    if days == 1:
        return _("kemarin %(hour)s", hour=f"{local:%H.%M}")
    text = shown_day(local.date())
    return text if local.year != today.year else text.rsplit(" ", 1)[0]


def _context() -> dict[str, Any]:
    if getattr(g, "karya_officer", None) is None and request.endpoint is None and _has_session():
        bool(current_user.is_authenticated)  # a wrong address typed by an officer stays within his frame
    if getattr(g, "karya_officer", None) is None:
        return {"me": None, "nav": [], "here": None, "settings": current_app.extensions["karya"]}
    by = actor()
    kanwil = kanwil_here()
    role, entries = _role_label(by), navigation()
    here = kanwil.short_name if kanwil else _("Ditjen Pemasyarakatan")
    office = here
    if by.upt_id is not None:
        at = post()
        office = (at.upt if at else None) or here
    return {
        "me": {"name": by.name, "role_label": role, "office": office},
        "here": here if by.upt_id is None else f"{office} · {here}",
        "nav": [entry for entry in entries if not entry["yields"]],
        "nav_more": [entry for entry in entries if entry["yields"]],
        "notices_count": waiting().get("notices", 0),
        "settings": current_app.extensions["karya"],
        "actor": by,
    }


def _role_label(by: Actor) -> str:
    """The officer's own role, and those that letters lend him: "Pembina · Plh. Pemantau"."""
    labels, lent = role_words(), {one.role for one in by.acting}
    own = next((label for name, label in labels.items() if name in by.roles and name not in lent), "")
    acting = [f"{ACTING_WORDS[one.kind]} {labels[one.role]}" for one in by.acting if one.role in labels]
    return " · ".join(part for part in (own, *acting) if part)


def _has_session() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def navigation() -> list[dict[str, Any]]:
    """What the officer may enter, chosen by role, each with what waits there. The rail shows at most seven: an entry
    that `yields` stands on his home page instead."""
    counts = waiting()
    by = actor()
    entries = [("home", _("Beranda"), "house", "HomeView.home", True)]
    entries += [
        ("inbox", _("Kotak masuk"), "inbox", "inbox.index", may("decide_cases")),
        ("my_products", _("Produk saya"), "package", "products.mine", may("write_products")),
        (
            "products",
            _("Produk"),
            "package",
            "products.index",
            may("read_products") and not may("write_products"),
        ),
        ("inspections", _("Pengawasan"), "clipboard-check", "inspections.index", may("inspect_products")),
        ("purchases", _("Pembelian"), "receipt", "purchases.index", may("read_purchases")),
        ("recaps", _("Rekap"), "file-text", "recaps.index", may("read_recaps")),
        ("received", _("Rekap masuk"), "mail-open", "recaps.received", may("read_national")),
        ("reports", _("Laporan"), "chart-column", "reports.approval", may("read_reports")),
        ("reports", _("Laporan"), "chart-column", "reports.national", may("read_national_reports")),
        ("obstacles", _("Kendala"), "triangle-alert", "obstacles.index", by.upt_id is not None),
        ("officers", _("Petugas"), "users", "officers.index", may("manage_officers")),
        ("settings", _("Pengaturan"), "settings", "settings.index", may("manage_settings")),
        (
            "settings",
            _("Pengaturan"),
            "settings",
            "definitions.index",
            may("design_definitions") and not may("manage_settings"),
        ),
        (
            "national_definitions",
            _("Alur nasional"),
            "list-checks",
            "national_definitions.national_index",
            may("design_national_definitions"),
        ),
        (
            "national_purchases",
            _("Impor nasional"),
            "file-up",
            "national_purchases.index_of_country",
            may("import_national_purchases"),
        ),
        ("tenants", _("Kanwil"), "building-2", "centre.kanwils", may("manage_tenants")),
        ("featured", _("Etalase"), "store", "featured.index", may("feature_products")),
        ("calendar", _("Hari libur"), "calendar-days", "centre.calendar", may("manage_calendar")),
        (
            "audit",
            _("Audit"),
            "shield-check",
            "audit.index",
            may("read_audit") and not may("design_definitions"),
        ),
    ]
    endpoints = current_app.view_functions
    wanted = [e for e in entries if e[4] and e[3] in endpoints]
    yielding = [name for name in YIELDING if any(e[0] == name for e in wanted)]
    away = yielding[: max(0, len(wanted) - MAX_ENTRIES)]
    shown = [e for e in wanted if e[0] not in away]
    here = _entry_here([e[3] for e in shown])
    return [
        {
            "key": key,
            "label": label,
            "icon": icon,
            "url": url_for(endpoint),
            "count": counts.get(key, 0),
            "active": endpoint == here,
            "yields": key in away,
        }
        for key, label, icon, endpoint, _shown in wanted
    ]


def _entry_here(endpoints: list[str]) -> str | None:
    """The entry that this page belongs to: its own, or the first of its blueprint."""
    asked = request.endpoint or ""
    if asked in endpoints:
        return asked
    blueprint = asked.split(".")[0]
    own = next((one for one in endpoints if one.split(".")[0] == blueprint), None)
    if own is None and blueprint in SETTINGS:
        return next((one for one in endpoints if one in ("settings.index", "definitions.index")), None)
    return own or next((one for one in endpoints if one.split(".")[0] == WITHIN.get(blueprint)), None)


def waiting() -> dict[str, int]:
    """What waits for the officer, by rail entry; one statement a request, for admin_pusat two."""
    if "karya_waiting" not in g:
        g.karya_waiting = _waiting()
    return g.karya_waiting  # type: ignore[no-any-return]


def _waiting() -> dict[str, int]:
    from catalogue.oversight import queries as oversight
    from webapp import centre_notices
    from workflows import overview
    from workflows.talk import queries as talk

    by = actor()
    if by.tenant_id is not None:
        known = g.get("karya_inbox_waiting")  # the inbox has counted already
        more = {"inspections": oversight.waits()} if may("inspect_products") else {}
        if by.upt_id is None and may("give_opinions"):
            more["opinions"] = talk.asks(by)
        counts = overview.waiting(by, now(), decides=may("decide_cases") and known is None, more=more)
        return counts if known is None else {**counts, "inbox": known}
    count = centre_notices.count(by, now())
    return {"notices": count, "received": count} if may("acknowledge_recaps") else {"notices": count}
