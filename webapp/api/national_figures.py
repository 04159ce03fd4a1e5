"""``/api/v1/national-figures``: the figures of the country, for programs of the centre."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from sales.sight import country
from sales.sight.comparing import Line, Three
from sales.sight.country import Country, OfKanwil
from tenants import database
from webapp.access import requires_api
from webapp.api import KaryaApi, answer


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(NationalFiguresApi)


class NationalFiguresApi(KaryaApi):
    """Figures of every Kanwil, read from rollups."""

    resource_name = "national-figures"
    openapi_spec_tag = "National"

    @expose("/", methods=["GET"])
    @requires_api("read_national_figures")
    def index(self) -> Response:
        """The country's figures of a period
        ---
        get:
          summary: A period beside the one before and the year before, by Kanwil, group, commodity, month and buyer
          parameters:
          - in: query
            name: period
            required: true
            schema: {type: string}
            description: "2024-03, 2024-Q1, 2024-S1 or 2024"
          responses:
            200: {description: "Sums are {now, before, year_before}, each {packages, quantity, value_rupiah}; targets
              are of the year, against what was reached up to the period's end; products are as they stand now"}
            422: {description: Not a period}
        """
        with database.national("angka nasional") as reader:
            return answer(_json(country.country(request.args.get("period", "").strip(), reader)))


def _json(found: Country) -> dict[str, Any]:
    return {
        "period": found.period,
        "label": found.label,
        "before": found.before,
        "year_before": found.year_before,
        "total": _kanwil(found.total),
        "by_kanwil": [{"kanwil": one.code, "name": one.name, **_kanwil(one)} for one in found.kanwils],
        "by_group": _lines(found.by_group, "group", "label"),
        "by_commodity": _lines(found.by_commodity, "commodity", "label"),
        "by_month": _lines(found.by_month, "month", "label"),
        "buyers": [
            {"buyer": line.key, "upt": line.name, "kanwil": line.place, **_three(line.sums)}
            for line in found.buyers
        ],
        "institutions": _lines(found.institutions, "buyer", "institution"),
    }


def _kanwil(one: OfKanwil) -> dict[str, Any]:
    return {
        "by_status": {status: _three(three) for status, three in one.states.items()},
        "pnbp_rupiah": _counts(one.pnbp),
        "buying_upts": _counts(one.buyers),
        "year": {
            "omzet_rupiah": one.year_omzet_rupiah,
            "omzet_target_rupiah": one.omzet_target_rupiah,
            "omzet_share": one.omzet_share,
            "pnbp_rupiah": one.year_pnbp_rupiah,
            "pnbp_target_rupiah": one.pnbp_target_rupiah,
            "pnbp_share": one.pnbp_share,
        },
        "products": one.products,
    }


def _counts(three: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("now", "before", "year_before"), three, strict=True))


def _three(three: Three) -> dict[str, Any]:
    return {name: asdict(sums) for name, sums in zip(("now", "before", "year_before"), three, strict=True)}


def _lines(lines: list[Line], key: str, name: str) -> list[dict[str, Any]]:
    return [{key: line.key, name: line.name, **_three(line.sums)} for line in lines]
