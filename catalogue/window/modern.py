"""Photos in AVIF beside our WebP: a third lighter, and too slow to make while somebody waits.

A published photo is served as AVIF once it is made, and as WebP until then, under the same address. They lie in a
folder of their own, named after the WebP that they were made from, and can be thrown away at any time. The work is
done by a process of its own at low priority, so that no page waits for it.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select, update

from catalogue.models import PublishedPhoto
from tenants import database, files
from tenants.database import transaction
from tenants.jobs import scheduled
from tenants.scope import entered

log = logging.getLogger("karya.photos")
BATCH: Final = 12
SECONDS: Final = 240


@scheduled("*/5 * * * *", "photos.modern")
def regularly(planned: datetime) -> None:
    """Make what is missing, a few at a time: the newest products first."""
    make(limit=BATCH)


def make(*, limit: int) -> int:
    """Make the AVIF of at most `limit` published photos that have none; returns how many were looked at."""
    with entered(None):
        with transaction() as session:
            waiting = list(
                session.scalars(
                    select(PublishedPhoto.sha256)
                    .where(PublishedPhoto.modern == 0)
                    .order_by(PublishedPhoto.product_id.desc(), PublishedPhoto.sha256)
                    .limit(limit)
                )
            )
        if not waiting:
            return 0
        wanted = {sha: files.path(sha) for sha in dict.fromkeys(waiting)}
        missing = [
            (str(path), str(place(sha))) for sha, path in wanted.items() if path and not place(sha).exists()
        ]
        if missing:
            _in_a_process(missing)
        with transaction() as session:
            session.execute(
                update(PublishedPhoto)
                .where(PublishedPhoto.sha256.in_(waiting))
                .values(modern=1)
                .execution_options(synchronize_session=False)
            )
        return len(waiting)


def path(sha256: str) -> Path | None:
    """Where the AVIF of a stored photo lies, or None while there is none."""
    found = place(sha256)
    return found if found.is_file() else None


def place(sha256: str) -> Path:
    return database.db.settings.data / "avif" / sha256[:2] / f"{sha256}.avif"


def _in_a_process(missing: list[tuple[str, str]]) -> None:
    """A photo that can't be made is logged and left in WebP; it is not tried again."""
    try:
        done = _run(missing)
    except subprocess.TimeoutExpired:
        log.warning("%s photos took longer than %s s to make in AVIF", len(missing), SECONDS)
        return
    if done.returncode:
        log.warning("photos without AVIF: %s", done.stderr.strip()[-500:])


def _run(missing: list[tuple[str, str]]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "catalogue.avif_worker"],
        input=json.dumps(missing),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=Path(__file__).resolve().parents[2],
    )
