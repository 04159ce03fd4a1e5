"""Small files of every kind that may be attached, made on the spot."""

from __future__ import annotations

import io
import zipfile

_CONTENTS = "[Content_Types].xml"
_MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_OPEN = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def a_pdf(words: str = "Surat", *, inside: bytes = b"") -> bytes:
    """A PDF that says `words` in a comment; `inside` goes among its objects."""
    return (
        b"%PDF-1.7\n%" + words.encode() + b"\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
        + inside
        + b"\ntrailer\n<< /Root 1 0 R /Size 3 >>\nstartxref\n0\n%%EOF\n"
    )


def an_office_file(kind: str = "docx", **entries: bytes) -> bytes:
    """A document of `kind`; `entries`, by name, are added."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        if kind in _OPEN:
            packed.writestr("mimetype", _OPEN[kind], zipfile.ZIP_STORED)
            packed.writestr("content.xml", "<office/>")
        elif kind in _MAIN:
            packed.writestr(_CONTENTS, "<Types/>")
            packed.writestr(_MAIN[kind], "<main/>")
        for name, data in entries.items():
            packed.writestr(name, data)
    return out.getvalue()
