"""``/api/v1/inspections`` and ``/api/v1/findings``: inspecting what is published, and mending what was found."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from catalogue.oversight import findings, inspecting, planning, queries
from catalogue.oversight.inspecting import Result
from catalogue.oversight.models import Finding
from catalogue.oversight.queries import Filters, InspectionRow, InspectionView
from catalogue.terms import CATEGORIES
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, limit, once_here
from webapp.forms import day, whole


class InspectionsApi(KaryaApi):
    """Inspections of the Kanwil that the token belongs to."""

    resource_name = "inspections"
    openapi_spec_tag = "Inspections"

    @expose("/", methods=["GET"])
    @requires_api("read_inspections")
    def index(self) -> Any:
        """Inspections, the most urgent first
        ---
        get:
          summary: Inspections by state, the most urgent first (those done, the newest first), in keyset pages
          parameters:
          - {in: query, name: state, schema: {type: string, enum: [due, under_way, waiting, overdue, done]}}
          - {in: query, name: upt, schema: {type: integer}}
          - {in: query, name: category, schema: {type: string}}
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items (id, product, state, kind, turn, due_on, outcome), next_cursor"}
            422: {description: A filter that is none}
        """
        upt, category = request.args.get("upt", ""), request.args.get("category") or None
        if upt and whole(upt) is None:
            raise Invalid(fields={"upt": "Nomor UPT."})
        if category is not None and category not in CATEGORIES:
            raise Invalid(fields={"category": "Kategori ini tidak dikenal."})
        page = queries.inspections(
            request.args.get("state") or "due",
            Filters(whole(upt), category),
            cursor=request.args.get("cursor") or None,
            limit=limit(),
            now=now(),
        )
        return jsonify({"items": [row_json(row) for row in page.items], "next_cursor": page.next_cursor})

    @expose("/<int(max=2147483647):inspection_id>", methods=["GET"])
    @requires_api("read_inspections")
    def get(self, inspection_id: int) -> Any:
        """One inspection
        ---
        get:
          summary: One inspection with its checklist, answers, complaint and findings
          parameters:
          - {in: path, name: inspection_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The inspection}
            404: {description: There is none in this scope}
        """
        return answer(view_json(inspection_id))

    @expose("/<int(max=2147483647):inspection_id>/result", methods=["POST"])
    @requires_api("inspect_products")
    def result(self, inspection_id: int) -> Any:
        """The result
        ---
        post:
          summary: Record what came of an inspection; "suspend" takes the product off the shelf at once
          parameters:
          - {in: path, name: inspection_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [outcome]
                  properties:
                    outcome: {type: string, enum: [nothing, correct, suspend]}
                    checklist: {type: object, additionalProperties: true}
                    comment: {type: string, maxLength: 2000}
                    correct_by: {type: string, format: date}
                    findings:
                      type: array
                      items:
                        type: object
                        properties: {field: {type: string}, text: {type: string}}
          responses:
            200: {description: The inspection}
            403: {description: "Not an inspector, or he edited or submitted the revision"}
            404: {description: There is none in this scope}
            409: {description: Its result is there already}
            422: {description: "What is missing or wrong, by field"}
        """
        inspecting.conclude(inspection_id, _result(json_body()), by=actor(), now=now(), key=idempotency_key())
        return answer(view_json(inspection_id))

    @expose("/<int(max=2147483647):inspection_id>/answers", methods=["PUT"])
    @requires_api("inspect_products")
    def take_up(self, inspection_id: int) -> Any:
        """Begin, or keep what was answered so far
        ---
        put:
          summary: Take an inspection up; an empty answer takes an earlier one back
          parameters:
          - {in: path, name: inspection_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties: {checklist: {type: object, additionalProperties: true}}
          responses:
            200: {description: The inspection}
            403: {description: "Not an inspector, or he edited or submitted the revision"}
            404: {description: There is none in this scope}
            409: {description: Its result is there already}
            422: {description: "An answer of the wrong kind, by field"}
        """
        answers = json_body().get("checklist") or {}
        if not isinstance(answers, dict):
            raise Invalid(fields={"checklist": "Jenis isinya keliru."})

        def act() -> None:
            inspecting.take_up(inspection_id, answers, by=actor(), now=now())

        replayed = once_here("inspection.take_up", inspection_id, act)
        return answer(view_json(inspection_id), replayed=replayed)


class ProductInspectionsApi(KaryaApi):
    """Inspecting a product now."""

    resource_name = "products"
    openapi_spec_tag = "Inspections"

    @expose("/<int(max=2147483647):product_id>/inspections", methods=["POST"])
    @requires_api("inspect_products")
    def open(self, product_id: int) -> Any:
        """A spot check
        ---
        post:
          summary: Inspect a published product now, with the complaint that asks for it where there is one
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    complaint:
                      type: object
                      properties:
                        source: {type: string, maxLength: 200}
                        text: {type: string, maxLength: 2000}
                        received_on: {type: string, format: date}
          responses:
            201: {description: The inspection}
            403: {description: Not an inspector}
            404: {description: There is no such product in this scope}
            409: {description: "It isn't published, or waits to be inspected already"}
            422: {description: "What the complaint lacks, by field"}
        """
        complaint = json_body().get("complaint")
        if complaint is not None and not isinstance(complaint, dict):
            raise Invalid(fields={"complaint": "Objek: source, text, received_on."})
        made = planning.spot_check(
            product_id, complaint=complaint, by=actor(), now=now(), key=idempotency_key()
        )
        return answer(view_json(made.id), 201, location=f"/api/v1/inspections/{made.id}")


class FindingsApi(KaryaApi):
    """What was found: the UPT answers, the inspector settles. A product names its own under ``findings``."""

    resource_name = "findings"
    openapi_spec_tag = "Inspections"

    @expose("/<int(max=2147483647):finding_id>/answer", methods=["POST"])
    @requires_api("answer_findings")
    def answer(self, finding_id: int) -> Any:
        """An answer
        ---
        post:
          summary: What the UPT says to a finding
          parameters:
          - {in: path, name: finding_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema: {type: object, required: [answer], properties: {answer: {type: string, maxLength: 2000}}}
          responses:
            200: {description: The finding}
            403: {description: The token's officer is no operator of an UPT}
            404: {description: There is none in this scope}
            409: {description: It is settled already}
            422: {description: Nothing was written}
        """
        text = json_body().get("answer") or ""
        done = findings.answer(finding_id, text, by=actor(), now=now(), key=idempotency_key())
        return answer(finding_json(done))

    @expose("/<int(max=2147483647):finding_id>/settle", methods=["POST"])
    @requires_api("inspect_products")
    def settle(self, finding_id: int) -> Any:
        """Settled
        ---
        post:
          summary: Tick a finding off; with the last one the inspection is done
          parameters:
          - {in: path, name: finding_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The finding}
            403: {description: "Not an inspector, or he edited or submitted the revision"}
            404: {description: There is none in this scope}
            409: {description: The inspection was closed}
        """
        return answer(finding_json(findings.settle(finding_id, by=actor(), now=now(), key=idempotency_key())))

    @expose("/<int(max=2147483647):finding_id>/extend", methods=["POST"])
    @requires_api("inspect_products")
    def extend(self, finding_id: int) -> Any:
        """A later date
        ---
        post:
          summary: Give a finding a later date, once, with a reason
          parameters:
          - {in: path, name: finding_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [until, reason]
                  properties: {until: {type: string, format: date}, reason: {type: string, maxLength: 2000}}
          responses:
            200: {description: The finding}
            403: {description: "Not an inspector, or he edited or submitted the revision"}
            404: {description: There is none in this scope}
            409: {description: "It is settled, was extended before, or its date has passed"}
            422: {description: "The day or the reason, by field"}
        """
        body = json_body()
        until, reason = body.get("until") or "", body.get("reason") or ""
        if not isinstance(until, str) or not isinstance(reason, str):
            raise Invalid(fields={"until": "Teks.", "reason": "Teks."})
        done = findings.extend(finding_id, day(until), reason, by=actor(), now=now(), key=idempotency_key())
        return answer(finding_json(done))


def row_json(row: InspectionRow) -> dict[str, Any]:
    """An inspection as lists answer it."""
    return {
        "id": row.id,
        "product": {"id": row.product_id, "name": row.title, "upt": row.upt, "revision": row.revision},
        "kind": row.kind,
        "state": row.state,
        "turn": row.turn,
        "outcome": row.outcome,
        "inspector": row.inspector,
        "planned_on": row.planned_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "due_at": row.due_at.isoformat(),
        "deadline": row.deadline,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
    }


def view_json(inspection_id: int) -> dict[str, Any]:
    """One inspection with everything that belongs to it."""
    view: InspectionView = queries.inspection_view(inspection_id, now=now())
    said = view.complaint
    return {
        **row_json(view.row),
        "checklist": [
            {"key": item.key, "question": item.question, "type": item.type, "required": item.required}
            | ({"choices": list(item.choices)} if item.choices else {})
            for item in view.items()
        ],
        "answers": view.inspection.answers,
        "comment": view.inspection.comment,
        "complaint": said
        and {"source": said.source, "text": said.text, "received_on": said.received_on.isoformat()},
        "findings": [finding_json(one.finding) for one in view.findings],
    }


def finding_json(one: Finding) -> dict[str, Any]:
    """A finding as the API answers it."""
    return {
        "id": one.id,
        "inspection_id": one.inspection_id,
        "product_id": one.product_id,
        "field": one.field,
        "text": one.text,
        "state": one.state,
        "due_on": one.due_on.isoformat(),
        "due_at": one.due_at.astimezone(UTC).isoformat(),
        "answer": one.answer,
        "extension_reason": one.extension_reason,
        "settled_at": one.settled_at.isoformat() if one.settled_at else None,
        "lapsed_at": one.lapsed_at.isoformat() if one.lapsed_at else None,
    }


def findings_json(product_id: int) -> list[dict[str, Any]]:
    """The unsettled findings of a product."""
    return [finding_json(one.finding) for one in queries.open_findings([product_id], now=now())]


def _result(body: dict[str, Any]) -> Result:
    """The result of a JSON body.

    Raises:
        Invalid: a member of the wrong kind.
    """
    kinds: dict[str, type] = {
        "outcome": str,
        "checklist": dict,
        "comment": str,
        "correct_by": str,
        "findings": list,
    }
    wrong = {
        name: "Jenis isinya keliru."
        for name, kind in kinds.items()
        if not isinstance(body.get(name), kind | None)
    }
    wrong |= {name: "Tidak dikenal." for name in body if name not in kinds}
    rows = body.get("findings") or []
    if "findings" not in wrong and not all(isinstance(one, dict) for one in rows):
        wrong["findings"] = "Daftar objek: field dan text."
    until = None
    if "correct_by" not in wrong and body.get("correct_by"):
        try:
            until = date.fromisoformat(body["correct_by"])
        except ValueError:
            wrong["correct_by"] = "Tanggal ditulis 2024-03-14."
    if wrong:
        raise Invalid(fields=wrong)
    outcome, answers = body.get("outcome") or "", body.get("checklist") or {}
    return Result(outcome, answers, body.get("comment") or "", until, rows)


def register(app: Flask, appbuilder: Any) -> None:
    for api in (InspectionsApi, ProductInspectionsApi, FindingsApi):
        appbuilder.add_api(api)
