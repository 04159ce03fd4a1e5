"""Many signatures in one act, with and without a PIN; the archive's stamps; warnings of certificates that end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from config import Settings
from recaps import archiving, batches, drafting, pades, receiving, signing, verification
from recaps.certificates import expiring
from recaps.errors import NoSuchRecap, NotThisState, WrongPin
from recaps.minutes import issuing
from recaps.models import VerificationFile
from recaps.signer import Signer
from recaps.signers import remote
from recaps.signers.office_files import OfficeFiles
from recaps.signers.remote import RemoteSigner
from tenants import database, files, jobs
from tenants.database import session
from tenants.errors import Invalid
from tests.recaps.conftest import House
from tests.recaps.proof_scene import Proof
from tests.recaps.test_pages import Desk
from tests.support.authorities import Authority, now
from tests.support.remote_signer import ACCOUNT, NIK, PASSPHRASE, RemoteService
from tests.support.statements import counted_statements
from workflows import verifying
from workflows.models import Notice

MONTHS = ("2024-01", "2024-02", "2024-03")


@pytest.fixture
def worker(house: House, app: Any) -> Iterator[jobs.Worker]:
    made = jobs.Worker(poll_seconds=0.1, schedules=False)
    made.drain()
    yield made
    made.stop()


@pytest.fixture
def desk(worker: jobs.Worker, sign_in: Callable[..., Any]) -> Callable[[str], Desk]:
    return lambda username: Desk(sign_in(username), worker)


@pytest.fixture
def waiting(house: House) -> list[int]:
    """Three recaps of Kalbar that wait for the Kakanwil."""
    ids = [house.drafted(month) for month in MONTHS]
    with house.inside():
        for recap_id in ids:
            drafting.submit(recap_id, by=house.by("kadiv.kalbar"), now=house.now)
    return ids


@pytest.fixture
def authority(house: House, settings: Settings) -> Iterator[Authority]:
    """The house trusts it, asks it, and has its time stamps."""
    with Authority().serving() as made:
        made.trust(settings.data / "keys")
        told = replace(settings, revocation_allow=(made.url,), tsa_url=f"{made.url}/tsa")
        database.db.settings = told
        yield made
        database.db.settings = settings


def use(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> Signer:
    for room in (signing, receiving, verification, archiving, expiring):
        monkeypatch.setattr(room, "signer", lambda: signer)
    return signer


def numbers(house: House, ids: list[int]) -> list[int]:
    found = [re.search(r"PAS-(\d+)\.", str(house.recap(one).number)) for one in ids]
    return [int(one.group(1)) for one in found if one]


def until(there: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_waits_is_signed_and_received_in_one_act_each(
    house: House, waiting: list[int], desk: Callable[[str], Desk]
) -> None:
    kakanwil = desk("kakanwil.kalbar")
    assert "Tandatangani 3 rekap" in kakanwil.get("/rekap")
    review = kakanwil.get("/rekap/tandatangani")
    assert review.count("checked") == 3
    told = kakanwil.post("/rekap/tandatangani", recap=[str(one) for one in waiting])  # type: ignore[arg-type]
    page = kakanwil.get(told.headers["Location"])
    assert "3 dari 3 rekap ditandatangani dan dikirim." in page
    assert numbers(house, waiting) == [1, 2, 3]
    assert "Tidak ada yang menunggu tanda tangan Anda" in kakanwil.get("/rekap/tandatangani")
    again = kakanwil.post("/rekap/tandatangani", recap=[str(one) for one in waiting])  # type: ignore[arg-type]
    assert "3 dari 3" in kakanwil.get(again.headers["Location"])
    assert numbers(house, waiting) == [1, 2, 3]

    dirjen = desk("dirjen")
    assert "Terima banyak sekaligus" in dirjen.get("/rekap-masuk")
    assert dirjen.get("/rekap-masuk/terima").count("checked") == 3
    told = dirjen.post("/rekap-masuk/terima", recap=[str(one) for one in waiting])  # type: ignore[arg-type]
    assert "3 dari 3 rekap diterima." in dirjen.get(told.headers["Location"])
    for one in waiting:
        assert verification.verify_file(house.file(one)).verdict == "sound"
    with house.inside():
        assert verifying.verify() == []


def test_the_pages_of_a_round_ask_little_of_the_database(
    waiting: list[int], sign_in: Callable[..., Any]
) -> None:
    kakanwil = sign_in("kakanwil.kalbar")
    named = "&".join(f"recap={one}" for one in waiting)
    for path in ("/rekap/tandatangani", f"/rekap/tandatangani/hasil?{named}", "/rekap", "/rekap/sertifikat"):
        kakanwil.get(path)
        with counted_statements() as seen:
            assert kakanwil.get(path).status_code == 200
        assert len(seen) <= 12, "\n".join([path, *seen])


def test_who_may_not_and_what_is_not_his_are_refused(
    house: House, waiting: list[int], desk: Callable[[str], Desk]
) -> None:
    desk("kadiv.kalbar").get("/rekap/tandatangani", 403)
    other = desk("kakanwil.banten")
    other.get("/rekap")
    other.post("/rekap/tandatangani", 404, recap=str(waiting[0]))
    other.get(f"/rekap/tandatangani/hasil?recap={waiting[0]}", 404)
    other.get("/rekap/tandatangani/hasil", 404)
    assert "Pilih paling sedikit satu" in other.post("/rekap/tandatangani", 422).text
    dirjen = desk("dirjen")
    dirjen.get("/rekap-masuk/terima")
    dirjen.post("/rekap-masuk/terima", 404, recap=str(waiting[0]))
    dirjen.get(f"/rekap-masuk/terima/hasil?recap={waiting[0]}", 404)
    assert house.recap(waiting[0]).signing_since is None


def test_all_are_asked_for_or_none(house: House, waiting: list[int]) -> None:
    draft = house.drafted("2023-12")
    with house.inside("kakanwil.kalbar"):
        by = house.by("kakanwil.kalbar")
        with pytest.raises(NotThisState):
            signing.request_signatures([*waiting, draft], by=by, now=house.now)
        with pytest.raises(Invalid):
            signing.request_signatures(list(range(1, 200)), by=by, now=house.now)
        assert [one.why_not for one in batches.to_sign(by)] == [None] * 3
    with house.inside("dirjen"), pytest.raises(NoSuchRecap):
        receiving.request_acknowledgements(waiting, by=house.by("dirjen"), now=house.now)


def test_one_that_fails_holds_no_other_up_and_takes_no_number(
    house: House, waiting: list[int], worker: jobs.Worker, desk: Callable[[str], Desk]
) -> None:
    lost = files.path(str(house.recap(waiting[1]).purchases_sha256))
    assert lost is not None
    kept = lost.read_bytes()
    lost.unlink()
    kakanwil = desk("kakanwil.kalbar")
    kakanwil.get("/rekap/tandatangani")
    told = kakanwil.post("/rekap/tandatangani", recap=[str(one) for one in waiting])  # type: ignore[arg-type]
    page = kakanwil.get(told.headers["Location"])
    shared = house.recap(waiting[0]).purchases_sha256 == house.recap(waiting[1]).purchases_sha256
    signed = [one for one in waiting if house.recap(one).signed_at]
    assert len(signed) == (1 if shared else 2)
    assert "belum ditandatangani" in page
    assert sorted(numbers(house, signed)) == list(range(1, len(signed) + 1))
    files.put(kept)
    left = [str(one) for one in waiting if one not in signed]
    told = kakanwil.post("/rekap/tandatangani", recap=left)  # type: ignore[arg-type]
    assert "ditandatangani dan dikirim." in kakanwil.get(told.headers["Location"])
    assert sorted(numbers(house, waiting)) == [1, 2, 3]


@pytest.fixture
def service(
    house: House, authority: Authority, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RemoteService]:
    """A remote service with the Kakanwil's key; signing goes through it."""
    monkeypatch.setattr(remote, "PAUSE", 0.01)
    key, certificate = authority.issue(house.by("kakanwil.kalbar").name)
    (settings.data / "keys" / "officers.csv").write_text(f"kakanwil.kalbar,{NIK}\n")
    with RemoteService(key, [certificate, authority.certificate]).serving() as made:
        use(RemoteSigner(made.url, *ACCOUNT, settings.data / "keys"), monkeypatch)
        yield made


