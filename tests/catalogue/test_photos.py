"""What comes as a photo is looked at before it is decoded, and leaves as our own picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from catalogue import headers, photos
from catalogue.errors import (
    PhotoBroken,
    PhotoEmpty,
    PhotoNotAnImage,
    PhotoRefused,
    PhotoTooHeavy,
    PhotoTooManyPixels,
)
from tests.catalogue.pictures import PHP, SVG, huge_png, picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_header_says_kind_and_size(kind: str) -> None:
    data = picture(kind, (321, 123))
    assert headers.kind_of(data) == kind
    assert headers.size_of(data, kind) == (321, 123)


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}])
def test_every_form_of_webp_is_measured(options: dict[str, object]) -> None:
    assert headers.size_of(picture("WEBP", (99, 55), **options), "WEBP") == (99, 55)


def test_a_progressive_jpeg_is_measured() -> None:
    assert headers.size_of(picture("JPEG", (200, 77), progressive=True), "JPEG") == (200, 77)


@pytest.mark.parametrize(
    ("data", "name", "error", "words"),
    [
        (b"", "kosong.jpg", PhotoEmpty, "kosong.jpg"),
        (b"\xff\xd8\xff" + b"\0" * (40 * 1024 * 1024), "besar.jpg", PhotoTooHeavy, "40,0 MB"),
        (SVG, "gambar.jpg", PhotoNotAnImage, "SVG"),
        (PHP, "shell.jpg", PhotoNotAnImage, "PHP"),
        (b"MZ\x90\0", "virus.png", PhotoNotAnImage, "EXE"),
        (b"hello", "catatan.png", PhotoNotAnImage, "catatan.png"),
        (huge_png(30_000, 30_000), "luas.png", PhotoTooManyPixels, "30.000 × 30.000"),
        (huge_png(12_001, 10), "panjang.png", PhotoTooManyPixels, "panjang.png"),
        (huge_png(7_000, 6_000), "42mp.png", PhotoTooManyPixels, "42mp.png"),
        (huge_png(0, 6_000), "nol.png", PhotoBroken, "nol.png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "kepala.jpg", PhotoBroken, "kepala.jpg"),
        (b"\x89PNG\r\n\x1a\n", "kepala.png", PhotoBroken, "kepala.png"),
    ],
)
def test_what_is_no_photo_is_refused_by_name_before_it_is_decoded(
    data: bytes, name: str, error: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image, "open", never)
    with pytest.raises(error) as refused:
        photos.process(data, name)
    assert words in refused.value.message  # type: ignore[attr-defined]
    assert name in refused.value.message  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_photo_cut_short_is_refused(kind: str, share: float) -> None:
    noise = Image.effect_noise((400, 400), 60).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)
    whole = out.getvalue()
    with pytest.raises(PhotoRefused, match="potong\\.jpg"):
        photos.process(whole[: int(len(whole) * share)], "potong.jpg")


def test_a_photo_is_made_smaller_and_comes_with_its_thumbs() -> None:
    done = photos.process(picture("JPEG", (3000, 2000)), "besar.jpg")
    assert (done.width, done.height) == (1600, 1067)
    assert headers.kind_of(done.data) == "WEBP"
    sizes = {side: headers.size_of(data, "WEBP") for side, data in done.thumbs.items()}
    assert sizes == {320: (320, 213), 960: (960, 640)}


def test_a_small_photo_is_not_blown_up() -> None:
    done = photos.process(picture("PNG", (200, 100)), "kecil.png")
    assert (done.width, done.height) == (200, 100)


def test_a_turned_photo_stands_upright_and_its_metadata_is_gone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise
    exif[0x010F] = "Kamera Budi"
    exif.get_ifd(0x8825)[2] = (0.0, 1.0, 32.0)
    done = photos.process(picture("JPEG", (400, 200), exif=exif), "miring.jpg")
    assert (done.width, done.height) == (200, 400)
    for data in (done.data, *done.thumbs.values()):
        with Image.open(io.BytesIO(data)) as kept:
            assert not kept.getexif()
            assert "exif" not in kept.info
            assert "icc_profile" not in kept.info
        assert b"Kamera" not in data
    with Image.open(io.BytesIO(done.data)) as kept:
        red, green, blue = kept.convert("RGB").getpixel((190, 10))  # type: ignore[misc]
    assert min(red, green, blue) > 200  # the light corner went from the top left to the top right


def test_the_name_in_a_refusal_holds_no_folder_and_no_control_character() -> None:
    assert photos.shown_name("C:\\foto\\\x1b[31mmerah.jpg") == "[31mmerah.jpg"
    assert photos.shown_name("../../" + "a" * 300 + ".jpg").endswith("…")
    assert photos.shown_name("") == "foto"
