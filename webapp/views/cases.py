"""``/kasus/<id>``: one revision on its way: its track, what changed, what the public will see, and the decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, flash, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from catalogue.content import shown_by_key
from catalogue.readiness.frozen import shown_by_key as shown_answer
from recaps.minutes import queries as minutes
from recaps.signing import signer
from tenants import clock
from tenants.errors import Invalid
from tenants.words import MONTHS
from webapp import attachments, enclosed
from webapp.access import actor, may, requires
from webapp.role_words import role_words
from webapp.shell import short_moment, spoken, timezone_here
from webapp.views.talk_card import Tried, card
from workflows import deadlines, enclosures, queries
from workflows.decisions import Verdict, decide
from workflows.design.diagram import picture, states_of
from workflows.enclosures import Enclosure
from workflows.errors import VerdictIncomplete
from workflows.queries import CaseView, TrackStep
from workflows.reopening import reopen
from workflows.stages import Item
from workflows.talk.checking import ACCEPTED
from workflows.talk.queries import STARTS

blueprint = Blueprint("cases", __name__)
_SHOWN: dict[str, Callable[[str, Any], str | None]] = {"product": shown_by_key, "readiness": shown_answer}
"""How each subject writes the value of a field, None for one that it does not have; others are written as they are."""
_STATES = {"done": "done", "current": "now", "waiting": "next"}
PREFIX = "checklist."
SETTLED = "settled."


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/kasus/<int(max=2147483647):case_id>")
@requires("read_cases")
def show(case_id: int) -> Any:
    view = queries.case_view(case_id, by=actor())
    own = view.subject.page(view.case)
    return _page(view) if own == request.path else redirect(own)


def show_with(case_id: int, tried: Tried) -> str:
    """The page again, with a form of its talk that was refused."""
    return _page(queries.case_view(case_id, by=actor()), tried=tried)


@blueprint.post("/kasus/<int(max=2147483647):case_id>/putuskan")
@requires("decide_cases")
def decide_case(case_id: int) -> Any:
    form, by, now = request.form, actor(), clock.now()
    said = verdict(form)
    uploaded = enclosed.answers(form, prefix=PREFIX, case_id=case_id, officer_id=by.id)
    said = replace(said, checklist={**said.checklist, **uploaded})
    try:
        decision = decide(case_id, said, by=by, key=form.get("key", ""), now=now)
    except VerdictIncomplete as error:
        enclosures.keep(uploaded)  # nobody uploads twice because a tick was missing
        return _page(queries.case_view(case_id, by=by), form, error, uploaded=uploaded), 422
    view = queries.case_preview(case_id, by=by, now=now)
    following = queries.next_case(by, now)
    said = {
        "approve": _("Anda menyetujui %(title)s."),
        "return": _("Anda mengembalikan %(title)s kepada UPT."),
        "reject": _("Anda menolak %(title)s."),
        "opinion": _("Anda memberi pendapat atas %(title)s."),
    }[decision.outcome]
    before, _title, after = said.partition("%(title)s")
    link = Markup('<a href="{}">{}</a><span data-decided="{}"></span>').format(
        view.subject.page(view.case), view.case.title, case_id
    )
    ahead = _("Ini kasus berikutnya.") if following else _("Tidak ada lagi yang menunggu Anda.")
    flash(escape(before) + link + escape(f"{after} {ahead}"), "success")
    # The dialogs post to an address with their own fragment, which a browser would carry over to the next page.
    return redirect((following[1] if following else "/kotak-masuk") + "#isi", 303)


@blueprint.get(
    "/kasus/<int(max=2147483647):case_id>/putusan/<int(max=2147483647):decision_id>/<string(maxlength=50):key>"
)
@requires("read_cases")
def enclosure(case_id: int, decision_id: int, key: str) -> Any:
    """A file that an item was answered with, to be saved; never shown inside a page."""
    return attachments.download(*queries.enclosure(case_id, decision_id, key, by=actor()))


@blueprint.post("/kasus/<int(max=2147483647):case_id>/buka-kembali")
@requires("reopen_cases")
def reopen_case(case_id: int) -> Any:
    by, form = actor(), request.form
    try:
        case = reopen(case_id, reason=form.get("reason", ""), by=by, now=clock.now())
    except Invalid as error:
        return _page(queries.case_view(case_id, by=by), reopening=(form.get("reason", ""), error)), 422
    flash(_("Kasus %(title)s dibuka kembali.", title=case.title), "success")
    return redirect(f"/kasus/{case_id}#isi", 303)


def verdict(form: MultiDict[str, str]) -> Verdict:
    """What the decision form says. Each outcome has its own box for the comment; empty rows of requests are dropped."""
    outcome = form.get("outcome", "")
    own = {"return": "comment_return", "reject": "comment_reject"}.get(outcome, "comment")
    rows = zip(form.getlist("request_field"), form.getlist("request_text"), strict=False)
    version = form.get("version", "")
    return Verdict(
        outcome=outcome,
        comment=form.get(own) or form.get("comment", ""),
        checklist={name.removeprefix(PREFIX): text for name, text in form.items() if name.startswith(PREFIX)},
        requests=[{"field": name, "text": text} for name, text in rows if text.strip()],
        settled=[name.removeprefix(SETTLED) for name in form if name.startswith(SETTLED)],
        stage=form.get("stage") or None,
        version=int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None,
    )


def _page(
    view: CaseView,
    form: MultiDict[str, str] | None = None,
    error: VerdictIncomplete | None = None,
    *,
    reopening: tuple[str, Invalid] | None = None,
    tried: Tried | None = None,
    uploaded: Mapping[str, Any] | None = None,
) -> str:
    by, now = actor(), clock.now()
    why_not = view.why_not(by, now)
    takes = may("decide_cases") and view.may_take(by, now)
    public = view.subject.public_view(view.case) if view.subject.public_view else None
    ended = minutes.has_ended(view.case)
    reopened = view.case.is_open and any(one.outcome == "reopen" for one in view.history)
    issued = minutes.minutes_of(view.case.id) if ended or reopened else []
    return render_template(
        "cases/show.html",
        minutes=issued,
        has_ended=ended,
        workplace=view.subject.workplace(view.case) if view.subject.workplace else None,
        aftermath=view.subject.aftermath(view.case)
        if view.subject.aftermath and view.case.state == "approved"
        else None,
        may_issue=may("issue_minutes") and minutes.may_issue(view.case, issued, by),
        needs_pin=signer().needs_pin,
        active="inbox" if may("decide_cases") else "my_products",
        view=view,
        case=view.case,
        deadline=_deadline(view, now),
        track=[_step(step, view, by.id, now) for step in view.track],
        flow_picture=picture(
            view.definition, states=states_of(view.definition, view.case, view.decisions, view.standing)
        ),
        role_names=role_words(),
        changes=view.subject.changes(view.previous, view.case)
        if view.previous is not None and view.subject.changes
        else [],
        standing=view.case.fields.get("price_standing") or {},
        public_template=public[0] if public else None,
        public_context=public[1] if public else {},
        fields=_fields(view),
        why_not=why_not,
        can_decide=why_not is None and may("decide_cases"),
        items=_items(view, form, error, uploaded or {}, by.id),
        to_settle=view.to_settle(),
        accepted=ACCEPTED,
        requests=_requests(view, form),
        key=form.get("key") if form else str(uuid4()),
        typed=form or {},
        problems=error.fields if error else {},
        problem=error.message if error else None,
        outcome=form.get("outcome") if form else None,
        may_reopen=view.case.state == "rejected" and may("reopen_cases"),
        reopen_reason=reopening[0] if reopening else "",
        reopen_problem=(reopening[1].fields.get("reason") or reopening[1].message) if reopening else None,
        near=lambda at: near(at, now),
        talk=card(view.case, by, now, tried, talked=any(e.action in STARTS for e in view.events)),
        hold=view.held(by, now),
        held=view.held_words(now),
        takes=takes,
        may_mark=view.standing is not None
        and may("decide_cases")
        and by.has("kadiv", *(one.role for one in view.standing.stages)),
    )


def _items(
    view: CaseView,
    form: MultiDict[str, str] | None,
    error: VerdictIncomplete | None,
    uploaded: Mapping[str, Any],
    officer_id: int,
) -> list[dict[str, Any]]:
    """The checklist as the form shows it: what was typed, or what still carries from the revision before."""
    carried, earlier = view.carried(), view.earlier_answers()
    shown = []
    for item in view.items():
        name = PREFIX + item.key
        still = carried.get(item.key) == "same"
        value: Any = form.get(name, "") if form is not None else earlier.get(item.key) if still else None
        if item.type == "file" and form is not None:
            kept = uploaded.get(item.key)
            value = kept.told() if isinstance(kept, Enclosure) else None
        shown.append(
            {
                "item": item,
                "name": name,
                "value": as_typed(item, value),
                "kept": _kept(item, value, view, officer_id),
                "note": _note(carried.get(item.key), view),
                "note_tone": "wait" if carried.get(item.key) == "changed" else "",
                "error": (error.fields if error else {}).get(name),
            }
        )
    return shown


def _kept(item: Item, value: Any, view: CaseView, officer_id: int) -> dict[str, Any] | None:
    """A file that is there already, sealed for the form."""
    if item.type != "file" or not isinstance(value, dict):
        return None
    seal = enclosed.seal(value, case_id=view.case.id, officer_id=officer_id, key=item.key)
    earlier, link = view.earlier, None
    if earlier is not None and earlier.answers.get(item.key) == value:
        link = f"/kasus/{earlier.case.id}/putusan/{earlier.decision_id}/{item.key}"
    return {**value, "seal": seal, "link": link}


def as_typed(item: Item, value: Any) -> str:
    """An answer as the form holds it."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _note(carried: str | None, view: CaseView) -> str:
    if carried is None or view.earlier is None:
        return ""
    since = view.earlier.case
    if carried == "same":
        return str(_("tidak berubah sejak revisi %(no)s", no=since.revision_no))
    if view.previous is None or since.id == view.previous.id:
        return str(_("berubah"))
    return str(_("berubah sejak revisi %(no)s", no=since.revision_no))


