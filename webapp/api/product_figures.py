"""``/api/v1/products/figures``: products in each state, for programs."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from catalogue import figures
from catalogue.figures import Line
from tenants.errors import Invalid
from webapp.access import requires_api
from webapp.api import KaryaApi, answer
from webapp.forms import whole

_KEYS = {"upt": "upt_id", "category": "category", "group": "group"}


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(ProductFiguresApi)


class ProductFiguresApi(KaryaApi):
    """Products of the Kanwil, or of the UPT, that the token belongs to, counted."""

    resource_name = "products/figures"
    openapi_spec_tag = "Products"

    @expose("/", methods=["GET"])
    @requires_api("read_products")
    def index(self) -> Response:
        """Products in each state
        ---
        get:
          summary: How many products are in each state now, by UPT, category and group of goods
          parameters:
          - {in: query, name: upt, schema: {type: integer}, description: narrows category and group}
          responses:
            200: {description: "by_upt, by_category, by_group: [{upt_id | category | group, label, total, states}]"}
            422: {description: A filter that is none}
        """
        asked = request.args.get("upt")
        upt_id = whole(asked)
        if asked and upt_id is None:
            raise Invalid(fields={"upt": "Nomor UPT."})
        found = {by: figures.by_state(by, upt_id=None if by == "upt" else upt_id) for by in figures.BY}
        return answer({f"by_{by}": [_line(by, line) for line in lines] for by, lines in found.items()})


def _line(by: str, line: Line) -> dict[str, Any]:
    key = int(line.key) if by == "upt" else line.key or None
    return {_KEYS[by]: key, "label": line.label or None, "total": line.total, "states": line.states}
