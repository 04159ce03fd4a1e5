"""Files by their content: a photo, an import, a PDF is stored once under its SHA-256 and never changed; only what is
sealed for one person is ever taken away again (`discard`).

A hash says nothing about who may read it: callers reach a file only through a row of their own scope that names it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from tenants import database
from tenants.errors import NotFound
from tenants.words import N_

_SHA = re.compile(r"^[0-9a-f]{64}$")


def put(data: bytes) -> str:
    """Keep `data`; its SHA-256 in hex comes back. Survives a crash at any moment: whole or not there."""
    digest = hashlib.sha256(data).hexdigest()
    target = _place(digest)
    if target.exists():
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, 0o640)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest


def get(digest: str) -> bytes:
    """The bytes of a stored file.

    Raises:
        NotFound: there is no such file.
    """
    found = path(digest)
    if found is None:
        raise NotFound(N_("Berkas tidak ditemukan."))
    return found.read_bytes()


def discard(digest: str) -> None:
    """Take a stored file away for good. Only for what is sealed with a key of its own: any other content may have been
    stored by somebody else as well, whose row names the same file."""
    found = path(digest)
    if found is not None:
        found.unlink(missing_ok=True)


def path(digest: str) -> Path | None:
    """Where a stored file lies, or None."""
    if not _SHA.match(digest):
        return None
    place = _place(digest)
    return place if place.is_file() else None


def _place(digest: str) -> Path:
    return database.db.settings.data / "files" / digest[:2] / digest[2:4] / digest
