"""``/api/v1/inbox`` and ``/api/v1/cases``: what waits, one case, and deciding it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Flask, Response, jsonify, request
from flask_appbuilder.views import expose

from tenants import clock
from tenants.errors import Invalid
from tenants.idempotency import KeyReused
from webapp import attachments
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, limit
from workflows import queries
from workflows.decisions import Verdict, decide
from workflows.desk import bulk
from workflows.desk.bulk import BulkItem
from workflows.desk.models import CaseHold
from workflows.enclosures import from_base64
from workflows.models import Decision
from workflows.proof.casefile import case_file, freeze
from workflows.queries import CaseView, Filters, InboxRow
from workflows.reopening import reopen
from workflows.stages import Item, Stage, clean

TABS = ("mine", "acting", "team")
ORDERS = ("deadline", "submitted")


class InboxApi(KaryaApi):
    """The open cases of the caller's roles."""

    resource_name = "inbox"

    @expose("/", methods=["GET"])
    @requires_api("read_inbox")
    def get_list(self) -> Any:
        """The inbox
        ---
        get:
          summary: Open cases that wait for the caller, the most urgent first
          parameters:
            - {in: query, name: tab, schema: {type: string, enum: [mine, acting, team]}}
            - {in: query, name: upt, schema: {type: integer}}
            - {in: query, name: category, schema: {type: string}}
            - {in: query, name: returned, schema: {type: boolean}}
            - {in: query, name: urgent, schema: {type: boolean}}
            - {in: query, name: overdue, schema: {type: boolean}}
            - {in: query, name: stage, schema: {type: string}}
            - {in: query, name: order, schema: {type: string, enum: [deadline, submitted]}}
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "`items` and `next_cursor`"}
            422: {description: Problem details}
        """
        tab = request.args.get("tab", "mine")
        upt = request.args.get("upt", "")
        order, stage = request.args.get("order", "deadline"), request.args.get("stage", "")
        keys = {one.key: one.keys for one in queries.choices()[1]} if stage else {}
        unknown = {
            "tab": tab not in TABS,
            "upt": bool(upt) and not (upt.isascii() and upt.isdecimal() and len(upt) < 10),
            "order": order not in ORDERS,
            "stage": bool(stage) and stage not in keys,
        }
        if any(unknown.values()):
            raise Invalid(fields={name: "Tidak dikenal." for name, wrong in unknown.items() if wrong})
        page = queries.inbox(
            actor(),
            tab=tab,
            cursor=request.args.get("cursor"),
            limit=limit(),
            now=clock.now(),
            filters=Filters(
                upt_id=int(upt) if upt else None,
                facet=request.args.get("category"),
                again=request.args.get("returned") == "true",
                urgent=request.args.get("urgent") == "true",
                late=request.args.get("overdue") == "true",
                stages=keys.get(stage, ()),
            ),
            order=order,
        )
        return jsonify({"items": [_row(row) for row in page.items], "next_cursor": page.next_cursor})

    @expose("/decisions", methods=["POST"])
    @requires_api("decide_cases")
    def decide(self) -> Any:
        """One verdict on many cases
        ---
        post:
          summary: Approve or return up to 200 cases, each for itself; a stage that asks for an opinion fails alone
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [items, outcome]
                  properties:
                    items:
                      type: array
                      maxItems: 200
                      items:
                        type: object
                        required: [case_id]
                        properties: {case_id: {type: integer}, version: {type: integer}, stage: {type: string}}
                    outcome: {type: string, enum: [approve, return]}
                    comment: {type: string, maxLength: 5000}
                    checklist: {type: object, additionalProperties: true}
                    requests:
                      type: array
                      items:
                        type: object
                        properties: {field: {type: string}, text: {type: string}}
          responses:
            200:
              description: >-
                `items`, one outcome each in the order of the request: `status` 201 with the decision, or the status
                that the case alone would have got, with `code` and `detail`
            422: {description: Problem details; nothing was decided}
        """
        body, by, now = json_body(), actor(), clock.now()
        items = body.pop("items", None)
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise Invalid(fields={"items": "Daftar kasus wajib diisi."})
        said = verdict_of(body)
        run = bulk.begin(
            [_bulk_item(at, one, said) for at, one in enumerate(items)],
            outcome=said.outcome,
            comment=said.comment,
            requests=said.requests,
            by=by,
            now=now,
            key=idempotency_key(),
            at_once=bulk.MOST,
        )
        replayed = run.state == bulk.DONE
        run = bulk.carry_out(run.id, by=by, now=now)
        done = sum(one["ok"] for one in run.results)
        shown = {
            "items": [_bulk_outcome(one) for one in run.results],
            "done": done,
            "failed": run.total - done,
        }
        return answer(shown, replayed=replayed)


