"""Small picture files for the tests: real ones, cut ones, and files that only pretend."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (640, 480), colour: str = "#8a4a1f", **options: object
) -> bytes:
    """A picture of one colour with a lighter corner, so that turning it can be seen."""
    drawn = Image.new("RGB", size, colour)
    drawn.paste((250, 240, 220), (0, 0, size[0] // 4, size[1] // 4))
    out = io.BytesIO()
    drawn.save(out, kind, **options)
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A few hundred bytes whose header announces `width` x `height` pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PHP = b"<?php system($_GET['x']); ?>"