def _requests(view: CaseView, form: MultiDict[str, str] | None) -> list[Mapping[str, str]]:
    """The rows of the return dialog: what was typed, or one empty row."""
    rows: list[Mapping[str, str]] = []
    if form is not None:
        rows = [
            {"field": name, "text": text}
            for name, text in zip(form.getlist("request_field"), form.getlist("request_text"), strict=False)
        ]
    return rows or [{"field": "", "text": ""}]


def _fields(view: CaseView) -> list[tuple[str, str]]:
    shown = _SHOWN.get(view.case.subject_type, lambda _key, value: str(value or ""))
    values = view.case.fields
    rows = [(label, shown(key, values.get(key))) for key, label in view.subject.field_labels.items()]
    return [(label, text or "–") for label, text in rows if text is not None]


def near(at: datetime, now: datetime) -> str:
    """An instant in few letters: "14.20" today, "kemarin", "13 Mar", "13 Mar 2024"."""
    zone = timezone_here()
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (today - local.date()).days
    if days == 0:
        return f"{local:%H.%M}"
    if days == 1:
        return str(_("kemarin"))
    short = f"{local.day} {MONTHS[local.month - 1][:3]}"
    return short if local.year == today.year else f"{short} {local.year}"


def _deadline(view: CaseView, now: datetime) -> str:
    case = view.case
    if case.due_at is None or case.due_on is None:
        return ""
    return deadlines.in_words(case.due_at, case.due_on, now, view.calendar)


