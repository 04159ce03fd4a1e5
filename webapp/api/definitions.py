"""``/api/v1/definitions``: the Kanwil's workflows: versions, the draft, publication, simulation."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify
from flask_appbuilder.views import expose

from tenants import clock
from tenants.errors import Invalid, NotFound
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, once_here
from workflows.design import drafts, queries, simulation
from workflows.design.models import DefinitionSimulation
from workflows.design.queries import DesignRow, VersionRow
from workflows.documents import as_yaml
from workflows.models import DefinitionVersion


class DefinitionsApi(KaryaApi):
    """What is approved how."""

    resource_name = "definitions"

    @expose("/", methods=["GET"])
    @requires_api("design_definitions")
    def index(self) -> Any:
        """The workflows
        ---
        get:
          summary: Each subject's version in force, its versions and its draft
          responses:
            200: {description: "`items`"}
        """
        return jsonify({"items": [_design(row) for row in queries.overview()], "next_cursor": None})

    @expose("/<subject_type>/<int(max=99999):version>", methods=["GET"])
    @requires_api("design_definitions")
    def published(self, subject_type: str, version: int) -> Any:
        """A published version
        ---
        get:
          summary: A version's document, as JSON and as YAML
          parameters:
            - {in: path, name: subject_type, required: true, schema: {type: string}}
            - {in: path, name: version, required: true, schema: {type: integer}}
          responses:
            200: {description: The version}
            404: {description: Problem details}
        """
        return answer(_version(queries.version(subject_type, version)[0]))

    @expose("/<subject_type>/draft", methods=["GET"])
    @requires_api("design_definitions")
    def draft(self, subject_type: str) -> Any:
        """The draft
        ---
        get:
          summary: The draft as it was typed, and what is wrong with it by place
          parameters:
            - {in: path, name: subject_type, required: true, schema: {type: string}}
          responses:
            200: {description: The draft}
            404: {description: Problem details}
        """
        return answer(_draft(subject_type))

    @expose("/<subject_type>/draft", methods=["PUT"])
    @requires_api("design_definitions")
    def put_draft(self, subject_type: str) -> Any:
        """Save the draft
        ---
        put:
          summary: Keep a draft, right or wrong
          description: >-
            `version` is that of the draft it replaces, 0 where there is none. Sending the same content again changes
            nothing. `faults` says what stands between it and its publication.
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
                    version: {type: integer}
          responses:
            200: {description: The draft}
            404: {description: Problem details}
            409: {description: "Somebody else changed it: problem details hold its `version`"}
            422: {description: Problem details}
        """
        body = json_body()
        text, version = text_in(body), number_in(body, "version", 0)

        def save() -> None:
            drafts.save(subject_type, text, version=version, by=actor(), now=clock.now())

        once_here(f"definition.draft.{subject_type}"[:80], 0, save)
        return answer(_draft(subject_type))

    @expose("/<subject_type>/publish", methods=["POST"])
    @requires_api("design_definitions")
    def publish(self, subject_type: str) -> Any:
        """Publish the draft
        ---
        post:
          summary: Publish the draft as the next version; cases under way stay with theirs
          parameters:
            - {in: path, name: subject_type, required: true, schema: {type: string}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  required: [version]
                  properties:
                    version: {type: integer, description: The draft's version}
          responses:
            201: {description: The version that is now in force}
            404: {description: Problem details}
            409: {description: "No such draft any more, or nothing in it is new"}
            422: {description: "Problem details: `errors` by place, with its line"}
        """
        made, again = drafts.publish(
            subject_type,
            version=number_in(json_body(), "version", 0),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        where = f"/api/v1/definitions/{subject_type}/{made.version}"
        return answer(_version(made), 201, location=where, replayed=again)

    @expose("/<subject_type>/simulate", methods=["POST"])
    @requires_api("design_definitions")
    def simulate(self, subject_type: str) -> Any:
        """Try the draft
        ---
        post:
          summary: Try the draft on the newest cases that were decided
          description: Few cases are answered at once; many are `running`, ask again at `Location`.
          parameters:
            - {in: path, name: subject_type, required: true, schema: {type: string}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties: {cases: {type: integer, minimum: 1, maximum: 10000, default: 200}}
          responses:
            200: {description: The simulation and its result}
            202: {description: The simulation, running}
            404: {description: Problem details}
            422: {description: Problem details}
        """
        row, again = simulation.begin(
            subject_type,
            number_in(json_body(), "cases", simulation.DEFAULT_CASES),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        where = f"/api/v1/definitions/simulations/{row.id}"
        return answer(
            _simulation(row), 202 if row.state == "running" else 200, location=where, replayed=again
        )

    @expose("/simulations/<int(max=2147483647):simulation_id>", methods=["GET"])
    @requires_api("design_definitions")
    def simulated(self, simulation_id: int) -> Any:
        """A simulation
        ---
        get:
          summary: How far a simulation is, and what it found
          parameters:
            - {in: path, name: simulation_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The simulation}
            404: {description: Problem details}
        """
        return answer(_simulation(simulation.find(simulation_id)))


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(DefinitionsApi)


def text_in(body: dict[str, Any], *, known: tuple[str, ...] = ("yaml", "document", "version")) -> str:
    """The draft's text: as YAML, or a document spelled out.

    Raises:
        Invalid: neither, or of the wrong kind.
    """
    unknown = {name: "Tidak dikenal." for name in body if name not in known}
    if unknown:
        raise Invalid(fields=unknown)
    if isinstance(body.get("yaml"), str) and body.get("document") is None:
        return str(body["yaml"])
    if isinstance(body.get("document"), dict) and body.get("yaml") is None:
        try:
            return as_yaml(body["document"])
        except RecursionError:
            raise Invalid(fields={"document": "Terlalu dalam."}) from None
    raise Invalid(fields={"yaml": "Kirim `yaml` (teks) atau `document` (objek), salah satu."})


def number_in(body: dict[str, Any], name: str, default: int) -> int:
    """A whole number of the body.

    Raises:
        Invalid: something else.
    """
    found = body.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**31:
        raise Invalid(fields={name: "Isi dengan bilangan bulat."})
    return found


def _design(row: DesignRow) -> dict[str, Any]:
    return {
        "subject_type": row.subject.key,
        "label": row.subject.label,
        "version": row.in_force.version if row.in_force else None,
        "versions": [_row(one) for one in row.versions],
        "draft": {
            "version": row.draft.version,
            "based_on": row.draft.based_on,
            "edited_by": row.draft.edited_by_name,
            "edited_at": row.draft.edited_at.isoformat(),
        }
        if row.draft
        else None,
        "national": {
            "version": row.default.version,
            "locked": list(row.default.locked),
            "differs": row.differs,
        }
        if row.default
        else None,
    }


def _row(row: VersionRow) -> dict[str, Any]:
    return {
        "version": row.version,
        "published_at": row.published_at.isoformat(),
        "published_by": row.published_by,
        "sha256": row.sha256,
        "open_cases": row.open_cases,
    }


def _version(row: DefinitionVersion) -> dict[str, Any]:
    return {
        "subject_type": row.subject_type,
        "version": row.version,
        "published_at": row.published_at.isoformat(),
        "published_by": row.published_by_name or "",
        "sha256": row.sha256,
        "document": row.document,
        "yaml": as_yaml(row.document),
    }


def _draft(subject_type: str) -> dict[str, Any]:
    opened = queries.opened(subject_type)
    if not opened.version:
        raise NotFound("Tidak ada konsep.")
    return {
        "subject_type": subject_type,
        "version": opened.version,
        "based_on": opened.based_on,
        "yaml": opened.text,
        "valid": not opened.faults,
        "faults": opened.faults,
    }


def _simulation(row: DefinitionSimulation) -> dict[str, Any]:
    return {
        "id": row.id,
        "subject_type": row.subject_type,
        "state": row.state,
        "asked": row.asked,
        "done": row.done,
        "result": row.result,
    }