def test_a_pin_signs_many_in_the_process_that_was_told_it_and_lies_nowhere(
    house: House,
    waiting: list[int],
    service: RemoteService,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    by = house.by("kakanwil.kalbar")

    def ask(pin: str | None) -> None:
        with house.inside("kakanwil.kalbar"), caplog.at_level(0):
            signing.request_signatures(waiting, by=by, now=now(), pin=pin)

    def settled() -> bool:
        return all((one := house.recap(id_)).signed_at or one.problem for id_ in waiting)

    with pytest.raises(WrongPin):
        ask(None)
    ask("sandi-keliru-9")
    until(settled)
    assert service.wrong == 1
    assert all("PIN" in str(house.recap(one).problem) for one in waiting)
    ask(PASSPHRASE)
    until(settled)
    assert numbers(house, waiting) == [1, 2, 3]
    for one in waiting:
        (found,) = verification.verify_file(house.file(one)).signatures
        assert (found.level, found.good, found.development) == ("PAdES-B-LT", True, False)
    assert PASSPHRASE not in caplog.text
    kept = _everything(settings)
    assert b"Ditandatangani dengan nomor" in kept
    assert PASSPHRASE.encode() not in kept
    assert b"sandi-keliru-9" not in kept


def test_the_dirjen_receives_many_with_one_pin_and_a_wrong_one_is_tried_once(
    house: House,
    waiting: list[int],
    authority: Authority,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for one in waiting:
        house.sign(one)
    by = house.by("dirjen")
    key, certificate = authority.issue(by.name)
    (settings.data / "keys" / "officers.csv").write_text(f"dirjen,{NIK}\n")

    def ask(pin: str) -> None:
        with house.inside("dirjen"):
            assert receiving.request_acknowledgements(waiting, by=by, now=now(), pin=pin) == 3
        until(lambda: all((one := house.recap(id_)).acknowledged_at or one.problem for id_ in waiting))

    with RemoteService(key, [certificate, authority.certificate]).serving() as service:
        monkeypatch.setattr(remote, "PAUSE", 0.01)
        keys = settings.data / "keys"
        own = signing.signer().anchors()
        use(RemoteSigner(service.url, *ACCOUNT, keys, earlier=own), monkeypatch)
        ask("sandi-keliru-9")
        assert service.wrong == 1
        assert all("PIN" in str(house.recap(one).problem) for one in waiting)
        ask(PASSPHRASE)
    for one in waiting:
        found = verification.verify_file(house.file(one))
        assert (found.verdict, [sign.good for sign in found.signatures]) == ("sound", [True, True])
        assert [sign.development for sign in found.signatures] == [True, False]


def _everything(settings: Settings) -> bytes:
    """All that lies on disk and in the database, the queue's tables too."""
    found = [path.read_bytes() for path in settings.data.rglob("*") if path.is_file()]
    if settings.dialect == "postgresql":
        from sqlalchemy import create_engine

        engine = create_engine(settings.owner_url or settings.database_url)
        with engine.connect() as connection:
            tables = connection.execute(
                text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos')")
            ).all()
            for schema, table in tables:
                rows = connection.execute(text(f'SELECT t::text FROM "{schema}"."{table}" t')).scalars()
                found += [str(row).encode() for row in rows]
        engine.dispose()
    return b"\n".join(found)


def test_a_signature_that_was_asked_and_did_not_come_may_be_asked_again(
    house: House, waiting: list[int]
) -> None:
    """The process that knew the PIN died: five minutes later the page offers it again, and says what happened."""
    by = house.by("kakanwil.kalbar")
    long_ago = now() - timedelta(minutes=6)
    with house.inside("kakanwil.kalbar"):
        signing.request_signatures(waiting, by=by, now=long_ago)
        found = batches.outcomes(waiting, by=by)
        assert [(one.state, "tidak selesai" in one.why) for one in found] == [("failed", True)] * 3
        assert [one.why_not for one in batches.to_sign(by)] == [None] * 3
        before = house.recap(waiting[0]).attempt
    with house.inside("kakanwil.kalbar"):
        signing.request_signatures(waiting[:1], by=by, now=now())
    assert house.recap(waiting[0]).attempt == before + 1


# --- the archive ---


def test_the_archive_stamps_each_file_once_and_all_versions_stay_sound(
    house: House, worker: jobs.Worker, authority: Authority
) -> None:
    recap_id = house.signed()
    with house.inside():
        assert archiving.plan(now()) == 1
        assert archiving.plan(now()) == 1  # the same job: its key names the file and the day
    worker.drain()
    first = house.recap(recap_id)
    assert first.archived_sha256 is not None
    assert first.restamp_at is not None
    with house.inside():
        assert archiving.plan(now()) == 0
        assert not archiving.stamp("recap", recap_id, str(first.archived_sha256), now=now())
    for digest, archived in ((first.signed_sha256, 0), (first.archived_sha256, 1)):
        found = verification.verify_file(files.get(str(digest)))
        assert (found.verdict, len(found.archived), found.figures_match) == ("sound", archived, True)
    assert house.file(recap_id).startswith(files.get(str(first.signed_sha256)))

    with house.inside():
        later = first.restamp_at + timedelta(days=1)
        assert archiving.stamp("recap", recap_id, str(first.archived_sha256), now=now()) is False
        assert archiving._is_due(house.recap(recap_id), str(first.archived_sha256), later)
    by = house.by("dirjen")
    with house.inside("dirjen"):
        receiving.request_acknowledge(recap_id, by=by, now=now())
    worker.drain()
    received = house.recap(recap_id)
    assert (received.state, received.archived_sha256) == ("acknowledged", None)
    assert house.file(recap_id).startswith(files.get(str(first.archived_sha256)))
    with house.inside():
        assert archiving.plan(now()) == 1
    worker.drain()
    last = verification.verify_file(house.file(recap_id))
    assert (last.verdict, len(last.signatures), len(last.archived)) == ("sound", 2, 2)
    assert [one.level for one in last.signatures] == ["PAdES-B-LTA"] * 2
    with house.inside():
        assert verifying.verify() == []
        kinds = session().scalars(select(VerificationFile.kind).order_by(VerificationFile.at)).all()
    assert sorted(kinds) == ["acknowledged", "archived", "archived", "signed"]


def test_a_death_before_the_commit_leaves_no_second_version(
    house: House, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    recap_id = house.signed()
    head = str(house.recap(recap_id).signed_sha256)

    def die(data: bytes) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(archiving.files, "put", die)
        with house.inside(), pytest.raises(KeyboardInterrupt):
            archiving.stamp("recap", recap_id, head, now=now())
    assert house.recap(recap_id).archived_sha256 is None
    with house.inside():
        assert session().scalar(select(func.count()).select_from(VerificationFile)) == 1
        assert archiving.stamp("recap", recap_id, head, now=now())
        assert not archiving.stamp("recap", recap_id, head, now=now())


def test_minutes_are_stamped_too(house: House, authority: Authority) -> None:
    proof = Proof(house)
    minutes = proof.minutes(proof.returned_and_approved())
    head = str(minutes.signed_sha256)
    with house.inside():
        assert archiving.stamp("minutes", minutes.id, head, now=now())
        row = issuing.load(minutes.id)
        assert files.get(str(row.file_sha256)).startswith(files.get(head))
        newest = files.get(str(row.file_sha256))
    found = verification.verify_file(newest)
    assert (found.verdict, len(found.archived), found.history_match) == ("sound", 1, True)


def test_a_stamp_is_renewed_before_its_service_ends() -> None:
    at = now()
    assert archiving.next_stamp(at, at + timedelta(days=3650)) - at == archiving.LONGEST
    assert archiving.next_stamp(at, at + timedelta(days=365)) - at == timedelta(days=275)
    assert archiving.next_stamp(at, at + timedelta(days=100)) - at == timedelta(days=50)


# --- certificates that end ---


def test_who_signs_is_warned_once_a_step_and_the_page_says_it(
    house: House,
    authority: Authority,
    settings: Settings,
    desk: Callable[[str], Desk],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = settings.data / "keys"
    name = house.by("kakanwil.kalbar").name
    authority.p12(keys / "officers" / "kakanwil.kalbar.p12", name, "1234", days=20)
    authority.p12(keys / "officers" / "kadiv.kalbar.p12", "Orang Lain", "1234", days=300)
    use(OfficeFiles(keys / "officers", keys), monkeypatch)

    def told(days: int) -> int:
        with house.inside():
            return expiring.warn(now() + timedelta(days=days))

    assert [told(0), told(1), told(14), told(15), told(21), told(22)] == [1, 0, 1, 0, 1, 0]
    with house.inside():
        titles = session().scalars(select(Notice.title).where(Notice.kind == "certificate.ending")).all()
    assert sum("akan berakhir" in one for one in titles) == 4
    assert sum("sudah berakhir" in one for one in titles) == 2
    assert len({(one.name, one.state) for one in _held(house)}) == 2
    page = desk("admin.kalbar").get("/rekap/sertifikat")
    assert "segera berakhir" in page
    assert "nama lain" in page


def _held(house: House) -> list[expiring.Held]:
    with house.inside():
        return expiring.held_here(now())


# --- what is told at verification ---


def test_a_second_signer_without_right_an_expired_and_a_revoked_certificate_are_told(
    house: House, authority: Authority, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = house.file(house.signed())
    mine = signing.signer()
    outsider = pades.Holder(99, "Bukan Dirjen", "Direktur Jenderal", "Entah", "lain")
    forged = pades.countersign(pdf, mine, outsider, reason="Diterima", place="Jakarta", now=now())
    found = verification.verify_file(forged)
    assert (found.verdict, found.as_dict()["verdict"]) == ("not_entitled", "altered")
    assert [one.signer for one in found.signatures][1] == "Bukan Dirjen"
    assert "Bukan Dirjen" in found.changes[0]
    assert "ikut menandatangani" in found.changes[0]

    def by_another(ago: int, **how: Any) -> bytes:
        begin = now() - timedelta(days=ago)
        certificate = authority.p12(tmp_path / "lain.p12", "Bukan Dirjen", "1234", begin=begin, **how)
        others = OfficeFiles(tmp_path, settings.data / "keys")
        made = pades.countersign(
            pdf, others, outsider, reason="x", place="y", now=begin + timedelta(hours=1), pin="1234"
        )
        authority.revoke(certificate)
        return made

    (tmp_path / "keys").mkdir(exist_ok=True)
    ended = verification.verify_file(by_another(40, days=30, asks="nowhere"))
    assert ended.verdict == "not_entitled"
    assert any("Sertifikat Bukan Dirjen sudah berakhir" in one for one in ended.changes), ended.changes
    shown = [one.certificate for one in found.signatures if one.signer == "Bukan Dirjen"]
    revoked_at = (now() - timedelta(minutes=1)).isoformat()
    (settings.data / "keys" / "revoked.csv").write_text(f"{shown[0]},{revoked_at}\n")
    revoked = verification.verify_file(forged, now=now() + timedelta(seconds=1))
    assert any("Sertifikat Bukan Dirjen sudah dicabut" in one for one in revoked.changes), revoked.changes
    assert verification.verify_file(pdf).verdict == "sound"
