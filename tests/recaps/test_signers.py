"""Every way to sign, against the real thing on loopback: files of the office, SoftHSM, a remote service, time stamps,
revocation; and what is refused in words before anything is signed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from config import ConfigError, Settings, load
from recaps import pades, rendering, stamps
from recaps.errors import CertificateRefused, SignerUnavailable, WrongPin
from recaps.letter import compose
from recaps.rendering import render
from recaps.signer import EmbeddedSigner, Holder, Signer
from recaps.signers import fitness, remote, revocation
from recaps.signers.office_files import OfficeFiles
from recaps.signers.remote import RemoteSigner
from recaps.signers.tokens import Tokens
from tenants import database
from tests.recaps import recap_samples as samples
from tests.support.authorities import Authority, now
from tests.support.remote_signer import ACCOUNT, NIK, PASSPHRASE, RemoteService

NIP = "197001011995031001"
KAKANWIL = Holder(
    1, "Dr. H. Ahmad Fauzi, S.H., M.H.", "Kepala Kantor Wilayah", "Kanwil", "kakanwil.kalbar", NIP
)
DIRJEN = Holder(2, "Budi Santoso", "Direktur Jenderal", "Ditjen", "dirjen")
PIN = "246810"
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"


@pytest.fixture(scope="module")
def unsigned() -> Iterator[bytes]:
    figures = samples.figures()
    yield render(compose(figures, samples.issue()), samples.attachments(figures))
    rendering.close()


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    with Authority().serving() as made:
        yield made


@pytest.fixture(autouse=True)
def reach(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings let the authority on loopback be asked; nothing of it is kept from one test to the next."""
    settings = Settings(
        data=tmp_path, database_url=f"sqlite:///{tmp_path}/x.sqlite", secret_key="x" * 40,
        revocation_allow=(authority.url,),
    )  # fmt: skip
    before = database.db
    database.configure(settings)
    authority.trust(tmp_path / "keys")
    revocation._kept.clear()
    authority.silent = False
    monkeypatch.setattr(remote, "PAUSE", 0.01)
    yield
    database.db.dispose()
    database.db = before


def office(tmp_path: Path, authority: Authority, name: str = "Ahmad Fauzi", **how: Any) -> OfficeFiles:
    authority.p12(tmp_path / "p12" / "kakanwil.kalbar.p12", name, PIN, **how)
    return OfficeFiles(tmp_path / "p12", tmp_path / "keys")


def sign(pdf: bytes, signer: Signer, holder: Holder = KAKANWIL, **how: Any) -> bytes:
    return pades.sign(
        pdf, signer, holder, reason="Rekap", place="Pontianak", **{"now": now(), "pin": PIN, **how}
    )


def accepted(pdf: bytes, tmp_path: Path) -> bool:
    path = tmp_path / "told.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    return "Signature is Valid" in said


# --- files of the office ---


def test_a_file_of_the_office_signs_with_its_pin_and_carries_the_revocation_list(
    unsigned: bytes, authority: Authority, tmp_path: Path
) -> None:
    signer = office(tmp_path, authority)
    shown = signer.certificate(KAKANWIL, now=now())
    assert shown is not None
    assert (shown.holder, shown.issuer, shown.development) == ("Ahmad Fauzi", "CA Uji", False)
    pdf = sign(unsigned, signer)
    (one,) = pades.check(pdf, signer, now=now()).signatures
    assert (one.signer, one.level, one.good, one.covers_whole, one.development) == (
        *("Ahmad Fauzi", "PAdES-B-B"),
        *(True, True, False),
    )
    assert accepted(pdf, tmp_path)
    (travels,) = _lists(pdf)
    assert x509.load_der_x509_crl(travels).issuer == authority.certificate.subject


def _lists(pdf: bytes) -> list[bytes]:
    import io

    from pyhanko.pdf_utils.reader import PdfFileReader

    dss = PdfFileReader(io.BytesIO(pdf)).root["/DSS"]
    return [one.get_object().data for key in ("/CRLs", "/OCSPs") if key in dss for one in dss[key]]


def test_an_ocsp_answer_is_preferred_and_travels_along(
    unsigned: bytes, authority: Authority, tmp_path: Path
) -> None:
    authority.asked.clear()
    pdf = sign(unsigned, office(tmp_path, authority, asks="ocsp"))
    assert authority.asked == ["/ocsp"]
    assert len(_lists(pdf)) == 1


