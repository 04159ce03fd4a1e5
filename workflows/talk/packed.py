"""Office files: a ZIP whose table of contents says what it is, read within bounds, without anything that runs."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final

from tenants.said import say
from tenants.words import N_
from workflows.talk.errors import FileBroken, FileRefused, FileTooLarge

KINDS: Final[dict[str, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
MAX_ENTRIES: Final = 3000
MAX_UNPACKED: Final = 80 * 1024 * 1024
_MAIN: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_CONTENTS: Final = "[Content_Types].xml"
_RUNS: Final = ("vbaproject", "vbadata", "/activex/", "/macrosheets/", "/dialogsheets/")
_RUNS_AT_ROOT: Final = ("basic/", "scripts/")
"""Where Microsoft's and OpenDocument's programs keep macros and controls."""
_CHUNK: Final = 1 << 16


def kind_of(data: bytes, shown: str) -> str:
    """``docx``, ``xlsx``, ``pptx``, ``odt`` or ``ods``. Every entry is unpacked once, into nothing, within a bound.

    Raises:
        FileRefused: another kind of ZIP, locked, or with macros.
        FileTooLarge: too many entries, or too much once unpacked.
        FileBroken: an entry can't be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = opened.infolist()
            if len(entries) > MAX_ENTRIES or sum(one.file_size for one in entries) > MAX_UNPACKED:
                raise FileTooLarge(say(N_("“%(shown)s” menjadi terlalu besar bila dibuka."), shown=shown))
            _refuse_what_runs(entries, shown)
            kind = _kind(opened, {one.filename for one in entries}, shown)
            left = MAX_UNPACKED
            for one in entries:
                with opened.open(one) as reading:
                    while chunk := reading.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise FileTooLarge(
                                say(N_("“%(shown)s” menjadi terlalu besar bila dibuka."), shown=shown)
                            )
            return kind
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as broken:
        raise FileBroken(say(N_("“%(shown)s” rusak atau terpotong."), shown=shown)) from broken


def _refuse_what_runs(entries: list[zipfile.ZipInfo], shown: str) -> None:
    for one in entries:
        name = one.filename.replace("\\", "/").lower()
        if one.flag_bits & 0x1:
            raise FileRefused(say(N_("“%(shown)s” dikunci kata sandi. Simpan tanpa kunci."), shown=shown))
        if name.startswith("/") or ".." in name.split("/"):
            raise FileRefused(say(N_("“%(shown)s” tidak diterima: susunannya tidak wajar."), shown=shown))
        if any(mark in f"/{name}" for mark in _RUNS) or name.startswith(_RUNS_AT_ROOT):
            raise FileRefused(say(N_("“%(shown)s” memuat makro. Simpan tanpa makro."), shown=shown))


def _kind(opened: zipfile.ZipFile, names: set[str], shown: str) -> str:
    if "mimetype" in names:
        said = _short(opened, "mimetype").decode("ascii", "replace").strip()
        found = next((kind for kind in ("odt", "ods") if KINDS[kind] == said), None)
        if found is not None:
            if b"encryption-data" in _short(opened, "META-INF/manifest.xml"):
                raise FileRefused(say(N_("“%(shown)s” dikunci kata sandi. Simpan tanpa kunci."), shown=shown))
            return found
    elif _CONTENTS in names:
        if b"macroEnabled" in _short(opened, _CONTENTS):
            raise FileRefused(say(N_("“%(shown)s” memuat makro. Simpan tanpa makro."), shown=shown))
        found = next((kind for part, kind in _MAIN.items() if part in names), None)
        if found is not None:
            return found
    raise FileRefused(
        say(
            N_(
                "“%(shown)s” tidak diterima: isinya ZIP, bukan dokumen Office. Pakai DOCX, "
                "XLSX, PPTX, ODT, atau ODS."
            ),
            shown=shown,
        )
    )


def _short(opened: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of an entry, at most 1 MB; empty where there is none."""
    try:
        with opened.open(name) as reading:
            return reading.read(1 << 20)
    except KeyError:
        return b""
