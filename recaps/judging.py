"""One signature of a file, judged: whole, by whom, from when, trusted or why not, revoked or not, and what came after.

A certificate is judged at the moment that is proven: by our register for a file that we gave out, else by a time stamp,
else now; what the signer says of the time proves nothing. Whether it was revoked is asked of the lists at hand and of
those that travel in the file. Whatever the bytes are, there is an answer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

TRUSTED, EXPIRED, NOT_YET, REVOKED, STRANGER, UNPROVEN, UNREADABLE = (
    *("trusted", "expired", "not_yet", "revoked", "stranger"),
    *("unproven", "unreadable"),
)
NOTHING, ALLOWED, FORBIDDEN = "nothing", "allowed", "forbidden"

log = logging.getLogger("karya.recaps")


class Trust(Protocol):
    """Whom signatures are traced to, and who is no longer to be believed."""

    def anchors(self) -> list[x509.Certificate]:
        """The certificates that a signature must lead to."""

    def revocations(self, *, now: datetime) -> list[bytes]:
        """Revocation lists (DER)."""


@dataclass(frozen=True)
class Signature:
    """One signature as a reader needs it. `intact`: what it covers is unchanged; `allowed`: what came
    after it is permitted.
    """

    field: str
    signer: str
    office: str
    organisation: str
    at: datetime | None
    level: str
    intact: bool
    trusted: bool
    covers_whole: bool
    allowed: bool
    development: bool = False
    revoked: bool = False
    certificate: str = ""
    trust: str = UNREADABLE
    """``trusted``, or why not: ``expired``, ``not_yet``, ``revoked``, ``stranger`` (nobody of ours answers for it),
    ``unproven`` (one of ours, but the signature doesn't hold), ``unreadable``."""
    revocation: str = "unknown"
    """``good`` and ``revoked`` by a list that speaks of that moment; ``unknown``: no such list."""
    revoked_at: datetime | None = None
    stamped: bool = False
    """Whether a trusted time stamp proves `at`."""
    valid_until: datetime | None = None
    after: str = FORBIDDEN
    """What came after it: ``nothing``, ``allowed`` (a receipt, an archive stamp) or ``forbidden``."""
    end: int = 0
    """Bytes of the file as it was signed."""
    entitled: bool | None = None
    """Whether this officer may sign here; None: not judged."""

    @property
    def good(self) -> bool:
        return self.intact and self.trusted and self.allowed and not self.revoked


Lists = tuple[list[Any], list[Any]]
"""Revocation lists and OCSP answers that travel in a file."""
MOST_LISTS: Final = 50
MOST_SIGNATURES: Final = 20
MOST_STAMPS: Final = 60


def judge_all(
    reader: Any, pdf: bytes, trust: Trust, now: datetime, proven: Sequence[datetime]
) -> list[Signature]:
    """Every signature in order; the first ones at the moments that are `proven`, the others by their stamps or now."""
    embedded = list(reader.embedded_regular_signatures)
    if len(embedded) > MOST_SIGNATURES:
        raise ValueError("more signatures than any letter has")
    inside = _inside(reader)
    lists = [*trust.revocations(now=now), *(one.dump() for one in inside[0])]
    kept_since, archived = _archived(reader, trust, now, inside)
    return [
        _judged(one, pdf, trust, proven[n], inside, lists, archived, known=True)
        if n < len(proven)
        else _judged(one, pdf, trust, kept_since, inside, lists, archived, known=False)
        for n, one in enumerate(embedded)
    ]


def context(trust: Trust, now: datetime, inside: Lists = ([], []), *, mode: str = "soft-fail") -> Any:
    """Whom to trust, judged at `now`: the anchors, and the revocation lists of that time."""
    from asn1crypto import crl as asn1_crl
    from asn1crypto import x509 as asn1_x509
    from pyhanko_certvalidator import ValidationContext

    roots = [
        asn1_x509.Certificate.load(anchor.public_bytes(serialization.Encoding.DER))
        for anchor in trust.anchors()
    ]
    crls = [asn1_crl.CertificateList.load(data) for data in trust.revocations(now=now)]
    return ValidationContext(
        trust_roots=roots, crls=[*crls, *inside[0]], ocsps=inside[1], allow_fetching=False,
        revocation_mode=mode, moment=now,
    )  # fmt: skip


def _judged(
    embedded: Any, pdf: bytes, trust: Trust, moment: datetime, inside: Lists, lists: list[bytes],
    archived: int, *, known: bool,
) -> Signature:  # fmt: skip
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    named = _named(embedded)
    at = until = None
    covers = allowed = intact = stamped = False
    standing, revocation, revoked_at, after, end = UNREADABLE, "unknown", None, FORBIDDEN, 0
    try:
        status = _status(embedded, trust, moment, ([], []), mode="hard-fail")
        stamp = status.timestamp_validity
        stamped = stamp is not None and bool(stamp.valid and stamp.intact and stamp.trusted)
        at = (stamp.timestamp if stamp is not None else None) or status.signer_reported_dt
        again = stamped and not known and stamp.timestamp != moment
        moment = stamp.timestamp if again else moment
        covers = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        unchanged = covers or status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
        level = status.modification_level
        allowed = bool(status.docmdp_ok) and (level is None or level <= ModificationLevel.FORM_FILLING)
        if not covers:  # what follows has to be a change that is permitted, not bytes that say nothing
            allowed = allowed and level not in (None, ModificationLevel.NONE) and _ends_as_a_pdf(pdf)
        intact = bool(status.intact and status.valid and unchanged) and _is_as_written(embedded, pdf)
        after = NOTHING if covers else ALLOWED if unchanged and allowed else FORBIDDEN
        end = sum([int(part) for part in embedded.byte_range][-2:])
        until = embedded.signer_cert.not_valid_after
        if again:
            status = _status(embedded, trust, moment, ([], []), mode="hard-fail", again=True)
        standing, revocation, revoked_at = _standing(status, embedded, trust, moment, inside, lists)
        intact = intact and (standing != TRUSTED or _is_all_ours(embedded, trust))
    except RecursionError:
        intact, standing, after = False, UNREADABLE, FORBIDDEN
    except Exception as error:  # noqa: BLE001 - a stranger's bytes: a signature that can't be read is not intact
        log.info("unreadable signature: %s", type(error).__name__)
        intact, standing, after = False, UNREADABLE, FORBIDDEN
    return Signature(
        field=named["field"],
        signer=named["signer"],
        office=named["office"],
        organisation=named["organisation"],
        at=at.astimezone(UTC) if at else None,
        level=_level(embedded, stamped, archived > end > 0),
        intact=intact,
        trusted=standing == TRUSTED,
        covers_whole=covers,
        allowed=allowed,
        development=named["development"] == "yes",
        revoked=standing == REVOKED,
        certificate=named["certificate"],
        trust=standing,
        revocation=revocation,
        revoked_at=revoked_at,
        stamped=stamped,
        valid_until=until,
        after=after,
        end=end,
    )


def _status(
    embedded: Any, trust: Trust, moment: datetime, inside: Lists, *, mode: str, again: bool = False
) -> Any:
    from pyhanko.sign.validation import validate_pdf_signature

    return validate_pdf_signature(
        embedded,
        signer_validation_context=context(trust, moment, inside, mode=mode),
        ts_validation_context=context(trust, moment, inside),
        skip_diff=again,
    )


def _standing(
    status: Any, embedded: Any, trust: Trust, moment: datetime, inside: Lists, lists: list[bytes]
) -> tuple[str, str, datetime | None]:
    """Trusted or why not, whether revoked, and since when. What a list of ours says counts before what travels in the
    file; "good" asks for a list that speaks of that moment, and where there is none the rest is judged all the same."""
    revocation = "good"
    since = _revoked_since(embedded, trust, lists)
    if since is not None and since <= moment:
        return REVOKED, "revoked", since
    if not status.trusted and not status.revoked:
        status = _status(embedded, trust, moment, inside, mode="hard-fail", again=True)
    if not status.trusted and not status.revoked:
        status, revocation = _status(embedded, trust, moment, inside, mode="soft-fail", again=True), "unknown"
    if status.revoked:
        return REVOKED, "revoked", status.revocation_details.revocation_date
    if status.trusted:
        return TRUSTED, revocation, since
    return _why_not(embedded, trust, moment), "unknown", None


def _revoked_since(embedded: Any, trust: Trust, lists: list[bytes]) -> datetime | None:
    """Since when a list, old or new, names the certificate; only lists that its issuer signed are believed."""
    own = x509.load_der_x509_certificate(embedded.signer_cert.dump())
    beside = [x509.load_der_x509_certificate(one.dump()) for one in embedded.other_embedded_certs]
    issuers = [by for by in (*trust.anchors(), *beside) if _issued(own, by)]
    found: list[datetime] = []
    for data in lists:
        revoked = x509.load_der_x509_crl(data)
        named = revoked.get_revoked_certificate_by_serial_number(own.serial_number)
        if named is not None and any(revoked.is_signature_valid(by.public_key()) for by in issuers):  # type: ignore[arg-type]
            found.append(named.revocation_date_utc)
    return min(found, default=None)


def _why_not(embedded: Any, trust: Trust, moment: datetime) -> str:
    """Why a signature is not trusted at `moment`: its certificate is not one of ours, or out of its time, or the
    signature itself doesn't hold."""
    own = x509.load_der_x509_certificate(embedded.signer_cert.dump())
    beside = [x509.load_der_x509_certificate(one.dump()) for one in embedded.other_embedded_certs]
    anchors, above = trust.anchors(), own
    for _ in range(6):
        if above in anchors or any(_issued(above, anchor) for anchor in anchors):
            break
        by = next((one for one in beside if one != above and _issued(above, one)), None)
        if by is None:
            return STRANGER
        above = by
    else:
        return STRANGER
    if moment > own.not_valid_after_utc:
        return EXPIRED
    return NOT_YET if moment < own.not_valid_before_utc else UNPROVEN


def _inside(reader: Any) -> Lists:
    """What the file brings along on revocation; each is believed only as far as its own signature goes."""
    from asn1crypto import crl as asn1_crl
    from asn1crypto import ocsp as asn1_ocsp
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko_certvalidator.revinfo.archival import OCSPContainer

    crls: list[Any] = []
    ocsps: list[Any] = []
    try:
        store = DocumentSecurityStore.read_dss(reader)
        crls = [asn1_crl.CertificateList.load(one.get_object().data) for one in store.crls[:MOST_LISTS]]
        for one in store.ocsps[:MOST_LISTS]:
            ocsps += OCSPContainer.load_multi(asn1_ocsp.OCSPResponse.load(one.get_object().data))
    except RecursionError:
        return [], []
    except Exception as error:  # noqa: BLE001 - a stranger's bytes, or none at all
        log.info("no lists inside: %s", type(error).__name__)
    return crls, ocsps


def _archived(reader: Any, trust: Trust, now: datetime, inside: Lists) -> tuple[datetime, int]:
    """Since when the file is proven to have been as it is, by the stamps of its archive, and how far they reach."""
    from pyhanko.sign.validation import validate_pdf_timestamp

    reach = 0
    try:
        for stamp in list(reader.embedded_timestamp_signatures)[: -MOST_STAMPS - 1 : -1]:
            status = validate_pdf_timestamp(stamp, context(trust, now, inside), skip_diff=True)
            if not (status.valid and status.intact and status.trusted):
                break
            now = status.timestamp
            reach = reach or sum([int(part) for part in stamp.byte_range][-2:])
    except RecursionError:
        return now, reach
    except Exception as error:  # noqa: BLE001 - a stranger's bytes
        log.info("unreadable archive stamp: %s", type(error).__name__)
    return now, reach


def stamped_at(reader: Any, trust: Trust) -> list[datetime]:
    """When the archive stamped the file, oldest first: each trusted stamp, judged at its own time."""
    from pyhanko.sign.validation import validate_pdf_timestamp

    found: list[datetime] = []
    for stamp in list(reader.embedded_timestamp_signatures)[:MOST_STAMPS]:
        try:
            at = stamp.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
            status = validate_pdf_timestamp(stamp, context(trust, at), skip_diff=True)
            if status.intact and status.valid and status.trusted:
                found.append(status.timestamp)
        except (Exception, RecursionError) as error:  # noqa: BLE001 - a stranger's bytes
            log.info("unreadable stamp: %s", type(error).__name__)
    return sorted(found)


def _is_as_written(embedded: Any, pdf: bytes) -> bool:
    """Whether the place of the signature holds it and nothing else: it is the one part that no signature covers."""
    from asn1crypto.parser import peek

    first, length, second, _ = (int(part) for part in embedded.byte_range)
    gap, content = pdf[first + length : second], bytes(embedded.pkcs7_content)
    written = content.hex().encode()
    if gap[:1] + gap[-1:] != b"<>" or gap[1:-1] not in (written, written.upper()):
        return False
    return not content[peek(content) :].strip(b"\0")


def _ends_as_a_pdf(pdf: bytes) -> bool:
    return pdf[pdf.rfind(b"%%EOF") + 5 :] in (b"", b"\n", b"\r", b"\r\n")


def _is_all_ours(embedded: Any, trust: Trust) -> bool:
    """Whether each certificate beside a trusted signature, which doesn't cover them, is an anchor or was given by one
    of the others, and the signature's frame says what its signer says."""
    data, signer = embedded.signed_data, embedded.signer_info
    expected = "v1" if signer["sid"].name == "issuer_and_serial_number" else "v3"
    if {data["version"].native, signer["version"].native} != {expected}:
        return False
    if [one.dump() for one in data["digest_algorithms"]] != [signer["digest_algorithm"].dump()]:
        return False
    anchors = trust.anchors()
    beside = [x509.load_der_x509_certificate(one.chosen.dump()) for one in data["certificates"]]
    return all(one in anchors or any(_issued(one, by) for by in (*anchors, *beside)) for one in beside)


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _named(embedded: Any) -> dict[str, str]:
    """Who the signature says it is from; empty where that can't be read."""
    named = dict.fromkeys(("field", "signer", "office", "organisation", "development", "certificate"), "")
    try:
        named["field"] = str(embedded.field_name)
        subject = embedded.signer_cert.subject.native
        issuer = embedded.signer_cert.issuer.native
        named["signer"] = _one(subject.get("common_name"))
        named["office"] = _one(subject.get("title"))
        named["organisation"] = _one(subject.get("organization_name"))
        named["development"] = "yes" if "Pengembangan" in _one(issuer.get("common_name")) else ""
        named["certificate"] = f"{embedded.signer_cert.serial_number:x}"
    except Exception as error:  # noqa: BLE001 - a stranger's bytes
        log.info("unreadable signer: %s", type(error).__name__)
    return named


def _one(value: Any) -> str:
    return str(value[0] if isinstance(value, list) and value else value or "")[:200]


def _level(embedded: Any, stamped: bool, archived: bool) -> str:
    """The PAdES level that the file itself carries."""
    try:
        if str(embedded.sig_object.get("/SubFilter")) != "/ETSI.CAdES.detached":
            return "PDF"
        if not stamped:
            return "PAdES-B-B"
        if "/DSS" not in embedded.reader.root:
            return "PAdES-B-T"
        return "PAdES-B-LTA" if archived else "PAdES-B-LT"
    except Exception as error:  # noqa: BLE001 - a stranger's bytes
        log.info("unreadable level: %s", type(error).__name__)
        return ""
