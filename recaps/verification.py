"""Is this file ours and untouched? By the file itself, or by the code under its QR.

`verify_file` never raises for what the bytes are and keeps nothing. A file is sound only when it is,
byte for byte, one that we gave out; what differs is said in words, by comparing it with the original that we keep.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from recaps import pades, printed
from recaps.errors import FileTooLarge, NoSuchDocument
from recaps.figures_json import HISTORY_NAME, Head, NotFigures, digest, read_history
from recaps.models import VerificationFile, VerificationRecord
from recaps.national.history import held as held_nationally
from recaps.signing import signer
from tenants import clock, database, files
from tenants.errors import NotFound
from tenants.models import Kanwil
from tenants.said import say
from tenants.words import N_
from workflows.merkle import merkle_root
from workflows.models import AuditEvent
from workflows.proof import offline
from workflows.proof.casefile import FILE_NAME as CASE_NAME
from workflows.proof.casefile import NotACaseFile, thaw
from workflows.proof.rules import hash_now

LARGEST: Final = 64 * 1024 * 1024
_CODE: Final = re.compile(rb"KRY-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
_IDENTIFIER: Final = re.compile(rb"/ID\s*\[\s*[(<]([0-9a-fA-F]{32})[)>]")
_MARK: Final = re.compile(rb"/KaryaDocument\s*\(([0-9a-f]{32})\)")
"""The same identifier, at the head of the file and on each of its pages (`render_worker`)."""
_HEX_IDENTIFIER: Final = re.compile(rb"/ID\s*\[\s*<([0-9a-fA-F]{64})>")

SENTENCES: Final = {
    "sound": N_("Dokumen ini asli dan utuh"),
    "altered": N_("Dokumen ini telah diubah"),
    "unsigned": N_("Dokumen ini tidak bertanda tangan"),
    "not_ours": N_("Dokumen ini bukan dari Karya"),
    "revoked": N_("Dokumen ini telah dicabut"),
    "replaced": N_("Dokumen ini asli, tetapi sudah digantikan"),
}
BROKEN: Final = N_("Berkas ini rusak atau tidak lengkap")


@dataclass(frozen=True)
class Record:
    """What the public register says of the document."""

    code: str
    kanwil: str
    kanwil_code: str
    timezone: str
    period: str
    label: str
    number: str
    signer: str
    office: str
    signed_at: datetime
    state: str
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    replaced_by: str | None
    figures_sha256: str
    kind: str = "recap"
    """``recap`` or ``minutes``."""


@dataclass(frozen=True)
class Verification:
    """The answer. `figures_match` and `history_match` are None where there is nothing to compare."""

    verdict: str
    signatures: list[pades.Signature] = field(default_factory=list)
    figures_match: bool | None = None
    figures_matched: int = 0
    figures_total: int = 0
    history_match: bool | None = None
    chains: int = 0
    changes: list[str] = field(default_factory=list)
    record: Record | None = None
    by_code: bool = False
    archived: list[datetime] = field(default_factory=list)
    """When the archive stamped the file, oldest first."""
    incomplete: bool = False
    """Whether a part of the file is missing or can't be read: a bad copy rather than another text."""

    @property
    def sentence(self) -> str:
        return BROKEN if self.incomplete else SENTENCES[self.verdict]

    def as_dict(self) -> dict[str, Any]:
        """The answer as the API and the command give it."""
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "signatures": [
                {
                    "signer": one.signer,
                    "office": one.office,
                    "at": one.at.isoformat() if one.at else None,
                    "level": one.level,
                    "intact": one.intact and one.allowed,
                    "trusted": one.trusted,
                    "covers_whole": one.covers_whole,
                    "development": one.development,
                    "revoked": one.revoked,
                    "expired": one.expired,
                }
                for one in self.signatures
            ],
            "archived": [at.isoformat() for at in self.archived],
            "figures_match": self.figures_match,
            "figures": {"matched": self.figures_matched, "total": self.figures_total},
            "history_match": self.history_match,
            "changes": self.changes,
            "document": None
            if self.record is None
            else {
                "code": self.record.code,
                "kind": self.record.kind,
                "label": self.record.label,
                "kanwil": self.record.kanwil_code,
                "period": self.record.period,
                "number": self.record.number,
                "signed_at": self.record.signed_at.isoformat(),
                "state": self.record.state,
                "acknowledged_at": self.record.acknowledged_at.isoformat()
                if self.record.acknowledged_at
                else None,
                "replaced_by": self.record.replaced_by,
            },
        }