def _step(step: TrackStep, view: CaseView, me: int, now: datetime) -> dict[str, Any]:
    """One stop of the track, in the words of the page."""
    state = _STATES.get(step.state, "refused")
    sub = " · ".join(part for part in (short_moment(step.at), step.who) if part)
    if state == "now":
        turn = _("giliran Anda") if view.why_not(actor(), now) is None else ""
        sub = " · ".join(part for part in (turn, spoken(_deadline(view, now))) if part)
    elif step.state == "returned":
        sub = f"{_('dikembalikan')} · {sub}"
    elif step.state == "rejected":
        sub = f"{_('ditolak')} · {sub}"
    if not step.decides and state != "refused":
        sub = " · ".join(part for part in (_("pendapat"), sub) if part)
    votes = [_vote(*vote) for vote in (step.votes if state != "next" else ())]
    if votes and state == "now" and step.decides:
        sub = " · ".join((sub, _("%(n)s dari %(need)s setuju", n=step.approvals, need=step.need)))
    return {"label": _(step.name), "sub": sub, "state": state, "votes": votes}


def _vote(name: str, cast: int, seats: int, decides: bool) -> str:
    """How many spoke at a stage that is open beside others."""
    if decides:
        said = _("%(cast)s dari %(all)s suara", cast=cast, all=seats)
    else:
        said = _("pendapat diberikan") if cast else _("belum ada pendapat")
    return f"{_(name)}: {said}"
