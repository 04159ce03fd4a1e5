"""What a photo's first bytes say: its kind and its size in pixels, read without decoding a single pixel."""

from __future__ import annotations

import struct

# JPEG frame headers (SOF0-SOF15) but for DHT (C4), JPG (C8) and DAC (CC). ITU T.81, table B.1.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})

# What else people (and attackers) call .jpg; only used to name the file's true kind in the refusal.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"<?php", "PHP"),
    (b"<?xml", "SVG/XML"),
    (b"<svg", "SVG"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<script", "HTML"),
    (b"%pdf", "PDF"),
    (b"gif8", "GIF"),
    (b"bm", "BMP"),
    (b"ii*\x00", "TIFF"),
    (b"mm\x00*", "TIFF"),
    (b"pk\x03\x04", "ZIP/Office"),
    (b"mz", "EXE"),
    (b"\x7felf", "ELF"),
)


def kind_of(data: bytes) -> str | None:
    """ "JPEG", "PNG" or "WEBP" by the content's signature; None for anything else, whatever its name."""
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def other_kind_of(data: bytes) -> str:
    """The everyday name of a file that is no photo: SVG, PHP, PDF ...; "" when it isn't known."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"):
        return "HEIC/AVIF"
    if start.startswith((b"<?xml", b"<!--")) and b"<svg" in data[:4096].lower():
        return "SVG"
    return next((name for mark, name in _OTHERS if start.startswith(mark)), "")


def size_of(data: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height in pixels as the header announces them; None if the header is cut or wrong."""
    try:
        return {"JPEG": _jpeg_size, "PNG": _png_size, "WEBP": _webp_size}[kind](data)
    except (struct.error, IndexError):
        return None


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            return None
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _BARE_MARKERS:
            continue
        if marker in (0xD9, 0xDA):
            return None
        length = struct.unpack(">H", data[at : at + 2])[0]
        if length < 2:
            return None
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 3 : at + 7])
            return width, height
        at += length
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return (width, height) if len(data) >= 30 else None
    if chunk == b"VP8L" and data[20] == 0x2F:
        bits = struct.unpack("<I", data[21:25])[0]
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