def verify_file(data: bytes, *, now: datetime | None = None) -> Verification:
    """Verify an uploaded file; a few statements on the published tables, one national one for the history.

    Raises:
        FileTooLarge: beyond `LARGEST` bytes.
    """
    if len(data) > LARGEST:
        raise FileTooLarge(say(N_("Berkas paling besar %(largest)s MB."), largest=LARGEST // 1024 // 1024))
    record, known = _recognised(data)
    kept_at = (record.acknowledged_at or record.signed_at) if record is not None and known else None
    checked = pades.check(data, signer(), now=kept_at or now or clock.now())
    content = printed.read(data) if checked.is_pdf else printed.Content(False, [], {})
    if record is None:
        record = _by_code("\n".join(content.pages).encode("utf-8", "ignore"))
    figures, match = printed.compare(content)
    chains, history = _case_history(record, content)
    if record is not None and figures is not None:
        chains, history = _history(record, figures, content)
    figures_match = None
    if match is not None and figures is not None:
        figures_match = match.same and (record is None or digest(figures) == record.figures_sha256)
    verdict = _verdict(record, known, checked)
    changes: list[str] = []
    incomplete = False
    if verdict == "altered":
        original = _original(record, data) if record is not None else None
        incomplete = original is not None and _is_incomplete(original, data, checked)
        changes = _changes(original, data, content, checked, match)
        changes += _without_right(original, checked, kept_at or now or clock.now())
    return Verification(
        verdict=verdict,
        signatures=checked.signatures,
        figures_match=figures_match,
        figures_matched=match.matched if match else 0,
        figures_total=match.total if match else 0,
        history_match=history,
        chains=chains,
        changes=changes,
        record=_public(record) if record else None,
        incomplete=incomplete,
        archived=checked.archived,
    )


def verify_code(code: str, *, now: datetime | None = None) -> Verification:
    """What we know of a code: the file we gave out under it, checked as it lies with us.

    Raises:
        NoSuchDocument: no signed document has it.
    """
    with database.public() as reader:
        record = reader.get(VerificationRecord, tidy_code(code))
        if record is None:
            raise NoSuchDocument(N_("Kode ini tidak dikenal. Periksa hurufnya, atau unggah berkasnya."))
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


def _verdict(record: VerificationRecord | None, known: bool, checked: pades.Checked) -> str:
    if record is not None and known:
        return record.state if record.state in ("revoked", "replaced") else "sound"
    if record is not None:
        # One of our documents, but not as we gave it out; without any signature it proves nothing at all.
        return "unsigned" if checked.readable and not checked.signatures else "altered"
    if checked.readable and not checked.signatures:
        return "unsigned"
    if any(one.trusted for one in checked.signatures):
        return "altered"
    return "not_ours"


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


def _is_incomplete(original: bytes, data: bytes, checked: pades.Checked) -> bool:
    """Whether the file is a broken copy: cut off at its end, or with a part that can no longer be read."""
    return original.startswith(data) or not checked.readable


def _changes(
    original: bytes | None,
    data: bytes,
    content: printed.Content,
    checked: pades.Checked,
    match: printed.Match | None,
) -> list[str]:
    said: list[str] = []
    if original is not None and _is_incomplete(original, data, checked):
        said.append(
            say(
                N_(
                    "Berkas ini rusak atau tidak lengkap: sebagian isinya hilang atau tidak dapat "
                    "dibaca (asli %(count)s bita, ini %(count2)s bita)."
                ),
                count=len(original),
                count2=len(data),
            )
        )
        said.append(_bytes_changed(original, data))
        return said
    if original is not None:
        said += printed.differences(printed.read(original), content)
        said.append(_bytes_changed(original, data))
    elif match is not None and match.differing:
        said += [
            say(N_("Angka tercetak berbeda dari lampirannya: %(text)s."), text=text)
            for text in match.differing[:8]
        ]
    if not checked.readable:
        said.append(say(N_("Berkas ini tidak dapat dibuka: %(problem)s."), problem=checked.problem))
    if any(not one.intact for one in checked.signatures):
        said.append(say(N_("Bagian yang ditandatangani tidak lagi sama dengan saat ditandatangani.")))
    elif any(not one.allowed for one in checked.signatures):
        said.append(say(N_("Isi berkas ditambah atau diganti setelah ditandatangani.")))
    return said or [say(N_("Bita berkas ini tidak sama dengan berkas yang kami terbitkan."))]


def _without_right(original: bytes | None, checked: pades.Checked, now: datetime) -> list[str]:
    """Signatures that are not among those we gave out, and certificates that ended or were revoked, by name."""
    said: list[str] = []
    if original is not None:
        ours = {(one.field, one.certificate) for one in pades.check(original, signer(), now=now).signatures}
        said += [
            say(
                N_("Tanda tangan %(signer)s ditambahkan tanpa wewenang: tidak ada di berkas asli."),
                signer=one.signer or say(N_("yang tidak terbaca")),
            )
            for one in checked.signatures
            if (one.field, one.certificate) not in ours
        ]
    for one in checked.signatures:
        if one.revoked:
            said.append(say(N_("Sertifikat %(signer)s sudah dicabut penerbitnya."), signer=one.signer))
        elif one.expired:
            said.append(say(N_("Sertifikat %(signer)s sudah berakhir."), signer=one.signer))
    return said


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
    return min(versions, key=lambda version: abs(len(version) - len(data)), default=None)


def _bytes_changed(original: bytes, data: bytes) -> str:
    if data.startswith(original):
        return say(
            N_("%(count)s bita ditambahkan setelah akhir berkas asli."), count=len(data) - len(original)
        )
    if original.startswith(data):
        return say(N_("Berkas terpotong: %(count)s bita terakhir hilang."), count=len(original) - len(data))
    first = next(place for place, (a, b) in enumerate(zip(original, data, strict=False)) if a != b)
    if len(original) == len(data):
        count = sum(1 for a, b in zip(original, data, strict=True) if a != b)
        return say(
            N_("%(count)s bita berbeda dari berkas asli, yang pertama pada bita ke-%(first)s."),
            count=count,
            first=first + 1,
        )
    return say(
        N_("Berkas ini berbeda dari aslinya mulai bita ke-%(first)s (asli %(count)s, ini %(count2)s bita)."),
        first=first + 1,
        count=len(original),
        count2=len(data),
    )


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
        problems = offline.check(value)
        heads = [(str(chain), int(seq), str(head)) for chain, seq, head in value["heads"]]
    except NotACaseFile:
        return 0, False
    if problems or offline.digest_of(data) != record.figures_sha256:
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
    )
