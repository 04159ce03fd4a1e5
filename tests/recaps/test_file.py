"""The file itself, without a database: bytes, print, attachments, signatures; and what altered bytes are answered."""

from __future__ import annotations

import io
import json
import random
import subprocess
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from recaps import pades, printed, rendering
from recaps.figures_json import NotFigures, digest, freeze, thaw
from recaps.letter import compose
from recaps.receipt import receipt_letter
from recaps.rendering import Attached, RenderingFailed, render
from recaps.signer import EmbeddedSigner, Holder
from recaps.workbook import workbook
from tests.recaps import recap_samples as samples

NOW = datetime.now(UTC).replace(microsecond=0)
KAKANWIL = Holder(1, "Dr. H. Ahmad Fauzi", "Kepala Kantor Wilayah", "Kanwil Kalimantan Barat")
DIRJEN = Holder(2, "Budi Santoso", "Direktur Jenderal Pemasyarakatan", "Ditjen Pemasyarakatan")


@pytest.fixture(scope="module")
def unsigned() -> Iterator[bytes]:
    figures = samples.figures()
    yield render(compose(figures, samples.issue()), samples.attachments(figures))
    rendering.close()


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedSigner:
    return EmbeddedSigner(tmp_path_factory.mktemp("keys"), "x" * 40)


@pytest.fixture(scope="module")
def signed(unsigned: bytes, signer: EmbeddedSigner) -> bytes:
    return pades.sign(unsigned, signer, KAKANWIL, reason="Rekap", place="Pontianak", now=NOW)


@pytest.fixture(scope="module")
def received(signed: bytes, signer: EmbeddedSigner) -> bytes:
    from zoneinfo import ZoneInfo

    page = receipt_letter(
        DIRJEN.name, DIRJEN.office, "W.16-PAS-41", NOW, ZoneInfo("Asia/Jakarta"), pades.receipt_size(signed)
    )
    return pades.countersign(
        signed, signer, DIRJEN, reason="Diterima", place="Jakarta", now=NOW, appearance=render(page, [])
    )


def told(program: str, *arguments: Any) -> str:
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False).stdout


def put(folder: Path, data: bytes) -> Path:
    path = folder / "file.pdf"
    path.write_bytes(data)
    return path


def test_the_same_figures_give_the_same_bytes_in_another_process(unsigned: bytes) -> None:
    rendering.close()
    figures = samples.figures()
    assert render(compose(figures, samples.issue()), samples.attachments(figures)) == unsigned
    figures["transactions"]["completed"]["value_rupiah"] += 1
    assert render(compose(figures, samples.issue()), samples.attachments(figures)) != unsigned


def test_figures_survive_their_file_and_nothing_else_passes_for_them() -> None:
    figures = samples.figures()
    assert thaw(freeze(figures)) == figures
    assert digest(dict(reversed(figures.items()))) == digest(figures)
    for wrong in (b"", b"null", b"{}", b'{"schema": "x"}', b"[" * 100_000, b"\xff\xfe"):
        with pytest.raises(NotFigures):
            thaw(wrong)


def test_the_letter_says_what_an_official_letter_says(unsigned: bytes, tmp_path: Path) -> None:
    text = " ".join(told("pdftotext", "-layout", put(tmp_path, unsigned), "-").split())
    for wanted in (
        "KEMENTERIAN HUKUM DAN HAK ASASI MANUSIA",
        "W.16-PAS-41.OT.02.02 Tahun 2024",
        "Pontianak, 5 April 2024",
        "Yth. Direktur Jenderal Pemasyarakatan di Jakarta",
        "PAS-08.OT.02.02 Tahun 2024",
        "Rp47.850.000 (empat puluh tujuh juta delapan ratus lima puluh ribu rupiah)",
        "I. Produk terdaftar",
        "II. UPT yang membeli",
        "III. Transaksi",
        "IV. Kendala dan solusi",
        "Rp4.785.000",
        "Ditandatangani secara elektronik oleh:",
        "Dr. H. Ahmad Fauzi",
        "Tembusan:",
        "Halaman 1 dari",
        "sertifikat pengembangan (bukan sertifikat BSrE)",
    ):
        assert wanted in text, wanted


