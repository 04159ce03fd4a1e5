"""Photos: checked by their content before anything is decoded, then drawn anew without their metadata.

No byte that was uploaded is ever served: what is stored is our own WebP, at most 1600 pixels on a side,
with smaller ones of 320, 640 and 960.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import Final

from PIL import Image, ImageCms, ImageOps

from catalogue import headers
from catalogue.errors import PhotoBroken, PhotoEmpty, PhotoNotAnImage, PhotoTooHeavy, PhotoTooManyPixels
from tenants.said import say
from tenants.words import N_

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
MAX_SIDE: Final = 12_000
STORED_SIDE: Final = 1600
THUMB_SIDES: Final = (320, 640, 960)
MAX_PHOTOS: Final = 8
_QUALITY: Final = 82
_SMALL: Final = 320
"""Up to this side a photo stands among many on a page: packed harder, a third lighter at a glance's quality."""
_LONGEST_NAME: Final = 80


@dataclass(frozen=True)
class Processed:
    """A photo as it is kept: WebP bytes, its size in pixels, and a WebP for each thumbnail side."""

    data: bytes
    width: int
    height: int
    thumbs: dict[int, bytes] = field(default_factory=dict)


def shown_name(name: str) -> str:
    """The file's own name without its folders and control characters, short enough for a sentence."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(letter for letter in last if letter.isprintable()).strip() or "foto"
    return clean if len(clean) <= _LONGEST_NAME else clean[: _LONGEST_NAME - 1] + "…"


def check(data: bytes, name: str) -> tuple[str, int, int]:
    """The kind and the pixels of `data`, read from its header alone.

    Raises:
        PhotoEmpty, PhotoTooHeavy, PhotoNotAnImage, PhotoTooManyPixels, PhotoBroken: each names the file.
    """
    shown = shown_name(name)
    if not data:
        raise PhotoEmpty(say(N_("“%(shown)s” kosong (0 byte). Pilih berkas foto yang lain."), shown=shown))
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f}".replace(".", ",")
        raise PhotoTooHeavy(
            say(
                N_("“%(shown)s” berukuran %(size)s MB; paling besar 8 MB. Perkecil fotonya dahulu."),
                shown=shown,
                size=size,
            )
        )
    kind = headers.kind_of(data)
    if kind is None:
        other = headers.other_kind_of(data)
        what = f"isinya {other}" if other else "isinya bukan foto"
        raise PhotoNotAnImage(
            say(
                N_("“%(shown)s” tidak diterima: %(what)s. Pakai JPEG, PNG, atau WebP."),
                shown=shown,
                what=what,
            )
        )
    size_px = headers.size_of(data, kind)
    if size_px is None or min(size_px) < 1:
        raise PhotoBroken(
            say(
                N_("“%(shown)s” rusak: kepala berkas %(kind)s tidak terbaca. Ambil ulang fotonya."),
                shown=shown,
                kind=kind,
            )
        )
    width, height = size_px
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        shown_size = f"{width:,} × {height:,}".replace(",", ".")
        raise PhotoTooManyPixels(
            say(
                N_(
                    "“%(shown)s” berukuran %(shown_size)s piksel; paling besar 40 megapiksel dan "
                    "12.000 piksel per sisi."
                ),
                shown=shown,
                shown_size=shown_size,
            )
        )
    return kind, width, height


def process(data: bytes, name: str) -> Processed:
    """Check `data`, decode it once, turn it upright, drop its metadata and encode it anew.

    Raises: as `check`, and PhotoBroken when the pixels end early.
    """
    kind, width, height = check(data, name)
    shown = shown_name(name)
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            if opened.size != (width, height):
                raise PhotoBroken(
                    say(
                        N_("“%(shown)s” rusak: ukuran di kepala berkas tidak cocok dengan isinya."),
                        shown=shown,
                    )
                )
            if kind == "JPEG":
                opened.draft("RGB", (STORED_SIDE, STORED_SIDE))
            opened.load()
            upright = _in_srgb(ImageOps.exif_transpose(opened))
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as broken:
        raise PhotoBroken(
            say(N_("“%(shown)s” rusak atau terpotong. Ambil ulang atau unggah ulang fotonya."), shown=shown)
        ) from broken
    upright.thumbnail((STORED_SIDE, STORED_SIDE), Image.Resampling.LANCZOS)
    stored = _encoded(upright)
    thumbs = {}
    for side in sorted(THUMB_SIDES, reverse=True):
        upright.thumbnail((side, side), Image.Resampling.LANCZOS)
        thumbs[side] = _encoded(upright, small=side <= _SMALL)
    with Image.open(io.BytesIO(stored)) as kept:
        return Processed(stored, kept.width, kept.height, thumbs)


def _in_srgb(image: Image.Image) -> Image.Image:
    """Pixels in sRGB, alpha kept where there is one: the colour profile goes with the metadata."""
    mode = "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            turned = None
        if turned is not None:
            image = turned
    converted = image.convert(mode)
    return Image.frombytes(mode, converted.size, converted.tobytes())


def _encoded(image: Image.Image, *, small: bool = False) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=70 if small else _QUALITY, method=6 if small else 2)
    return out.getvalue()
