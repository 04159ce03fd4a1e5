"""A recap from its draft to the receipt: once each, whatever is repeated or killed on the way."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from recaps import drafting, obstacles, receiving, signing
from recaps.errors import BadPeriod, NotThisState, RecapExists, SignerUnavailable
from recaps.models import LetterSequence, Recap, VerificationFile, VerificationRecord
from sales.models import Purchase
from sales.rollups import Deltas
from tenants import files
from tenants.database import public, session, transaction
from tenants.errors import Forbidden, Invalid, NotFound
from tenants.models import KanwilSettings
from tests.recaps.conftest import House
from workflows import verifying
from workflows.decisions import Verdict, decide
from workflows.models import AuditEvent, Decision


def printed(pdf: bytes, folder: Path) -> str:
    path = folder / "letter.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    return re.sub(r"\s+", " ", text)


def test_a_draft_freezes_the_period_and_renders_the_letter(house: House, tmp_path: Path) -> None:
    recap_id = house.drafted()
    recap = house.recap(recap_id)
    assert (recap.state, recap.number, recap.summary["value_rupiah"]) == ("draft", None, 47_850_000)
    text = printed(house.file(recap_id), tmp_path)
    assert "Rp47.850.000" in text
    assert "empat puluh tujuh juta delapan ratus lima puluh ribu rupiah" in text
    assert "diberikan saat ditandatangani" in text
    figures = json.loads(files.get(str(recap.figures_sha256)))
    assert figures["transactions"]["in_process"]["packages"] == 1
    assert figures["buyers"]["total"] == 1
    assert figures["pnbp"]["realisation_rupiah"] == 4_785_000
    assert figures["needs"] == {"posted": 0, "agreed": 0, "fulfilled": 0}


def test_preparing_twice_changes_nothing(house: House) -> None:
    recap_id = house.drafted()
    before = house.recap(recap_id)
    with house.inside():
        drafting.prepare(recap_id, 1, now=house.now)
    after = house.recap(recap_id)
    assert (after.figures_sha256, after.preview_sha256) == (before.figures_sha256, before.preview_sha256)


def test_the_same_figures_give_the_same_bytes(house: House) -> None:
    recap_id = house.drafted()
    with house.inside():
        assert drafting.letter_pdf(drafting.load(recap_id)) == house.file(recap_id)


def test_a_period_has_one_recap_underway(house: House) -> None:
    first = house.drafted()
    with house.inside():
        with pytest.raises(RecapExists) as refused:
            drafting.draft("2024-03", by=house.by("kadiv.kalbar"), now=house.now)
        assert refused.value.detail == {"recap_id": first}
        for wrong in ("2024-13", "maret", "2099-01", ""):
            with pytest.raises(BadPeriod):
                drafting.draft(wrong, by=house.by("kadiv.kalbar"), now=house.now)


def test_signing_numbers_delivers_decides_and_publishes_at_once(house: House, tmp_path: Path) -> None:
    recap_id = house.signed()
    recap = house.recap(recap_id)
    assert recap.state == "delivered"
    assert recap.number is not None
    assert "PAS-1." in recap.number
    text = printed(house.file(recap_id), tmp_path)
    assert recap.number in text
    assert "Ditandatangani secara elektronik oleh:" in text
    assert str(recap.code) in text
    with house.inside():
        decisions = list(session().scalars(select(Decision)))
        assert [(d.stage_key, d.outcome) for d in decisions] == [("penandatanganan", "approve")]
        assert verifying.verify() == []
    with public() as reader:
        assert reader.scalars(select(VerificationRecord.state)).all() == ["signed"]
        assert reader.scalars(select(VerificationFile.sha256)).all() == [recap.signed_sha256]


def test_a_job_that_runs_again_signs_nothing_twice(house: House) -> None:
    recap_id = house.signed()
    before = house.recap(recap_id)
    with house.inside("kakanwil.kalbar"):
        signing.sign(recap_id, before.attempt, now=house.now)
        again = signing.request_sign(recap_id, by=house.by("kakanwil.kalbar"), now=house.now)
        assert again.signed_sha256 == before.signed_sha256
        assert session().scalar(select(LetterSequence.next)) == 2
        assert session().scalar(select(func.count()).select_from(Decision)) == 1


def test_a_death_before_the_commit_leaves_nothing_and_takes_no_number(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    recap_id = house.submitted()

    def die(data: bytes) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(signing.files, "put", die)
        with pytest.raises(KeyboardInterrupt):
            house.sign(recap_id)
    left = house.recap(recap_id)
    assert (left.signed_at, left.number, left.state) == (None, None, "in_review")
    with house.inside("kakanwil.kalbar"):
        assert session().scalar(select(func.count()).select_from(Decision)) == 0
        assert session().scalar(select(LetterSequence.next)) is None
        signed = signing.sign(recap_id, left.attempt, now=house.now)
    assert "PAS-1." in str(signed.number)


def test_a_number_taken_meanwhile_is_not_used_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    recap_id = house.submitted()
    taken: list[int] = []
    take = signing._take

    def somebody_first(here: object, year: int, sequence: int) -> bool:
        if not taken:
            taken.append(sequence)
            assert take(here, year, sequence)  # type: ignore[arg-type]
            return False
        return take(here, year, sequence)  # type: ignore[arg-type]

    monkeypatch.setattr(signing, "_take", somebody_first)
    recap = house.sign(recap_id)
    assert "PAS-2." in str(recap.number)


def test_only_a_signature_approves_and_only_the_kakanwil_signs(house: House) -> None:
    recap_id = house.submitted()
    case_id = house.recap(recap_id).case_id
    assert case_id is not None
    with house.inside("kakanwil.kalbar"), pytest.raises(NotThisState):
        decide(case_id, Verdict("approve"), by=house.by("kakanwil.kalbar"), key="k", now=house.now)
    with house.inside("kadiv.kalbar"), pytest.raises(Forbidden):
        signing.request_sign(recap_id, by=house.by("kadiv.kalbar"), now=house.now)
    with house.inside("kakanwil.banten"), pytest.raises(NotFound):
        signing.request_sign(recap_id, by=house.by("kakanwil.banten"), now=house.now)


def test_an_obstacle_keeps_its_text_without_marks_that_turn_or_control(house: House) -> None:
    entered = {
        "category": "materials",
        "description": "Rotan \u202eterbalik\x00\r\nhabis",
        "action": "Beli",
        "who": "Giatja",
    }
    with house.inside():
        made, _ = obstacles.add(entered, by=house.by("kadiv.kalbar"), now=house.now)
        assert made.description == "Rotan terbalik\nhabis"
        with pytest.raises(Invalid) as refused:
            obstacles.add({**entered, "who": "x" * 161}, by=house.by("kadiv.kalbar"), now=house.now)
    assert "160" in str(refused.value.fields["who"])


def test_a_return_makes_it_a_draft_with_the_reason(house: House) -> None:
    recap_id = house.submitted()
    case_id = house.recap(recap_id).case_id
    assert case_id is not None
    verdict = Verdict(
        "return",
        "Kendala belum lengkap.",
        requests=[{"field": "obstacles", "text": "Tambahkan kendala bahan baku."}],
    )
    with house.inside("kakanwil.kalbar"):
        decide(case_id, verdict, by=house.by("kakanwil.kalbar"), key="k", now=house.now)
    recap = house.recap(recap_id)
    assert (recap.state, recap.note) == ("draft", "Kendala belum lengkap.")
    with house.inside():
        by = house.by("kadiv.kalbar")
        obstacles.add(
            {
                "category": "materials",
                "description": "Rotan <b>habis</b>",
                "action": "Beli & simpan",
                "who": "Giatja",
            },
            by=by,
            now=house.now,
        )
        again = drafting.redraft(recap_id, by=by, now=house.now)
        drafting.prepare(recap_id, again.revision_no, now=house.now)
        drafting.submit(recap_id, by=by, now=house.now)
        assert drafting.figures_of(drafting.load(recap_id))["obstacles"]["open"] == 1
    assert house.sign(recap_id).state == "delivered"


def test_the_receipt_is_a_second_signature_and_is_logged(house: House, tmp_path: Path) -> None:
    recap_id = house.acknowledged()
    recap = house.recap(recap_id)
    assert recap.state == "acknowledged"
    path = tmp_path / "received.pdf"
    path.write_bytes(house.file(recap_id))
    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid") == 2
    with public() as reader:
        assert reader.scalars(select(VerificationRecord.state)).all() == ["acknowledged"]
    with house.inside():
        actions = set(session().scalars(select(AuditEvent.action).where(AuditEvent.chain == "kanwil")))
        assert {"recap.frozen", "recap.signed", "recap.delivered", "recap.acknowledged"} <= actions
        assert verifying.verify() == []


def test_a_ralat_replaces_what_it_names(house: House, tmp_path: Path) -> None:
    first = house.signed()
    second = house.signed()
    earlier, later = house.recap(first), house.recap(second)
    assert (earlier.state, later.state, later.replaces_id) == ("replaced", "delivered", first)
    assert f"menggantikan surat Nomor {earlier.number}" in printed(house.file(second), tmp_path)
    with house.inside("dirjen"), pytest.raises(NotThisState):
        receiving.request_acknowledge(first, by=house.by("dirjen"), now=house.now)


def test_another_secret_opens_no_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.signed()
    with house.inside():
        recap, _ = drafting.draft("2024-02", by=house.by("kadiv.kalbar"), now=house.now)
        drafting.prepare(recap.id, 1, now=house.now)
        drafting.submit(recap.id, by=house.by("kadiv.kalbar"), now=house.now)
    from recaps.signer import EmbeddedSigner
    from tenants import database

    other = EmbeddedSigner(database.db.settings.data / "keys", "y" * 40)
    monkeypatch.setattr(signing, "signer", lambda: other)
    with pytest.raises(SignerUnavailable):
        house.sign(recap.id)
    with house.inside():
        assert session().scalar(select(LetterSequence.next)) == 2
        assert session().scalars(select(Recap.number).where(Recap.id == recap.id)).one() is None


def test_a_late_purchase_is_a_correction_in_the_next_recap_and_only_once(house: House) -> None:
    """March is signed, then a package of March comes in: April's recap tells it, May's no longer does."""
    signed = house.signed()
    before = files.get(str(house.recap(signed).figures_sha256))
    with house.inside(), transaction() as here:
        late = here.scalars(select(Purchase).where(Purchase.package_id == "EP-2403-2")).one()
        deltas = Deltas()
        deltas.take(late)
        late.quantity, late.total_rupiah = 20, 21_000_000
        deltas.add(late)
        deltas.write(here)
    told = []
    for period in ("2024-04", "2024-05"):
        recap_id = house.drafted(period)
        figures = json.loads(files.get(str(house.recap(recap_id).figures_sha256)))
        told.append(figures["corrections"])
        with house.inside():
            drafting.submit(recap_id, by=house.by("kadiv.kalbar"), now=house.now)
        house.sign(recap_id)
    assert told[1] == []
    ((correction,),) = (told[0],)
    assert correction["number"] == house.recap(signed).number
    assert (correction["value_before_rupiah"], correction["value_rupiah"]) == (47_850_000, 51_000_000)
    assert (correction["packages_before"], correction["packages"]) == (2, 2)
    assert files.get(str(house.recap(signed).figures_sha256)) == before, "a signed recap never changes"


def test_a_ralat_tells_the_corrections_of_the_letter_it_replaces_again(house: House) -> None:
    house.signed()
    with house.inside(), transaction() as here:
        late = here.scalars(select(Purchase).where(Purchase.package_id == "EP-2403-2")).one()
        deltas = Deltas()
        deltas.take(late)
        late.status = "Batal"
        deltas.add(late)
        deltas.write(here)
    for _ in range(2):
        recap_id = house.drafted("2024-04")
        figures = json.loads(files.get(str(house.recap(recap_id).figures_sha256)))
        assert [one["period"] for one in figures["corrections"]] == ["2024-03"]
        with house.inside():
            drafting.submit(recap_id, by=house.by("kadiv.kalbar"), now=house.now)
        house.sign(recap_id)
    assert figures["letter"]["subject"].startswith("Ralat rekapitulasi")


def test_sifat_lampiran_and_hal_are_the_kanwils_own(house: House, tmp_path: Path) -> None:
    with house.inside(), transaction() as here:
        own = here.scalars(select(KanwilSettings)).one()
        own.classification, own.enclosures = "Segera", "2 (dua) berkas"
        own.subject_pattern = "Laporan karya warga binaan {period}"
    text = printed(house.file(house.drafted()), tmp_path)
    assert "Sifat : Segera Lampiran : 2 (dua) berkas Hal : Laporan karya warga binaan Maret 2024" in text