def test_the_pdf_is_tagged_archivable_and_sound(unsigned: bytes, received: bytes, tmp_path: Path) -> None:
    for data in (unsigned, received):
        checked = subprocess.run(
            ["qpdf", "--check", put(tmp_path, data)], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
    run = ["qpdf", "--qdf", "--object-streams=disable", put(tmp_path, unsigned), "-"]
    raw = subprocess.run(run, capture_output=True, check=True).stdout.decode("latin-1")
    for wanted in (
        "pdfaid",
        "/StructTreeRoot",
        "/MarkInfo",
        "/Lang",
        "/AFRelationship",
        "/OutputIntents",
        "/Outlines",
    ):
        assert wanted in raw, wanted
    fonts = told("pdffonts", put(tmp_path, received)).splitlines()[2:]
    assert fonts
    assert all("Arimo" in line for line in fonts)
    assert all(line.split("Identity-H")[1].split()[0] == "yes" for line in fonts)


def test_what_is_attached_comes_out_and_equals_the_print(signed: bytes, tmp_path: Path) -> None:
    told("pdfdetach", "-saveall", "-o", tmp_path, put(tmp_path, signed))
    assert json.loads((tmp_path / "angka.json").read_bytes()) == samples.figures()
    sheet = openpyxl.load_workbook(tmp_path / "pembelian.xlsx").active
    assert sheet is not None
    assert sum(row[4] for row in sheet.iter_rows(min_row=2, values_only=True)) == 47_850_000
    figures, match = printed.compare(printed.read(signed))
    assert figures == samples.figures()
    assert match is not None
    assert (match.same, match.differing) == (True, [])
    assert match.total > 100


def test_other_figures_inside_do_not_match_the_print(signer: EmbeddedSigner) -> None:
    shown, hidden = samples.figures(), samples.figures()
    hidden["transactions"]["completed"]["value_rupiah"] = 74_850_000
    pdf = render(compose(shown, samples.issue()), samples.attachments(hidden))
    _, match = printed.compare(printed.read(pdf))
    assert match is not None
    assert not match.same
    assert "Rp74.850.000 ≠ Rp47.850.000" in match.differing


def test_markup_in_any_text_is_text() -> None:
    evil = '"><script>alert(1)</script><img src="file:///etc/passwd">{{7*7}}'
    figures = samples.figures()
    figures["products"]["names"][0]["name"] = evil
    figures["obstacles"]["items"][0]["description"] = evil
    figures["kop_surat"]["address"] = evil
    figures["transactions"]["by_upt"][0]["upt"] = evil
    letter = compose(figures, samples.issue(signer=evil))
    assert "<script" not in letter.html
    assert b"<script" not in letter.assets["transactions.svg"]
    text = "\n".join(printed.read(render(letter, samples.attachments(figures))).pages)
    assert "<script>alert(1)</script>" in "".join(text.split()).replace("alert(1)", "alert(1)")
    assert "49" not in text.split("alert", 1)[1][:60]


def test_letters_that_our_faces_lack_leave_the_file_sound_and_readable(tmp_path: Path) -> None:
    figures = samples.figures()
    item = figures["obstacles"]["items"][0]
    item["description"] = (
        "Benang \U0001f9fa → ≤ 5\u202fkg, kode A\u20111, \u202eterbalik\u202c, ½ kodi, naïve İzmir"
    )
    item["action"] = "\u0627\u0644 \u4e2d"
    pdf = render(compose(figures, samples.issue()), samples.attachments(figures))
    text = " ".join(printed.read(pdf).pages)
    squeezed = "".join(text.split())
    assert "Benang���5kg,kodeA-1,terbalik,½kodi,naïveİzmir" in squeezed, squeezed[squeezed.find("Benang") :][
        :90
    ]
    found, match = printed.compare(printed.read(pdf))
    assert found == figures
    assert match is not None
    assert match.same
    path = tmp_path / "aneh.pdf"
    path.write_bytes(pdf)
    faces = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    assert {line.split("+")[1].split()[0].split("-")[0] for line in faces.splitlines()[2:]} <= {"Arimo"}
    assert "Custom" not in faces, "no letter without a shape"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "file:///etc/passwd", "karya:../config.py", "data:text/css,a"]
)
def test_rendering_fetches_nothing_but_our_own_files(url: str) -> None:
    letter = compose(samples.figures())
    other = type(letter)(letter.html.replace("karya:asset/mark.svg", url), letter.assets, "x", letter.created)
    with pytest.raises(RenderingFailed, match=r"fetch|no such file"):
        render(other, [])


def test_a_child_that_dies_or_hangs_is_replaced() -> None:
    letter = compose(samples.figures())
    rendering.close()  # a fresh child: one that has done its share is replaced anyway
    first = render(letter, [])
    (process,) = rendering._children.processes()
    process.kill()
    process.wait()
    assert render(letter, []) == first
    with pytest.raises(RenderingFailed, match="longer"):
        render(letter, [], seconds=0.0001)
    assert render(letter, []) == first


def test_letters_are_rendered_side_by_side_up_to_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = compose(samples.figures())
    rendering.close()
    first = render(letter, [])
    monkeypatch.setattr(rendering, "_at_once", lambda: 2)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: render(letter, []), range(6))) == {first}
    assert len(rendering._children.processes()) == 2
    rendering.close()
    assert rendering._children.processes() == []


