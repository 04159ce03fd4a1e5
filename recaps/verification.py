"""Is this file ours and untouched? By the file itself, or by the code under its QR.

`verify_file` never raises for what the bytes are and keeps nothing. A file is sound only when it is,
byte for byte, one that we gave out; what differs is said in words, by comparing it with the original that we keep.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from recaps import offline, pades, printed, tampering
from recaps.errors import FileTooLarge, NoSuchDocument
from recaps.figures_json import HISTORY_NAME, Head, NotFigures, digest, read_history
from recaps.judging import Signature
from recaps.models import VerificationFile, VerificationRecord
from recaps.national.history import held as held_nationally
from recaps.signing import signer
from recaps.tampering import is_incomplete, signed_version
from recaps.verdicts import AWARD, Record, Verification, conclude, entitle, strangers
from tenants import clock, database, files
from tenants.errors import NotFound
from tenants.models import Kanwil
from tenants.said import say
from tenants.words import N_
from workflows.merkle import merkle_root
from workflows.models import AuditEvent
from workflows.proof import offline as proof
from workflows.proof.casefile import FILE_NAME as CASE_NAME
from workflows.proof.casefile import NotACaseFile, thaw
from workflows.proof.rules import hash_now

LARGEST: Final = 64 * 1024 * 1024
_CODE: Final = re.compile(rb"KRY-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
_IDENTIFIER: Final = re.compile(rb"/ID\s*\[\s*[(<]([0-9a-fA-F]{32})[)>]")
_MARK: Final = re.compile(rb"/KaryaDocument\s*\(([0-9a-f]{32})\)")
"""The same identifier, at the head of the file and on each of its pages (`render_worker`)."""
_HEX_IDENTIFIER: Final = re.compile(rb"/ID\s*\[\s*<([0-9a-fA-F]{64})>")


def verify_file(data: bytes, *, now: datetime | None = None) -> Verification:
    """Verify an uploaded file; a few statements on the published tables, one national one for the history.

    Raises:
        FileTooLarge: beyond `LARGEST` bytes.
    """
    if len(data) > LARGEST:
        raise FileTooLarge(say(N_("Berkas paling besar %(largest)s MB."), largest=LARGEST // 1024 // 1024))
    record, known = _recognised(data)
    checked = pades.check(data, signer(), now=now or clock.now(), proven=_kept(record) if known else ())
    content = printed.read(data) if checked.is_pdf else printed.Content(False, [], {})
    if record is None:
        record = _by_code("\n".join(content.pages).encode("utf-8", "ignore"))
    figures, match = printed.compare(content)
    chains, history = offline.history_inside(figures, content)
    if record is not None and record.kind == "minutes":
        match = printed.compare_case(content)
        chains, history = _case_history(record, content)
    elif record is not None and figures is not None:
        chains, history = _history(record, figures, content)
    signatures = entitle(checked.signatures, content, figures, record.signer if record else None)
    whole = offline.is_whole(figures, content)
    verdict = _verdict(record, known, checked, signatures, conclude(checked, signatures, match, whole=whole))
    changes: list[str] = []
    incomplete = False
    if verdict in ("altered", "not_entitled", "not_ours"):
        original = _original(record, data) if record is not None else signed_version(data, signatures)
        incomplete = verdict == "altered" and original is not None and is_incomplete(original, data, checked)
        changes = [] if incomplete else strangers(signatures)
        if verdict == "altered":
            changes = tampering.changes(original, data, content, checked, match) + changes
    elif verdict == "mismatch":
        changes = offline.mismatches(figures, content, match)
    if record is not None and record.kind == AWARD:
        # Whoever holds the paper can read it; the answer says no more than that it is genuine.
        kept = [] if verdict in ("sound", "revoked") else changes
        return Verification(verdict=verdict, changes=kept, record=_public(record), incomplete=incomplete)
    return Verification(
        verdict=verdict,
        signatures=signatures,
        figures_match=_figures_match(record, figures, match, content),
        figures_matched=match.matched if match else 0,
        figures_total=match.total if match else 0,
        history_match=history,
        chains=chains,
        changes=changes,
        record=_public(record) if record else None,
        incomplete=incomplete,
        archived=checked.archived,
    )


def _figures_match(
    record: VerificationRecord | None,
    figures: dict[str, Any] | None,
    match: printed.Match | None,
    content: printed.Content,
) -> bool | None:
    """Whether the print is what is attached, and that is what was signed; None: there is nothing to compare."""
    if match is None:
        return None
    if record is None:
        return match.same
    if record.kind == "minutes":
        inside = hashlib.sha256(content.attached.get(CASE_NAME, b"")).hexdigest()
    else:
        inside = digest(figures) if figures is not None else ""
    return match.same and inside == record.figures_sha256


def _kept(record: VerificationRecord | None) -> list[datetime]:
    """When the signatures of a file that we gave out were given, as our register knows it."""
    if record is None:
        return []
    return [record.signed_at, *([record.acknowledged_at] if record.acknowledged_at else [])]


def verify_code(code: str, *, now: datetime | None = None) -> Verification:
    """What we know of a code: the file we gave out under it, checked as it lies with us.

    Raises:
        NoSuchDocument: no signed document has it.
    """
    with database.public() as reader:
        record = reader.get(VerificationRecord, tidy_code(code))
        if record is None:
            raise NoSuchDocument(N_("Kode ini tidak dikenal. Periksa hurufnya, atau unggah berkasnya."))
        if (
            record.kind == AWARD
        ):  # its file names a person: it lies sealed with his UPT, and is opened there alone
            state = "revoked" if record.state == "revoked" else "sound"
            return Verification(state, record=_public(record), by_code=True)
        sha = reader.scalar(
            select(VerificationFile.sha256)
            .where(VerificationFile.code == record.code)
            .order_by(VerificationFile.at.desc())
            .limit(1)
        )
    found = (
        verify_file(files.get(str(sha)), now=now) if sha else Verification("sound", record=_public(record))
    )
    return Verification(**{**found.__dict__, "by_code": True})


def tidy_code(text: str) -> str:
    """A code as it is kept: "kry 7f3a c91e 5d20" is "KRY-7F3A-C91E-5D20"."""
    letters = re.sub(r"[^0-9A-Z]", "", text.upper())[:15].removeprefix("KRY")
    return "KRY-" + "-".join(letters[i : i + 4] for i in range(0, 12, 4))


def _verdict(
    record: VerificationRecord | None,
    known: bool,
    checked: pades.Checked,
    signatures: list[Signature],
    inside: str,
) -> str:
    """`inside`: what the file says of itself."""
    if record is not None and known:
        if record.state in ("revoked", "replaced"):
            return record.state
        return "certificate_revoked" if any(one.revoked for one in signatures) else "sound"
    if record is not None:
        # One of our documents, but not as we gave it out; without any signature it proves nothing at all.
        if checked.readable and not signatures and not checked.hidden:
            return "unsigned"
        added = inside == "not_entitled" and signatures[0].entitled is not False
        return "not_entitled" if added else "altered"
    return "unlisted" if inside == "sound" else inside


def _recognised(data: bytes) -> tuple[VerificationRecord | None, bool]:
    """The record of a file, and whether the file is one that we gave out."""
    with database.public() as reader:
        file = reader.get(VerificationFile, hashlib.sha256(data).hexdigest())
        if file is not None:
            return reader.get(VerificationRecord, file.code), True
        names = {found.decode().lower() for seen in (_IDENTIFIER, _MARK) for found in seen.findall(data)}
        for long in _HEX_IDENTIFIER.findall(data):
            names.add(bytes.fromhex(long.decode()).decode("ascii", "ignore").lower())
        if names:
            asked = (
                select(VerificationRecord)
                .where(VerificationRecord.identifier.in_(sorted(names)[:20]))
                .limit(1)
            )
            record = reader.scalars(asked).first()
            if record is not None:
                return record, False
    return _by_code(data), False


def _by_code(data: bytes) -> VerificationRecord | None:
    codes = sorted({found.decode() for found in _CODE.findall(data)})[:20]
    if not codes:
        return None
    with database.public() as reader:
        asked = select(VerificationRecord).where(VerificationRecord.code.in_(codes)).limit(1)
        return reader.scalars(asked).first()


def _original(record: VerificationRecord, data: bytes) -> bytes | None:
    """The version that we gave out to which the altered file is nearest."""
    with database.public() as reader:
        shas = list(
            reader.scalars(select(VerificationFile.sha256).where(VerificationFile.code == record.code))
        )
    versions: list[bytes] = []
    for sha in shas:
        try:
            versions.append(files.get(sha))
        except NotFound:
            continue
    # What was appended to a version begins with it; otherwise the nearest in size.
    return min(versions, key=lambda one: (not data.startswith(one), abs(len(one) - len(data))), default=None)


def _history(
    record: VerificationRecord, figures: dict[str, Any], content: printed.Content
) -> tuple[int, bool | None]:
    """Whether the history in the file has the root that the figures name, and the audit still holds
    every head of it.
    """
    try:
        heads = read_history(content.attached.get(HISTORY_NAME, b""))
        root = str(figures["history"]["root"])
    except (NotFigures, KeyError, TypeError):
        return 0, None
    if merkle_root(heads) != root:
        return len(heads), False
    return len(heads), held_nationally(heads) if record.kind == "national" else _held(record, heads)


def _case_history(record: VerificationRecord | None, content: printed.Content) -> tuple[int, bool | None]:
    """Whether the case inside minutes proves itself, is the one that was signed, and the audit still holds every
    head of it."""
    data = content.attached.get(CASE_NAME)
    if record is None or record.kind != "minutes" or data is None:
        return 0, None
    try:
        value = thaw(data)
        problems = proof.check(value)
        heads = [(str(chain), int(seq), str(head)) for chain, seq, head in value["heads"]]
    except NotACaseFile:
        return 0, False
    if problems or proof.digest_of(data) != record.figures_sha256:
        return len(heads), False
    return len(heads), _held(record, heads)


def _held(record: VerificationRecord, heads: list[Head]) -> bool:
    """Whether the audit still holds each of these heads: hashed anew from what its event says today."""
    with database.national("verifikasi riwayat") as reader:
        tenant_id = reader.scalar(select(Kanwil.id).where(Kanwil.code == record.kanwil_code))
        for start in range(0, len(heads), 400):
            part = {(chain, seq): head for chain, seq, head in heads[start : start + 400]}
            events = reader.scalars(
                select(AuditEvent).where(
                    AuditEvent.tenant_id == tenant_id,
                    AuditEvent.chain.in_(sorted({chain for chain, _ in part})),
                    AuditEvent.seq.in_(sorted({seq for _, seq in part})),
                )
            )
            held = {(e.chain, e.seq): hash_now(e) for e in events if (e.chain, e.seq) in part}
            if held != part:
                return False
    return True


def _public(record: VerificationRecord) -> Record:
    return Record(
        code=record.code,
        kanwil=record.kanwil_name,
        kanwil_code=record.kanwil_code,
        timezone=record.timezone,
        period=record.period,
        label=record.label,
        number=record.number,
        signer=record.signer,
        office=record.office,
        signed_at=record.signed_at,
        state=record.state,
        acknowledged_at=record.acknowledged_at,
        acknowledged_by=record.acknowledged_by,
        replaced_by=record.replaced_by,
        figures_sha256=record.figures_sha256,
        kind=record.kind,
        revoked_at=record.revoked_at,
        revoked_by=record.revoked_by,
        revoked_reason=record.revoked_reason,
    )
