"""Verification of what a stranger uploads, against the register: the verdict, what differs, figures and history."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from recaps import pades, verification
from recaps.drafting import figures_of, load
from recaps.errors import NoSuchDocument
from recaps.letter import compose
from recaps.models import VerificationRecord
from recaps.rendering import recap_attachments, render
from recaps.signing import signer
from tenants import files
from tenants.database import transaction
from tests.recaps import recap_samples as samples
from tests.recaps.conftest import House


def verify(data: bytes) -> verification.Verification:
    return verification.verify_file(data)


def test_both_versions_that_we_gave_out_are_sound(house: House) -> None:
    recap_id = house.acknowledged()
    recap = house.recap(recap_id)
    for digest, count in ((recap.signed_sha256, 1), (recap.acknowledged_sha256, 2)):
        found = verify(files.get(str(digest)))
        assert (found.verdict, len(found.signatures), found.changes) == ("sound", count, [])
        assert (found.figures_match, found.history_match) == (True, True)
        assert found.record is not None
        assert found.record.number == recap.number
    assert json.dumps(found.as_dict())


def test_one_byte_anywhere_makes_it_altered_and_says_where(house: House) -> None:
    pdf = house.file(house.signed())
    for place in range(40, len(pdf), len(pdf) // 25):
        altered = bytearray(pdf)
        altered[place] ^= 1
        found = verify(bytes(altered))
        assert found.verdict == "altered", place
        assert any(f"bita ke-{place + 1}" in change for change in found.changes), found.changes


def test_another_number_in_print_is_named(house: House) -> None:
    """A forger prints another amount under the same number and code, with a signature of nobody's or of his own."""
    recap_id = house.signed()
    with house.inside():
        recap = load(recap_id)
        figures = figures_of(recap)
    figures["transactions"]["completed"]["value_rupiah"] = 74_850_000
    issue = samples.issue(
        number=recap.number, code=recap.code, verify_url=f"https://x/verifikasi/{recap.code}"
    )
    parts = [
        files.get(str(one)) for one in (recap.figures_sha256, recap.purchases_sha256, recap.history_sha256)
    ]
    forged = render(compose(figures, issue), recap_attachments(*parts))
    found = verify(forged)
    assert found.verdict == "unsigned"
    assert found.figures_match is False
    again = pades.sign(forged, signer(), _holder(), reason="x", place="y", now=house.now)
    found = verify(again)
    assert found.verdict == "altered"
    assert found.figures_match is False
    assert any("Rp47.850.000" in one and "Rp74.850.000" in one for one in found.changes), found.changes


def _holder() -> object:
    from recaps.signer import Holder

    return Holder(99, "Bukan Kakanwil", "Kepala Kantor Wilayah", "Entah")


def test_appended_truncated_and_stripped_files(house: House) -> None:
    from pypdf import PdfReader, PdfWriter

    pdf = house.file(house.signed())
    assert any("ditambahkan" in change for change in verify(pdf + b"\n%x").changes)
    cut = verify(pdf[:-200])
    assert cut.verdict == "altered"
    assert any("terpotong" in change for change in cut.changes)
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(pdf)).pages[:1]:
        writer.add_page(page)
    out = io.BytesIO()
    writer.write(out)
    assert verify(out.getvalue()).verdict in ("unsigned", "altered")


def test_a_cut_or_damaged_copy_is_called_broken_and_not_a_strangers(house: House) -> None:
    pdf = house.file(house.signed())
    assert pdf.index(b"/KaryaDocument") < 1500
    for share in (0.02, 0.25, 0.5, 0.9):
        cut = verify(pdf[: int(len(pdf) * share)])
        assert (cut.verdict, cut.incomplete) == ("altered", True), share
        assert "rusak atau tidak lengkap: sebagian isinya hilang" in cut.changes[0]
        assert "terpotong" in cut.changes[1]
        assert cut.sentence == "Berkas ini rusak atau tidak lengkap"
        assert cut.record is not None
    half = len(pdf) // 2
    for broken in (pdf[:half] + bytes(len(pdf) - half), bytes(2000) + pdf[2000:half]):
        found = verify(broken)
        assert (found.verdict, found.record is not None) == ("altered", True)
        assert "rusak atau tidak lengkap" in found.changes[0]


