"""What a verification answers: a plain sentence first, then who signed, what differs, and what that rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from recaps.judging import EXPIRED, NOT_YET, REVOKED, STRANGER, UNREADABLE, Signature
from recaps.pades import RECEIPT_FIELD, Checked
from recaps.printed import Content, Match
from tenants.clock import local_day
from tenants.said import say
from tenants.words import N_

SENTENCES: Final = {
    "sound": N_("Dokumen ini asli dan utuh"),
    "altered": N_("Dokumen ini telah diubah"),
    "unsigned": N_("Dokumen ini tidak bertanda tangan"),
    "not_ours": N_("Dokumen ini bukan dari Karya"),
    "revoked": N_("Dokumen ini telah dicabut"),
    "replaced": N_("Dokumen ini asli, tetapi sudah digantikan"),
    "not_entitled": N_("Dokumen ini ditandatangani oleh pihak yang tidak berwenang"),
    "expired": N_("Sertifikat penanda tangannya sudah tidak berlaku"),
    "certificate_revoked": N_("Sertifikat penanda tangannya telah dicabut"),
    "mismatch": N_("Isi dokumen ini tidak sama dengan lampirannya"),
    "unlisted": N_("Tanda tangannya sah, tetapi dokumen ini tidak ada dalam daftar kami"),
}
BROKEN: Final = N_("Berkas ini rusak atau tidak lengkap")
SOUND_OFFLINE: Final = N_("Tanda tangannya sah dan dokumen ini utuh")

KINDS: Final = {
    "recap": N_("Rekap"),
    "minutes": N_("Berita acara"),
    "national": N_("Rekap nasional"),
    "award": N_("Sertifikat keterampilan"),
}
AWARD: Final = "award"
"""A person's certificate: the public is told that it is genuine, from when, and of which skill, and nothing else."""
OTHER_KIND: Final = N_("Dokumen")
STABLE: Final = {
    "not_entitled": "altered",
    "mismatch": "altered",
    "certificate_revoked": "revoked",
    "expired": "not_ours",
    "unlisted": "not_ours",
}
"""What a finer finding is called by the verdicts that programs rely on."""
GIVEN_OUT: Final = ("sound", "revoked", "replaced", "certificate_revoked")
_LETTERS: Final = re.compile(r"[^a-z0-9]")
_CUT: Final = 64
"""Letters of a name or office in a certificate (X.520)."""


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
    """``recap``, ``minutes``, or a kind that came later."""
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    """The office that revoked it."""
    revoked_reason: str | None = None

    @property
    def kind_name(self) -> str:
        return KINDS.get(self.kind, OTHER_KIND)


@dataclass(frozen=True)
class Verification:
    """The answer. `figures_match` and `history_match` are None where there is nothing to compare."""

    verdict: str
    signatures: list[Signature] = field(default_factory=list)
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
    offline: bool = False
    """Whether the file alone was asked, not our register and history."""

    @property
    def is_given_out(self) -> bool:
        """Whether the file is one of ours, byte for byte."""
        return self.record is not None and self.verdict in GIVEN_OUT

    @property
    def sentence(self) -> str:
        if self.incomplete:
            return BROKEN
        return SOUND_OFFLINE if self.offline and self.verdict == "sound" else SENTENCES[self.verdict]

    def as_dict(self) -> dict[str, Any]:
        """The answer as the API and the command give it."""
        return {
            "verdict": STABLE.get(self.verdict, self.verdict),
            "finding": self.verdict,
            "sentence": self.sentence,
            "offline": self.offline,
            "signatures": [_signature(one) for one in self.signatures],
            "archived": [at.isoformat() for at in self.archived],
            "figures_match": self.figures_match,
            "figures": {"matched": self.figures_matched, "total": self.figures_total},
            "history_match": self.history_match,
            "changes": self.changes,
            "document": None if self.record is None else _document(self.record),
        }


def _signature(one: Signature) -> dict[str, Any]:
    return {
        "signer": one.signer,
        "office": one.office,
        "at": _moment(one.at),
        "stamped": one.stamped,
        "level": one.level,
        "intact": one.intact and one.allowed,
        "trusted": one.trusted,
        "trust": one.trust,
        "revocation": one.revocation,
        "revoked_at": _moment(one.revoked_at),
        "certificate": one.certificate,
        "certificate_until": _moment(one.valid_until),
        "entitled": one.entitled,
        "after": one.after,
        "covers_whole": one.covers_whole,
        "development": one.development,
    }


