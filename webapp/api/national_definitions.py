"""``/api/v1/national-definitions``: the centre's default of each workflow, and the stages that no Kanwil may drop."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify
from flask_appbuilder.views import expose

from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, once_here
from webapp.api.definitions import number_in, text_in
from workflows.design import national, queries
from workflows.design.defaults import Default
from workflows.design.models import NationalDefinition
from workflows.documents import as_yaml

_ASKED = ("yaml", "document", "version", "locked")


class NationalDefinitionsApi(KaryaApi):
    """What a Kanwil begins with, and may not leave out."""

    resource_name = "national-definitions"
    openapi_spec_tag = "Definitions"

    @expose("/", methods=["GET"])
    @requires_api("design_national_definitions")
    def index(self) -> Any:
        """The defaults
        ---
        get:
          summary: Each subject's default in force with its locks, its versions and its draft
          responses:
            200: {description: "`items`; version 0 is the one that Karya brings along"}
            403: {description: Not the centre}
        """
        items = []
        for subject, versions, draft, default in queries.national_overview():
            items.append(
                {
                    "subject_type": subject.key,
                    "label": subject.label,
                    "version": default.version,
                    "locked": list(default.locked),
                    "versions": [_row(one) for one in versions],
                    "draft": {
                        "version": draft.version,
                        "based_on": draft.based_on,
                        "edited_by": draft.edited_by_name,
                        "edited_at": draft.edited_at.isoformat(),
                    }
                    if draft
                    else None,
                }
            )
        return jsonify({"items": items, "next_cursor": None})

    @expose("/<subject_type>", methods=["GET"])
    @requires_api("design_national_definitions")
    def in_force(self, subject_type: str) -> Any:
        """The default in force
        ---
        get:
          summary: The document of the default in force, as JSON and as YAML, and its locked stages
          parameters:
            - {in: path, name: subject_type, required: true, schema: {type: string}}
          responses:
            200: {description: The default}
            404: {description: Problem details}
        """
        return answer(_default(subject_type, queries.national_in_force(subject_type)))

    @expose("/<subject_type>/draft", methods=["GET"])
    @requires_api("design_national_definitions")
    def draft(self, subject_type: str) -> Any:
        """The draft
        ---
        get:
          summary: The centre's draft, its locks, and what is wrong with it by place; without one, the default in force
          parameters:
            - {in: path, name: subject_type, required: true, schema: {type: string}}
          responses:
            200: {description: "The draft; `version` 0 where there is none"}
            404: {description: Problem details}
        """
        return answer(_draft(subject_type))

    @expose("/<subject_type>/draft", methods=["PUT"])
    @requires_api("design_national_definitions")
    def put_draft(self, subject_type: str) -> Any:
        """Save the draft
        ---
        put:
          summary: Keep the centre's draft and its locks, right or wrong
          parameters:
            - {in: path, name: subject_type, required: true, schema: {type: string}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    yaml: {type: string}
                    document: {type: object, additionalProperties: true}
                    locked:
                      type: array
                      items: {type: string}
                      description: "Keys of stages that no Kanwil may drop; as they are without it"
                    version: {type: integer, description: "That of the draft it replaces, 0 where there is none"}
          responses:
            200: {description: The draft}
            404: {description: Problem details}
            409: {description: "Somebody else changed it: problem details hold its `version`"}
            422: {description: Problem details}
        """
        body = json_body()
        text, version = text_in(body, known=_ASKED), number_in(body, "version", 0)
        opened = queries.national_opened(subject_type)
        locked = _locked(body, list(opened.locked))

        def save() -> None:
            national.save(subject_type, text, locked, version=version, by=actor(), now=clock.now())

        once_here(f"definition.national.{subject_type}"[:80], 0, save)
        return answer(_draft(subject_type))

    @expose("/<subject_type>/publish", methods=["POST"])
    @requires_api("design_national_definitions")
    def publish(self, subject_type: str) -> Any:
        """Publish the draft
        ---
        post:
          summary: Publish the draft as the national default; each Kanwil hears of it and keeps its own
          parameters:
            - {in: path, name: subject_type, required: true, schema: {type: string}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [version]
                  properties:
                    version: {type: integer, description: The draft's version}
                    note: {type: string, maxLength: 500, description: What each Kanwil is told}
          responses:
            201: {description: The default that is now in force}
            404: {description: Problem details}
            409: {description: "No such draft any more, or nothing in it is new"}
            422: {description: "Problem details: `errors` by place, with its line"}
        """
        body = json_body()
        note = body.get("note") or ""
        if not isinstance(note, str):
            raise Invalid(fields={"note": "Jenis isinya keliru."})
        queries.national_in_force(subject_type)
        made = national.publish(
            subject_type,
            version=number_in(body, "version", 0),
            note=note,
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        where = f"/api/v1/national-definitions/{subject_type}"
        return answer(_version(made), 201, location=where)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(NationalDefinitionsApi)


def _locked(body: dict[str, Any], as_they_are: list[str]) -> list[str]:
    found = body.get("locked", as_they_are)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Invalid(fields={"locked": "Daftar kunci tahap."})
    return found


def _row(row: NationalDefinition) -> dict[str, Any]:
    return {
        "version": row.version,
        "published_at": row.published_at.isoformat(),
        "published_by": row.published_by_name,
        "sha256": row.sha256,
        "locked": list(row.locked),
        "note": row.note,
    }


def _version(row: NationalDefinition) -> dict[str, Any]:
    shown = {"document": row.document, "yaml": as_yaml(row.document)}
    return {"subject_type": row.subject_type, **_row(row), **shown}


def _default(subject_type: str, default: Default) -> dict[str, Any]:
    return {
        "subject_type": subject_type,
        "version": default.version,
        "published_at": default.published_at.isoformat() if default.published_at else None,
        "sha256": default.definition.sha256,
        "locked": list(default.locked),
        "note": default.note,
        "document": default.document,
        "yaml": as_yaml(default.document),
    }


def _draft(subject_type: str) -> dict[str, Any]:
    opened = queries.national_opened(subject_type)
    return {
        "subject_type": subject_type,
        "version": opened.version,
        "based_on": opened.based_on,
        "locked": list(opened.locked),
        "yaml": opened.text,
        "valid": not opened.faults,
        "faults": opened.faults,
    }