def test_a_wrong_pin_a_missing_file_and_no_pin_are_told_apart(
    unsigned: bytes, authority: Authority, tmp_path: Path
) -> None:
    signer = office(tmp_path, authority)
    for pin in ("999999", None):
        with pytest.raises(WrongPin):
            sign(unsigned, signer, pin=pin)
    with pytest.raises(SignerUnavailable, match="tidak ada"):
        sign(unsigned, signer, DIRJEN)


def test_the_list_of_ids_points_an_officer_at_his_file_and_at_no_path(
    unsigned: bytes, authority: Authority, tmp_path: Path
) -> None:
    authority.p12(tmp_path / "p12" / f"{NIP}.p12", "Ahmad Fauzi", PIN)
    signer = OfficeFiles(tmp_path / "p12", tmp_path / "keys")
    (tmp_path / "keys" / "officers.csv").write_text(f"kakanwil.kalbar,{NIP}\ndirjen,../../{NIP}\n")
    assert pades.check(sign(unsigned, signer), signer, now=now()).signatures[0].good
    with pytest.raises(SignerUnavailable, match="didaftarkan"):
        sign(unsigned, signer, DIRJEN)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"name": "Orang Lain"}, "atas nama Orang Lain, bukan Dr. H. Ahmad Fauzi"),
        ({"begin": now() - timedelta(days=400), "days": 365}, "berakhir pada"),
        ({"begin": now() + timedelta(days=2)}, "baru berlaku mulai"),
    ],
)
def test_a_certificate_that_is_anothers_ended_or_not_begun_is_refused_in_words(
    unsigned: bytes, authority: Authority, tmp_path: Path, how: dict[str, Any], words: str
) -> None:
    with pytest.raises(CertificateRefused, match=words):
        sign(unsigned, office(tmp_path, authority, **how))


@pytest.mark.parametrize("asks", ["crl", "ocsp"])
def test_a_revoked_certificate_signs_nothing(
    unsigned: bytes, authority: Authority, tmp_path: Path, asks: str
) -> None:
    signer = OfficeFiles(tmp_path / "p12", tmp_path / "keys")
    path = tmp_path / "p12" / "kakanwil.kalbar.p12"
    authority.revoke(authority.p12(path, "Ahmad Fauzi", PIN, asks=asks))
    with pytest.raises(CertificateRefused, match="dicabut penerbitnya pada"):
        sign(unsigned, signer)


def test_an_issuer_that_does_not_answer_holds_the_signature_up(
    unsigned: bytes, authority: Authority, tmp_path: Path
) -> None:
    signer = office(tmp_path, authority)
    authority.silent = True
    with pytest.raises(SignerUnavailable, match="tidak menjawab apakah"):
        sign(unsigned, signer)


def test_nothing_inside_is_asked_unless_the_setting_lists_it(
    unsigned: bytes, authority: Authority, tmp_path: Path
) -> None:
    signer = office(tmp_path, authority)
    database.configure(replace(database.db.settings, revocation_allow=()))
    authority.asked.clear()
    with pytest.raises(SignerUnavailable, match="tidak menjawab apakah"):
        sign(unsigned, signer)
    assert authority.asked == []


def test_an_unknown_issuer_is_refused(unsigned: bytes, authority: Authority, tmp_path: Path) -> None:
    signer = office(tmp_path, Authority("CA Lain"))
    with pytest.raises(CertificateRefused, match="tidak termasuk yang dipercaya"):
        sign(unsigned, signer)


@pytest.mark.parametrize(
    ("named", "officer"),
    [
        ("AHMAD FAUZI", "Dr. H. Ahmad Fauzi, S.H., M.H."),
        ("Ahmad Fauzi, S.H.", "Ahmad Fauzi"),
        ("Drs. Ahmad  Fauzi", "H. Ahmad Fauzi"),
    ],
)
def test_titles_and_capitals_do_not_make_another_person(named: str, officer: str) -> None:
    assert fitness.is_of({"common_name": named}, Holder(1, officer, "x", "y"))
    assert not fitness.is_of({"common_name": f"{named.split(',')[0]} Rahman"}, Holder(1, officer, "x", "y"))
    assert fitness.is_of({"common_name": "A. F.", "serial_number": f"NIP {NIP}"}, KAKANWIL)


