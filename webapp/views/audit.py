"""``/audit``: the journal of a Kanwil, and recomputing it. The auditor chooses the Kanwil and reads nationally."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from recaps import anchors
from tenants import database, lifecycle
from tenants.clock import now
from tenants.officers import acting_in
from webapp.access import actor, may, requires
from webapp.audit_words import action_words, kind_words, table_words
from webapp.forms import day, same_page, whole
from webapp.shell import timezone_here
from workflows import journal
from workflows.chains import Problem
from workflows.journal import JournalFilters
from workflows.verifying import verify, verify_case

blueprint = Blueprint("audit", __name__)
PAGE = 50
SHOWN = 100


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/audit")
@requires("read_audit")
def index() -> Any:
    """Events, newest first."""
    return _page(None)


@blueprint.post("/audit/verifikasi")
@requires("read_audit")
def check() -> Any:
    """Recompute one case, or the whole history: at once where it is short, by a job with a notice where it is long."""
    one = request.form.get("case", "").strip()
    case_id = whole(one.removeprefix("case:"))
    if one and not case_id:
        return _page(None, wrong={"case": _("Tulis nomor kasus, misalnya 12.")}), 422
    chosen = _chosen(request.form.get("kanwil"))
    by, at = actor(), now()
    inside = nullcontext() if by.tenant_id is not None else _entering(chosen, by, at)
    with inside:
        if case_id is None and by.tenant_id is not None and (journal.is_large() or anchors.are_many()):
            journal.verify_later(by=by, now=at)
            flash(_("Riwayat ini panjang. Hasil verifikasi datang sebagai pemberitahuan."), "info")
            return redirect(url_for(".index"), 303)
        problems = verify_case(case_id) if case_id is not None else verify(None)
    return _page(problems, case_id=case_id)


def _page(
    problems: list[Any] | None, *, case_id: int | None = None, wrong: dict[str, str] | None = None
) -> Any:
    by, asked = actor(), request.args
    chosen = _chosen(request.values.get("kanwil"))
    rows: list[Any] = []
    following = None
    filters = JournalFilters(
        kind=asked.get("kind", "")[:30],
        officer_id=whole(asked.get("officer")),
        chain=asked.get("chain", "")[:60],
        since=_start(asked.get("since")),
        until=_start(asked.get("until"), 1),
    )
    before = asked.get("before") or None
    if by.tenant_id is not None:
        rows, following = journal.events(filters, before=before, limit=PAGE)
    elif chosen is not None:
        with database.national(f"audit {chosen.code}") as reader:
            rows, following = journal.events(
                filters, before=before, limit=PAGE, session=reader, tenant_id=chosen.id
            )
    return render_template(
        "audit/index.html",
        rows=rows,
        words=action_words(),
        kinds=kind_words(),
        asked=asked,
        problems=problems,
        found=[_found(one, national=by.tenant_id is None) for one in (problems or [])[:SHOWN]],
        case_id=case_id,
        typed_case=request.form.get("case", ""),
        wrong=wrong or {},
        chosen=chosen,
        tenant_choices=[(one.id, one.name) for one in lifecycle.tenants_list()]
        if by.tenant_id is None
        else [],
        next_url=same_page(before=following) if following and problems is None else None,
        first_url=same_page(before=None) if before else None,
        active="audit",
    )


def _found(one: Problem, *, national: bool) -> dict[str, Any]:
    """A problem as the page names it: what kind of row, which, and where to look at it."""
    number = one.chain.removeprefix("case:")
    case_url = None
    if number != one.chain and not national:
        case_url = url_for("cases.show", case_id=int(number))
    elif one.table == "recap" and one.row_id and not national:
        case_url = url_for("recaps.show", recap_id=one.row_id)
    return {
        "problem": one,
        "row": table_words().get(one.table, one.table),
        "chain": _("Kasus %(id)s", id=number) if number != one.chain else one.chain,
        "url": case_url,
        "chain_url": _journal_of(one.chain),
    }


def _journal_of(chain: str) -> str:
    """The journal of one chain, of the Kanwil that is being read."""
    kanwil = request.values.get("kanwil")
    return url_for(".index", chain=chain, **({"kanwil": kanwil} if kanwil else {}))


def _chosen(text: str | None) -> Any:
    """The Kanwil that the auditor reads; None for a Kanwil's own officer."""
    if actor().tenant_id is not None or not text:
        return None
    if not may("read_national_audit"):
        abort(404)
    return next((row for row in lifecycle.tenants_list() if str(row.id) == text), None) or abort(404)


def _entering(chosen: Any, by: Any, at: datetime) -> Any:
    if chosen is None:
        abort(404)
    return acting_in(chosen.id, by=by, purpose="audit.verify", now=at)


def _start(text: str | None, later: int = 0) -> datetime | None:
    on = day(text)
    return (
        None
        if on is None
        else datetime.combine(on + timedelta(days=later), time(), timezone_here()).astimezone(UTC)
    )
