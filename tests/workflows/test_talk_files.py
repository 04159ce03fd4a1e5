"""What may hang on a comment is told by its content."""

from __future__ import annotations

import io
import time
import zipfile
import zlib

import pytest
from PIL import Image

from tests.workflows.office_files import a_pdf, an_office_file
from workflows.talk.checking import MAX_BYTES, check, shown_name
from workflows.talk.errors import FileBroken, FileRefused, FileTooLarge


def a_picture(kind: str, size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Kamera rahasia"
    Image.new("RGB", size, "brown").save(out, kind, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx", "odt", "ods"])
def test_an_office_file_is_kept_as_it_came(kind: str) -> None:
    data = an_office_file(kind)
    kept = check(data, f"C:\\surat\\hitungan.{kind}")
    assert (kept.data, kept.kind, kept.name) == (data, kind, f"hitungan.{kind}")


def test_a_name_tells_nothing_and_the_kept_one_tells_the_kind() -> None:
    assert check(a_pdf(), "laporan.docx").name == "laporan.pdf"
    assert check(a_pdf(), "tanpa ujung").name == "tanpa ujung.pdf"
    assert check(a_pdf(), '../../etc/\r\n"x".pdf').name == "x.pdf"
    assert shown_name("a" * 300 + ".pdf").endswith("…")
    assert shown_name("../..") == "lampiran"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew_without_its_metadata(kind: str) -> None:
    data = a_picture(kind)
    kept = check(data, f"foto.{kind.lower()}")
    assert (kept.kind, kept.name) == ("webp", "foto.webp")
    assert b"Kamera rahasia" not in kept.data
    assert Image.open(io.BytesIO(kept.data)).size == (60, 40)


def test_a_large_picture_is_made_smaller() -> None:
    kept = check(a_picture("JPEG", (3000, 1000)), "foto.jpg")
    assert Image.open(io.BytesIO(kept.data)).size == (2400, 800)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", FileBroken),
        (b"%PDF-1.7\n" + bytes(MAX_BYTES), FileTooLarge),
        (b"<html><script>alert(1)</script>", FileRefused),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", FileRefused),
        (b"MZ\x90\x00", FileRefused),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old office", FileRefused),
        (b"GIF89a", FileRefused),
        (a_pdf()[:-10], FileBroken),
        (a_pdf(inside=b"3 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj"), FileRefused),
        (a_pdf(inside=b"3 0 obj\n<< /S /J#61vaScript >>\nendobj"), FileRefused),
        (a_pdf(inside=b"3 0 obj\n<< /S /Launch /F (cmd.exe) >>\nendobj"), FileRefused),
        (a_pdf(inside=b"3 0 obj\n<< /EmbeddedFile 4 0 R >>\nendobj"), FileRefused),
        (a_pdf(inside=b"trailer << /Encrypt 5 0 R >>"), FileRefused),
        (a_picture("JPEG")[:200], FileBroken),
        (an_office_file("zip", **{"a.txt": b"x"}), FileRefused),
        (an_office_file("docx", **{"word/vbaProject.bin": b"x"}), FileRefused),
        (an_office_file("xlsx", **{"xl/macrosheets/sheet1.xml": b"x"}), FileRefused),
        (an_office_file("odt", **{"Basic/Standard/Module1.xml": b"x"}), FileRefused),
        (an_office_file("odt", **{"META-INF/manifest.xml": b"<encryption-data/>"}), FileRefused),
        (an_office_file("docx", **{"../../naik.xml": b"x"}), FileRefused),
        (an_office_file("docx")[:-30], FileBroken),
    ],
)
def test_what_is_no_attachment_is_refused_by_name(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error, match="berkas ini"):
        check(data, "berkas ini.pdf")


def test_a_script_inside_an_object_stream_is_found() -> None:
    packed = zlib.compress(b"3 0 << /S /JavaScript >>")
    inside = (
        b"4 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\r\n" + packed + b"\nendstream\nendobj"
    )
    with pytest.raises(FileRefused):
        check(a_pdf(inside=inside), "a.pdf")


