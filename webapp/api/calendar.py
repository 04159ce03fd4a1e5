"""``/api/v1/holidays``: the country's days off, kept by the centre; ``/api/v1/closures``: a Kanwil's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask, request
from flask_appbuilder.views import expose

from tenants.clock import now
from tenants.errors import Invalid
from tenants.idempotency import once, was_used
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, once_here, page
from webapp.forms import day, whole
from workflows import administration, calendars
from workflows.models import Closure

YEARS = (2000, 2100)


class HolidaysApi(KaryaApi):
    """Days off of the whole country."""

    resource_name = "holidays"
    openapi_spec_tag = "Calendar"

    @expose("/", methods=["GET"])
    @requires_api("manage_calendar")
    def index(self) -> Any:
        """Days off of a year
        ---
        get:
          summary: The country's days off of a year, in order
          parameters:
          - {in: query, name: year, schema: {type: integer}}
          responses:
            200: {description: "items (day, kind, name), next_cursor"}
            422: {description: No year}
        """
        year = whole(request.args.get("year") or str(now().year))
        if year is None or not YEARS[0] <= year <= YEARS[1]:
            raise Invalid(fields={"year": "Tahun dengan empat angka, misalnya 2024."})
        rows = calendars.holidays_of(year)
        return page([{"day": row.day.isoformat(), "kind": row.kind, "name": row.name} for row in rows], None)

    @expose("/", methods=["PUT"])
    @requires_api("manage_calendar")
    def set(self) -> Any:
        """Add or correct a day off
        ---
        put:
          summary: Add a day off of the whole country, or correct its name and kind
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [day, kind, name]
                  properties:
                    day: {type: string, format: date}
                    kind: {type: string, enum: [national, collective_leave]}
                    name: {type: string, maxLength: 120}
          responses:
            200: {description: The day}
            422: {description: "What is missing or wrong, by field"}
        """
        body = json_body()
        on, kind, name = _day(body), _text(body, "kind"), _text(body, "name")
        replayed = _once_everywhere(
            "holiday.set", lambda: administration.set_holiday(on, kind, name, by=actor(), now=now())
        )
        return answer(
            {"day": on.isoformat(), "kind": kind, "name": " ".join(name.split())}, replayed=replayed
        )

    @expose("/remove", methods=["POST"])
    @requires_api("manage_calendar")
    def remove(self) -> Any:
        """Take a day off back
        ---
        post:
          summary: Take a day off back
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, required: [day], properties: {day: {type: string, format: date}}}
          responses:
            200: {description: It is gone}
            404: {description: It is none}
        """
        on = _day(json_body())
        replayed = _once_everywhere(
            "holiday.remove", lambda: administration.remove_holiday(on, by=actor(), now=now())
        )
        return answer({"day": on.isoformat(), "removed": True}, replayed=replayed)


class ClosuresApi(KaryaApi):
    """Days on which the Kanwil that the token belongs to does not work."""

    resource_name = "closures"
    openapi_spec_tag = "Calendar"

    @expose("/", methods=["GET"])
    @requires_api("manage_closures")
    def index(self) -> Any:
        """Closures
        ---
        get:
          summary: The Kanwil's own days off, the latest first, at most a hundred
          responses:
            200: {description: "items (id, day, reason), next_cursor"}
        """
        return page([_json(row) for row in calendars.closures()], None)

    @expose("/", methods=["POST"])
    @requires_api("manage_closures")
    def create(self) -> Any:
        """Add a closure
        ---
        post:
          summary: Add a day on which the Kanwil does not work; deadlines made from now on leave it out
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [day, reason]
                  properties: {day: {type: string, format: date}, reason: {type: string, maxLength: 200}}
          responses:
            201: {description: The closure}
            422: {description: "What is missing or wrong, by field"}
        """
        body = json_body()
        on, reason = _day(body), _text(body, "reason")

        def act() -> Closure:
            return administration.add_closure(on, reason, by=actor(), now=now())

        row, replayed = once(
            idempotency_key(), "api.closure.add", act, _number, calendars.closure, content=body
        )
        return answer(_json(row), 201, replayed=replayed)

    @expose("/<int(max=2147483647):closure_id>", methods=["DELETE"])
    @requires_api("manage_closures")
    def remove(self, closure_id: int) -> Any:
        """Take a closure back
        ---
        delete:
          summary: Take a closure back
          parameters:
          - {in: path, name: closure_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: It is gone}
            404: {description: There is none in this Kanwil}
        """
        replayed = once_here(
            "closure.remove",
            closure_id,
            lambda: administration.remove_closure(closure_id, by=actor(), now=now()),
        )
        return answer({"id": closure_id, "removed": True}, replayed=replayed)


def _once_everywhere(operation: str, act: Callable[[], None]) -> bool:
    """Carry out `act`, which is a transaction in every Kanwil, unless the key says that it was; whether it was."""
    key, operation, body = idempotency_key(), f"api.{operation}", json_body()
    if was_used(key, operation, content=body):
        return True
    act()
    once(key, operation, lambda: 0, lambda number: number, lambda number: number, content=body)
    return False


def _day(body: dict[str, Any]) -> date:
    given = body.get("day")
    on = day(given) if isinstance(given, str) else None
    if on is None or not YEARS[0] <= on.year <= YEARS[1]:
        raise Invalid(fields={"day": "Tanggal ditulis 2024-03-14."})
    return on


def _text(body: dict[str, Any], name: str) -> str:
    given = body.get(name, "")
    if not isinstance(given, str):
        raise Invalid(fields={name: "Jenis isinya keliru."})
    return given


def _number(row: Closure) -> int:
    return row.id


def _json(row: Closure) -> dict[str, Any]:
    return {"id": row.id, "day": row.day.isoformat(), "reason": row.reason}


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(HolidaysApi)
    appbuilder.add_api(ClosuresApi)
