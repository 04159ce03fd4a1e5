"""``/api/v1/dispositions`` and ``/api/v1/archive``: what follows a delivered recap."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from recaps import queries as recaps
from recaps.delivery import archive, bundles, dispositions, queries
from recaps.delivery.archive import Asked
from tenants import clock, database
from tenants.database import session
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, once_here, page
from webapp.shell import timezone_here
from webapp.views.delivery import bundle_answer

_CURSOR = {"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."}


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(DispositionsApi)
    appbuilder.add_api(ArchiveApi)


class DispositionsApi(KaryaApi):
    """The Dirjen's instructions on recaps: those that the caller gave, or that are meant for him or his Kanwil."""

    resource_name = "dispositions"

    @expose("/", methods=["GET"])
    @requires_api("open_dispositions")
    def index(self) -> Response:
        """Dispositions, newest first
        ---
        get:
          summary: Dispositions to the caller's Kanwil; for the Dirjen to every Kanwil; kind=centre within the centre
          parameters:
            - {in: query, name: kind, schema: {type: string, enum: [kanwil, centre]}, description: for the centre alone}
            - {in: query, name: state, schema: {type: string, enum: [open, done, withdrawn]}}
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items (id, kind, recap_id, instruction, to, due_on, state, late), next_cursor"}
            422: {description: A filter that is none}
        """
        by, state, today = actor(), request.args.get("state") or None, _today()
        after, most = _after(), limit()
        if by.tenant_id is not None:
            rows, following = queries.of_kanwil(
                session(), by=by, today=today, state=state, after=after, limit=most
            )
        elif by.has("dirjen") and request.args.get("kind", "kanwil") == "kanwil":
            with database.national("disposisi") as reader:
                rows, following = queries.of_kanwil(
                    reader, by=by, today=today, state=state, after=after, limit=most
                )
        else:
            rows, following = queries.of_centre(by=by, today=today, state=state, after=after, limit=most)
        return page([queries.as_json(one) for one in rows], [following] if following else None)

    @expose("/", methods=["POST"])
    @requires_api("give_dispositions")
    def give(self) -> Response:
        """Give a disposition
        ---
        post:
          summary: Write an instruction on a delivered recap, to its Kanwil or to an officer of the centre
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [recap_id, to, instruction]
                  properties:
                    recap_id: {type: integer}
                    to: {type: string, description: kanwil or the username of an officer of the centre}
                    instruction: {type: string}
                    due_on: {type: string, format: date}
          responses:
            201: {description: The disposition}
            404: {description: No delivered recap of that number}
            409: {description: The recap was replaced}
            422: {description: A message for each field}
        """
        body = json_body()
        recap_id = body.get("recap_id")
        if type(recap_id) is not int or not 0 < recap_id < 2**31:
            raise Invalid(fields={"recap_id": "Nomor rekap."})
        entered = {name: body.get(name) for name in ("to", "instruction", "due_on")}
        made, replayed = dispositions.give(
            recap_id, entered, by=actor(), now=clock.now(), key=idempotency_key()
        )
        return _told(made, 201, replayed=replayed)

    @expose("/<kind>/<int(max=2147483647):disposition_id>/finish", methods=["POST"])
    @requires_api("end_dispositions")
    def finish(self, kind: str, disposition_id: int) -> Response:
        """Say that it is done
        ---
        post:
          summary: The Kanwil, or who is named at the centre, says what was done
          parameters:
            - {in: path, name: kind, required: true, schema: {type: string, enum: [kanwil, centre]}}
            - {in: path, name: disposition_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [note]
                  properties:
                    note: {type: string}
          responses:
            200: {description: The disposition}
            404: {description: None that concerns the caller}
            409: {description: It was withdrawn}
            422: {description: No note}
        """
        by, note = actor(), str(json_body().get("note") or "")
        inside = by.tenant_id is None
        if kind != (dispositions.CENTRE if inside else dispositions.KANWIL):
            raise dispositions.NoSuchDisposition()
        end = dispositions.finish_centre if inside else dispositions.finish
        once_here(
            f"disposition.finish.{kind}",
            disposition_id,
            lambda: end(disposition_id, note, by=by, now=clock.now()),
        )
        load = dispositions.centre_one if inside else dispositions.kanwil_one
        return _told(load(disposition_id), 200)

    @expose("/<kind>/<int(max=2147483647):disposition_id>/withdraw", methods=["POST"])
    @requires_api("give_dispositions")
    def withdraw(self, kind: str, disposition_id: int) -> Response:
        """Take it back
        ---
        post:
          summary: The Dirjen takes an open disposition back, with a reason
          parameters:
            - {in: path, name: kind, required: true, schema: {type: string, enum: [kanwil, centre]}}
            - {in: path, name: disposition_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [note]
                  properties:
                    note: {type: string}
          responses:
            200: {description: The disposition}
            404: {description: There is none}
            409: {description: It is done}
            422: {description: No reason}
        """
        note = str(json_body().get("note") or "")
        row = dispositions.withdraw(
            kind, disposition_id, note, by=actor(), now=clock.now(), key=idempotency_key()
        )
        return _told(row, 200)


