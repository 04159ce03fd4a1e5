"""The recap of the country: its sums, the recaps inside, its signature, what anyone may check of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from recaps import verification
from recaps.errors import BadPeriod, NoSuchRecap, NotThisState, RecapExists
from recaps.models import VerificationFile
from recaps.national import drafting, events, gathering, letterhead, queries, signing
from recaps.national.models import NationalEvent, NationalSequence
from tenants import database, files
from tenants.database import session
from tenants.errors import Forbidden, Invalid
from tests.recaps.conftest import House
from tests.recaps.test_life import printed


@contextmanager
def centre(house: House, username: str = "admin.pusat") -> Iterator[Any]:
    with house.inside(username):
        yield house.by(username)


def drafted(house: House, period: str = "2024-03") -> int:
    with centre(house) as by:
        recap, _ = drafting.draft(period, by=by, now=house.now)
        drafting.prepare(recap.id, 1, now=house.now)
        return int(recap.id)


def signed(house: House) -> int:
    recap_id = drafted(house)
    with centre(house) as by:
        drafting.submit(recap_id, by=by, now=house.now)
    with centre(house, "dirjen") as by:
        asked = signing.request_sign(recap_id, by=by, now=house.now)
        signing.sign(recap_id, asked.attempt, now=house.now)
    return recap_id


def test_the_country_is_told_with_the_signed_recaps_inside_and_the_missing_named(
    house: House, tmp_path: Path
) -> None:
    kalbar = house.acknowledged()
    recap_id = signed(house)
    with centre(house):
        recap = drafting.load(recap_id)
        pdf = files.get(str(recap.file_sha256))
        assert (recap.state, recap.number) == ("signed", f"PAS-1.OT.02.02 Tahun {house.now.year}")
        assert recap.summary["value_rupiah"] == 47_850_000
        assert (recap.summary["recaps"], recap.summary["missing"]) == (
            1,
            ["Banten", "Sumatera Barat"],
        )
    text = printed(pdf, tmp_path)
    assert "Rp47.850.000 (empat puluh tujuh juta delapan ratus lima puluh ribu rupiah)" in text
    assert "Rekap 2 Kantor Wilayah belum diterima" in text
    assert "yaitu Banten, Sumatera Barat" in text
    assert "Yth. Menteri Hukum dan Hak Asasi Manusia Republik Indonesia di Jakarta" in text
    inside = PdfReader(io.BytesIO(pdf)).attachments
    assert set(inside) == {"angka.json", "riwayat.json", "rekap-kalbar-2024-03.pdf"}
    copy = bytes(inside["rekap-kalbar-2024-03.pdf"][0])
    assert copy == house.file(kalbar)
    assert verification.verify_file(copy).verdict == "sound"


def test_anyone_verifies_it_and_its_history_names_each_recap_inside(house: House) -> None:
    house.signed()
    recap_id = signed(house)
    with centre(house):
        pdf = files.get(str(drafting.load(recap_id).file_sha256))
        code = str(drafting.load(recap_id).code)
    for found in (verification.verify_file(pdf), verification.verify_code(code)):
        assert (found.verdict, found.figures_match, found.history_match) == ("sound", True, True)
        assert found.record is not None
        assert (found.record.kind, found.record.kanwil_code) == ("national", "pusat")
        assert found.chains == 2
        assert [one.office for one in found.signatures] == ["Direktur Jenderal Pemasyarakatan"]
    altered = bytearray(pdf)
    altered[len(pdf) // 2] ^= 1
    assert verification.verify_file(bytes(altered)).verdict == "altered"


def test_a_history_that_was_rewritten_no_longer_matches(house: House) -> None:
    recap_id = signed(house)
    with centre(house):
        pdf = files.get(str(drafting.load(recap_id).file_sha256))
    assert verification.verify_file(pdf).history_match is True
    _as_owner("UPDATE national_event SET payload = '{}' WHERE seq = 1")
    assert verification.verify_file(pdf).history_match is False


def _as_owner(sql: str) -> None:
    """The application may not change an event on PostgreSQL; its owner can."""
    from sqlalchemy import create_engine, text

    settings = database.db.settings
    engine = create_engine(settings.owner_url or settings.database_url)
    with engine.begin() as connection:
        connection.execute(text(sql))
    engine.dispose()


def test_whatever_is_repeated_there_is_one_signature_and_one_number(house: House) -> None:
    recap_id = signed(house)
    with centre(house, "dirjen") as by:
        again = signing.request_sign(recap_id, by=by, now=house.now + timedelta(hours=1))
        before = again.signed_sha256
        assert signing.sign(recap_id, again.attempt, now=house.now).signed_sha256 == before
        assert session().scalar(select(NationalSequence.next)) == 2
        assert (
            session().scalar(
                select(func.count()).select_from(NationalEvent).where(NationalEvent.action == "recap.signed")
            )
            == 1
        )


def test_a_death_before_the_commit_takes_no_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    recap_id = drafted(house)
    with centre(house) as by:
        drafting.submit(recap_id, by=by, now=house.now)
    with centre(house, "dirjen") as by:
        attempt = signing.request_sign(recap_id, by=by, now=house.now).attempt
        with monkeypatch.context() as patch:

            def dead(*_: Any, **__: Any) -> None:
                raise SystemExit

            patch.setattr(events, "record", dead)
            with pytest.raises(SystemExit):
                signing.sign(recap_id, attempt, now=house.now)
        assert session().scalar(select(NationalSequence.next)) is None
        assert session().scalar(select(func.count()).select_from(VerificationFile)) == 0
        assert signing.sign(recap_id, attempt, now=house.now).state == "signed"


def test_the_same_figures_give_the_same_bytes(house: House) -> None:
    house.signed()
    recap_id = drafted(house)
    with centre(house):
        recap = drafting.load(recap_id)
        assert drafting.letter_pdf(recap) == files.get(str(recap.preview_sha256))


def test_who_may_do_what_and_when(house: House) -> None:
    with centre(house, "dirjen") as by, pytest.raises(Forbidden):
        drafting.draft("2024-03", by=by, now=house.now)
    recap_id = drafted(house)
    with centre(house) as by:
        with pytest.raises(RecapExists):
            drafting.draft("2024-03", by=by, now=house.now)
        for wrong in ("2024-13", "2099-01"):
            with pytest.raises(BadPeriod):
                drafting.draft(wrong, by=by, now=house.now)
        with pytest.raises(Forbidden):
            signing.request_sign(recap_id, by=by, now=house.now)
        with pytest.raises(NoSuchRecap):
            drafting.load(99)
    with centre(house, "dirjen") as by, pytest.raises(NotThisState):
        signing.request_sign(recap_id, by=by, now=house.now)


def test_nobody_signs_what_he_drafted(house: House) -> None:
    recap_id = drafted(house)
    with centre(house) as keeper:
        drafting.submit(recap_id, by=keeper, now=house.now)
    with centre(house, "dirjen") as by:
        with database.transaction():
            drafting.locked(recap_id).drafted_by = by.id
        with pytest.raises(NotThisState):
            signing.request_sign(recap_id, by=by, now=house.now)


def test_the_dirjen_gives_it_back_with_a_reason_and_late_recaps_come_in(house: House) -> None:
    recap_id = drafted(house)
    with centre(house) as by:
        drafting.submit(recap_id, by=by, now=house.now)
    house.signed()
    with centre(house, "dirjen") as by:
        assert queries.view(recap_id).fresh == 1
        with pytest.raises(Invalid):
            signing.send_back(recap_id, "", by=by, now=house.now)
        signing.send_back(recap_id, "Tunggu Kalimantan Barat.", by=by, now=house.now)
        assert drafting.load(recap_id).note == "Tunggu Kalimantan Barat."
    with centre(house) as by:
        revision = drafting.redraft(recap_id, by=by, now=house.now).revision_no
        drafting.prepare(recap_id, revision, now=house.now)
        found = queries.view(recap_id)
        assert (found.fresh, found.recap.summary["inside"]) == (0, 1)
        actions = [event.action for event in found.events]
    assert actions == [
        *(
            "recap.frozen",
            "recap.redrafted",
            "recap.returned",
            "recap.submitted",
            "recap.frozen",
            "recap.drafted",
        ),
    ]


def test_a_ralat_replaces_what_it_names(house: House, tmp_path: Path) -> None:
    first = signed(house)
    second = signed(house)
    with centre(house):
        earlier, later = drafting.load(first), drafting.load(second)
        assert (earlier.state, later.replaces_id) == ("replaced", first)
        text = printed(files.get(str(later.file_sha256)), tmp_path)
        assert f"menggantikan surat Nomor {earlier.number}" in text
        assert "Hal : Ralat rekapitulasi nasional" in text
        assert verification.verify_file(files.get(str(earlier.file_sha256))).verdict == "replaced"


def test_a_recap_that_no_longer_fits_is_named_instead(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.signed()
    monkeypatch.setattr(gathering, "ATTACHED_BYTES", 1000)
    recap_id = drafted(house)
    with centre(house):
        recap = drafting.load(recap_id)
        pdf = files.get(str(recap.preview_sha256))
        assert (recap.summary["recaps"], recap.summary["inside"]) == (1, 0)
    assert "tidak disertakan" in printed(pdf, tmp_path)
    assert set(PdfReader(io.BytesIO(pdf)).attachments) == {"angka.json", "riwayat.json"}


def test_the_centres_letter_is_its_own_setting(house: House) -> None:
    good = {
        **{name: getattr(letterhead._usual(), name) for name in letterhead.TEXTS},
        "number_pattern": "DJP-{seq}/{year}",
        "copies": "Wakil Menteri\n\nSekretaris Jenderal",
        "due_workday": "7",
    }
    with centre(house) as by:
        assert letterhead.save(good, by=by, now=house.now)
        assert not letterhead.save(good, by=by, now=house.now)
        assert (letterhead.own().copies, letterhead.own().due_workday) == (
            ["Wakil Menteri", "Sekretaris Jenderal"],
            7,
        )
        for field, wrong in (
            ("number_pattern", "tanpa urutan"),
            ("number_pattern", "{seq}{x}"),
            ("subject_pattern", "tanpa periode"),
            ("due_workday", "²"),
            ("due_workday", "16"),
        ):
            with pytest.raises(Invalid) as refused:
                letterhead.save({**good, field: wrong}, by=by, now=house.now)
            assert field in refused.value.fields
    with centre(house, "dirjen") as by, pytest.raises(Forbidden):
        letterhead.save(good, by=by, now=house.now)
