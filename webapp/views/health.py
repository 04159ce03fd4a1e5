"""``/healthz`` (the process lives), ``/readyz`` (it can serve), ``/metrics`` (what it does, for Prometheus)."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from sqlalchemy import select

from tenants import database
from tenants.models import Kanwil

blueprint = Blueprint("health", __name__)
_seconds: Counter[tuple[str, str]] = Counter()
_requests: Counter[tuple[str, str]] = Counter()


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)
    app.before_request(_start)
    app.after_request(_count)


@blueprint.get("/healthz")
def healthz() -> Any:
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> Any:
    try:
        with database.public() as session:
            session.scalar(select(Kanwil.id).limit(1))
    except Exception:  # noqa: BLE001 - whatever it is, the process can't serve
        return {"status": "database"}, 503
    return {"status": "ok"}


@blueprint.get("/metrics")
def metrics() -> Any:
    lines = ["# TYPE karya_requests_total counter"]
    lines += [
        f'karya_requests_total{{endpoint="{e}",status="{s}"}} {n}' for (e, s), n in sorted(_requests.items())
    ]
    lines.append("# TYPE karya_request_seconds_total counter")
    lines += [
        f'karya_request_seconds_total{{endpoint="{e}",status="{s}"}} {n:.6f}'
        for (e, s), n in sorted(_seconds.items())
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def _start() -> None:
    g.karya_started = time.perf_counter()


def _count(response: Response) -> Response:
    key = (request.endpoint or "none", f"{response.status_code // 100}xx")
    _requests[key] += 1
    _seconds[key] += time.perf_counter() - g.get("karya_started", time.perf_counter())
    return response
