"""``/api/v1/cases/{id}/comments`` and around it: what is said about a case, opinions asked and given, attachments."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, request
from flask_appbuilder.views import expose

from tenants import clock
from tenants.errors import Invalid
from webapp import attachments
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, once_here, page
from workflows.talk import comments, opinions, queries
from workflows.talk.models import Opinion
from workflows.talk.queries import Line

_TRUE = {"true", "1", "yes", "on"}


class TalkApi(KaryaApi):
    """What is said about a case."""

    resource_name = "cases"
    openapi_spec_tag = "Talk"

    @expose("/<int(max=2147483647):case_id>/comments", methods=["GET"])
    @requires_api("read_cases")
    def get_comments(self, case_id: int) -> Any:
        """Comments of a case
        ---
        get:
          summary: Comments, oldest first; for the Kanwil's officers internal notes and opinions too
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "`items` (id, internal, kind, author, office, body, mentions, attachments, created_at,
              struck_at) and `next_cursor`"}
            404: {description: Problem details}
        """
        by = actor()
        after = queries.read_position(cursor())
        case = queries.case_for(case_id, by=by)
        lines, more = queries.talk(case, by=by, now=clock.now(), after=after, limit=limit())
        at, internal, last = lines[-1].position if lines else (clock.now(), False, 0)
        return page([line_json(one) for one in lines], [at.isoformat(), internal, last] if more else None)

    @expose("/<int(max=2147483647):case_id>/comments", methods=["POST"])
    @requires_api("comment_cases")
    def post_comment(self, case_id: int) -> Any:
        """Add a comment
        ---
        post:
          summary: Add a comment, or an internal note that no UPT sees; @username tells that officer
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    body: {type: string, maxLength: 5000}
                    internal: {type: boolean}
              multipart/form-data:
                schema:
                  type: object
                  properties:
                    body: {type: string, maxLength: 5000}
                    internal: {type: string, enum: ["true", "false"]}
                    attachments:
                      type: array
                      maxItems: 5
                      items: {type: string, format: binary}
          responses:
            201: {description: "The comment, and `unheard`: mentioned names of nobody who may see it"}
            403: {description: Problem details}
            404: {description: Problem details}
            413: {description: An attachment of more than 10 MB}
            415: {description: An attachment of another kind or with macros or scripts}
            422: {description: Problem details}
        """
        by, now = actor(), clock.now()
        queries.case_for(case_id, by=by)
        body, internal = _said()
        made = comments.comment(
            case_id,
            body,
            attached=attachments.uploaded("attachments", "attachment", most=comments.MAX_FILES),
            internal=internal,
            by=by,
            now=now,
            key=idempotency_key(),
        )
        line = queries.line_of(made.row, by=by, now=now)
        shown = {**line_json(line), "unheard": list(made.unheard)}
        return answer(shown, 201, replayed=made.row.said_at != now)

    @expose(
        "/<int(max=2147483647):case_id>/comments/<int(max=2147483647):comment_id>/strike", methods=["POST"]
    )
    @requires_api("comment_cases")
    def strike_comment(self, case_id: int, comment_id: int) -> Any:
        """Take one's own comment back
        ---
        post:
          summary: Strike one's own comment, within a quarter of an hour; its row and its link in the chain stay
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: path, name: comment_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          responses:
            200: {description: "id, internal, struck"}
            404: {description: Problem details}
            409: {description: "It is another's, or older than a quarter of an hour"}
        """
        return _struck(case_id, comment_id, internal=False)

    @expose("/<int(max=2147483647):case_id>/notes/<int(max=2147483647):note_id>/strike", methods=["POST"])
    @requires_api("comment_cases")
    def strike_note(self, case_id: int, note_id: int) -> Any:
        """Take one's own internal note back
        ---
        post:
          summary: Strike one's own internal note, within a quarter of an hour
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: path, name: note_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          responses:
            200: {description: "id, internal, struck"}
            404: {description: Problem details}
            409: {description: "It is another's, or older than a quarter of an hour"}
        """
        return _struck(case_id, note_id, internal=True)

    @expose("/<int(max=2147483647):case_id>/opinions", methods=["POST"])
    @requires_api("ask_opinions")
    def post_opinion(self, case_id: int) -> Any:
        """Ask for an opinion
        ---
        post:
          summary: Ask an officer of the same Kanwil for an opinion, which decides nothing
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [officer, question]
                  properties:
                    officer: {type: string, description: Username}
                    question: {type: string, maxLength: 2000}
                    until_on: {type: string, format: date}
          responses:
            201: {description: The request}
            403: {description: Problem details}
            404: {description: Problem details}
            409: {description: The case is closed}
            422: {description: Problem details}
        """
        body, now = json_body(), clock.now()
        known = ("officer", "question", "until_on")
        wrong = {name: "Tidak dikenal." for name in body if name not in known}
        wrong |= {
            name: "Jenis isinya keliru." for name in known if not isinstance(body.get(name), str | type(None))
        }
        until_on = None
        if body.get("until_on") and not wrong:
            try:
                until_on = date.fromisoformat(body["until_on"])
            except ValueError:
                wrong["until_on"] = "Tanggal dalam bentuk 2024-03-14."
        queries.case_for(case_id, by=actor())
        if wrong:
            raise Invalid(fields=wrong)
        made = opinions.ask(
            case_id,
            body.get("officer") or "",
            body.get("question") or "",
            until_on=until_on,
            by=actor(),
            now=now,
            key=idempotency_key(),
        )
        return answer(_opinion(made), 201, replayed=made.asked_at != now)


class OpinionApi(KaryaApi):
    """Giving an opinion that was asked for."""

    resource_name = "opinions"
    openapi_spec_tag = "Talk"

    @expose("/<int(max=2147483647):opinion_id>/answer", methods=["POST"])
    @requires_api("give_opinions")
    def answer(self, opinion_id: int) -> Any:
        """Give an opinion
        ---
        post:
          summary: Answer a request for an opinion that was made to the caller
          parameters:
            - {in: path, name: opinion_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    body: {type: string, maxLength: 5000}
              multipart/form-data:
                schema:
                  type: object
                  properties:
                    body: {type: string, maxLength: 5000}
                    attachment: {type: string, format: binary}
          responses:
            201: {description: The answered request}
            404: {description: Problem details}
            409: {description: It was answered already or the case is closed}
            422: {description: Problem details}
        """
        now = clock.now()
        opinions.require_asked(opinion_id, by=actor())
        body, _internal = _said(internal=False)
        made = opinions.answer(
            opinion_id,
            body,
            attached=attachments.uploaded("attachments", "attachment", most=comments.MAX_FILES),
            by=actor(),
            now=now,
            key=idempotency_key(),
        )
        return answer(_opinion(made), 201, replayed=made.answered_at != now)


class AttachmentApi(KaryaApi):
    """The files of comments."""

    resource_name = "attachments"
    openapi_spec_tag = "Talk"

    @expose("/<string(maxlength=32):key>", methods=["GET"])
    @requires_api("read_cases")
    def get(self, key: str) -> Any:
        """An attachment
        ---
        get:
          summary: An attachment's bytes
          parameters:
            - {in: path, name: key, required: true, schema: {type: string}}
          responses:
            200: {description: The file}
            404: {description: Problem details}
        """
        return attachments.download(*queries.attachment(key, by=actor()))


def register(app: Flask, appbuilder: Any) -> None:
    for api in (TalkApi, OpinionApi, AttachmentApi):
        appbuilder.add_api(api)


def line_json(line: Line) -> dict[str, Any]:
    """What was said, as programs read it."""
    return {
        "id": line.id,
        "internal": line.internal,
        "kind": line.kind,
        "author": line.author,
        "office": line.office,
        "body": line.body,
        "mentions": line.mentions,
        "attachments": [
            {"id": one.key, "name": one.name, "type": one.kind, "bytes": one.bytes}
            for one in line.attachments
        ],
        "created_at": line.said_at.isoformat(),
        "struck_at": line.struck_at.isoformat() if line.struck_at else None,
    }


def _opinion(row: Opinion) -> dict[str, Any]:
    return {
        "id": row.id,
        "case_id": row.case_id,
        "asker": row.asker_name,
        "asked": row.asked_name,
        "question": row.question,
        "until_on": row.until_on.isoformat() if row.until_on else None,
        "asked_at": row.asked_at.isoformat(),
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
    }


def _struck(case_id: int, id_: int, *, internal: bool) -> Any:
    def act() -> None:
        comments.strike(id_, case_id=case_id, internal=internal, by=actor(), now=clock.now())

    replayed = once_here(f"strike.{'note' if internal else 'comment'}", id_, act)
    return answer({"id": id_, "internal": internal, "struck": True}, replayed=replayed)


def _said(*, internal: bool = True) -> tuple[str, bool]:
    """The words, and whether they are internal, of a JSON body or a form.

    Raises:
        Invalid: a member of the wrong kind.
    """
    if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return request.form.get("body", ""), request.form.get("internal", "").strip().lower() in _TRUE
    body = json_body()
    kinds: dict[str, type] = {"body": str, **({"internal": bool} if internal else {})}
    wrong = {name: "Tidak dikenal." for name in body if name not in kinds}
    wrong |= {
        name: "Jenis isinya keliru."
        for name, kind in kinds.items()
        if not isinstance(body.get(name), kind | type(None))
    }
    if wrong:
        raise Invalid(fields=wrong)
    return body.get("body") or "", bool(body.get("internal"))
