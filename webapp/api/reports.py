"""``/api/v1/reports``: the figures of the approval's report, of the caller's Kanwil or, for the centre, the country."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from tenants import clock, database
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer
from workflows.definitions import DEFAULTS
from workflows.sight import report


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(ReportsApi)


class ReportsApi(KaryaApi):
    """Reports: counts and durations, without anybody's case."""

    resource_name = "reports"

    @expose("/approval", methods=["GET"])
    @requires_api("open_reports")
    def approval(self) -> Response:
        """The approval of a period
        ---
        get:
          summary: Durations, what waits, returns, load and lateness by month, stage and UPT (for the centre by Kanwil)
          parameters:
            - in: query
              name: period
              schema: {type: string, example: 2024-Q1}
              description: 90d (default), 2024-03, 2024-Q1, 2024-S1 or 2024
            - {in: query, name: subject, schema: {type: string, enum: [product, recap, readiness]}}
          responses:
            200: {description: "Days are working days unless named calendar_days; a share is a fraction"}
            403: {description: Not this role's}
            422: {description: Not a period or not a subject}
        """
        subject = request.args.get("subject", DEFAULTS[0])
        if subject not in DEFAULTS:
            raise Invalid(fields={"subject": f"Salah satu dari: {', '.join(DEFAULTS)}."})
        period, now = request.args.get("period") or None, clock.now()
        if actor().tenant_id is not None:
            return answer(report.of_kanwil(subject, period, now=now).as_json())
        with database.national("laporan persetujuan") as reader:
            return answer(report.of_country(subject, period, session=reader, now=now).as_json())
