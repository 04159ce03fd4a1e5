"""``/api/v1/notices``: what was told to the caller, and how he wants to be told."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask_appbuilder.views import expose

from tenants import accounts
from tenants.clock import now
from tenants.errors import Invalid, NotFound
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, json_body, limit, once_here, page
from workflows import choices, notices
from workflows.notices import Told


class NoticesApi(KaryaApi):
    """Notices of the officer that the token belongs to."""

    resource_name = "notices"
    openapi_spec_tag = "Notices"

    @expose("/", methods=["GET"])
    @requires_api("read_notices")
    def index(self) -> Any:
        """The notices
        ---
        get:
          summary: What was told to the caller, newest first, in keyset pages; the centre's officers have none here
          parameters:
          - {in: query, name: unread, schema: {type: string, enum: ["1"]}}
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items (id, kind, title, body, link, created_at, read_at), next_cursor"}
            422: {description: A cursor that is none}
        """
        by, keyset, most = actor(), cursor(), limit()
        if keyset is not None and (len(keyset) != 1 or type(keyset[0]) is not int):
            raise Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
        if by.tenant_id is None:
            return page([], None)
        rows = notices.notices_for(
            by,
            unread=request.args.get("unread") == "1",
            limit=most + 1,
            before=keyset[0] if keyset else None,
        )
        return page([_notice(row) for row in rows[:most]], [rows[most - 1].id] if len(rows) > most else None)

    @expose("/<int(max=2147483647):notice_id>/read", methods=["POST"])
    @requires_api("read_notices")
    def read(self, notice_id: int) -> Any:
        """Mark as read
        ---
        post:
          summary: Mark a notice as read; one that was read stays as it is
          parameters:
          - {in: path, name: notice_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          responses:
            200: {description: The notice}
            404: {description: No notice of the caller's}
        """
        by = actor()
        if by.tenant_id is None:
            raise NotFound()
        at = now()
        replayed = once_here("notices.read", notice_id, lambda: notices.open_notice(notice_id, by=by, now=at))
        return answer(_notice(notices.notice(notice_id, by=by)), replayed=replayed)

    @expose("/choices", methods=["GET"])
    @requires_api("choose_notices")
    def choices(self) -> Any:
        """How the caller is told
        ---
        get:
          summary: By topic, the way by mail (each, digest or none), and whether it is shown in the app
          responses:
            200: {description: "items (topic, label, group, mail, in_app)"}
        """
        return page(_choices(), None)

    @expose("/choices", methods=["PUT"])
    @requires_api("choose_notices")
    def choose(self) -> Any:
        """Choose how to be told
        ---
        put:
          summary: Choose by topic; a topic that is not named stays as it is
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  description: "topic: {mail: each | digest | none, in_app: true | false}"
                  additionalProperties:
                    type: object
                    required: [mail, in_app]
                    properties:
                      mail: {type: string, enum: [each, digest, none]}
                      in_app: {type: boolean}
          responses:
            200: {description: "items (topic, label, group, mail, in_app), as they are now"}
            409: {description: The key was used for another content}
            422: {description: A topic or a way that there is not}
        """
        by, asked = actor(), _asked(json_body())
        replayed = once_here("notices.choices", by.id, lambda: choices.choose(asked, by=by))
        return answer({"items": _choices(), "next_cursor": None}, replayed=replayed)

    @expose("/language", methods=["GET"])
    @requires_api("read_notices")
    def language(self) -> Any:
        """The caller's language
        ---
        get:
          summary: In which language the caller's pages and mails come; null until he chose one
          responses:
            200: {description: "language: id | en | null"}
        """
        return answer({"language": g.karya_officer.language})

    @expose("/language", methods=["PUT"])
    @requires_api("read_notices")
    def choose_language(self) -> Any:
        """Choose a language
        ---
        put:
          summary: Choose in which language one's pages and mails come
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [language]
                  properties: {language: {type: string, enum: [id, en]}}
          responses:
            200: {description: "language, as it is now"}
            409: {description: The key was used for another content}
            422: {description: A language that there is not}
        """
        by, asked = actor(), json_body().get("language")
        language = asked if isinstance(asked, str) else ""
        act = lambda: accounts.choose_language(language, by=by)  # noqa: E731 - what `once_here` carries out
        replayed = once_here("notices.language", by.id, act)
        return answer({"language": language}, replayed=replayed)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(NoticesApi)


def _notice(row: Told) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "body": row.body,
        "link": row.link,
        "created_at": row.created_at.isoformat(),
        "read_at": row.read_at.isoformat() if row.read_at else None,
    }


def _choices() -> list[dict[str, Any]]:
    return [
        {
            "topic": one.topic.key,
            "label": one.topic.label,
            "group": group.key,
            "mail": one.mail,
            "in_app": one.in_app,
        }
        for group, rows in choices.in_groups(choices.choices_of(actor()))
        for one in rows
    ]


def _asked(body: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Topic -> (way by mail, shown in the app).

    Raises:
        Invalid: a topic whose members are missing, unknown or of the wrong kind.
    """
    asked: dict[str, tuple[str, bool]] = {}
    wrong: dict[str, Any] = {}
    for topic, said in body.items():
        whole = isinstance(said, dict) and said.keys() == {"mail", "in_app"}
        if whole and isinstance(said["mail"], str) and isinstance(said["in_app"], bool):
            asked[topic] = (said["mail"], said["in_app"])
        else:
            wrong[topic] = "Isi mail dan in_app."
    if wrong:
        raise Invalid(fields=wrong)
    return asked
