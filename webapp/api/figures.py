"""``/api/v1/purchases/figures`` and ``/api/v1/purchases/targets``: what pages show of figures, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from sales import settings
from sales.sight import achieved, comparing
from sales.sight.achieved import Achievement, Reached
from sales.sight.comparing import Compared, Line, Three
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, json_body, once_here

_YEAR = {"year": "Tahun dengan empat angka, 2000 sampai 2099."}


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(FiguresApi)
    appbuilder.add_api(TargetsApi)


class FiguresApi(KaryaApi):
    """Figures of the Kanwil, or of the UPT, that the token belongs to."""

    resource_name = "purchases/figures"
    openapi_spec_tag = "Purchases"

    @expose("/", methods=["GET"])
    @requires_api("read_purchases")
    def index(self) -> Response:
        """The figures of a period
        ---
        get:
          summary: A period beside the one before and the year before, by status, UPT, group, commodity, month, buyer
          parameters:
          - in: query
            name: period
            required: true
            schema: {type: string}
            description: "2024-03, 2024-Q1, 2024-S1 or 2024"
          responses:
            200: {description: "Sums are {now, before, year_before}, each {packages, quantity, value_rupiah}"}
            422: {description: Not a period}
        """
        return answer(_figures_json(comparing.compared(request.args.get("period", "").strip())))


class TargetsApi(KaryaApi):
    """Targets of the UPT by year, beside what was reached."""

    resource_name = "purchases/targets"
    openapi_spec_tag = "Purchases"

    @expose("/", methods=["GET"])
    @requires_api("read_purchases")
    def index(self) -> Response:
        """Targets and realisation of a year
        ---
        get:
          summary: What each UPT meant to reach in a year, turnover and PNBP, and what it reached
          parameters:
          - {in: query, name: year, required: true, schema: {type: integer}}
          responses:
            200: {description: "year, pnbp_share_bp, items by UPT and total"}
            422: {description: Not a year}
        """
        return answer(_achievement_json(achieved.achievement(_year(request.args.get("year")))))

    @expose("/", methods=["POST"])
    @requires_api("manage_targets")
    def set(self) -> Response:
        """Set targets
        ---
        post:
          summary: Set the year's targets of those UPT that are named; the others stay as they are
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [year, targets]
                  properties:
                    year: {type: integer}
                    targets:
                      type: array
                      items:
                        type: object
                        required: [upt_id, omzet_rupiah, pnbp_rupiah]
                        properties:
                          upt_id: {type: integer}
                          omzet_rupiah: {type: integer}
                          pnbp_rupiah: {type: integer}
          responses:
            200: {description: The year's targets and realisation}
            422: {description: "No year, no such UPT, or an amount below zero"}
        """
        body = json_body()
        year = _year(body.get("year"))
        wanted = _wanted(body.get("targets"))
        once_here(
            "targets.set", year, lambda: settings.set_targets(wanted, year, by=actor(), now=clock.now())
        )
        return answer(_achievement_json(achieved.achievement(year)))


def _year(given: Any) -> int:
    if isinstance(given, bool) or not str(given or "").isascii() or not str(given or "").isdigit():
        raise Invalid(fields=_YEAR)
    year = int(str(given)[:9])
    if not 2000 <= year <= 2099:
        raise Invalid(fields=_YEAR)
    return year


def _wanted(given: Any) -> list[tuple[int, int, int]]:
    names = ("upt_id", "omzet_rupiah", "pnbp_rupiah")
    if not isinstance(given, list) or not given or len(given) > 1000:
        raise Invalid(fields={"targets": "Daftar target, satu setiap UPT."})
    found = []
    for row in given:
        values = [row.get(name) for name in names] if isinstance(row, dict) else []
        if len(values) != 3 or any(type(value) is not int for value in values):
            raise Invalid(fields={"targets": f"Setiap target berisi {', '.join(names)} sebagai bilangan."})
        found.append((values[0], values[1], values[2]))
    return found


def _three(three: Three) -> dict[str, Any]:
    return {name: asdict(sums) for name, sums in zip(("now", "before", "year_before"), three, strict=True)}


def _lines(lines: list[Line], key: str, name: str) -> list[dict[str, Any]]:
    return [{key: line.key, name: line.name, **_three(line.sums)} for line in lines]


def _figures_json(found: Compared) -> dict[str, Any]:
    pnbp, buyers = found.pnbp, found.buying_upts
    return {
        "period": found.period,
        "label": found.label,
        "before": found.before,
        "year_before": found.year_before,
        "by_status": {status: _three(three) for status, three in found.states.items()},
        "pnbp_rupiah": {"now": pnbp[0], "before": pnbp[1], "year_before": pnbp[2]},
        "buying_upts": {"now": buyers[0], "before": buyers[1], "year_before": buyers[2]},
        "by_upt": _lines(found.by_upt, "upt_id", "upt"),
        "by_group": _lines(found.by_group, "group", "label"),
        "by_commodity": _lines(found.by_commodity, "commodity", "label"),
        "by_month": _lines(found.by_month, "month", "label"),
        "buyers": _lines(found.buyers, "buyer", "upt"),
        "trades": [
            {"buyer": line.key, "upt": line.name, "seller_id": line.seller_id, "seller": line.seller}
            | _three(line.sums)
            for line in found.trades
        ],
        "institutions": _lines(found.institutions, "buyer", "institution"),
        "targets": {"omzet_rupiah": found.omzet_target_rupiah, "pnbp_rupiah": found.pnbp_target_rupiah},
    }


def _reached(row: Reached) -> dict[str, Any]:
    return {**asdict(row), "omzet_share": row.omzet_share, "pnbp_share": row.pnbp_share}


def _achievement_json(found: Achievement) -> dict[str, Any]:
    total = {name: value for name, value in _reached(found.total).items() if name not in ("upt_id", "upt")}
    rows = [_reached(row) for row in found.rows]
    return {"year": found.year, "pnbp_share_bp": found.share_bp, "items": rows, "total": total}
