"""Files that are no photos, or too large to be one, are refused by name before anything is decoded."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey


def _header_of_a_png(width: int, height: int) -> bytes:
    """A PNG that says how large it is and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


BAD = {
    "besar.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40 * 1024 * 1024),
    "gambar.jpg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "halaman.jpg": b"<?php system($_GET['c']); ?>",
    "kosong.jpg": b"",
    "lebar.png": _header_of_a_png(30_000, 30_000),
}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_each_bad_photo_is_refused_by_name_and_the_draft_stays(windows: Windows, tmp_path: Path) -> None:
    page = windows.officer("operator.lapas-iib-singkawang", viewport={"width": 360, "height": 740})
    _draft(page)
    for name, data in BAD.items():
        (tmp_path / name).write_bytes(data)
        page.get_by_label("Tambah foto").set_input_files(tmp_path / name)
        reason = page.locator(".photo__state").last
        expect(reason).to_contain_text(name, timeout=20_000)
        expect(reason).to_have_role("alert")
        cut_off = reason.evaluate(
            "it => it.getBoundingClientRect().height - it.parentElement.getBoundingClientRect().height"
        )
        assert cut_off <= 0, f"{name}: its reason is cut off on a telephone"
    page.reload()
    expect(page.get_by_role("img", name=re.compile(r"^Foto"))).to_have_count(0)
    expect(page.get_by_label("Nama produk")).to_have_value("Kopi tubruk")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_without_javascript_the_refusal_stands_beside_the_photos(windows: Windows, tmp_path: Path) -> None:
    page = windows.officer("operator.lapas-iib-singkawang", java_script_enabled=False)
    _draft(page)
    page.get_by_label("Harga satuan").fill("Rp30.000")
    for name in ("gambar.jpg", "halaman.jpg", "kosong.jpg", "lebar.png"):
        (tmp_path / name).write_bytes(BAD[name])
        page.get_by_label("Tambah foto").set_input_files(tmp_path / name)
        page.get_by_role("button", name="Simpan konsep").last.click()
        expect(page.locator('[data-field="photos"] .field__error')).to_contain_text(name)
    expect(page.get_by_label("Harga satuan")).to_have_value("Rp30.000")


def _draft(page: Page) -> None:
    page.goto("/produk-saya/baru")
    page.get_by_label("Nama produk").fill("Kopi tubruk")
    page.get_by_role("button", name="Mulai konsep").click()
    expect(page.get_by_role("heading", name="Kopi tubruk", level=1)).to_be_visible()
    page.wait_for_load_state()
