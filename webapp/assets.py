"""Our own files of the pages (styles, scripts, fonts, icons): served under an address that changes with their content.

``url_for("static", filename=...)`` gives ``/static/<version>/...``, kept by browsers for a year; relative addresses
inside styles and scripts follow by themselves. Text is compressed once and kept.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory
from flask_compress import Compress

FOLDER = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Serve the files and compress what is text."""
    prefix = f"/static/{version()}"
    app.add_url_rule(f"{prefix}/<path:filename>", endpoint="static", view_func=_versioned)
    app.add_url_rule("/static/<path:filename>", endpoint="assets.latest", view_func=_latest)
    app.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIN_SIZE=800,
        COMPRESS_STREAMS=False,
        COMPRESS_BR_LEVEL=5,
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/javascript",
            "application/javascript",
            "application/json",
            "application/problem+json",
            "image/svg+xml",
            "application/xml",
        ],
    )
    Compress(app)


def version() -> str:
    """A word for the content of all files together."""
    seen = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            seen.update(str(path.relative_to(FOLDER)).encode())
            seen.update(path.read_bytes())
    return seen.hexdigest()[:12]


def _versioned(filename: str) -> Any:
    response = send_from_directory(FOLDER, filename, max_age=YEAR)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return _whole(response)


def _latest(filename: str) -> Any:
    response = send_from_directory(FOLDER, filename, max_age=0)
    response.cache_control.no_cache = True
    return _whole(response)


def _whole(response: Response) -> Response:
    """Read into memory, so that it can be compressed; the largest is a few dozen KB."""
    response.direct_passthrough = False
    response.set_data(response.get_data())
    return response
