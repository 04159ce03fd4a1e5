"""Every way of tampering is told for what it is, and no sound file is called anything else: over many files and places.

`make test` takes a sample; ``KARYA_PROOFS=200`` takes two hundred files and two hundred places.
"""

from __future__ import annotations

import io
import os
import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfWriter

from recaps import pades, printed, rendering
from recaps.figures_json import FILE_NAME
from recaps.judging import Trust
from recaps.letter import compose
from recaps.offline import Given, verify_offline
from recaps.receipt import receipt_letter
from recaps.rendering import render
from recaps.signer import EmbeddedSigner, Holder
from recaps.verdicts import Verification
from tests.recaps import recap_samples as samples
from webapp.commands import cli

PROOFS = int(os.environ.get("KARYA_PROOFS", "0"))
FILES, PLACES = PROOFS or 20, PROOFS or 40
NOW = datetime.now(UTC).replace(microsecond=0)
KAKANWIL = Holder(1, "Dr. H. Ahmad Fauzi", "Kepala Kantor Wilayah", "Kanwil Kalimantan Barat")
DIRJEN = Holder(2, "Budi Santoso", "Direktur Jenderal Pemasyarakatan", "Ditjen Pemasyarakatan")
CLERK = Holder(3, "Siti Rahmawati", "Kepala Bagian Umum", "Kanwil Kalimantan Barat")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedSigner:
    return EmbeddedSigner(tmp_path_factory.mktemp("keys"), "x" * 40)