# --- time stamps ---


def test_a_time_stamp_and_its_services_revocation_make_it_b_lt(
    unsigned: bytes, authority: Authority, tmp_path: Path
) -> None:
    signer = office(tmp_path, authority)
    pdf = sign(unsigned, signer, tsa_url=f"{authority.url}/tsa")
    (one,) = pades.check(pdf, signer, now=now()).signatures
    assert (one.level, one.good, one.covers_whole) == ("PAdES-B-LT", True, True)
    assert accepted(pdf, tmp_path)
    authority.silent = True
    with pytest.raises(SignerUnavailable, match="stempel waktu tidak menjawab"):
        sign(unsigned, signer, tsa_url=f"{authority.url}/tsa")


def test_the_archives_stamp_leaves_the_signature_as_it_is_and_may_be_followed(
    unsigned: bytes, authority: Authority, tmp_path: Path
) -> None:
    url = f"{authority.url}/tsa"
    signer = office(tmp_path, authority)
    first = sign(unsigned, signer, tsa_url=url)
    second, until = stamps.archive(first, signer, url=url, now=now())
    assert second.startswith(first)
    assert timedelta(days=300) < until - now() < timedelta(days=366)
    third, _ = stamps.archive(second, signer, url=url, now=now())
    assert third.startswith(second)
    authority.p12(tmp_path / "p12" / "dirjen.p12", "Budi Santoso", PIN)
    received = pades.countersign(
        third, signer, DIRJEN, reason="Diterima", place="Jakarta", now=now(), pin=PIN, tsa_url=url
    )
    for pdf, count, archived in ((first, 1, 0), (second, 1, 1), (third, 1, 2), (received, 2, 2)):
        checked = pades.check(pdf, signer, now=now())
        assert [one.good for one in checked.signatures] == [True] * count
        assert len(checked.archived) == archived
        assert checked.signatures[0].level == ("PAdES-B-LTA" if archived else "PAdES-B-LT")
        assert accepted(pdf, tmp_path)


# --- tokens ---