def test_strangers_files(house: House) -> None:
    house.signed()
    figures = samples.figures()
    plain = render(compose(figures), samples.attachments(figures))
    assert verify(plain).verdict == "unsigned"
    for data in (b"", b"hello", b"%PDF-1.7 nonsense", bytes(5000)):
        found = verify(data)
        assert (found.verdict, found.figures_match, found.history_match) == ("not_ours", None, None)


def test_a_ralat_and_a_revocation_are_said(house: House) -> None:
    first, second = house.signed(), house.signed()
    pdf = house.file(first)
    found = verify(pdf)
    assert found.verdict == "replaced"
    assert found.record is not None
    assert found.record.replaced_by == house.recap(second).code
    assert verify(house.file(second)).verdict == "sound"
    with house.inside(), transaction() as here:
        here.execute(update(VerificationRecord).values(state="revoked"))
    assert verify(pdf).verdict == "revoked"


def test_by_code(house: House) -> None:
    code = str(house.recap(house.signed()).code)
    found = verification.verify_code(f" {code.lower()} ")
    assert (found.verdict, found.by_code, found.history_match) == ("sound", True, True)
    with pytest.raises(NoSuchDocument):
        verification.verify_code("KRY-2222-2222-2222")


def test_a_history_that_was_tampered_with_no_longer_matches(house: House, dialect: str) -> None:
    """Whoever can write to the database past the triggers is still found out by the file in the Dirjen's hands."""
    from sqlalchemy import create_engine, text

    from tenants import database

    pdf = house.file(house.signed())
    assert verify(pdf).history_match is True
    settings = database.db.settings
    database.db.dispose()
    engine = create_engine(settings.owner_url or settings.database_url)
    with engine.begin() as connection:
        if dialect == "sqlite":
            triggers = [
                row[0]
                for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'"))
            ]
            for name in triggers:
                if name.startswith("audit_event"):
                    connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        changed = connection.execute(text("UPDATE audit_event SET payload = '{}' WHERE chain = 'kanwil'"))
        assert changed.rowcount > 0
    engine.dispose()
    database.configure(settings)
    found = verify(pdf)
    assert (found.verdict, found.history_match) == ("sound", False)


def test_a_signature_added_without_right_is_told_beside_what_we_gave_out(house: House) -> None:
    """An officer of ours fills the field that is kept for the Dirjen: everything else is as we gave it out."""
    recap_id = house.signed()
    pdf, before = house.file(recap_id), set(house.recap(recap_id).__dict__)
    added = pades.countersign(pdf, signer(), _holder(), reason="x", place="y", now=house.now)
    found = verify(added)
    assert (found.verdict, found.sentence) == (
        "not_entitled",
        "Dokumen ini ditandatangani oleh pihak yang tidak berwenang",
    )
    assert found.changes == [
        "Bukan Kakanwil (Kepala Kantor Wilayah) ikut menandatangani, padahal setelah penerbitnya hanya penerima "
        "surat yang berwenang."
    ]
    assert [one.entitled for one in found.signatures] == [True, False]
    assert set(house.recap(recap_id).__dict__) == before


def test_a_file_that_our_keys_signed_but_nobody_issued_is_unlisted(house: House) -> None:
    figures = samples.figures()
    plain = render(compose(figures, samples.issue()), samples.attachments(figures))
    from recaps.signer import Holder

    own = Holder(1, "Dr. H. Ahmad Fauzi", "Kepala Kantor Wilayah", "Kanwil Kalimantan Barat")
    signed = pades.sign(plain, signer(), own, reason="x", place="y", now=house.now)
    assert (verify(signed).verdict, verify(signed).record) == ("unlisted", None)


def test_a_file_that_we_gave_out_stays_sound_when_its_certificate_has_expired(house: House) -> None:
    """The register proves when it was signed, and so does nobody for a file that it doesn't know."""
    pdf = house.file(house.acknowledged())
    after = house.now + timedelta(days=2_000)
    found = verification.verify_file(pdf, now=after)
    assert (found.verdict, [one.trust for one in found.signatures]) == ("sound", ["trusted", "trusted"])


def test_what_is_asked_is_kept_nowhere(house: House) -> None:
    from tenants import database

    pdf = house.file(house.signed())
    folder = database.db.settings.data / "files"
    before = {path for path in folder.rglob("*") if path.is_file()}
    verify(pdf + b"x")
    verify(pdf)
    assert {path for path in folder.rglob("*") if path.is_file()} == before
