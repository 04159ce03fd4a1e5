"""``/api/v1/dashboard``: the tables of the dashboards for programs: a Kanwil's or an UPT's, and the country's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from tenants.errors import Invalid
from webapp.access import requires_api
from webapp.api import KaryaApi, answer
from webapp.dashboard_national import map_table
from webapp.forms import whole
from webapp.sight_tables import Table
from webapp.views import dashboard as pages


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(DashboardApi)


class DashboardApi(KaryaApi):
    """The figures at a glance; every table is what the page shows, its first column names the row."""

    resource_name = "dashboard"
    openapi_spec_tag = "Dashboard"

    @expose("/", methods=["GET"])
    @requires_api("read_dashboard")
    def index(self) -> Response:
        """A year at a glance
        ---
        get:
          summary: Products by state, time to publication, turnover against target, best sellers, idle capacity, buyers
          parameters:
          - {in: query, name: year, required: true, schema: {type: integer}}
          responses:
            200: {description: "year and tables: {key: {title, columns: [{label, kind}], rows: [[...]]}}"}
            422: {description: Not a year}
        """
        year = _year()
        return answer(_tables(year, (table for part in pages.sections_of(year) for table in part.tables)))

    @expose("/national", methods=["GET"])
    @requires_api("read_national_dashboard")
    def national(self) -> Response:
        """The country at a glance
        ---
        get:
          summary: The same of the country by Kanwil
          parameters:
          - {in: query, name: year, required: true, schema: {type: integer}}
          responses:
            200: {description: "year and tables"}
            422: {description: Not a year}
        """
        year = _year()
        found = pages.country_of(year)
        tables = [map_table(found), *(table for part in found.sections for table in part.tables)]
        return answer(_tables(year, tables))


def _tables(year: int, tables: Iterable[Table]) -> dict[str, Any]:
    return {
        "year": year,
        "tables": {
            table.key: {
                "title": table.title,
                "columns": [{"label": column.label, "kind": column.kind} for column in table.columns],
                "rows": table.plain(),
            }
            for table in tables
        },
    }


def _year() -> int:
    year = whole(request.args.get("year"))
    if year is None or not 2000 <= year <= 2099:
        raise Invalid(fields={"year": "Tahun dengan empat angka, 2000 sampai 2099."})
    return year
