"""What stands between a draft and its submission: each field's message, and how complete the draft is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from catalogue.content import BY_KEY, FIELDS, Field, reread
from catalogue.photos import MAX_PHOTOS
from catalogue.terms import FOOD
from tenants.words import N_

REQUIRED = N_("Wajib diisi sebelum diajukan.")
TOO_SHORT = N_("Terlalu pendek; tulis sedikitnya {shortest} huruf.")
NO_PHOTO = N_("Tambahkan sedikitnya satu foto produk.")
TOO_MANY = N_("Paling banyak delapan foto.")
EVIDENCE_FEW = N_("Tambahkan sedikitnya dua harga pembanding dengan sumber dan tanggal.")
ROW_INCOMPLETE = N_("Lengkapi baris ini.")
IN_FUTURE = N_("Tanggal ini belum tiba.")
PIRT_MISSING = N_("Makanan dan minuman wajib memiliki nomor P-IRT.")
PIRT_EXPIRY_MISSING = N_("Isi tanggal akhir berlakunya P-IRT.")
PIRT_EXPIRED = N_("P-IRT ini sudah tidak berlaku; perbarui dahulu.")
PAPER_EXPIRED = N_("Sertifikat ini sudah tidak berlaku; perbarui dahulu.")
CONSENT_MISSING = N_("Nama hanya disebut dengan tanggal persetujuan tertulis.")
ANSWER_MISSING = N_("Ubah isian ini atau jawab permintaannya.")
MIN_EVIDENCE: Final = 2


def problems(content: Mapping[str, Any], *, today: date) -> dict[str, str]:
    """Every field (or row, as "price_evidence.1.source") that keeps `content` from being submitted.

    `today` is the day in the Kanwil's calendar.
    """
    found = dict(reread(content))
    for spec in FIELDS:
        if spec.key in found:
            continue
        message = _field_problem(spec, content.get(spec.key))
        if message:
            found[spec.key] = message
    _check_evidence(content.get("price_evidence") or [], found, today)
    _check_makers(content.get("makers") or [], found, today)
    _check_papers(content, found, today)
    if content.get("category") == FOOD:
        _check_food(content, found, today)
    return found


def completeness(content: Mapping[str, Any], *, today: date) -> float:
    """The share (0 to 1) of what a submission needs that `content` already has."""
    open_fields = {path.partition(".")[0] for path in problems(content, today=today)}
    needed = needed_fields(content)
    return sum(key not in open_fields for key in needed) / len(needed)


def needed_fields(content: Mapping[str, Any]) -> list[str]:
    """The fields that a submission of `content` needs: food needs its licence, a service no material."""
    keys = [spec.key for spec in FIELDS if spec.required]
    if content.get("category") == FOOD:
        keys += ["pirt_number", "pirt_expires_on"]
    if content.get("category") == "services":
        keys.remove("materials")
    return keys


def unanswered(
    requests: Sequence[Mapping[str, Any]],
    answers: Mapping[str, Any] | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> list[Mapping[str, Any]]:
    """The requests of a return that are neither answered in words nor met by a change of their field."""
    given = answers or {}
    return [
        request
        for request in requests
        if not str(given.get(str(request["id"])) or "").strip()
        and before.get(request["field"]) == after.get(request["field"])
    ]


def _field_problem(spec: Field, value: Any) -> str | None:
    if spec.kind == "photos":
        amount = len(value or [])
        return NO_PHOTO if amount == 0 else TOO_MANY if amount > MAX_PHOTOS else None
    if spec.kind in ("evidence", "makers"):
        return None
    if value is None or value == "":
        return REQUIRED if spec.required else None
    if spec.kind in ("line", "text") and len(value) < spec.shortest:
        return TOO_SHORT.format(shortest=spec.shortest)
    return None


def _check_evidence(rows: Sequence[Mapping[str, Any]], found: dict[str, str], today: date) -> None:
    whole = 0
    for number, row in enumerate(rows):
        gaps = [key for key in ("source", "observed_on", "price_rupiah") if row.get(key) in (None, "")]
        for key in gaps:
            found.setdefault(f"price_evidence.{number}.{key}", ROW_INCOMPLETE)
        if row.get("observed_on") and date.fromisoformat(row["observed_on"]) > today:
            found[f"price_evidence.{number}.observed_on"] = IN_FUTURE
            continue
        whole += not gaps
    if whole < MIN_EVIDENCE:
        found.setdefault("price_evidence", EVIDENCE_FEW)


def _check_makers(rows: Sequence[Mapping[str, Any]], found: dict[str, str], today: date) -> None:
    for number, row in enumerate(rows):
        if not row.get("name"):
            found.setdefault(f"makers.{number}.name", ROW_INCOMPLETE)
        if not row.get("consented_on"):
            found.setdefault(f"makers.{number}.consented_on", CONSENT_MISSING)
        elif date.fromisoformat(row["consented_on"]) > today:
            found[f"makers.{number}.consented_on"] = IN_FUTURE


def _check_papers(content: Mapping[str, Any], found: dict[str, str], today: date) -> None:
    for paper in ("halal", "sni"):
        expires = content.get(f"{paper}_expires_on")
        if expires and date.fromisoformat(expires) <= today:
            found[f"{paper}_expires_on"] = PAPER_EXPIRED


def _check_food(content: Mapping[str, Any], found: dict[str, str], today: date) -> None:
    if not content.get("pirt_number"):
        found.setdefault("pirt_number", PIRT_MISSING)
    expires = content.get("pirt_expires_on")
    if not expires:
        found.setdefault("pirt_expires_on", PIRT_EXPIRY_MISSING)
    elif date.fromisoformat(expires) <= today:
        found["pirt_expires_on"] = PIRT_EXPIRED


def label_of(path: str) -> str:
    """The label of the field that `path` names ("price_evidence.0.source" -> "Bukti harga")."""
    spec = BY_KEY.get(path.partition(".")[0])
    return spec.label if spec else path
