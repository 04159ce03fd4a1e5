"""Is this file untouched, asked of the file alone: no register, no database, only certificates that the asker trusts.

For whoever keeps a copy in ten years. What the file can't know of itself is whether it was revoked or replaced since:
that is said with the answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from recaps import pades, printed, tampering, verdicts
from recaps.figures_json import FILE_NAME, HISTORY_NAME, NotFigures, read_history
from recaps.judging import Trust
from recaps.verdicts import Verification
from workflows.merkle import merkle_root
from workflows.proof import offline as proof
from workflows.proof.casefile import FILE_NAME as CASE_NAME
from workflows.proof.casefile import NotACaseFile, thaw

_MARK = b"/KaryaDocument"


@dataclass(frozen=True)
class Given:
    """Whom the asker trusts: certificates and revocation lists out of files."""

    certificates: list[x509.Certificate]
    lists: list[bytes]

    def anchors(self) -> list[x509.Certificate]:
        return self.certificates

    def revocations(self, *, now: datetime) -> list[bytes]:
        return self.lists


def given(anchors: list[Path], lists: list[Path]) -> Given:
    """Read certificates and revocation lists, PEM or DER.

    Raises:
        ValueError: a file that is neither; the argument is its name.
    """
    certificates: list[x509.Certificate] = []
    found: list[bytes] = []
    for path in anchors:
        data = path.read_bytes()
        try:
            pem = data.lstrip().startswith(b"-----BEGIN")
            certificates += (
                x509.load_pem_x509_certificates(data) if pem else [x509.load_der_x509_certificate(data)]
            )
        except ValueError as error:
            raise ValueError(path.name) from error
    for path in lists:
        data = path.read_bytes()
        try:
            pem = data.lstrip().startswith(b"-----BEGIN")
            one = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
        except ValueError as error:
            raise ValueError(path.name) from error
        found.append(one.public_bytes(Encoding.DER))
    return Given(certificates, found)


def verify_offline(data: bytes, trust: Trust, *, now: datetime) -> Verification:
    """What the file says of itself, by these certificates. Never raises for what the bytes are; reads no database."""
    checked = pades.check(data, trust, now=now)
    content = printed.read(data) if checked.is_pdf else printed.Content(False, [], {})
    figures, match = printed.compare(content)
    if match is None:
        match = printed.compare_case(content)
    signatures = verdicts.entitle(checked.signatures, content, figures)
    verdict = verdicts.conclude(checked, signatures, match, whole=is_whole(figures, content))
    broken = not checked.readable and _MARK in data
    if broken or (verdict == "not_ours" and _MARK in data and _unreadable(signatures)):
        verdict = "altered"
    chains, history = history_inside(figures, content)
    if history is False and verdict == "sound":
        verdict = "mismatch"
    said = verdicts.strangers(signatures) if verdict in ("not_entitled", "not_ours", "altered") else []
    if verdict in ("altered", "mismatch"):
        original = tampering.signed_version(data, signatures)
        said = tampering.changes(original, data, content, checked, match) + said
    if verdict == "mismatch":
        said = mismatches(figures, content, match) or said
    return Verification(
        verdict=verdict,
        signatures=signatures,
        figures_match=match.same if match else None,
        figures_matched=match.matched if match else 0,
        figures_total=match.total if match else 0,
        history_match=history,
        chains=chains,
        changes=said,
        incomplete=broken,
        offline=True,
    )


def _unreadable(signatures: list[Any]) -> bool:
    return bool(signatures) and signatures[0].trust == "unreadable"


def is_whole(figures: dict[str, Any] | None, content: printed.Content) -> bool:
    """Whether each file that the figures name is attached as they name it."""
    return not _other_files(figures, content)


def _other_files(figures: dict[str, Any] | None, content: printed.Content) -> list[str]:
    named = figures.get("attachments") if figures else None
    if not isinstance(named, dict):
        return []
    other = []
    for name, about in named.items():
        data = content.attached.get(name)
        said = about.get("sha256") if isinstance(about, dict) else None
        if said and (data is None or hashlib.sha256(data).hexdigest() != said):
            other.append(str(name)[:60])
    return other


def mismatches(
    figures: dict[str, Any] | None, content: printed.Content, match: printed.Match | None
) -> list[str]:
    """How print and attachments contradict each other, in words."""
    said = [
        f"Lampiran {name} bukan yang disebut dalam {FILE_NAME}." for name in _other_files(figures, content)
    ]
    if match is not None and match.differing:
        said += [f"Angka tercetak berbeda dari lampirannya: {text}." for text in match.differing[:8]]
    elif match is not None and not match.same:
        said.append(f"Hanya {match.matched} dari {match.total} angka lampiran yang tercetak.")
    if history_inside(figures, content)[1] is False:
        said.append("Riwayat yang dilampirkan tidak menghasilkan akar yang disebut dalam suratnya.")
    return said


def history_inside(figures: dict[str, Any] | None, content: printed.Content) -> tuple[int, bool | None]:
    """Whether the history in the file proves itself: the root that the figures name, or a case recomputed. Whether the
    register still has it is not asked."""
    if CASE_NAME in content.attached:
        try:
            value = thaw(content.attached[CASE_NAME])
            return len(value["heads"]), not proof.check(value)
        except (NotACaseFile, KeyError, TypeError):
            return 0, False
    if figures is None:
        return 0, None
    try:
        heads = read_history(content.attached.get(HISTORY_NAME, b""))
        return len(heads), merkle_root(heads) == str(figures["history"]["root"])
    except (NotFigures, KeyError, TypeError):
        return 0, None