class ArchiveApi(KaryaApi):
    """Signed recaps, of the Kanwil or for the centre of all; and a year of them as a ZIP."""

    resource_name = "archive"

    @expose("/", methods=["GET"])
    @requires_api("open_recaps")
    def index(self) -> Response:
        """Search the archive
        ---
        get:
          summary: Signed recaps by Kanwil, period, number and word, the newest delivery first
          parameters:
            - {in: query, name: kanwil, schema: {type: string}, description: its code}
            - {in: query, name: period, schema: {type: string}, description: what lies within 2024, 2024-Q1 or 2024-03}
            - {in: query, name: number, schema: {type: string}}
            - {in: query, name: q, schema: {type: string}, description: "words that all occur, whole or begun"}
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items of recaps without figures, and next_cursor"}
            422: {description: Not a period}
        """
        asked = Asked(
            **{name: request.args.get(name, "").strip()[:160] for name in ("kanwil", "period", "number", "q")}
        )
        keyset = cursor()
        if keyset is not None and (len(keyset) != 2 or type(keyset[1]) is not int):
            raise Invalid(fields=_CURSOR)
        rows, following = archive.search(
            asked, by=actor(), after=tuple(keyset) if keyset else None, limit=limit()
        )
        items = [{k: v for k, v in recaps.as_json(row, None).items() if k != "figures"} for row in rows]
        return page(items, list(following) if following else None)

    @expose("/bundles", methods=["POST"])
    @requires_api("open_bundles")
    def begin(self) -> Response:
        """A year as a ZIP
        ---
        post:
          summary: Have a year's signed recaps put together with a signed manifest; done by a job
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [year]
                  properties:
                    year: {type: integer}
                    kanwil: {type: string, description: "code of one; all of them without it, for a Kanwil its own"}
                    pin: {type: string}
          responses:
            202: {description: The bundle and its state; ask again at its own address}
            422: {description: "No such year or Kanwil, or nothing signed in it"}
        """
        body = json_body()
        year, kanwil, pin = body.get("year"), body.get("kanwil"), body.get("pin")
        if type(year) is not int or not (kanwil is None or isinstance(kanwil, str)):
            raise Invalid(fields={"year": "Tahun dengan empat angka, misalnya 2024."})
        made, replayed = bundles.begin(
            *(year, kanwil or None),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
            pin=str(pin) if pin else None,
        )
        where = f"/api/v1/archive/bundles/{made.id}"
        return answer(_bundle(made), 202, location=where, replayed=replayed)

    @expose("/bundles/<int(max=2147483647):bundle_id>", methods=["GET"])
    @requires_api("open_bundles")
    def bundle(self, bundle_id: int) -> Response:
        """How far it is
        ---
        get:
          summary: A bundle's state and progress
          parameters:
            - {in: path, name: bundle_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "state (running, done, failed, expired), files_done, files_total, size_bytes, sha256"}
            404: {description: There is none}
        """
        return answer(_bundle(bundles.load(bundle_id)))

    @expose("/bundles/<int(max=2147483647):bundle_id>/file", methods=["GET"])
    @requires_api("open_bundles")
    def file(self, bundle_id: int) -> Response:
        """Its ZIP
        ---
        get:
          summary: The ZIP of a finished bundle
          parameters:
            - {in: path, name: bundle_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: The ZIP
              content:
                application/zip:
                  schema: {type: string, format: binary}
            404: {description: "There is none, it is not finished, or it was taken away"}
        """
        return bundle_answer(bundle_id)


def _bundle(row: bundles.Bundle) -> dict[str, Any]:
    names = ("id", "title", "year", "state", "files_total", "files_done", "size_bytes", "sha256", "problem")
    return {
        **{name: getattr(row, name) for name in names},
        "created_at": row.created_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }


def _told(row: dispositions.Given, status: int, *, replayed: bool = False) -> Response:
    body = queries.as_json(queries.shown(row, by=actor(), today=_today()))
    return answer(body, status, replayed=replayed)


def _today() -> date:
    return clock.now().astimezone(timezone_here()).date()


def _after() -> int | None:
    keyset = cursor()
    if keyset is None:
        return None
    if len(keyset) != 1 or type(keyset[0]) is not int:
        raise Invalid(fields=_CURSOR)
    return keyset[0]
