"""``/kebutuhan``: the boards of the Kanwil and the country, one's own needs and offers, and a need with its offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from catalogue import shop
from catalogue.needs import country, matching, offering, posting, queries
from catalogue.needs.errors import NeedInvalid
from catalogue.needs.rows import Filters
from catalogue.needs.terms import AUDIENCES, OFFER_STATES, PACKAGE_STATES, SEEKING, STATES
from catalogue.terms import CATEGORIES, GROUPS
from tenants import clock, sheets
from tenants.database import session
from tenants.errors import Invalid
from tenants.officers import Actor
from tenants.words import number_id
from webapp.access import actor, may, requires
from webapp.audit_words import action_words
from webapp.forms import whole
from webapp.shell import timezone_here
from workflows.journal import JournalFilters, events
from workflows.queries import BOUND

blueprint = Blueprint("needs", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KANWIL, COUNTRY, OWN, OFFERS = "kanwil", "nasional", "kami", "penawaran"
TONES = {
    "open": "info",
    "partly_agreed": "wait",
    "agreed": "ok",
    "fulfilled": "ok",
    "sent": "info",
    "withdrawing": "wait",
    "declined": "bad",
    "cancelled": "bad",
}
FORM = ("title", "category", "group", "quantity", "unit", "needed_by", "ceiling_rupiah", "note", "audience")


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(need_words=words)


def words() -> dict[str, Any]:
    """The words of the lists that the pages of this board share."""
    return {
        "states": STATES,
        "offer_states": OFFER_STATES,
        "package_states": PACKAGE_STATES,
        "audiences": AUDIENCES,
        "categories": CATEGORIES,
        "groups": GROUPS,
        "tones": TONES,
        "seeking": SEEKING,
        "day": date.fromisoformat,
    }


@blueprint.get("/kebutuhan")
@requires("read_needs")
def index() -> Any:
    """A board, or what is one's own; the filters stand in the address."""
    by, tab, filters, today = actor(), _tab(), _filters(), today_here()
    cursor = request.args.get("cursor", "")
    page: Any
    if tab == OFFERS:
        page = queries.offers(filters.state, cursor=cursor or None)
    elif tab == COUNTRY:
        page = country.national_board(by, filters, cursor=cursor or None)
    else:
        page = queries.board(by, filters, own=tab == OWN, cursor=cursor or None, today=today)
    kept = {name: value for name, value in request.args.items() if value and name != "cursor"}
    return render_template(
        "needs/index.html",
        active="needs",
        tab=tab,
        page=page,
        filters=filters,
        counts={name: bounded(count) for name, count in queries.tallies(by).items()},
        units=queries.units() if tab == KANWIL else [],
        kanwils=shop.offices(session()) if tab == COUNTRY else [],
        kept=kept,
        next_url=url_for(".index", **{**kept, "cursor": page.next_cursor}) if page.next_cursor else None,
        first_url=url_for(".index", **kept) if cursor else None,
    )


@blueprint.get("/kebutuhan/ekspor.<kind>")
@requires("read_needs")
def export(kind: str) -> Any:
    """What the filters leave of a tab, as XLSX or CSV."""
    tab = _tab()
    head, rows, widths = _exported(tab, actor(), _filters())
    name = f"kebutuhan-{tab}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"}
    if kind == "xlsx":
        data = sheets.as_xlsx("Kebutuhan", head, rows, widths)
        return Response(data, content_type=XLSX, headers=headers)
    if kind == "csv":
        text = "".join(sheets.as_csv(head, rows))  # read whole, while the scope of the request stands
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))


@blueprint.get("/kebutuhan/baru")
@requires("write_needs")
def new() -> Any:
    return _form({"audience": "kanwil"})


@blueprint.post("/kebutuhan/baru")
@requires("write_needs")
def post() -> Any:
    typed = request.form.to_dict()
    try:
        made = posting.post(
            {name: typed.get(name, "") for name in FORM}, by=actor(), now=clock.now(), key=typed.get("key")
        )
    except NeedInvalid as refused:
        return _form(typed, refused.fields), 422
    flash(_("Kebutuhan dipasang. Lihat produk yang cocok di bawah, dan ajak penyedianya menawar."), "success")
    return redirect(url_for(".show", need_id=made.id), 303)


@blueprint.get("/kebutuhan/<int(max=2147483647):need_id>")
@requires("read_needs")
def show(need_id: int) -> Any:
    return need_page(need_id)


@blueprint.get("/kebutuhan/<int(max=2147483647):need_id>/ubah")
@requires("write_needs")
def edit(need_id: int) -> Any:
    need = posting.load(need_id)
    if need.upt_id != actor().upt_id or need.state not in SEEKING:
        return redirect(url_for(".show", need_id=need_id), 303)
    kept = {
        name: getattr(need, name) for name in ("quantity", "ceiling_rupiah", "note", "audience", "version")
    }
    return _form({**kept, "needed_by": need.needed_by.isoformat()}, need=need)