SCRIPT = b"3 0 << /S /JavaScript >>"


def an_object_stream(about: bytes, data: bytes) -> bytes:
    inside = b"4 0 obj\n<< " + about + b" >>\nstream\n" + data + b"\nendstream\nendobj"
    return a_pdf(inside=inside)


@pytest.mark.parametrize(
    ("about", "data"),
    [
        (b"/Type /Obj#53tm /Filter /FlateDecode", zlib.compress(SCRIPT)),
        (b"/Type /#4f#62#6A#53#74#6D /Filter /Flate#44ecode", zlib.compress(SCRIPT)),
        (b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(b"3 0 << /S /J#61vaScript >>")),
        (
            b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]",
            zlib.compress(SCRIPT).hex().encode() + b">",
        ),
        (b"/Type /ObjStm /Filter [/FlateDecode /FlateDecode]", zlib.compress(zlib.compress(SCRIPT))),
        (b"/Type /ObjStm /Filter /LZWDecode", b"\x80\x0b"),
        (b"/Type /ObjStm /Filter 9 0 R", zlib.compress(SCRIPT)),
        (
            b"/Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>",
            zlib.compress(SCRIPT),
        ),
        (b"/N 1 /First 4 /Filter /FlateDecode", zlib.compress(SCRIPT)),
        (b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(SCRIPT)[:-6]),
        (b"/Type /ObjStm /Filter /FlateDecode", b"no zlib"),
        (b"/Type /ObjStm /Filter /FlateDecode /A (" + b"a" * 3000 + b")", zlib.compress(SCRIPT)),
        (b"/A (stream) /Type /ObjStm /Filter /FlateDecode", zlib.compress(SCRIPT)),
        (
            b"/Type /ObjStm /Filter /FlateDecode /A (>>stream\n" + zlib.compress(b"1 0 null") + b")",
            zlib.compress(SCRIPT),
        ),
        (b"/Type /ObjStm /Filter /FlateDecode /A (endstream)", zlib.compress(SCRIPT)),
    ],
)
def test_no_way_of_writing_an_object_stream_hides_a_script(about: bytes, data: bytes) -> None:
    with pytest.raises(FileRefused):
        check(an_object_stream(about, data), "a.pdf")


def test_an_object_stream_without_a_script_is_kept() -> None:
    plain = b"3 0 << /Type /Outlines /First 5 0 R >>"
    for about, data in (
        (b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", zlib.compress(plain)),
        (b"/Type/ObjStm/N 1/First 4/Filter[/FlateDecode]/DecodeParms<</Predictor 1>>", zlib.compress(plain)),
        (b"/Type /ObjStm /N 1 /First 4", plain),
        (b"/Type /XObject /Filter [/ASCII85Decode /DCTDecode]", b"picture"),
    ):
        assert check(an_object_stream(about, data), "a.pdf").kind == "pdf"


def test_macros_named_in_the_table_of_contents_are_found() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "application/vnd.ms-word.document.macroEnabled.main+xml")
        packed.writestr("word/document.xml", "<main/>")
    with pytest.raises(FileRefused):
        check(out.getvalue(), "a.docx")


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    started = time.monotonic()
    with pytest.raises(FileTooLarge):
        check(an_office_file("docx", **{"word/media/nol.bin": bytes(90 * 1024 * 1024)}), "a.docx")
    zeros = zlib.compress(bytes(30 * 1024 * 1024))
    inside = b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + zeros + b"\nendstream"
    with pytest.raises(FileTooLarge):
        check(a_pdf(inside=inside), "a.pdf")
    check(a_pdf(inside=b"stream\n" * 1_000_000), "a.pdf")
    assert time.monotonic() - started < 20


def test_a_zip_that_lies_about_its_sizes_is_broken() -> None:
    data = bytearray(an_office_file("docx", **{"word/a.xml": b"a" * 50_000}))
    at = data.rfind((50_000).to_bytes(4, "little"))
    data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(FileBroken):
        check(bytes(data), "a.docx")