@pytest.fixture
def token(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A SoftHSM of this test alone with the Kakanwil's key on it; `token(certificate)` puts one in."""
    (tmp_path / "hsm").mkdir()
    (tmp_path / "hsm.conf").write_text(
        f"directories.tokendir = {tmp_path}/hsm\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "hsm.conf"))
    run = [
        *("softhsm2-util", "--init-token", "--free", "--label", "kakanwil.kalbar"),
        *("--pin", PIN, "--so-pin", "12345678"),
    ]
    subprocess.run(run, check=True, capture_output=True, env={**os.environ})

    def put(name: str = "Ahmad Fauzi") -> Tokens:
        import pkcs11
        from pkcs11 import Attribute, ObjectClass
        from pkcs11.util.rsa import decode_rsa_private_key
        from pkcs11.util.x509 import decode_x509_certificate

        key, certificate = authority.issue(name)
        library = pkcs11.lib(SOFTHSM)
        library.reinitialize()
        with library.get_token(token_label="kakanwil.kalbar").open(rw=True, user_pin=PIN) as session:
            plain = key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
            named = {Attribute.ID: b"\x01", Attribute.LABEL: "ttd", Attribute.TOKEN: True}
            session.create_object(decode_rsa_private_key(plain) | named | {Attribute.SIGN: True})
            der = certificate.public_bytes(serialization.Encoding.DER)
            session.create_object(
                decode_x509_certificate(der) | named | {Attribute.CLASS: ObjectClass.CERTIFICATE}
            )
        return Tokens(SOFTHSM, "{id}", None, tmp_path / "keys")

    return put


def test_a_token_signs_and_keeps_its_key(unsigned: bytes, token: Any, tmp_path: Path) -> None:
    signer = token()
    shown = signer.certificate(KAKANWIL, now=now())
    assert shown is not None
    assert shown.holder == "Ahmad Fauzi"
    for _ in range(2):
        pdf = sign(unsigned, signer)
        (one,) = pades.check(pdf, signer, now=now()).signatures
        assert (one.signer, one.good, one.covers_whole) == ("Ahmad Fauzi", True, True)
    assert accepted(pdf, tmp_path)
    with pytest.raises(WrongPin):
        sign(unsigned, signer, pin="111111")
    with pytest.raises(SignerUnavailable, match="Token dirjen tidak terpasang"):
        sign(unsigned, signer, DIRJEN)
    assert signer.certificate(DIRJEN, now=now()) is None
    assert pades.check(sign(unsigned, signer), signer, now=now()).signatures[0].good


def test_another_persons_token_is_refused(unsigned: bytes, token: Any) -> None:
    with pytest.raises(CertificateRefused, match="atas nama Siti Aminah"):
        sign(unsigned, token("Siti Aminah"))


# --- a remote service ---


@pytest.fixture
def service(authority: Authority, tmp_path: Path) -> Iterator[RemoteService]:
    key, certificate = authority.issue("Ahmad Fauzi")
    (tmp_path / "keys" / "officers.csv").write_text(f"kakanwil.kalbar,{NIK}\n")
    with RemoteService(key, [certificate, authority.certificate]).serving() as made:
        yield made


def at(service: RemoteService, tmp_path: Path, **how: Any) -> RemoteSigner:
    return RemoteSigner(service.url, *ACCOUNT, tmp_path / "keys", **how)


def test_a_remote_service_signs_a_hash_and_the_letter_never_leaves(
    unsigned: bytes, service: RemoteService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    signer = at(service, tmp_path)
    with caplog.at_level(0):
        pdf = sign(unsigned, signer, pin=PASSPHRASE)
    (one,) = pades.check(pdf, signer, now=now()).signatures
    assert (one.signer, one.good, one.covers_whole) == ("Ahmad Fauzi", True, True)
    assert accepted(pdf, tmp_path)
    assert [path.rsplit("/", 1)[0] for path in service.asked] == [
        *("/api/v2/user/check", "/api/v2/user/certificate/chain", "/api/v2/sign"),
    ]
    assert PASSPHRASE not in caplog.text
    shown = signer.certificate(KAKANWIL, now=now())
    assert shown is not None
    assert shown.holder == "Ahmad Fauzi"


def test_a_wrong_passphrase_is_tried_once(unsigned: bytes, service: RemoteService, tmp_path: Path) -> None:
    with pytest.raises(WrongPin):
        sign(unsigned, at(service, tmp_path), pin="salah")
    assert service.wrong == 1


def test_a_line_that_is_cut_is_tried_again_and_a_dead_service_said_so(
    unsigned: bytes, service: RemoteService, tmp_path: Path
) -> None:
    signer = at(service, tmp_path, seconds=0.6)
    service.broken = ["cut", "500", "fine", "fine", "slow"]
    assert pades.check(sign(unsigned, signer, pin=PASSPHRASE), signer, now=now()).signatures[0].good
    assert len(service.asked) == 6
    service.broken = ["500"] * 3
    with pytest.raises(SignerUnavailable, match="tidak menjawab"):
        sign(unsigned, signer, pin=PASSPHRASE)
    service.broken = ["garbage"]
    with pytest.raises(SignerUnavailable, match="cara yang tidak dikenal"):
        sign(unsigned, signer, pin=PASSPHRASE)
    nobody = RemoteSigner("http://127.0.0.1:9", *ACCOUNT, tmp_path / "keys")
    with pytest.raises(SignerUnavailable, match="Belum ada yang ditandatangani"):
        sign(unsigned, nobody, pin=PASSPHRASE)
    assert nobody.certificate(KAKANWIL, now=now()) is None


@pytest.mark.parametrize(
    ("state", "words"),
    [("EXPIRED", "sudah berakhir"), ("REVOKE", "sudah dicabut"), ("LAIN", "tidak mengizinkan")],
)
def test_what_the_service_says_of_a_holder_is_said_in_words(
    unsigned: bytes, service: RemoteService, tmp_path: Path, state: str, words: str
) -> None:
    service.state = state
    with pytest.raises(CertificateRefused, match=words):
        sign(unsigned, at(service, tmp_path), pin=PASSPHRASE)
    with pytest.raises(CertificateRefused, match="belum terdaftar"):
        sign(unsigned, at(service, tmp_path), DIRJEN, pin=PASSPHRASE)


def test_a_signature_that_does_not_fit_and_a_strangers_account_are_refused(
    unsigned: bytes, authority: Authority, service: RemoteService, tmp_path: Path
) -> None:
    service.other_key, _ = authority.issue("Ahmad Fauzi")
    with pytest.raises(SignerUnavailable, match="tidak cocok"):
        sign(unsigned, at(service, tmp_path), pin=PASSPHRASE)
    stranger = RemoteSigner(service.url, "karya", "salah", tmp_path / "keys")
    with pytest.raises(SignerUnavailable, match="Akun Karya ditolak"):
        sign(unsigned, stranger, pin=PASSPHRASE)


def test_a_service_is_asked_by_tls_and_only_by_the_name_in_its_certificate(
    unsigned: bytes,
    authority: Authority,
    service: RemoteService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "roots.pem").write_bytes(authority.pem)
    with RemoteService(service.key, service.chain).serving(tls=authority.tls(tmp_path)) as safe:
        assert safe.url.startswith("https://localhost:")
        with pytest.raises(SignerUnavailable, match="tidak menjawab"):
            sign(unsigned, at(safe, tmp_path), pin=PASSPHRASE)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
        signer = at(safe, tmp_path)
        assert pades.check(sign(unsigned, signer, pin=PASSPHRASE), signer, now=now()).signatures[0].good
        safe.url = safe.url.replace("localhost", "127.0.0.1")
        asked = len(safe.asked)
        with pytest.raises(SignerUnavailable, match="tidak menjawab"):
            sign(unsigned, at(safe, tmp_path), pin=PASSPHRASE)
        assert len(safe.asked) == asked


# --- the embedded keys, and the settings ---


def test_a_revoked_development_certificate_signs_nothing_and_is_told_at_verification(
    unsigned: bytes, tmp_path: Path
) -> None:
    signer = EmbeddedSigner(tmp_path / "own", "x" * 40)
    pdf = sign(unsigned, signer)
    shown = signer.certificate(KAKANWIL, now=now())
    assert shown is not None
    (tmp_path / "own" / "revoked.csv").write_text(
        f"{shown.serial},{(now() - timedelta(hours=2)).isoformat()}\n"
    )
    (one,) = pades.check(pdf, signer, now=now()).signatures
    assert (one.intact, one.revoked, one.good) == (True, True, False)
    with pytest.raises(CertificateRefused, match="dicabut"):
        sign(unsigned, signer)


def test_what_was_revoked_after_it_signed_stays_good_for_the_time_it_signed(
    unsigned: bytes, tmp_path: Path
) -> None:
    signer = EmbeddedSigner(tmp_path / "own", "x" * 40)
    signed_at = now() - timedelta(days=3)
    pdf = sign(unsigned, signer, now=signed_at)
    shown = signer.certificate(KAKANWIL, now=now())
    assert shown is not None
    (tmp_path / "own" / "revoked.csv").write_text(
        f"{shown.serial},{(now() - timedelta(days=1)).isoformat()}\n"
    )
    assert pades.check(pdf, signer, now=signed_at).signatures[0].good


def test_settings_that_do_not_fit_are_named_at_start(tmp_path: Path) -> None:
    base = {"KARYA_SECRET_KEY": "x" * 40, "KARYA_DATA": str(tmp_path)}
    assert load(base).signer == "embedded"
    fine = {"KARYA_SIGNER": "pkcs11", "KARYA_PKCS11_MODULE": SOFTHSM, "KARYA_PKCS11_TOKEN": "kantor"}
    assert load(base | fine).pkcs11_token == "kantor"
    for wrong, word in (
        ({"KARYA_SIGNER": "pensil"}, "KARYA_SIGNER"),
        ({"KARYA_SIGNER": "pkcs11", "KARYA_PKCS11_MODULE": "/tidak/ada.so"}, "KARYA_PKCS11_MODULE"),
        ({"KARYA_SIGNER": "pkcs12", "KARYA_SIGNER_FOLDER": "/tidak/ada"}, "KARYA_SIGNER_FOLDER"),
        ({"KARYA_SIGNER": "remote", "KARYA_REMOTE_URL": "https://esign.contoh.go.id"}, "KARYA_REMOTE_USER"),
        (
            {
                "KARYA_SIGNER": "remote",
                "KARYA_REMOTE_URL": "http://esign.contoh.go.id",
                "KARYA_REMOTE_USER": "a",
                "KARYA_REMOTE_PASSWORD": "rahasia",
            },
            "https",
        ),
    ):
        with pytest.raises(ConfigError, match=word):
            load(base | wrong)
    assert "rahasia" not in repr(replace(load(base), remote_password="rahasia"))
