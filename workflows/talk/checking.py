"""Attachments, judged by their content: what a file is called and what a browser says of it count for nothing.

Pictures are drawn anew without their metadata, as photos are. PDF and Office files are kept as they came, and refused
where they carry something that runs; they leave the house as downloads alone.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from tenants.said import say
from tenants.words import N_
from workflows.talk import packed
from workflows.talk.errors import FileBroken, FileRefused, FileTooLarge

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
MAX_SIDE: Final = 12_000
STORED_SIDE: Final = 2400
KINDS: Final[dict[str, str]] = {
    "pdf": "application/pdf",
    "webp": "image/webp",
    **packed.KINDS,
}
"""Each kind that is kept, which is also its file's ending, and its media type."""
ACCEPTED: Final = ".pdf,.jpg,.jpeg,.png,.webp,.docx,.xlsx,.pptx,.odt,.ods"
"""For a form's file field; nothing relies on it."""
_LONGEST_NAME: Final = 100
_UNPACKED_PDF: Final = 20 * 1024 * 1024
_ALLOWED: Final = say(N_("Pakai PDF, foto JPEG, PNG atau WebP, DOCX, XLSX, PPTX, ODT, atau ODS."))
_RUNS: Final = re.compile(rb"/(JavaScript|Launch|RichMedia|EmbeddedFiles?)(?![A-Za-z0-9])")
"""Names long enough that they don't occur by chance inside a packed picture, as ``/JS`` does."""
_LOCKED: Final = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


def _written(name: str) -> bytes:
    """A pattern of a PDF's name, whichever of its letters are written as ``#`` and two digits."""
    return b"".join(b"(?:%c|(?i:#%02x))" % (letter, letter) for letter in name.encode())


_END: Final = rb"(?![A-Za-z0-9#])"
_OBJECTS: Final = re.compile(
    rb"/" + _written("ObjStm") + _END + rb"|/" + _written("First") + rb"\s+\d+(?!\d|\s+\d+\s+R)"
)
"""The dictionary of an object stream: by its type, or by the place of its first object, which readers go by too."""
_FILTER: Final = re.compile(rb"/(\w+Decode|Crypt|Fl|AHx|A85|LZW|RL)" + _END)
_UNSURE: Final = re.compile(
    rb"/F?Filter\s+\d|/FFilter"
    + _END
    + rb"|/F\s*[(<]|/(DecodeParms|DP)\s+\d|/Predictor(?!\s+1"
    + _END
    + rb")"
)
"""What lies elsewhere in the file or outside of it, or is rearranged after unpacking."""


@dataclass(frozen=True)
class Checked:
    """A file fit to be kept: its bytes, its kind (of `KINDS`) and the name to offer it under."""

    data: bytes
    kind: str
    name: str


def check(data: bytes, name: str) -> Checked:
    """The file as it will be kept.

    Raises:
        FileTooLarge: more than 10 MB, or far more than that once unpacked.
        FileRefused: by its content none of the kinds, locked, or with macros or scripts.
        FileBroken: empty, cut short or unreadable.
    """
    shown = shown_name(name)
    if not data:
        raise FileBroken(say(N_("“%(shown)s” kosong (0 byte)."), shown=shown))
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f}".replace(".", ",")
        raise FileTooLarge(
            say(N_("“%(shown)s” berukuran %(size)s MB; paling besar 10 MB."), shown=shown, size=size)
        )
    if data[:1024].lstrip().startswith(b"%PDF-"):
        _pdf(data, shown)
        return Checked(data, "pdf", _named(shown, "pdf"))
    picture = _picture_kind(data)
    if picture is not None:
        return Checked(_redrawn(data, picture, shown), "webp", _named(shown, "webp"))
    if data[:4] == b"PK\x03\x04":
        kind = packed.kind_of(data, shown)
        return Checked(data, kind, _named(shown, kind))
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileRefused(
            say(
                N_(
                    "“%(shown)s” berformat Office lama atau dikunci kata sandi. Simpan sebagai "
                    "DOCX, XLSX, atau PPTX tanpa kunci."
                ),
                shown=shown,
            )
        )
    raise FileRefused(
        say(
            N_("“%(shown)s” tidak diterima: isinya bukan jenis yang dikenal. %(allowed)s"),
            shown=shown,
            allowed=_ALLOWED,
        )
    )