def test_many_large_files_inside_stay_within_the_memory_that_is_promised() -> None:
    """As much as the recap of the country may carry; what the child held at most is read from the system."""
    from recaps.national.gathering import ATTACHED_BYTES

    rendering.close()
    luck = random.Random(7)
    many = [
        Attached(f"rekap-{n}.pdf", luck.randbytes(ATTACHED_BYTES // 33), "Rekap", "Source") for n in range(33)
    ]
    pdf = render(compose(samples.figures(), samples.issue()), many)
    assert len(pdf) > ATTACHED_BYTES
    (process,) = rendering._children.processes()
    status = Path(f"/proc/{process.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    assert peak < 512 * 1024


def test_the_signature_covers_the_whole_file_and_names_its_level(
    signed: bytes, signer: EmbeddedSigner, tmp_path: Path
) -> None:
    said = told("pdfsig", put(tmp_path, signed))
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    (one,) = pades.check(signed, signer, now=NOW).signatures
    assert (one.signer, one.office, one.level, one.good, one.covers_whole, one.development) == (
        *("Dr. H. Ahmad Fauzi", "Kepala Kantor Wilayah", "PAdES-B-B"),
        *(True, True, True),
    )


@pytest.mark.parametrize(
    ("office", "named"),
    [
        (
            "Kantor Wilayah Direktorat Jenderal Pemasyarakatan Kalimantan Barat",
            "Kantor Wilayah Ditjen Pemasyarakatan Kalimantan Barat",
        ),
        (
            "Kantor Wilayah Kementerian Hukum dan HAM Daerah Istimewa Yogyakarta",
            "Kanwil Kementerian Hukum dan HAM Daerah Istimewa Yogyakarta",
        ),
    ],
)
def test_a_long_office_is_named_whole_in_its_certificate(
    unsigned: bytes, signer: EmbeddedSigner, office: str, named: str
) -> None:
    """An organisation in a certificate has 64 letters: none of the Kanwil's name may fall off its end."""
    holder = Holder(7, "Dr. H. Ahmad Fauzi", "Kepala Kantor Wilayah", office)
    pdf = pades.sign(unsigned, signer, holder, reason="Rekap", place="Pontianak", now=NOW)
    (found,) = pades.check(pdf, signer, now=NOW).signatures
    assert found.organisation == named


def test_the_receipt_leaves_the_first_signature_valid(
    received: bytes, signed: bytes, signer: EmbeddedSigner
) -> None:
    assert received.startswith(signed)
    first, second = pades.check(received, signer, now=NOW).signatures
    assert (first.good, first.covers_whole) == (True, False)
    assert (second.good, second.covers_whole, second.signer) == (True, True, "Budi Santoso")


def test_a_strangers_certificate_is_not_trusted(
    unsigned: bytes, signer: EmbeddedSigner, tmp_path: Path
) -> None:
    other = EmbeddedSigner(tmp_path / "other", "y" * 40)
    foreign = pades.sign(unsigned, other, KAKANWIL, reason="Rekap", place="Pontianak", now=NOW)
    (one,) = pades.check(foreign, signer, now=NOW).signatures
    assert (one.intact, one.trusted, one.good) == (True, False, False)


def test_a_flipped_byte_anywhere_is_noticed_and_never_an_error(signed: bytes, signer: EmbeddedSigner) -> None:
    chance = random.Random(47_850_000)
    places = [*range(0, len(signed), len(signed) // 60), *(chance.randrange(len(signed)) for _ in range(60))]
    passed = []
    for place in places:
        altered = bytearray(signed)
        altered[place] ^= 1 << chance.randrange(8)
        checked = pades.check(bytes(altered), signer, now=NOW)
        if checked.signatures and all(one.good and one.covers_whole for one in checked.signatures):
            passed.append(place)
    start, end = _gap(signed)
    # Only inside the hole that holds the signature itself (its padding) can a byte change unseen by the signature;
    # the file's own SHA-256, which verification asks first, sees that too.
    assert [place for place in passed if not start <= place < end] == []


def _gap(pdf: bytes) -> tuple[int, int]:
    start = pdf.index(b"/Contents <", pdf.rindex(b"/ByteRange") - 60_000) if b"/Contents <" in pdf else 0
    return start, pdf.index(b">", start)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_file_is_answered(signed: bytes, signer: EmbeddedSigner, share: float) -> None:
    checked = pades.check(signed[: int(len(signed) * share)], signer, now=NOW)
    assert not any(one.good for one in checked.signatures)
    printed.read(signed[: int(len(signed) * share)])


def test_an_appended_update_is_not_covered(signed: bytes, signer: EmbeddedSigner, tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(io.BytesIO(signed), incremental=True)
    writer.add_metadata({"/Title": "lain"})
    writer.pages[0].rotate(90)
    out = io.BytesIO()
    writer.write(out)
    (one,) = [s for s in pades.check(out.getvalue(), signer, now=NOW).signatures if s.field == "TandaTangan"]
    assert not one.covers_whole
    assert not one.good
    (only,) = pades.check(signed + b"\n% more\n", signer, now=NOW).signatures
    assert not only.covers_whole


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7",
        b"%PDF-1.7\n" + bytes(range(256)) * 50,
        b"hello",
        b"%PDF-1.7\n" + b"<<" * 5000,
        b"\x89PNG" * 100,
    ],
)
def test_garbage_is_answered(data: bytes, signer: EmbeddedSigner) -> None:
    assert pades.check(data, signer, now=NOW).signatures == []
    assert printed.compare(printed.read(data)) == (None, None)


def test_a_locked_file_is_answered(signed: bytes, signer: EmbeddedSigner, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    subprocess.run(["qpdf", "--encrypt", "a", "b", "256", "--", put(tmp_path, signed), locked], check=False)
    checked = pades.check(locked.read_bytes(), signer, now=NOW)
    assert (checked.is_pdf, checked.readable) == (True, False)
    assert not printed.read(locked.read_bytes()).readable


def test_a_sheet_is_the_same_bytes_and_holds_no_formula(tmp_path: Path) -> None:
    rows = [["=1+1", "+62", "-3", "@x", "biasa", "\x00\x0b<b>&", 47_850_000, None]]
    data = workbook("Lembar", [f"k{n}" for n in range(8)], rows)
    assert data == workbook("Lembar", [f"k{n}" for n in range(8)], rows)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    cells = next(sheet.iter_rows(min_row=2))
    assert [cell.value for cell in cells[:5]] == ["=1+1", "+62", "-3", "@x", "biasa"]
    assert "f" not in {cell.data_type for cell in cells}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_attachments_are_kept_in_order_whatever_their_order() -> None:
    letter = compose(samples.figures())
    one, two = Attached("b.txt", b"b", "B"), Attached("a.txt", b"a", "A")
    assert render(letter, [one, two]) == render(letter, [two, one])


def test_two_processes_that_make_the_keys_keep_the_same_ones(tmp_path: Path) -> None:
    first, second = EmbeddedSigner(tmp_path, "z" * 40), EmbeddedSigner(tmp_path, "z" * 40)
    assert first.certificate(KAKANWIL, now=NOW) == second.certificate(KAKANWIL, now=NOW)
    assert first.anchors() == second.anchors()
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


@pytest.fixture
def stamping(tmp_path: Path) -> Iterator[tuple[str, bytes]]:
    """A time stamping service on loopback, and its certificate (PEM)."""
    import threading
    from datetime import timedelta
    from http.server import BaseHTTPRequestHandler, HTTPServer

    from asn1crypto import keys, tsp
    from asn1crypto import x509 as asn1_x509
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    from pyhanko.sign.timestamps import DummyTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TSA Uji")])
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), 7, NOW - timedelta(days=1), NOW + timedelta(days=1)
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )
    der = serialization.Encoding.DER
    plain = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    stamper = DummyTimeStamper(
        tsa_cert=asn1_x509.Certificate.load(certificate.public_bytes(der)),
        tsa_key=keys.PrivateKeyInfo.load(plain),
        certs_to_embed=SimpleCertificateStore(),
    )

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            answer = stamper.request_tsa_response(query).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Tests stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", certificate.public_bytes(serialization.Encoding.PEM)
    server.shutdown()
    server.server_close()


def test_with_a_time_stamping_service_the_level_is_b_lt(
    unsigned: bytes, stamping: tuple[str, bytes], tmp_path: Path
) -> None:
    url, certificate = stamping
    trusted = tmp_path / "keys" / "trusted"
    trusted.mkdir(parents=True)
    (trusted / "tsa.pem").write_bytes(certificate)
    signer = EmbeddedSigner(tmp_path / "keys", "x" * 40)
    pdf = pades.sign(unsigned, signer, KAKANWIL, reason="Rekap", place="Pontianak", now=NOW, tsa_url=url)
    (one,) = pades.check(pdf, signer, now=NOW).signatures
    assert (one.level, one.good, one.covers_whole) == ("PAdES-B-LT", True, True)
    assert "Total document signed" in told("pdfsig", put(tmp_path, pdf))


def test_an_expired_certificate_is_judged_at_the_time_we_kept_the_file(
    unsigned: bytes, signer: EmbeddedSigner
) -> None:
    from datetime import timedelta

    then = NOW - timedelta(days=1500)
    holder = Holder(77, "Pejabat Lama", "Kepala Kantor Wilayah", "Kanwil Kalimantan Barat")
    pdf = pades.sign(unsigned, signer, holder, reason="Rekap", place="Pontianak", now=then)
    assert pades.check(pdf, signer, now=then).signatures[0].good
    assert not pades.check(pdf, signer, now=NOW).signatures[0].trusted
