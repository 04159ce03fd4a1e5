"""``/api/v1/obstacles``: the register of obstacles and solutions, with the history of each; counts for the centre."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from recaps import obstacle_lists, obstacles
from recaps.models import Obstacle
from recaps.obstacle_lists import Listed, Narrowed
from tenants import clock, database
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, once_here, page
from webapp.shell import timezone_here


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(ObstaclesApi)


class ObstaclesApi(KaryaApi):
    """Obstacles of the Kanwil, or of the UPT, that the token belongs to."""

    resource_name = "obstacles"

    @expose("/", methods=["GET"])
    @requires_api("read_obstacles")
    def index(self) -> Response:
        """Obstacles, newest first
        ---
        get:
          summary: Obstacles and solutions of the scope, newest first, in keyset pages
          parameters:
            - {in: query, name: state, schema: {type: string, enum: [open, done]}}
            - {in: query, name: category, schema: {type: string}}
            - {in: query, name: upt, schema: {type: integer}, description: 0 is the Kanwil itself}
            - {in: query, name: late, schema: {type: boolean}}
            - {in: query, name: q, schema: {type: string}}
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items (id, upt, category, description, action, who, due_on, state, late), next_cursor"}
            422: {description: A filter that is none}
        """
        asked = request.args
        upt = asked.get("upt", "")
        if upt and not (upt.isascii() and upt.isdigit() and len(upt) < 10):
            raise Invalid(fields={"upt": "Nomor UPT."})
        narrowed = Narrowed(
            state=asked.get("state") or None,
            category=asked.get("category") or None,
            upt_id=int(upt) if upt else None,
            late=asked.get("late", "").lower() in ("1", "true", "yes"),
            q=asked.get("q", "")[:100],
        )
        items, following = obstacle_lists.listed(narrowed, today=_today(), after=_after(), limit=limit())
        return page([obstacle_lists.as_json(row) for row in items], [following] if following else None)

    @expose("/", methods=["POST"])
    @requires_api("write_obstacles")
    def post(self) -> Response:
        """Write an obstacle down
        ---
        post:
          summary: Write an obstacle and its solution down; it goes into the next recap until it is done
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [category, description, action, who]
                  properties:
                    category: {type: string}
                    description: {type: string}
                    action: {type: string}
                    who: {type: string}
                    due_on: {type: string, format: date}
                    upt_id: {type: integer}
          responses:
            201: {description: The obstacle}
            422: {description: A message for each field}
        """
        made, replayed = obstacles.add(json_body(), by=actor(), now=clock.now(), key=idempotency_key())
        return _told(made, 201, replayed=replayed)

    @expose("/<int:obstacle_id>", methods=["GET"])
    @requires_api("read_obstacles")
    def get(self, obstacle_id: int) -> Response:
        """One obstacle with its history
        ---
        get:
          summary: One obstacle with every change that was made to it
          parameters:
            - {in: path, name: obstacle_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The obstacle and its history}
            404: {description: There is none in this scope}
        """
        return _told(obstacles.load(obstacle_id), 200)

    @expose("/<int:obstacle_id>", methods=["PATCH"])
    @requires_api("write_obstacles")
    def change(self, obstacle_id: int) -> Response:
        """Change an obstacle
        ---
        patch:
          summary: Correct an obstacle, settle it (state done) or open it again
          parameters:
            - {in: path, name: obstacle_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    version: {type: integer, description: the version that was read}
                    state: {type: string, enum: [open, done]}
                    category: {type: string}
                    description: {type: string}
                    action: {type: string}
                    who: {type: string}
                    due_on: {type: string, format: date}
          responses:
            200: {description: The obstacle and its history}
            404: {description: There is none in this scope}
            409: {description: Somebody changed it meanwhile}
            422: {description: A message for each field}
        """
        body = dict(json_body())
        version = body.pop("version", None)
        if version is not None and type(version) is not int:
            raise Invalid(fields={"version": "Bilangan."})
        replayed = once_here(
            "obstacle.change",
            obstacle_id,
            lambda: obstacles.change(obstacle_id, body, by=actor(), now=clock.now(), version=version),
        )
        return _told(obstacles.load(obstacle_id), 200, replayed=replayed)

    @expose("/<int:obstacle_id>/remove", methods=["POST"])
    @requires_api("write_obstacles")
    def remove(self, obstacle_id: int) -> Response:
        """Take an obstacle back
        ---
        post:
          summary: Take back an obstacle that was written down by mistake; its history stays
          parameters:
            - {in: path, name: obstacle_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: Taken back}
            404: {description: There is none in this scope}
        """
        replayed = once_here(
            "obstacle.remove",
            obstacle_id,
            lambda: obstacles.remove(obstacle_id, by=actor(), now=clock.now()),
        )
        return answer({"id": obstacle_id, "state": obstacles.REMOVED}, replayed=replayed)

    @expose("/national", methods=["GET"])
    @requires_api("read_national")
    def national(self) -> Response:
        """The commonest of the country
        ---
        get:
          summary: Counts by category over all Kanwil; nobody's words
          parameters:
            - {in: query, name: year, schema: {type: integer}}
          responses:
            200: {description: "items (category, label, total, open, late, done, kanwils, upts)"}
        """
        year = request.args.get("year", "")
        if year and not (year.isascii() and year.isdigit() and 2000 <= int(year[:9]) <= 2099):
            raise Invalid(fields={"year": "Tahun dengan empat angka."})
        with database.national("kendala nasional") as reader:
            rows = obstacle_lists.commonest(reader, year=int(year) if year else None, today=_today())
        return page([vars(row) for row in rows], None)


def _today() -> Any:
    return clock.now().astimezone(timezone_here()).date()


def _after() -> int | None:
    keyset = cursor()
    if keyset is None:
        return None
    if len(keyset) != 1 or type(keyset[0]) is not int:
        raise Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
    return keyset[0]


def _told(obstacle: Obstacle, status: int, *, replayed: bool = False) -> Response:
    upt = next((name for key, name in obstacles.upts() if key == obstacle.upt_id), "Kanwil")
    late = obstacle_lists.is_late(obstacle, _today())
    history = [
        {
            "version": one.version,
            "at": one.at.isoformat(),
            "by": one.by_name,
            "office": one.by_office,
            "changes": one.changes,
        }
        for one in obstacle_lists.history(obstacle.id)
    ]
    body = {**obstacle_lists.as_json(Listed(obstacle, upt, obstacle.category, late)), "history": history}
    return answer(body, status, location=f"/api/v1/obstacles/{obstacle.id}", replayed=replayed)
