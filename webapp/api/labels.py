"""``/api/v1/labels``: labels of one's own published products as PDF, and the Kanwil's design."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_appbuilder.api import expose

from catalogue.labels import design
from catalogue.labels.content import Line
from recaps.labels import printing
from recaps.labels.models import LabelRun
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, page
from webapp.api.recaps import pdf_response

RUN = "/<int(max=2147483647):run_id>"


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(LabelsApi)


class LabelsApi(KaryaApi):
    """Labels of the UPT that the token belongs to."""

    resource_name = "labels"

    @expose("/", methods=["GET"])
    @requires_api("print_labels")
    def index(self) -> Response:
        """Label runs
        ---
        get:
          summary: Labels that were asked for, the latest first, in keyset pages
          parameters:
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items (id, title, labels, pages, state), next_cursor"}
        """
        keyset = cursor()
        if keyset is not None and (len(keyset) != 1 or type(keyset[0]) is not int):
            raise Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
        rows, following = printing.recent(after=keyset[0] if keyset else None, limit=limit())
        return page([_run(row) for row in rows], [following] if following else None)

    @expose("/", methods=["POST"])
    @requires_api("print_labels")
    def ask(self) -> Response:
        """Ask for labels
        ---
        post:
          summary: Ask for labels of published products; a job prints them
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [size, lines]
                  properties:
                    size: {type: string, enum: [small, medium, large]}
                    sheet: {type: boolean, description: "on A4 label paper (default), or one label a page"}
                    start: {type: integer, minimum: 1, description: the first free place of the first sheet}
                    lines:
                      type: array
                      items:
                        type: object
                        required: [product_id, count]
                        properties:
                          product_id: {type: integer}
                          count: {type: integer, minimum: 1, maximum: 480}
                          net: {type: string, maxLength: 20}
                          expiry: {type: string, description: "a day, `blank` for a line to write on, or empty"}
          responses:
            202: {description: The run with its state; ask again}
            422: {description: "A message for each field, of a line as lines[0].count"}
        """
        body = json_body()
        asked = body.get("lines")
        if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
            raise Invalid(fields={"lines": "Daftar produk dengan jumlahnya."})
        lines = [
            Line(
                one.get("product_id"),
                one.get("count", 1),
                str(one.get("net") or ""),
                str(one.get("expiry") or ""),
            )
            for one in asked
        ]
        row, replayed = printing.ask(
            lines,
            size=str(body.get("size") or ""),
            sheet=body.get("sheet", True) is not False,
            start=body.get("start", 1),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        return answer(_run(row), 202, location=f"/api/v1/labels/{row.id}", replayed=replayed)

    @expose(RUN, methods=["GET"])
    @requires_api("print_labels")
    def get(self, run_id: int) -> Response:
        """One run
        ---
        get:
          summary: Labels that were asked for, with their state (working, printed, failed)
          parameters:
            - {in: path, name: run_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The run}
            404: {description: There is none in this scope}
        """
        return answer(_run(printing.load(run_id)))

    @expose(f"{RUN}/pdf", methods=["GET"])
    @requires_api("print_labels")
    def pdf(self, run_id: int) -> Response:
        """The labels
        ---
        get:
          summary: The PDF of a run
          parameters:
            - {in: path, name: run_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The PDF}
            404: {description: "There is none in this scope, or it is not printed yet"}
        """
        row, data = printing.pdf(run_id)
        return pdf_response(data, printing.file_name(row), download=True)

    @expose("/design", methods=["GET"])
    @requires_api("design_labels")
    def design(self) -> Response:
        """The Kanwil's design
        ---
        get:
          summary: How the Kanwil's labels look, and what may be chosen
          responses:
            200: {description: "ink, ground, motif, line, has_logo, version, choices"}
        """
        return answer(_design())

    @expose("/design", methods=["PATCH"])
    @requires_api("design_labels")
    def redesign(self) -> Response:
        """Change the Kanwil's design
        ---
        patch:
          summary: Change how the Kanwil's labels look; the logo is uploaded on the page
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    ink: {type: string}
                    ground: {type: string}
                    motif: {type: string}
                    line: {type: string, maxLength: 60}
                    version: {type: integer, description: the version that was read}
          responses:
            200: {description: The design}
            409: {description: Somebody changed it meanwhile}
            422: {description: "A message for each field; too little contrast is said of ink"}
        """
        body = json_body()
        version = body.get("version")
        if version is not None and type(version) is not int:
            raise Invalid(fields={"version": "Bilangan."})
        design.save(
            {name: body[name] for name in ("ink", "ground", "motif", "line") if name in body},
            version=version,
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        return answer(_design())


def _design() -> dict[str, Any]:
    kept = design.chosen(design.own())
    return {
        **{name: kept[name] for name in ("ink", "ground", "motif", "line", "version")},
        "has_logo": kept["logo_sha256"] is not None,
        "choices": {"ink": list(design.INKS), "ground": list(design.GROUNDS), "motif": list(design.MOTIFS)},
    }


def _run(row: LabelRun) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "size": row.content["size"],
        "sheet": row.content["sheet"],
        "labels": row.labels,
        "pages": row.pages,
        "state": "printed" if row.printed_at else "working" if row.is_working else "failed",
        "problem": row.problem,
        "asked_at": row.asked_at.isoformat(),
    }