@blueprint.post("/kebutuhan/<int(max=2147483647):need_id>/ubah")
@requires("write_needs")
def change(need_id: int) -> Any:
    typed = request.form.to_dict()
    try:
        posting.change(need_id, typed, by=actor(), now=clock.now(), version=whole(typed.get("version")))
    except NeedInvalid as refused:
        return _form(typed, refused.fields, need=posting.load(need_id)), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".show", need_id=need_id), 303)


@blueprint.post("/kebutuhan/<int(max=2147483647):need_id>/tarik")
@requires("write_needs")
def withdraw(need_id: int) -> Any:
    form = request.form
    try:
        posting.withdraw(
            need_id, form.get("reason", ""), by=actor(), now=clock.now(), key=form.get("key") or None
        )
    except NeedInvalid as refused:
        return need_page(need_id, {"tarik": refused.fields}, form), 422
    flash(_("Kebutuhan ditarik; penawar yang menunggu diberi tahu."), "success")
    return redirect(url_for(".show", need_id=need_id), 303)


@blueprint.post("/kebutuhan/<int(max=2147483647):need_id>/ajak")
@requires("write_needs")
def invite(need_id: int) -> Any:
    """Ask the UPT of a proposed product for an offer."""
    matching.invite(need_id, request.form.get("product", ""), by=actor(), now=clock.now())
    flash(_("Ajakan terkirim kepada UPT pembuatnya."), "success")
    return redirect(url_for(".show", need_id=need_id, _anchor="cocok"), 303)


@blueprint.post("/kebutuhan/<int(max=2147483647):need_id>/tawar")
@requires("write_needs")
def offer(need_id: int) -> Any:
    form = request.form
    try:
        made = offering.offer(
            offered(form), need_id=need_id, by=actor(), now=clock.now(), key=form.get("key") or None
        )
    except NeedInvalid as refused:
        return need_page(need_id, {"tawar": refused.fields}, form), 422
    return _sent(made.id)


@blueprint.get("/kebutuhan/nasional/<int(max=2147483647):national_id>")
@requires("read_needs")
def national(national_id: int) -> Any:
    return _national_page(national_id)


@blueprint.post("/kebutuhan/nasional/<int(max=2147483647):national_id>/tawar")
@requires("write_needs")
def offer_national(national_id: int) -> Any:
    form = request.form
    try:
        made = offering.offer(
            offered(form), national_id=national_id, by=actor(), now=clock.now(), key=form.get("key") or None
        )
    except NeedInvalid as refused:
        return _national_page(national_id, {"tawar": refused.fields}, form), 422
    return _sent(made.id)


def offered(form: Mapping[str, str]) -> dict[str, str]:
    """What the form of an offer says."""
    names = ("quantity", "price_rupiah", "deliver_on", "message", "partial", "product_id")
    return {name: form.get(name, "") for name in names}


def today_here() -> date:
    """Today on the officer's wall calendar."""
    return clock.now().astimezone(timezone_here()).date()


def bounded(count: int) -> str:
    """A count of a list, "500+" where it stopped."""
    return f"{number_id(BOUND)}+" if count >= BOUND else number_id(count)


def need_page(
    need_id: int, problems: Mapping[str, Mapping[str, Any]] = {}, typed: Mapping[str, str] = {}
) -> str:
    """A need as its reader has it; `problems` by form: ``tarik``, ``tawar``, ``<verb>-<incoming id>``."""
    by, today = actor(), today_here()
    view = queries.need_view(need_id, by, today=today)
    own = by.upt_id is not None and view.need.upt_id == by.upt_id
    seeks = view.need.state in SEEKING
    offers = may("write_needs") and not own and seeks
    return render_template(
        "needs/show.html",
        active="needs",
        view=view,
        need=view.need,
        row=view.row,
        own=own,
        seeks=seeks,
        proposals=matching.proposals(view.need, today=today) if own and seeks else None,
        products=queries.own_products(by, view.need.title) if offers else [],
        offers=offers and not any(one.state in ("sent", "withdrawing") for one in view.own_offers),
        history=_history(view.need.chain) if own or may("oversee_needs") else [],
        problems=problems,
        typed=typed,
        today=today,
        key=token_urlsafe(12),
    )


def _national_page(
    national_id: int, problems: Mapping[str, Mapping[str, Any]] = {}, typed: Mapping[str, str] = {}
) -> str:
    by = actor()
    row = country.national_one(national_id, by)
    ref = country.need_ref_of(national_id)
    mine = queries.own_offers_for(ref) if ref and by.upt_id is not None else []
    offers = may("write_needs") and row.is_open and not row.own
    return render_template(
        "needs/national.html",
        active="needs",
        row=row,
        own_offers=mine,
        products=queries.own_products(by, row.title) if offers else [],
        offers=offers and not any(one.state in ("sent", "withdrawing") for one in mine),
        problems=problems,
        typed=typed,
        today=today_here(),
        key=token_urlsafe(12),
    )