class CaseApi(KaryaApi):
    """One case, and the verdict on its open stage."""

    resource_name = "cases"

    @expose("/<int(max=2147483647):case_id>", methods=["GET"])
    @requires_api("read_cases")
    def get(self, case_id: int) -> Any:
        """A case
        ---
        get:
          summary: Where a case stands, the open stage's checklist, its decisions
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The case}
            404: {description: Problem details}
        """
        return answer(case_json(queries.case_view(case_id, by=actor())))

    @expose("/<int(max=2147483647):case_id>/export", methods=["GET"])
    @requires_api("read_cases")
    def export(self, case_id: int) -> Response:
        """The whole case
        ---
        get:
          summary: The chain of cases up to this one, with decisions, events, hashes and workflows, as canonical JSON
          description: >-
            Enough to recompute the chain without a database: `python run.py audit verify --file kasus.json`.
            The same case gives the same bytes (RFC 8785).
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: "`schema` is karya.case/1"
              content:
                application/json:
                  schema: {type: object}
            404: {description: Problem details}
        """
        return export_answer(case_id)

    @expose("/<int(max=2147483647):case_id>/decisions", methods=["POST"])
    @requires_api("decide_cases")
    def decide(self, case_id: int) -> Any:
        """A decision
        ---
        post:
          summary: Approve, return or reject the open stage, or give the opinion that it asks for
          description: >-
            A stage of `open_stages` whose `decides` is false takes the outcome `opinion` alone, with a comment; it
            moves the case on and approves nothing. Any other stage refuses `opinion`.
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [outcome]
                  properties:
                    outcome: {type: string, enum: [approve, return, reject, opinion]}
                    comment: {type: string, maxLength: 5000}
                    checklist:
                      type: object
                      description: "Answers by item; that of a file item is {name, data_base64}, at most 10 MB"
                      additionalProperties: true
                    requests:
                      type: array
                      items:
                        type: object
                        properties: {field: {type: string}, text: {type: string}}
                    settled:
                      type: array
                      description: "Ids of earlier requests that are met; an approval needs all that its stage asked"
                      items: {type: string}
                    stage: {type: string}
                    version: {type: integer}
          responses:
            201: {description: The decision that stands}
            403: {description: Problem details}
            404: {description: Problem details}
            409: {description: "Somebody decided first: problem details name the decision that stands"}
            422: {description: Problem details}
        """
        now = clock.now()
        verdict = verdict_of(json_body())
        made = decide(case_id, verdict, by=actor(), key=idempotency_key() or str(uuid4()), now=now)
        view = queries.case_view(case_id, by=actor())
        if made.decided_at != now and not _says(made, verdict, view):
            raise KeyReused()
        body = {**_decision(made), "case": case_json(view)}
        return answer(body, 201, location=f"/api/v1/cases/{case_id}", replayed=made.decided_at != now)

    @expose(
        "/<int(max=2147483647):case_id>/decisions/<int(max=2147483647):decision_id>/files/<string(maxlength=50):key>",
        methods=["GET"],
    )
    @requires_api("read_cases")
    def enclosure(self, case_id: int, decision_id: int, key: str) -> Response:
        """A decision's file
        ---
        get:
          summary: The file that an item of the checklist was answered with
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: path, name: decision_id, required: true, schema: {type: integer}}
            - {in: path, name: key, required: true, schema: {type: string}}
          responses:
            200:
              description: Its bytes, to be saved
              content:
                application/octet-stream:
                  schema: {type: string, format: binary}
            404: {description: Problem details}
        """
        return attachments.download(*queries.enclosure(case_id, decision_id, key, by=actor()))

    @expose("/<int(max=2147483647):case_id>/reopen", methods=["POST"])
    @requires_api("reopen_cases")
    def reopen(self, case_id: int) -> Any:
        """A rejected case, opened again
        ---
        post:
          summary: Open a rejected case at the stage that rejected it
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [reason]
                  properties: {reason: {type: string, maxLength: 2000}}
          responses:
            200: {description: The case, open again}
            403: {description: Problem details}
            404: {description: Problem details}
            409: {description: "Not rejected, or a newer revision was submitted"}
            422: {description: Problem details}
        """
        reason = json_body().get("reason")
        if not isinstance(reason, str):
            raise Invalid(fields={"reason": "Wajib diisi dengan teks."})
        reopen(case_id, reason=reason, by=actor(), now=clock.now(), key=idempotency_key())
        return answer(case_json(queries.case_view(case_id, by=actor())))


