"""``/api/v1/cases/{id}/claim`` and beside it: taking a case, letting it go, handing it to somebody, its priority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_appbuilder.views import expose

from tenants import clock, substitutes
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, json_body, once_here
from webapp.api.cases import case_json
from workflows import queries
from workflows.desk import holding, priority


class DeskApi(KaryaApi):
    """What is done with a case beside deciding it."""

    resource_name = "cases"
    openapi_spec_tag = "Desk"

    @expose("/<int(max=2147483647):case_id>/claim", methods=["POST"])
    @requires_api("decide_cases")
    def claim(self, case_id: int) -> Any:
        """Take a case
        ---
        post:
          summary: Take the open stage, until it is decided or the claim lapses; nobody else decides it meanwhile
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    stage: {type: string, description: "Where several are open: which"}
          responses:
            200: {description: "The case; `holds` says who has which stage, until when"}
            403: {description: "Not this stage's role, or four eyes forbid it"}
            404: {description: Problem details}
            409: {description: "Somebody else holds it, or it moved on"}
            422: {description: Problem details}
        """
        by, now, stage = actor(), clock.now(), _text("stage")
        return _done("claim", case_id, lambda: holding.claim(case_id, by=by, now=now, stage=stage))

    @expose("/<int(max=2147483647):case_id>/release", methods=["POST"])
    @requires_api("decide_cases")
    def release(self, case_id: int) -> Any:
        """Let a case go
        ---
        post:
          summary: Let one's own claim go; the Kadiv lets go whatever anybody holds
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    stage: {type: string, description: "Where several are open: which; all without it"}
          responses:
            200: {description: The case}
            403: {description: "Somebody else's, or given by the Kadiv"}
            404: {description: Problem details}
            422: {description: Problem details}
        """
        by, now, stage = actor(), clock.now(), _text("stage")
        return _done("release", case_id, lambda: holding.release(case_id, by=by, now=now, stage=stage))

    @expose("/<int(max=2147483647):case_id>/reassign", methods=["POST"])
    @requires_api("reassign_cases")
    def reassign(self, case_id: int) -> Any:
        """Hand a case over
        ---
        post:
          summary: Hand the open stage to an officer of its role; it stays with him until it is decided
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [officer]
                  properties:
                    officer: {type: string, description: Username}
                    stage: {type: string, description: "Where several are open: which"}
          responses:
            200: {description: The case}
            403: {description: Not the Kadiv}
            404: {description: Problem details}
            409: {description: "It is closed, or not at this stage any more"}
            422: {description: "`errors.officer`: not of that role, or four eyes forbid it"}
        """
        by, now = actor(), clock.now()
        named, stage = _text("officer"), _text("stage")

        def act() -> None:
            number = substitutes.number_of(named or "")
            try:
                holding.assign(case_id, int(number or 0), by=by, now=now, stage=stage)
            except Invalid as error:
                fields = {
                    "officer" if name == "officer_id" else name: why for name, why in error.fields.items()
                }
                raise Invalid(error.message, fields=fields) from error

        return _done("reassign", case_id, act)

    @expose("/<int(max=2147483647):case_id>/priority", methods=["POST"])
    @requires_api("decide_cases")
    def set_priority(self, case_id: int) -> Any:
        """Urgent or not
        ---
        post:
          summary: Mark a case urgent, or take the mark away; the inbox lists the urgent first
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [urgent, reason]
                  properties:
                    urgent: {type: boolean}
                    reason: {type: string, maxLength: 500}
          responses:
            200: {description: The case}
            403: {description: Neither the Kadiv nor of a role that decides an open stage}
            404: {description: Problem details}
            409: {description: It is closed}
            422: {description: Problem details}
        """
        by, now = actor(), clock.now()
        reason, urgent = _text("reason") or "", json_body().get("urgent")
        if not isinstance(urgent, bool):
            raise Invalid(fields={"urgent": "Isi true atau false."})

        def act() -> None:
            try:
                priority.set_urgent(case_id, urgent, reason=reason, by=by, now=now)
            except Invalid as error:
                if "urgent_reason" not in error.fields:
                    raise
                raise type(error)(fields={"reason": error.fields["urgent_reason"]}) from error

        return _done("priority", case_id, act)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(DeskApi)


def _text(name: str) -> str | None:
    """A member of the body that is text, where it is there.

    Raises:
        Invalid: it is of another kind.
    """
    value = json_body().get(name)
    if value is not None and not isinstance(value, str):
        raise Invalid(fields={name: "Jenis isinya keliru."})
    return value or None


def _done(what: str, case_id: int, act: Callable[[], Any]) -> Any:
    replayed = once_here(f"cases.{what}", case_id, act)
    return answer(case_json(queries.case_view(case_id, by=actor())), replayed=replayed)
