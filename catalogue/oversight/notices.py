"""Which message goes to whom when a product is inspected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from catalogue.content import LABELS
from catalogue.oversight.models import Finding, Inspection
from tenants.words import date_id
from workflows.notices import Draft, draft

INSPECTORS = ("pembina", "pemantau", "pengendali")


def page(inspection_id: int) -> str:
    """Where an inspection is read."""
    return f"/pengawasan/{inspection_id}"


def label(field: str) -> str:
    """The name of a finding's field."""
    return LABELS.get(field, "Umum")


def of_planning(count: int, first: str) -> list[Draft]:
    """So many products are to be inspected: one message a role, however many they are."""
    title = f"{first}: waktunya diperiksa" if count == 1 else f"{count} produk waktunya diperiksa"
    body = "Pengawasan berkala produk yang terbit."
    return [draft("inspection.planned", title, body, "/pengawasan", role=role) for role in INSPECTORS]


def of_spot_check(inspection: Inspection, who: str, complained: bool) -> list[Draft]:
    """Somebody asked for an inspection now."""
    body = f"Dibuka oleh {who}{' karena ada pengaduan' if complained else ''}."
    title = f"{inspection.title}: pemeriksaan sewaktu-waktu"
    return [draft("inspection.opened", title, body, page(inspection.id), role=role) for role in INSPECTORS]


def of_result(inspection: Inspection, findings: Sequence[Finding], who: str) -> list[Draft]:
    """The UPT hears what came of it; of a suspension `catalogue.publication` tells."""
    if inspection.outcome == "suspend":
        return []
    if not findings:
        title = f"{inspection.title}: diperiksa, tidak ada temuan"
        return [_to_upt(inspection, "inspection.clean", title, f"Diperiksa oleh {who}.")]
    until = date_id(findings[0].due_on)
    lines = [f"Diperiksa oleh {who}. Jawab setiap temuan di halaman produk."]
    lines += [f"- {label(one.field)}: {one.text}" for one in findings]
    title = f"{inspection.title}: perbaiki sampai {until}"
    return [_to_upt(inspection, "inspection.findings", title, "\n".join(lines))]


def of_answer(inspection: Inspection, finding: Finding) -> list[Draft]:
    """The inspector hears the UPT's answer."""
    body = f"{label(finding.field)}: {finding.answer}"
    title = f"{inspection.title}: temuan dijawab"
    return [_to_inspector(inspection, "finding.answered", title, body)]


def of_settling(inspection: Inspection, finding: Finding, suspended: bool) -> list[Draft]:
    """The UPT hears that a finding is settled; with the last one of a suspended product, the pengendali too."""
    title = f"{inspection.title}: temuan {label(finding.field).lower()} selesai"
    told = [_to_upt(inspection, "finding.settled", title, f"Diterima oleh {finding.settled_by_name}.")]
    if suspended:
        title = f"{inspection.title}: semua temuan selesai, dapat dipulihkan"
        where = f"/produk/kelola/{inspection.product_id}"
        told.append(
            draft("inspection.settled", title, "Produk ini masih ditangguhkan.", where, role="pengendali")
        )
    return told


def of_extension(inspection: Inspection, finding: Finding) -> list[Draft]:
    """The UPT hears its new date."""
    title = f"{inspection.title}: batas perbaikan menjadi {date_id(finding.due_on)}"
    body = f"{label(finding.field)}: {finding.extension_reason}"
    return [_to_upt(inspection, "finding.extended", title, body)]


def of_reminder(inspection: Inspection, finding: Finding) -> list[Draft]:
    """Three working days before the date: to the UPT, or to the inspector where the UPT has answered."""
    title = f"{inspection.title}: batas perbaikan {date_id(finding.due_on)} sudah dekat"
    body = f"{label(finding.field)}: {finding.text}"
    if finding.answered_at is not None:
        return [
            _to_inspector(
                inspection, "finding.near", title, f"Sudah dijawab UPT, belum Anda putuskan. {body}"
            )
        ]
    return [_to_upt(inspection, "finding.near", title, body)]


def of_lapse(inspection: Inspection, until: date) -> list[Draft]:
    """Inspector and pengendali hear that the clock suspended the product; the UPT hears it from the suspension."""
    title = f"{inspection.title}: ditangguhkan otomatis"
    body = f"Temuan belum selesai sampai {date_id(until)}."
    where = page(inspection.id)
    told = [draft("finding.lapsed", title, body, where, role="pengendali")]
    if inspection.inspector_id is not None:
        told.append(draft("finding.lapsed", title, body, where, officer_id=inspection.inspector_id))
    return told


def _to_upt(inspection: Inspection, kind: str, title: str, body: str) -> Draft:
    where = f"/produk-saya/{inspection.product_id}"
    return draft(kind, title, body, where, role="operator_upt", upt_id=inspection.upt_id)


def _to_inspector(inspection: Inspection, kind: str, title: str, body: str) -> Draft:
    if inspection.inspector_id is not None:
        return draft(kind, title, body, page(inspection.id), officer_id=inspection.inspector_id)
    return draft(kind, title, body, page(inspection.id), role="pengendali")
