"""Whether a certificate may sign now, in this officer's name. What isn't fit is refused before anything is signed."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any, Final

from recaps.errors import CertificateRefused
from recaps.signer import Holder
from tenants.said import say
from tenants.words import N_, date_id

WARN_DAYS: Final = 30
"""So many days before its end a certificate is warned of."""
_TITLES: Final = frozenset(
    {"dr", "drs", "dra", "ir", "h", "hj", "prof", "kh", "tn", "ny", "rd", "raden", "apt", "drg"}
)


def require_fit(certificate: Any, holder: Holder, *, now: datetime) -> None:
    """`certificate` (asn1crypto) holds now and is the holder's own.

    Raises:
        CertificateRefused: not yet valid, ended, of somebody else, or not made for signing.
    """
    begin, end = certificate.not_valid_before, certificate.not_valid_after
    if now < begin:
        raise CertificateRefused(
            say(N_("Sertifikat ini baru berlaku mulai %(day)s."), day=date_id(begin.date()))
        )
    if now > end:
        raise CertificateRefused(
            say(
                N_("Sertifikat ini berakhir pada %(day)s. Perpanjang dulu, lalu tanda tangani lagi."),
                day=date_id(end.date()),
            )
        )
    usage = certificate.key_usage_value
    if usage is not None and not {"digital_signature", "non_repudiation"} & usage.native:
        raise CertificateRefused(N_("Sertifikat ini tidak diterbitkan untuk tanda tangan."))
    if not is_of(certificate.subject.native, holder):
        named = one(certificate.subject.native.get("common_name")) or "orang lain"
        raise CertificateRefused(
            say(
                N_(
                    "Sertifikat ini atas nama %(named)s, bukan %(name)s. Yang menandatangani harus "
                    "pemilik sertifikatnya."
                ),
                named=named,
                name=holder.name,
            )
        )


def ends_soon(until: datetime, now: datetime) -> bool:
    """Whether a certificate that holds until then is to be warned of."""
    return until - now <= timedelta(days=WARN_DAYS)


def is_of(subject: dict[str, Any], holder: Holder) -> bool:
    """Whether a certificate's subject names the officer: by his NIP, or by his name without its titles."""
    numbers = {one(subject.get(key)) for key in ("serial_number", "user_id", "unique_identifier")}
    digits = {re.sub(r"\D", "", text) for text in numbers if text}
    if holder.nip and re.sub(r"\D", "", holder.nip) in digits:
        return True
    named = bare(one(subject.get("common_name")))
    return bool(named) and named == bare(holder.name[:64])


def bare(name: str) -> str:
    """A name as it is compared: without titles before and behind, case, marks and dots."""
    first = name.split(",")[0]
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", first) if not unicodedata.combining(letter)
    )
    words = re.sub(r"[^a-z' ]", " ", plain.casefold().replace(".", " ")).split()
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    return " ".join(words)


def one(value: Any) -> str:
    """The first of what a name's part holds."""
    return str(value[0] if isinstance(value, list) and value else value or "")