def shown_name(name: str) -> str:
    """The file's own name without folders and control characters, short enough for a sentence."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(letter for letter in last if letter.isprintable() and letter not in '"<>:|?*').strip(" .")
    return (clean if len(clean) <= _LONGEST_NAME else clean[: _LONGEST_NAME - 1] + "…") or "lampiran"


def _named(shown: str, kind: str) -> str:
    stem, dot, ending = shown.rpartition(".")
    known = {*KINDS, "jpg", "jpeg", "png"}
    return f"{stem if dot and stem and ending.lower() in known else shown}.{kind}"


def _pdf(data: bytes, shown: str) -> None:
    """Raises: the file's end is missing, it is locked, or it carries something that runs."""
    if b"%%EOF" not in data[-2048:]:
        raise FileBroken(say(N_("“%(shown)s” terpotong: akhir berkas PDF tidak ada."), shown=shown))
    for part in (data, *_packed_objects(data, shown)):
        plain = _plain(part)
        if _LOCKED.search(plain):
            raise FileRefused(
                say(N_("“%(shown)s” dikunci. Simpan PDF tanpa kata sandi dan pembatasan."), shown=shown)
            )
        if _RUNS.search(plain):
            raise FileRefused(
                say(
                    N_(
                        "“%(shown)s” memuat skrip, berkas sisipan, atau perintah. Cetak ulang menjadi "
                        "PDF biasa."
                    ),
                    shown=shown,
                )
            )


def _packed_objects(data: bytes, shown: str) -> Iterator[bytes]:
    """What a PDF's object streams hold, unpacked up to a bound. One pass over the file.

    A reader looks for objects there, so one that can't be read for certain is refused: another filter than Flate, a
    predictor, a file outside, two beginnings, an end that isn't the packing's own.
    """
    left, begin = _UNPACKED_PDF, 0
    while begin < len(data):
        ends = data.find(b"endstream", begin)
        last = ends < 0
        part = data[begin : len(data) if last else ends]
        begin = len(data) if last else ends + 9
        marked = _OBJECTS.search(part)
        if marked is None:
            continue
        starts = part.find(b"stream", marked.end())
        if last or starts < 0 or part.find(b"stream", starts + 6) >= 0:
            raise _unreadable(shown)
        about = _plain(part[:starts])
        filters = _FILTER.findall(about)
        if _UNSURE.search(about) or filters not in ([], [b"FlateDecode"], [b"Fl"]):
            raise _unreadable(shown)
        if not filters:
            continue  # it stands in the file as it is, and was searched with it
        packed = part[starts + 6 :].lstrip(b"\r\n")
        opened = zlib.decompressobj()
        try:
            unpacked = opened.decompress(packed, left)
        except zlib.error:
            raise _unreadable(shown) from None
        left -= len(unpacked)
        if left <= 0:
            raise FileTooLarge(say(N_("“%(shown)s” menjadi terlalu besar bila dibuka."), shown=shown))
        if not opened.eof:
            raise _unreadable(shown)
        yield unpacked


def _plain(part: bytes) -> bytes:
    """The bytes with the names as a reader reads them: ``/J#61va`` is ``/Java``."""
    return _ESCAPED.sub(lambda found: bytes([int(found.group(1), 16)]), part)


def _unreadable(shown: str) -> FileRefused:
    return FileRefused(
        say(
            N_("“%(shown)s” memuat bagian yang tidak dapat diperiksa. Cetak ulang menjadi PDF biasa."),
            shown=shown,
        )
    )


def _picture_kind(data: bytes) -> str | None:
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _redrawn(data: bytes, kind: str, shown: str) -> bytes:
    """The picture as our own WebP, upright, without metadata. Its size is known before a pixel is decoded."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            width, height = opened.size
            if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
                raise FileTooLarge(
                    say(N_("“%(shown)s” berukuran lebih dari 40 megapiksel. Perkecil dahulu."), shown=shown)
                )
            if kind == "JPEG":
                opened.draft("RGB", (STORED_SIDE, STORED_SIDE))
            opened.load()
            upright = ImageOps.exif_transpose(opened)
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as broken:
        raise FileBroken(say(N_("“%(shown)s” rusak atau terpotong."), shown=shown)) from broken
    clear = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if clear else "RGB")
    plain.thumbnail((STORED_SIDE, STORED_SIDE), Image.Resampling.LANCZOS)
    bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=84, method=2)
    return out.getvalue()