@pytest.fixture(scope="module")
def strangers_keys(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedSigner:
    return EmbeddedSigner(tmp_path_factory.mktemp("strangers"), "y" * 40)


@pytest.fixture(scope="module")
def unsigned() -> Iterator[bytes]:
    yield letter(samples.figures())
    rendering.close()


@pytest.fixture(scope="module")
def signed(unsigned: bytes, keys: EmbeddedSigner) -> bytes:
    return sign(unsigned, keys)


@pytest.fixture(scope="module")
def received(signed: bytes, keys: EmbeddedSigner) -> bytes:
    return receive(signed, keys)


def letter(figures: dict[str, Any], **issue: Any) -> bytes:
    return render(compose(figures, samples.issue(**issue)), samples.attachments(figures))


def sign(pdf: bytes, keys: EmbeddedSigner, holder: Holder = KAKANWIL, now: datetime = NOW) -> bytes:
    return pades.sign(pdf, keys, holder, reason="Rekap", place="Pontianak", now=now)


def receive(pdf: bytes, keys: EmbeddedSigner, holder: Holder = DIRJEN) -> bytes:
    from zoneinfo import ZoneInfo

    page = receipt_letter(
        holder.name, holder.office, "W.16-PAS-41", NOW, ZoneInfo("Asia/Jakarta"), pades.receipt_size(pdf)
    )
    return pades.countersign(
        pdf, keys, holder, reason="Diterima", place="Jakarta", now=NOW, appearance=render(page, [])
    )


def ask(pdf: bytes, trust: Trust, now: datetime = NOW) -> Verification:
    return verify_offline(pdf, trust, now=now)


def updated(pdf: bytes) -> bytes:
    """Another revision at the file's end: a page turned round."""
    writer = PdfWriter(io.BytesIO(pdf), incremental=True)
    writer.pages[0].rotate(90)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_another(pdf: bytes, name: str, data: bytes) -> bytes:
    """Another file under an attachment's name, by an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    tree = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    (spec,) = [tree[n + 1] for n in range(0, len(tree), 2) if str(tree[n + 1]["/UF"]) == name]
    reference = spec["/EF"].raw_get("/F")
    stream = reference.get_object()
    stream._data, stream._encoded_data = data, None
    writer.mark_update(reference)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def revoking(keys: EmbeddedSigner, holder: Holder, since: datetime) -> Given:
    """The CA's list on which the holder's certificate stands since then."""
    key, ca = keys._authority(NOW)
    serial = int(keys.certificate(holder, now=NOW).serial, 16)
    one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.subject)
        .last_update(NOW)
        .next_update(NOW + timedelta(days=30))
        .add_extension(x509.CRLNumber(7), critical=False)
        .add_revoked_certificate(one)
        .sign(key, hashes.SHA256())
    )
    return Given(keys.anchors(), [made.public_bytes(serialization.Encoding.DER)])


def random_figures(seed: random.Random) -> dict[str, Any]:
    """Figures of our shape with any amounts, names and numbers of UPT."""
    figures = samples.figures()
    names = ["Lapas IIA Pontianak", "Rutan Ⅱ “Sambas”", "LPKA & Bapas <II>", "Lapas 1.000 Pulau", "Ç 12,5 %"]
    rows = []
    for number in range(seed.randint(1, 24)):
        rows.append(
            {
                "upt": f"{seed.choice(names)} {number}",
                "packages": seed.randint(0, 9_999),
                "quantity": seed.randint(0, 99_999),
                "value_rupiah": seed.choice((0, seed.randint(1, 999), seed.randint(1_000, 10**11))),
                "in_process": seed.randint(0, 9),
                "cancelled": seed.randint(0, 9),
            }
        )
    total = sum(row["value_rupiah"] for row in rows)
    done = {"packages": sum(r["packages"] for r in rows), "quantity": sum(r["quantity"] for r in rows)}
    figures["transactions"] |= {"by_upt": rows, "completed": {**done, "value_rupiah": total}}
    figures["pnbp"] |= {"realisation_rupiah": total // 10, "target_rupiah": seed.choice((0, 12_000_000))}
    for item in figures["obstacles"]["items"]:
        item["description"] = seed.choice(
            ("Harga naik dari Rp1.250 menjadi Rp1.500 per kg", "Mesin 3-fase rusak sejak 12/03", "—")
        )
    return figures


def test_no_sound_file_raises_an_alarm(keys: EmbeddedSigner) -> None:
    """Whatever the figures, signed alone or received too: sound, by our check and by pyHanko's own."""
    root = asn1_x509.Certificate.load(keys.anchors()[0].public_bytes(serialization.Encoding.DER))
    alarms: list[tuple[int, str, list[str]]] = []
    for number in range(FILES):
        pdf = sign(letter(random_figures(random.Random(number)), number=f"W.16-PAS-{number}"), keys)
        pdf = receive(pdf, keys) if number % 2 else pdf
        found = ask(pdf, keys)
        if (found.verdict, found.figures_match, found.history_match, found.changes) != (
            *("sound", True, True),
            [],
        ):
            alarms.append((number, found.verdict, found.changes))
        assert [one.revocation for one in found.signatures] == ["good"] * (1 + number % 2)
        for embedded in PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures:
            trust = ValidationContext(trust_roots=[root], moment=NOW)
            assert validate_pdf_signature(embedded, signer_validation_context=trust).bottom_line
    assert alarms == []


@pytest.mark.parametrize("kind", ["signed", "received"])
def test_a_byte_flipped_anywhere_is_told(
    kind: str, keys: EmbeddedSigner, request: pytest.FixtureRequest
) -> None:
    """By the file alone; a third of the places lie in the signature itself, the one part that nothing covers."""
    pdf: bytes = request.getfixturevalue(kind)
    seed = random.Random(f"{kind} {PLACES}")
    begin = pdf.rindex(b"/Contents <") + 10
    unfound = []
    for number in range(PLACES):
        place = begin + seed.randrange(9_000) if number % 3 == 0 else seed.randrange(len(pdf))
        other = bytearray(pdf)
        other[place] ^= 1 << seed.randrange(8)
        found = ask(bytes(other), keys)
        if found.verdict != "altered":
            unfound.append((place, pdf[place], other[place], found.verdict, found.changes))
    assert unfound == []


def test_pdfsig_says_the_same(received: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(received)
    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid") == 2
    flipped = bytearray(received)
    flipped[5_000] ^= 1
    path.write_bytes(bytes(flipped))
    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" not in said


def test_an_appended_update_is_told(signed: bytes, received: bytes, keys: EmbeddedSigner) -> None:
    for pdf in (signed, received):
        found = ask(updated(pdf), keys)
        assert (found.verdict, found.signatures[-1].after) == ("altered", "forbidden")
        assert any("bita ditambahkan setelah akhir" in one for one in found.changes)
        found = ask(pdf + b"\n% more\n", keys)
        assert found.verdict == "altered"


def test_a_swapped_attachment_is_named(signed: bytes, keys: EmbeddedSigner) -> None:
    inside = printed.read(signed).attached[FILE_NAME]
    found = ask(with_another(signed, FILE_NAME, inside.replace(b"47850000", b"74850000")), keys)
    assert (found.verdict, found.figures_match) == ("altered", False)
    assert f"Lampiran {FILE_NAME} bukan lampiran yang asli." in found.changes
    assert "pembelian.xlsx" in " ".join(ask(with_another(signed, "pembelian.xlsx", b"PK"), keys).changes)


def test_attachments_that_contradict_the_print_are_told_though_all_is_signed(keys: EmbeddedSigner) -> None:
    shown, hidden = samples.figures(), samples.figures()
    hidden["transactions"]["completed"]["value_rupiah"] = 74_850_000
    found = ask(sign(render(compose(shown, samples.issue()), samples.attachments(hidden)), keys), keys)
    assert (found.verdict, found.signatures[0].good) == ("mismatch", True)
    assert any("Rp74.850.000" in one for one in found.changes)
    parts = samples.attachments(shown)
    swapped = [
        type(a)(a.name, b"PK", a.description, a.relationship) if "xlsx" in a.name else a for a in parts
    ]
    found = ask(sign(render(compose(shown, samples.issue()), swapped), keys), keys)
    assert (found.verdict, found.changes) == (
        "mismatch",
        ["Lampiran pembelian.xlsx bukan yang disebut dalam angka.json."],
    )


def test_a_second_signer_without_right_is_named(
    signed: bytes, received: bytes, keys: EmbeddedSigner, strangers_keys: EmbeddedSigner
) -> None:
    """One of ours in the Dirjen's place, a stranger in it, and anyone in a place that nobody kept for him."""
    ours, stranger = receive(signed, keys, CLERK), receive(signed, strangers_keys, DIRJEN)
    for pdf, named in ((ours, "Siti Rahmawati"), (stranger, "Budi Santoso")):
        found = ask(pdf, keys)
        assert (found.verdict, found.signatures[0].good) == ("not_entitled", True)
        assert named in found.changes[0]
    third = third_signature(received, keys, CLERK)
    found = ask(third, keys)
    assert found.verdict == "not_entitled"
    assert [one.entitled for one in found.signatures] == [True, True, False]
    assert "Siti Rahmawati" in found.changes[0]


def third_signature(pdf: bytes, keys: EmbeddedSigner, holder: Holder) -> bytes:
    from pyhanko.sign import signers

    out = io.BytesIO()
    with keys.pen(holder, now=NOW) as pen:
        signers.PdfSigner(
            signers.PdfSignatureMetadata(field_name="Lain", md_algorithm="sha256"),
            signer=pen,
        ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


def test_an_author_whom_the_letter_does_not_name_is_named(unsigned: bytes, keys: EmbeddedSigner) -> None:
    found = ask(sign(unsigned, keys, CLERK), keys)
    assert (found.verdict, found.signatures[0].entitled) == ("not_entitled", False)
    assert "Siti Rahmawati" in found.changes[0]


def test_a_strangers_signature_is_not_ours(
    unsigned: bytes, keys: EmbeddedSigner, strangers_keys: EmbeddedSigner
) -> None:
    found = ask(sign(unsigned, strangers_keys), keys)
    assert (found.verdict, found.signatures[0].trust, found.signatures[0].intact) == (
        *("not_ours", "stranger"),
        True,
    )
    assert ask(unsigned, keys).verdict == "unsigned"


def test_an_expired_certificate_is_told(signed: bytes, unsigned: bytes, keys: EmbeddedSigner) -> None:
    """Without a stamp nothing proves that the signature was given in time."""
    found = ask(signed, keys, NOW + timedelta(days=900))
    assert (found.verdict, found.signatures[0].trust, found.signatures[0].intact) == (
        *("expired", "expired"),
        True,
    )
    assert found.signatures[0].valid_until is not None
    early = ask(signed, keys, NOW - timedelta(days=900))
    assert (early.verdict, early.signatures[0].trust) == ("expired", "not_yet")


def test_a_revoked_certificate_is_told_from_the_day_on(signed: bytes, keys: EmbeddedSigner) -> None:
    since = NOW - timedelta(days=3)
    found = ask(signed, revoking(keys, KAKANWIL, since))
    (one,) = found.signatures
    assert (found.verdict, one.trust, one.revocation, one.revoked_at) == (
        *("certificate_revoked", "revoked", "revoked"),
        since,
    )
    assert ask(signed, revoking(keys, DIRJEN, since)).verdict == "sound"
    later = revoking(keys, KAKANWIL, NOW + timedelta(days=3))
    assert ask(signed, later, NOW + timedelta(days=1)).verdict == "sound"
    assert ask(signed, later, NOW + timedelta(days=4)).verdict == "certificate_revoked"
    kept = pades.check(signed, later, now=NOW + timedelta(days=4), proven=[NOW])
    assert kept.signatures[0].good, "our register proves that it was signed before"


def test_a_list_that_somebody_else_signed_revokes_nothing(
    signed: bytes, keys: EmbeddedSigner, strangers_keys: EmbeddedSigner
) -> None:
    forged = revoking(strangers_keys, KAKANWIL, NOW - timedelta(days=3))
    found = ask(signed, Given(keys.anchors(), forged.lists))
    assert (found.verdict, found.signatures[0].revocation) == ("sound", "good")


def test_the_command_needs_no_database_when_it_is_given_whom_to_trust(
    received: bytes, keys: EmbeddedSigner, strangers_keys: EmbeddedSigner, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("webapp.commands.recap.open_house", lambda: pytest.fail("no database is opened"))
    pem, der, crl = tmp_path / "ca.pem", tmp_path / "other.der", tmp_path / "list.crl"
    pem.write_bytes(keys.anchors()[0].public_bytes(serialization.Encoding.PEM))
    der.write_bytes(strangers_keys.anchors()[0].public_bytes(serialization.Encoding.DER))
    crl.write_bytes(revoking(keys, KAKANWIL, NOW - timedelta(days=3)).lists[0])
    sound, altered = tmp_path / "sound.pdf", tmp_path / "altered.pdf"
    sound.write_bytes(received)
    altered.write_bytes(updated(received))

    def run(*arguments: Any) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["recap", "verify", *map(str, arguments)], standalone_mode=False)
        return int(result.return_value or 0) if result.exception is None else 2, result.output

    code, said = run(sound, "--anchors", pem)
    assert (code, said.splitlines()[0]) == (0, "Tanda tangannya sah dan dokumen ini utuh (sound)")
    assert "Budi Santoso, Direktur Jenderal Pemasyarakatan" in said
    assert "Hanya berkas ini yang diperiksa" in said
    for arguments, verdict in (
        ((altered, "--anchors", pem), "altered"),
        ((sound, "--anchors", der), "not_ours"),
        ((sound, "--anchors", pem, "--crl", crl), "certificate_revoked"),
    ):
        code, said = run(*arguments)
        assert (code, f"({verdict})" in said) == (1, True), said
    assert run(sound, "--anchors", sound)[0] == 2
    assert run(sound, "--crl", crl)[0] == 2
