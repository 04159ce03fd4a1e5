"""``/api/v1/campaign-boards``: the live counter for programs. Public: no token, no cookie, published tables alone."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, json
from flask_appbuilder.views import expose

from sales.campaigns import board as boards
from sales.campaigns.errors import NoSuchCampaign
from tenants.clock import now
from webapp.api import KaryaApi
from webapp.views.campaign_board import answered, kept


class CampaignBoardsApi(KaryaApi):
    """What a campaign reached, while it runs and after."""

    resource_name = "campaign-boards"
    openapi_spec_tag = "Campaigns"

    @expose("/<slug>", methods=["GET"])
    def get(self, slug: str) -> Response:
        """The live counter
        ---
        get:
          summary: What a campaign reached, by Kanwil, UPT and day; public, made once a second, with an ETag
          security: []
          parameters:
            - {in: path, name: slug, required: true, schema: {type: string}}
            - {in: header, name: If-None-Match, schema: {type: string}}
          responses:
            200: {description: "value_rupiah, target_rupiah, sales, units, by_kanwil, by_upt, by_day"}
            304: {description: It is as it was}
            404: {description: No announced campaign has this address}
        """
        found = boards.board(slug, now())
        if found is None:
            raise NoSuchCampaign()
        part = kept(found, "json", lambda: json.dumps(boards.as_json(found)).encode())
        return answered(part, "application/json")


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(CampaignBoardsApi)
