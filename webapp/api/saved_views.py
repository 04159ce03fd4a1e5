"""``/api/v1/inbox/views``: the filters of the inbox that an officer keeps under a name."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_appbuilder.views import expose

from tenants import clock
from tenants.errors import Invalid, NotFound
from tenants.idempotency import once
from tenants.officers import Actor
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, once_here, page
from workflows.desk import views
from workflows.desk.models import SavedView


class SavedViewsApi(KaryaApi):
    """Views of the inbox, the token's officer's own."""

    resource_name = "inbox/views"
    openapi_spec_tag = "Inbox"

    @expose("/", methods=["GET"])
    @requires_api("read_inbox")
    def index(self) -> Any:
        """Own views
        ---
        get:
          summary: The officer's views, by name
          responses:
            200: {description: "items (id, name, query, is_default), next_cursor"}
        """
        return page([_json(row) for row in views.saved_views(actor())], None)

    @expose("/", methods=["POST"])
    @requires_api("read_inbox")
    def create(self) -> Any:
        """Keep a view
        ---
        post:
          summary: Keep filters under a name; a name that is there already gets the new ones
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, query]
                  properties:
                    name: {type: string, maxLength: 60}
                    query: {type: string, maxLength: 400, description: As the address of the inbox has it}
                    is_default: {type: boolean}
          responses:
            201: {description: The view}
            409: {description: The officer has twenty}
            422: {description: "What is missing or wrong, by field"}
        """
        by = actor()
        body = _read(json_body(), {"name": str, "query": str, "is_default": bool})

        def act() -> SavedView:
            return views.save_view(
                body.get("name", ""),
                body.get("query", ""),
                by=by,
                now=clock.now(),
                default=body.get("is_default", False),
            )

        row, replayed = once(
            idempotency_key(), "api.inbox.save_view", act, _number, lambda id_: _own(id_, by), content=body
        )
        return answer(_json(row), 201, replayed=replayed)

    @expose("/<int(max=2147483647):view_id>", methods=["PATCH"])
    @requires_api("read_inbox")
    def change(self, view_id: int) -> Any:
        """Change a view
        ---
        patch:
          summary: Call a view something else, or say whether the inbox opens with it
          parameters:
            - {in: path, name: view_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties: {name: {type: string, maxLength: 60}, is_default: {type: boolean}}
          responses:
            200: {description: The view}
            404: {description: Problem details}
            422: {description: "What is missing or wrong, by field"}
        """
        by = actor()
        _own(view_id, by)
        body = _read(json_body(), {"name": str, "is_default": bool})

        def act() -> None:
            if "name" in body:
                views.rename_view(view_id, body["name"], by=by)
            if "is_default" in body and body["is_default"] != _own(view_id, by).is_default:
                views.choose_default(view_id, by=by)

        replayed = once_here("inbox.change_view", view_id, act)
        return answer(_json(_own(view_id, by)), replayed=replayed)

    @expose("/<int(max=2147483647):view_id>", methods=["DELETE"])
    @requires_api("read_inbox")
    def remove(self, view_id: int) -> Any:
        """Take a view away
        ---
        delete:
          summary: Take a view away
          parameters:
            - {in: path, name: view_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          responses:
            200: {description: It is gone}
            404: {description: Problem details}
        """
        by = actor()
        replayed = once_here("inbox.remove_view", view_id, lambda: views.remove_view(view_id, by=by))
        return answer({"id": view_id, "removed": True}, replayed=replayed)


def _read(body: dict[str, Any], kinds: dict[str, type]) -> dict[str, Any]:
    """The members of a JSON body.

    Raises:
        Invalid: one of the wrong kind, or not known.
    """
    wrong = {name: "Tidak dikenal." for name in body if name not in kinds}
    wrong |= {
        name: "Jenis isinya keliru."
        for name, kind in kinds.items()
        if name in body and not isinstance(body[name], kind)
    }
    if wrong:
        raise Invalid(fields=wrong)
    return body


def _own(view_id: int, by: Actor) -> SavedView:
    found = next((row for row in views.saved_views(by) if row.id == view_id), None)
    if found is None:
        raise NotFound()
    return found


def _number(row: SavedView) -> int:
    return row.id


def _json(row: SavedView) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "query": row.query, "is_default": row.is_default}


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(SavedViewsApi)