def _sent(offer_id: int) -> Any:
    flash(_("Penawaran terkirim; jawabannya Anda terima sebagai pemberitahuan."), "success")
    return redirect(url_for("need_offers.show", offer_id=offer_id), 303)


def _form(typed: Mapping[str, Any], problems: Mapping[str, Any] = {}, *, need: Any = None) -> str:
    return render_template(
        "needs/form.html",
        active="needs",
        typed=typed,
        need=need,
        problems=problems,
        today=today_here(),
        key=typed.get("key") or token_urlsafe(12),
    )


def _history(chain: str) -> list[tuple[str, str, Any]]:
    """(what happened, who, when), newest first."""
    known = action_words()
    found, _more = events(JournalFilters(chain=chain), limit=40)
    return [(known.get(one.action, one.action), one.who, one.at) for one in found]


def _tab() -> str:
    asked = request.args.get("tab", "")
    own = (OWN, OFFERS) if may("write_needs") else ()
    return asked if asked in (COUNTRY, *own) else KANWIL


def _filters() -> Filters:
    asked, tab = request.args, _tab()
    state = asked.get("keadaan", "")
    known = OFFER_STATES if tab == OFFERS else STATES
    usual = "seeking" if tab == KANWIL else ""
    if state not in known:
        state = "" if state == "semua" else usual
    category, group = asked.get("kategori", ""), asked.get("kelompok", "")
    return Filters(
        q=" ".join(asked.get("q", "").split())[:100],
        category=category if category in CATEGORIES else "",
        group=group if group in GROUPS else "",
        state=state,
        upt_id=whole(asked.get("upt")) if tab == KANWIL else None,
        kanwil=asked.get("kanwil", "")[:40] if tab == COUNTRY else "",
    )


def _exported(
    tab: str, by: Actor, filters: Filters
) -> tuple[list[str], Iterator[list[object]], tuple[int, ...]]:
    """Head, rows and widths of what a tab holds."""
    if tab == OFFERS:
        head = [
            *(_("Nomor"), _("Kebutuhan"), _("UPT"), _("Kanwil"), _("Jumlah"), _("Satuan"), _("Harga satuan")),
            *(_("Diserahkan"), _("Keadaan"), _("Disepakati"), _("Terpenuhi"), _("Dikirim")),
        ]
        offers: Iterator[list[object]] = (
            [
                *(one.id, one.title, one.to_upt_name, one.to_kanwil_name, one.quantity, one.unit),
                *(one.price_rupiah, one.deliver_on, _(OFFER_STATES[one.state]), one.agreed_quantity),
                *(one.fulfilled, one.sent_at.astimezone(timezone_here()).date()),
            ]
            for one in queries.every_offer(filters.state)
        )
        return head, offers, (8, 36, 28, 28, 10, 10, 14, 12, 20, 12, 12, 12)
    if tab == COUNTRY:
        head = [
            *(_("Kebutuhan"), _("Kategori"), _("Kelompok"), _("Dicari"), _("Satuan"), _("Sampai"), _("UPT")),
            *(_("Kanwil"), _("Jarak (km)")),
        ]
        rows: Iterator[list[object]] = (
            [
                *(one.title, _(CATEGORIES[one.category]), _(GROUPS[one.group]), one.quantity, one.unit),
                *(one.needed_by, one.upt, one.kanwil),
                one.distance_km if one.distance_km is not None else "",
            ]
            for one in country.every_national(by, filters)
        )
        return head, rows, (36, 14, 24, 10, 10, 12, 28, 28, 10)
    head = [
        *(_("Nomor"), _("Kebutuhan"), _("Kategori"), _("Kelompok"), _("UPT"), _("Jumlah"), _("Satuan")),
        *(_("Disepakati"), _("Terpenuhi"), _("Sampai"), _("Harga tertinggi"), _("Keadaan"), _("Dipasang")),
    ]
    needs: Iterator[list[object]] = (
        [
            *(one.id, one.title, _(CATEGORIES[one.category]), _(GROUPS[one.group]), one.upt, one.quantity),
            *(one.unit, one.agreed, one.fulfilled, one.needed_by, one.ceiling_rupiah or ""),
            *(_(STATES[one.state]), one.posted_at.astimezone(timezone_here()).date()),
        ]
        for one in queries.every(by, filters, own=tab == OWN, today=today_here())
    )
    return head, needs, (8, 36, 14, 24, 28, 10, 10, 12, 12, 12, 14, 20, 12)
