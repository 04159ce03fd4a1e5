"""What is said about a case, from its page: comments, opinions, invitations; attachments, and what one is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request
from flask_babel import gettext as _

from tenants import clock
from tenants.errors import KaryaError
from webapp import attachments
from webapp.access import actor, requires
from webapp.forms import day, whole
from webapp.invited import hand_over
from webapp.views.cases import show_with
from webapp.views.talk_card import Tried, card
from workflows.models import Case
from workflows.subjects import subject_type
from workflows.talk import comments, invitations, opinions, queries
from workflows.talk.notices import PLACE, page

blueprint = Blueprint("talk", __name__)
_ASKS_AGAIN = (413, 415, 422)
"""Refusals that belong beside a field of the form."""


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/kasus/<int(max=2147483647):case_id>/percakapan")
@requires("read_cases")
def show(case_id: int) -> Any:
    """The talk alone, for a subject that has a page of its own (a recap)."""
    case = queries.case_for(case_id, by=actor())
    here = page(case)
    return _alone(case) if here == request.path else redirect(here)


@blueprint.post("/kasus/<int(max=2147483647):case_id>/komentar")
@requires("comment_cases")
def comment(case_id: int) -> Any:
    by, form = actor(), request.form
    case = queries.case_for(case_id, by=by)

    def act() -> Any:
        made = comments.comment(
            case_id,
            form.get("body", ""),
            attached=attachments.uploaded("attachments", most=comments.MAX_FILES),
            internal=form.get("internal") == "yes",
            by=by,
            now=clock.now(),
            key=form.get("key") or None,
        )
        if made.unheard:
            names = ", ".join(f"@{name}" for name in made.unheard)
            flash(
                _("Terkirim, tetapi %(names)s tidak diberi tahu: tidak dapat melihatnya.", names=names),
                "talk",
            )
        return redirect(page(case), 303)

    return _tried(case_id, "comment", act)


@blueprint.post("/kasus/<int(max=2147483647):case_id>/komentar/<int(max=2147483647):comment_id>/tarik")
@requires("comment_cases")
def strike_comment(case_id: int, comment_id: int) -> Any:
    return _strike(case_id, comment_id, internal=False)


@blueprint.post("/kasus/<int(max=2147483647):case_id>/catatan/<int(max=2147483647):note_id>/tarik")
@requires("comment_cases")
def strike_note(case_id: int, note_id: int) -> Any:
    return _strike(case_id, note_id, internal=True)


@blueprint.post("/kasus/<int(max=2147483647):case_id>/minta-pendapat")
@requires("ask_opinions")
def ask(case_id: int) -> Any:
    by, form = actor(), request.form
    case = queries.case_for(case_id, by=by)

    def act() -> Any:
        made = opinions.ask(
            case_id,
            form.get("officer", ""),
            form.get("question", ""),
            until_on=day(form.get("until_on")),
            by=by,
            now=clock.now(),
            key=form.get("key") or None,
        )
        flash(_("%(name)s dimintai pendapat dan diberi tahu.", name=made.asked_name), "talk")
        return redirect(page(case), 303)

    return _tried(case_id, "ask", act)


@blueprint.get("/pendapat-diminta")
@requires("give_opinions")
def asked() -> Any:
    """What colleagues ask of the officer, and what he answered."""
    return render_template(
        "talk/asked.html",
        active="inbox",
        waiting=queries.asked_of(actor()),
        answered=queries.answered_by(actor()),
    )


@blueprint.post("/pendapat-diminta/<int(max=2147483647):opinion_id>")
@requires("give_opinions")
def answer(opinion_id: int) -> Any:
    by, form = actor(), request.form
    case = queries.case_for(opinions.require_asked(opinion_id, by=by).case_id, by=by)

    def act() -> Any:
        made = opinions.answer(
            opinion_id,
            form.get("body", ""),
            attached=attachments.uploaded("attachments", most=comments.MAX_FILES),
            by=by,
            now=clock.now(),
            key=form.get("key") or None,
        )
        flash(_("Pendapat Anda tersimpan; %(name)s diberi tahu.", name=made.asker_name), "talk")
        return redirect(page(case), 303)

    return _tried(case.id, f"answer-{opinion_id}", act)


@blueprint.post("/kasus/<int(max=2147483647):case_id>/undang")
@requires("ask_opinions")
def invite(case_id: int) -> Any:
    """Make a link for an expert and mail it; it is shown this once, to be copied."""
    by, form, now = actor(), request.form, clock.now()
    case = queries.case_for(case_id, by=by)

    def act() -> Any:
        made = invitations.invite(
            case_id,
            name=form.get("name", ""),
            office=form.get("office", ""),
            email=form.get("email", ""),
            question=form.get("question", ""),
            days=whole(form.get("days")) or 0,
            by=by,
            now=now,
            key=form.get("key") or None,
        )
        link, sent = hand_over(made, case, now)
        body = render_template(
            "talk/invited.html",
            active="inbox",
            row=made.row,
            link=link,
            sent=sent,
            case=case,
            back=page(case),
        )
        return body, 201, {"Cache-Control": "private, no-store"}

    return _tried(case_id, "invite", act)


@blueprint.post("/undangan/<int(max=2147483647):invitation_id>/cabut")
@requires("ask_opinions")
def revoke(invitation_id: int) -> Any:
    row = invitations.revoke(invitation_id, by=actor(), now=clock.now())
    if row.used_at is not None:
        flash(_("%(name)s sudah menjawab; tautannya memang tidak berlaku lagi.", name=row.name), "talk")
    else:
        flash(_("Tautan untuk %(name)s dicabut.", name=row.name), "talk")
    return redirect(page(queries.case_for(row.case_id, by=actor())), 303)


@blueprint.get("/lampiran/<string(maxlength=32):key>")
@requires("read_cases")
def attachment(key: str) -> Any:
    """An attachment, to be saved; never shown inside a page."""
    return attachments.download(*queries.attachment(key, by=actor()))


def _strike(case_id: int, id_: int, *, internal: bool) -> Any:
    case = queries.case_for(case_id, by=actor())
    comments.strike(id_, case_id=case_id, internal=internal, by=actor(), now=clock.now())
    flash(_("Ditarik. Isinya tidak terlihat lagi; jejaknya tetap ada dalam riwayat."), "talk")
    return redirect(page(case), 303)


def _tried(case_id: int, form: str, act: Callable[[], Any]) -> Any:
    """Do it; what is refused for what was typed comes back on the case's page, with the reason beside the field."""
    try:
        return act()
    except KaryaError as error:
        if error.status not in _ASKS_AGAIN:
            raise
        problems = error.fields or {"attachments": error.message}
        tried = Tried(form, request.form, problems, error.message)
        case = queries.case_for(case_id, by=actor())
        on_case = page(case).endswith(PLACE)
        return show_with(case_id, tried) if on_case else _alone(case, tried), error.status


def _alone(case: Case, tried: Tried | None = None) -> str:
    return render_template(
        "talk/show.html",
        active="inbox",
        case=case,
        back=subject_type(case.subject_type).page(case),
        talk=card(case, actor(), clock.now(), tried),
    )
