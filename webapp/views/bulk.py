"""``/kotak-masuk/banyak``: one verdict on many cases: what is asked of them, how far it is, what came of each."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, redirect, render_template, request
from flask_babel import gettext as _

from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.forms import whole
from webapp.views.cases import as_typed
from workflows.desk import bulk
from workflows.desk.bulk import ALLOWED, MOST, BulkItem
from workflows.desk.gathering import Group, Picked, gather

blueprint = Blueprint("bulk", __name__, url_prefix="/kotak-masuk/banyak")
Picks = dict[int, tuple[int | None, str | None]]
"""Case -> the version and the stage that were seen."""


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.post("")
@requires("decide_cases")
def review() -> Any:
    """What is asked of the picked cases, once a group. Nothing is decided yet."""
    picks, _named = _picks(request.form.getlist("item"))
    outcome = request.form.get("outcome", "")
    problems: dict[str, Any] = {}
    if not picks:
        problems["items"] = _("Pilih paling sedikit satu kasus.")
    elif len(picks) > MOST:
        problems["items"] = _("Paling banyak %(n)s kasus sekaligus.", n=MOST)
        picks = {}
    groups, left = gather(picks, by=actor(), now=clock.now(), approving=outcome == "approve")
    return _page(outcome, groups, left, problems), 422 if problems else 200


@blueprint.post("/putuskan")
@requires("decide_cases")
def begin() -> Any:
    """Say the verdict; a repetition with the same key leads to the same result."""
    form, by, now = request.form, actor(), clock.now()
    outcome = form.get("outcome", "")
    picks, named = _picks(form.getlist("item"))
    counted = picks if len(picks) <= MOST else {}
    groups, left = gather(counted, by=by, now=now, approving=outcome == "approve")
    rows = zip(form.getlist("request_field"), form.getlist("request_text"), strict=False)
    problems = _unanswered(groups) if outcome == "approve" else {}
    if not problems:
        try:
            run = bulk.begin(
                [
                    BulkItem(id_, version, stage, _answers(named[id_]))
                    for id_, (version, stage) in picks.items()
                ],
                outcome=outcome,
                comment=form.get("comment", ""),
                requests=[{"field": name, "text": text} for name, text in rows if text.strip()],
                by=by,
                now=now,
                key=form.get("key", "")[:64] or None,
            )
        except Invalid as error:
            problems = error.fields
        else:
            if run.total <= bulk.AT_ONCE:
                run = bulk.carry_out(run.id, by=by, now=now)
            return redirect(f"/kotak-masuk/banyak/{run.id}#isi", 303)
    return _page(outcome, groups, left, problems), 422


@blueprint.get("/<int(max=2147483647):run_id>")
@requires("decide_cases")
def show(run_id: int) -> Any:
    """How far it is, then what came of each. htmx asks for the progress alone (`?bagian=kemajuan`)."""
    run = bulk.run_of(run_id, by=actor())
    if request.args.get("bagian") == "kemajuan":
        if run.state == bulk.DONE:
            return "", 200, {"HX-Refresh": "true"}
        return render_template("bulk/_progress.html", run=run)
    failed = [one for one in run.results if not one["ok"]]
    done = [one for one in run.results if one["ok"]]
    return render_template(
        "bulk/show.html",
        active="inbox",
        run=run,
        failed=failed,
        done=done,
        cut_off=run.state != bulk.DONE and run.total <= bulk.AT_ONCE,
    )


@blueprint.post("/<int(max=2147483647):run_id>/lanjutkan")
@requires("decide_cases")
def go_on(run_id: int) -> Any:
    """Carry out what was cut off; what is decided already stays as it is."""
    run = bulk.carry_out(run_id, by=actor(), now=clock.now())
    return redirect(f"/kotak-masuk/banyak/{run.id}#isi", 303)


def _picks(items: list[str]) -> tuple[Picks, dict[int, str]]:
    """``17:3:pembinaan:g1a``, or as little as ``17`` -> what was picked, and the group that each stood in. What can't
    be read is left out."""
    picks: Picks = {}
    named: dict[int, str] = {}
    for one in items[: MOST + 1]:
        id_, version, stage, name = (one.split(":", 3) + [""] * 3)[:4]
        number = whole(id_)
        if number:
            picks[number] = (whole(version), stage[:50] or None)
            named[number] = name
    return picks, named


def _answers(name: str) -> dict[str, str]:
    """What was answered to the questions of a group; those of a case that moved since are still its own."""
    prefix = f"{name}.checklist."
    return {key.removeprefix(prefix): text for key, text in request.form.items() if key.startswith(prefix)}


def _unanswered(groups: list[Group]) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    for group in groups:
        _read, faults = group.stage.answers(_answers(group.name), group.cases[0].case.fields, complete=True)
        wrong |= {f"{group.name}.checklist.{key}": why for key, why in faults.items()}
    return wrong


def _page(outcome: str, groups: list[Group], left: list[Picked], problems: dict[str, Any]) -> str:
    form = request.form
    rows = [
        {"field": name, "text": text}
        for name, text in zip(form.getlist("request_field"), form.getlist("request_text"), strict=False)
    ]
    labels: dict[str, str] = {}
    for group in groups:
        labels |= group.subject.field_labels
    return render_template(
        "bulk/review.html",
        active="inbox",
        outcome=outcome if outcome in ALLOWED else "approve",
        groups=[(group, _items(group, problems), _beyond(group, groups)) for group in groups],
        total=sum(len(group.cases) for group in groups),
        left=left,
        problems=problems,
        labels=labels,
        requests=rows or [{"field": "", "text": ""}],
        typed=form,
        key=form.get("key") or str(uuid4()),
    )


def _beyond(group: Group, groups: list[Group]) -> list[str]:
    """What is asked of this group and not of every other group of its stage."""
    others = [other for other in groups if other.stage.key == group.stage.key and other is not group]
    shared = [{item.key for item in other.items} for other in others]
    return [item.question for item in group.items if any(item.key not in keys for keys in shared)]


def _items(group: Group, problems: dict[str, Any]) -> list[dict[str, Any]]:
    """The questions as the form asks them; a file that may be left out is not asked of many at once."""
    shown = []
    for item in group.items:
        if item.type == "file":
            continue
        name = f"{group.name}.checklist.{item.key}"
        alike = item.type in ("number", "text") and len(group.cases) > 1
        shown.append(
            {
                "item": item,
                "name": name,
                "value": as_typed(item, request.form.get(name)),
                "note": _("tercatat sama pada semua kasus ini") if alike else "",
                "note_tone": "wait" if alike else "",
                "error": problems.get(name),
            }
        )
    return shown