def _document(record: Record) -> dict[str, Any]:
    if record.kind == AWARD:
        day = local_day(record.signed_at, record.timezone)
        return {
            "kind": record.kind,
            "label": record.label,
            "issued_on": day.isoformat(),
            "state": record.state,
        }
    return {
        "code": record.code,
        "kind": record.kind,
        "label": record.label,
        "kanwil": record.kanwil_code,
        "period": record.period,
        "number": record.number,
        "signed_at": record.signed_at.isoformat(),
        "state": record.state,
        "acknowledged_at": _moment(record.acknowledged_at),
        "replaced_by": record.replaced_by,
        "revoked_at": _moment(record.revoked_at),
        "revoked_by": record.revoked_by,
        "revoked_reason": record.revoked_reason,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def entitle(
    signatures: list[Signature], content: Content, figures: dict[str, Any] | None, signer: str | None = None
) -> list[Signature]:
    """Each signature with whether its officer may sign there: first whoever the letter names (`signer`: whom the
    register names), then, in the field kept for it, whoever the letter is addressed to; nobody else."""
    text = _letters("".join(content.pages))
    addressee = _letters(_addressee(figures)[:_CUT])
    judged: list[Signature] = []
    for number, one in enumerate(signatures):
        if one.trust == UNREADABLE:
            entitled = None
        elif number == 0:
            wanted = _letters((signer or one.signer)[:_CUT])
            entitled = (
                bool(wanted)
                and wanted == _letters(one.signer[:_CUT])
                and wanted in (text if signer is None else wanted)
            )
        else:
            entitled = bool(one.field == RECEIPT_FIELD and addressee and addressee in _letters(one.office))
        judged.append(replace(one, entitled=entitled))
    return judged


def _addressee(figures: dict[str, Any] | None) -> str:
    letter = figures.get("letter") if figures else None
    return str(letter.get("addressee") or "") if isinstance(letter, dict) else ""


def _letters(text: str) -> str:
    return _LETTERS.sub("", text.casefold())


def conclude(checked: Checked, signatures: list[Signature], match: Match | None, *, whole: bool) -> str:
    """What the file says of itself, `sound` at best. `whole`: the attached files are those that the figures name."""
    if not checked.readable:
        return "not_ours"
    if not signatures:
        return "altered" if checked.hidden else "unsigned"
    first = signatures[0]
    if first.trust in (STRANGER, UNREADABLE):
        return "not_ours"
    if not all(one.intact for one in signatures):
        return "altered"
    if first.revoked or first.trust in (EXPIRED, NOT_YET):
        return "certificate_revoked" if first.revoked else "expired"
    if not first.allowed:
        return "altered"
    if any(one.trust == STRANGER or one.entitled is False for one in signatures[1:]):
        return "not_entitled"
    if not all(one.allowed for one in signatures):
        return "altered"
    if not all(one.trusted for one in signatures):
        return "certificate_revoked" if any(one.revoked for one in signatures) else "expired"
    if first.entitled is False:
        return "not_entitled"
    return "mismatch" if not whole or (match is not None and not match.same) else "sound"


def strangers(signatures: list[Signature]) -> list[str]:
    """Each signature that doesn't belong, or whose certificate no longer held, in words."""
    said: list[str] = []
    for number, one in enumerate(signatures):
        name = one.signer or say(N_("Seseorang yang namanya tidak terbaca"))
        who = f"{name} ({one.office})" if one.office else name
        if one.trust == STRANGER:
            said.append(say(N_("%(who)s menandatangani dengan sertifikat yang tidak kami kenal."), who=who))
        elif one.entitled is False and number:
            said.append(
                say(
                    N_(
                        "%(who)s ikut menandatangani, padahal setelah penerbitnya hanya penerima surat yang "
                        "berwenang."
                    ),
                    who=who,
                )
            )
        elif one.entitled is False:
            said.append(
                say(N_("%(who)s bukan pejabat yang disebut sebagai penanda tangan surat ini."), who=who)
            )
        if one.trust == REVOKED:
            said.append(say(N_("Sertifikat %(signer)s sudah dicabut penerbitnya."), signer=one.signer))
        elif one.trust == EXPIRED:
            said.append(say(N_("Sertifikat %(signer)s sudah berakhir."), signer=one.signer))
    return said
