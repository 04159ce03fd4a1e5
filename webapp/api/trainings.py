"""``/api/v1/trainings``: trainings and their counts. No name of a participant ever leaves by the API (ADR 19)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from catalogue.trainings import planning, queries
from catalogue.trainings.queries import Figure, Filters, Row
from tenants import clock
from tenants.errors import Invalid
from tenants.words import N_
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, once_here, page

COUNTS = ("sessions", "session_hours", "participants", "passed", "attended_hours", "certificates")


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(TrainingsApi)


class TrainingsApi(KaryaApi):
    """Trainings of the scope, with counts alone."""

    resource_name = "trainings"

    @expose("/", methods=["GET"])
    @requires_api("read_trainings")
    def index(self) -> Response:
        """Trainings
        ---
        get:
          summary: Trainings of the scope, the latest first, in keyset pages; counts, and nobody's name
          parameters:
            - {in: query, name: state, schema: {type: string, enum: [open, closed]}}
            - {in: query, name: upt, schema: {type: integer}}
            - {in: query, name: partner, schema: {type: integer}}
            - {in: query, name: year, schema: {type: integer}}
            - {in: query, name: q, schema: {type: string}}
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items (id, title, skill, upt, partner, hours, participants, passed, ...), next_cursor"}
            422: {description: A filter that is none}
        """
        found = queries.trainings(_filters(), cursor=_cursor(), limit=limit())
        following = found.next_cursor.rpartition(".") if found.next_cursor else None
        return page(
            [_json(row) for row in found.items], [following[0], int(following[2])] if following else None
        )

    @expose("/", methods=["POST"])
    @requires_api("write_trainings")
    def create(self) -> Response:
        """Plan a training
        ---
        post:
          summary: Plan a training of the token's UPT
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [title, skill, instructor, from_on, until_on, hours]
                  properties:
                    title: {type: string, maxLength: 150}
                    skill: {type: string, maxLength: 60, description: what a certificate says}
                    partner_id: {type: integer}
                    instructor: {type: string}
                    place: {type: string}
                    from_on: {type: string, format: date}
                    until_on: {type: string, format: date}
                    hours: {type: integer}
                    least_share: {type: integer, description: percent of the hours to pass, default: 80}
          responses:
            201: {description: The training}
            422: {description: A message for each field}
        """
        made, replayed = planning.plan(json_body(), by=actor(), now=clock.now(), key=idempotency_key())
        return _told(made.id, 201, replayed=replayed)

    @expose("/<int(max=2147483647):training_id>", methods=["GET"])
    @requires_api("read_trainings")
    def one(self, training_id: int) -> Response:
        """One training
        ---
        get:
          summary: One training with its sessions
          parameters:
            - {in: path, name: training_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "The training, sessions_held (held_on, hours, topic, present)"}
            404: {description: There is none in this scope}
        """
        return _told(training_id, 200)

    @expose("/<int(max=2147483647):training_id>", methods=["PATCH"])
    @requires_api("write_trainings")
    def change(self, training_id: int) -> Response:
        """Change a training
        ---
        patch:
          summary: Correct an open training
          parameters:
            - {in: path, name: training_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    version: {type: integer, description: the version that was read}
                    title: {type: string}
                    skill: {type: string}
                    partner_id: {type: integer}
                    instructor: {type: string}
                    place: {type: string}
                    from_on: {type: string, format: date}
                    until_on: {type: string, format: date}
                    hours: {type: integer}
                    least_share: {type: integer}
          responses:
            200: {description: The training}
            404: {description: There is none in this scope}
            409: {description: It is closed, or somebody changed it meanwhile}
            422: {description: A message for each field}
        """
        body = dict(json_body())
        version = body.pop("version", None)
        if version is not None and type(version) is not int:
            raise Invalid(fields={"version": N_("Bilangan.")})
        replayed = once_here(
            "training.change",
            training_id,
            lambda: planning.change(training_id, body, by=actor(), now=clock.now(), version=version),
        )
        return _told(training_id, 200, replayed=replayed)

    @expose("/figures", methods=["GET"])
    @requires_api("read_trainings")
    def figures(self) -> Response:
        """Counts
        ---
        get:
          summary: How many were trained, by skill and by UPT
          parameters:
            - {in: query, name: year, schema: {type: integer}}
          responses:
            200: {description: "skills, upts: label, trainings, participants, passed, hours, certificates; total"}
        """
        filters = _filters()
        skills = queries.by_skill(filters)
        return answer(
            {
                "skills": [vars(one) for one in skills],
                "upts": [vars(one) for one in queries.by_upt(filters)],
                "total": _total(queries.total(skills)),
            }
        )


def _filters() -> Filters:
    asked = request.args
    numbers: dict[str, int | None] = {}
    for name in ("upt", "partner", "year"):
        text = asked.get(name, "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Invalid(fields={name: N_("Bilangan.")})
        numbers[name] = int(text) if text else None
    year = numbers["year"]
    if year is not None and not 2000 <= year <= 2099:
        raise Invalid(fields={"year": N_("Tahun dengan empat angka.")})
    state = asked.get("state") or None
    return Filters(state, numbers["upt"], numbers["partner"], year, asked.get("q", "")[:100])


def _cursor() -> tuple[str, int] | None:
    keyset = cursor()
    if keyset is None:
        return None
    if len(keyset) != 2 or not isinstance(keyset[0], str) or type(keyset[1]) is not int:
        raise Invalid(fields={"cursor": N_("Penanda halaman tidak dikenal; mulai dari halaman pertama.")})
    return keyset[0], min(keyset[1], 2**31 - 1)


def _total(figure: Figure) -> dict[str, int]:
    return {name: value for name, value in vars(figure).items() if name != "label"}


def _told(training_id: int, status: int, *, replayed: bool = False) -> Response:
    row = queries.row_of(training_id)
    held = [
        {"held_on": one.held_on.isoformat(), "hours": one.hours, "topic": one.topic, "present": one.present}
        for one in queries.sessions_of(training_id)
    ]
    body = {**_json(row), "sessions_held": held}
    return answer(body, status, location=f"/api/v1/trainings/{training_id}", replayed=replayed)


def _json(row: Row) -> dict[str, Any]:
    one = row.training
    names = ("id", "title", "skill", "partner_id", "instructor", "place", "hours", "least_share", "state")
    return {
        **{name: getattr(one, name) for name in (*names, *COUNTS, "version")},
        "upt": row.upt,
        "partner": row.partner,
        "from_on": one.from_on.isoformat(),
        "until_on": one.until_on.isoformat(),
    }