def export_answer(case_id: int, *, download: bool = False) -> Response:
    """A case file as an answer; `download` for the browser to save."""
    response = Response(freeze(case_file(case_id, by=actor())), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    if download:
        response.headers["Content-Disposition"] = f'attachment; filename="kasus-{case_id}.json"'
    return response


def register(app: Flask, appbuilder: Any) -> None:
    for api in (InboxApi, CaseApi):
        appbuilder.add_api(api)


def _says(made: Decision, verdict: Verdict, view: CaseView) -> bool:
    """Whether a decision that stands is what a verdict says; the key was used for another one if it isn't."""
    stage = view.definition.stage(made.stage_key)
    given = {} if stage is None else stage.answers(verdict.checklist, view.case.fields, complete=False)[0]
    try:
        comment = clean(verdict.comment)
        settled = set(map(str, verdict.settled))
        requests = [
            {"field": one.get("field"), "text": clean(str(one.get("text") or ""))}
            for one in verdict.requests
            if isinstance(one, dict)
        ]
    except ValueError:
        return False
    kept = [{"field": one["field"], "text": one["text"]} for one in made.requests]
    return (verdict.outcome, comment, json.loads(json.dumps(given))) == (
        made.outcome,
        made.comment,
        made.checklist,
    ) and ((requests if verdict.outcome == "return" else []), settled) == (kept, set(made.settled or []))


def verdict_of(body: dict[str, Any]) -> Verdict:
    """The verdict of a JSON body.

    Raises:
        Invalid: a member of the wrong kind.
    """
    kinds: dict[str, tuple[type, ...]] = {
        "outcome": (str,),
        "comment": (str,),
        "checklist": (dict,),
        "requests": (list,),
        "settled": (list,),
        "stage": (str,),
        "version": (int,),
    }
    wrong = {
        name: "Jenis isinya keliru."
        for name, kind in kinds.items()
        if not isinstance(body.get(name), (*kind, type(None)))
    }
    wrong |= {name: "Tidak dikenal." for name in body if name not in kinds}
    if wrong:
        raise Invalid(fields=wrong)
    return Verdict(
        outcome=body.get("outcome") or "",
        comment=body.get("comment") or "",
        checklist={
            key: from_base64(said) if isinstance(said, dict) else said
            for key, said in (body.get("checklist") or {}).items()
        },
        requests=body.get("requests") or [],
        settled=[str(one) for one in body.get("settled") or []],
        stage=body.get("stage"),
        version=body.get("version"),
    )


def _bulk_item(at: int, one: dict[str, Any], said: Verdict) -> BulkItem:
    kinds: dict[str, tuple[type, ...]] = {
        "case_id": (int,),
        "version": (int, type(None)),
        "stage": (str, type(None)),
    }
    wrong = {
        f"items.{at}.{name}": "Jenis isinya keliru."
        for name, kind in kinds.items()
        if not isinstance(one.get(name), kind) or isinstance(one.get(name), bool)
    }
    wrong |= {f"items.{at}.{name}": "Tidak dikenal." for name in one if name not in kinds}
    if not wrong and not 0 < one["case_id"] < 2**31:
        wrong[f"items.{at}.case_id"] = "Tidak dikenal."
    if wrong:
        raise Invalid(fields=wrong)
    return BulkItem(one["case_id"], one.get("version"), one.get("stage"), said.checklist)


def _bulk_outcome(one: dict[str, Any]) -> dict[str, Any]:
    if one["ok"]:
        return {
            "case_id": one["case_id"],
            "status": 201,
            "decision_id": one["decision_id"],
            "outcome": one["outcome"],
        }
    shown = {"case_id": one["case_id"], "status": one["status"], "code": one["code"], "detail": one["why"]}
    return shown | ({"errors": one["fields"]} if one["fields"] else {})


def _row(row: InboxRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "subject": {
            "type": row.subject_type,
            "id": row.subject_id,
            "title": row.title,
            "revision": row.revision_no,
            "upt": row.upt,
        },
        "stage": row.stage_key,
        "decides": row.decides,
        "state": "open",
        "version": row.version,
        "urgent": row.urgent,
        "held": row.held,
        "due_on": row.due_on.isoformat(),
        "due_at": row.due_at.isoformat(),
        "deadline": row.deadline,
        "urgency": row.urgency,
        "submitted_at": row.submitted_at.isoformat(),
        "submitted_by": row.submitted_by_name,
    }


def case_json(view: CaseView) -> dict[str, Any]:
    """A case as the API answers it."""
    case = view.case
    return {
        "id": case.id,
        "subject": {
            "type": case.subject_type,
            "id": case.subject_id,
            "title": case.title,
            "revision": case.revision_no,
            "upt": view.upt.short_name if view.upt else None,
        },
        "stage": case.stage_key,
        "state": case.state,
        "urgent": case.urgent,
        "version": case.version,
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "due_at": _at(case.due_at),
        "definition_version": case.definition_version,
        "previous_case_id": case.previous_case_id,
        "submitted_at": _at(case.submitted_at),
        "submitted_by": case.submitted_by_name,
        "open_stages": [_open_stage(view, stage) for stage in view.standing.stages] if view.standing else [],
        "holds": [_hold(one) for one in view.held_all(clock.now())],
        "approvals_needed": view.standing.need if view.standing else None,
        "checklist": [_item(item) for item in view.items()],
        "decisions": [_decision(one) for one in view.decisions],
        "answers": [
            {
                "id": one.id,
                "field": one.field,
                "stage": one.stage,
                "request": one.text,
                "answer": one.answer,
                "settled": bool(one.settled_by),
                "settled_by": one.settled_by or None,
            }
            for one in view.answered
        ],
    }


def _open_stage(view: CaseView, stage: Stage) -> dict[str, Any]:
    """A stage of the open step: who decides it or gives an opinion, and how many of its votes are cast."""
    cast = view.standing.cast(stage) if view.standing else 0
    return {
        "stage": stage.key,
        "role": stage.role,
        "decides": stage.decides,
        "votes": stage.votes,
        "cast": cast,
    }


def _hold(one: CaseHold) -> dict[str, Any]:
    """Who has an open stage: until when he took it, or given to him by the Kadiv."""
    return {
        "stage": one.stage_key,
        "officer": one.officer_name,
        "kind": one.kind,
        "until": _at(one.until_at),
    }


def _item(item: Item) -> dict[str, Any]:
    """A question of the checklist; what bounds its answer only where something does."""
    shown: dict[str, Any] = {
        "key": item.key,
        "question": item.question,
        "type": item.type,
        "required": item.required,
    }
    bounds = {"choices": list(item.choices), "least": item.least, "most": item.most, "unit": item.unit}
    return shown | {name: value for name, value in bounds.items() if value not in (None, "", [])}


def _decision(one: Decision) -> dict[str, Any]:
    return {
        "id": one.id,
        "stage": one.stage_key,
        "outcome": one.outcome,
        "officer": one.officer_name,
        "acting_as": one.acting_as,
        "letter_number": one.letter_number,
        "checklist": one.checklist,
        "comment": one.comment,
        "requests": one.requests,
        "settled": one.settled or [],
        "decided_at": _at(one.decided_at),
    }


def _at(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
