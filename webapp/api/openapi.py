"""``/api/v1/_openapi``: the description of the API. It names addresses and shapes and holds no data, so it is open."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, current_app, jsonify
from flask_appbuilder.api import BaseApi
from flask_appbuilder.api.manager import resolver
from flask_appbuilder.views import expose

import config

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": True},
    },
}


class OpenApi(BaseApi):
    """FAB's description over every API class of ours."""

    route_base = "/api/v1"
    allow_browser_login = False

    @expose("/_openapi", methods=["GET"])
    def get(self) -> Any:
        """This description
        ---
        get:
          summary: The description of this API, as OpenAPI 3
          security: []
          responses:
            200: {description: An OpenAPI document}
        """
        kept = current_app.extensions
        if "karya.openapi" not in kept:  # it is read out of every docstring: once a process is enough
            kept["karya.openapi"] = description()
        return jsonify(kept["karya.openapi"])


def description() -> dict[str, Any]:
    """The OpenAPI document of the running app."""
    settings: config.Settings = current_app.extensions["karya"]
    spec = APISpec(
        title="Karya",
        version="v1",
        openapi_version="3.0.2",
        info={
            "description": "Products made in prison: approved, sold, reported. Lists answer `items` and `next_cursor`; "
            "errors are RFC 9457 problem details; a POST that changes something takes `Idempotency-Key`."
        },
        plugins=[MarshmallowPlugin(schema_name_resolver=resolver)],
        servers=[{"url": settings.base_url}],
    )
    spec.components.schema("Problem", _PROBLEM)
    for api in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if isinstance(api, BaseApi):
            api.add_api_spec(spec)
    made: dict[str, Any] = spec.to_dict()
    # FAB ends a list's own address with a slash and answers with and without; the stable name has none.
    made["paths"] = {path.rstrip("/"): operations for path, operations in made["paths"].items()}
    return made


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(OpenApi)
