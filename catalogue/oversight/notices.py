"""Which message goes to whom when a product is inspected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from catalogue.content import LABELS
from catalogue.oversight.models import Finding, Inspection
from tenants.said import Said, joined, say
from tenants.words import N_, date_id
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
    title = (
        say(N_("%(title)s: waktunya diperiksa"), title=first)
        if count == 1
        else say(N_("%(n)s produk waktunya diperiksa"), n=count)
    )
    body = say(N_("Pengawasan berkala produk yang terbit."))
    return [draft("inspection.planned", title, body, "/pengawasan", role=role) for role in INSPECTORS]


def of_spot_check(inspection: Inspection, who: str, complained: bool) -> list[Draft]:
    """Somebody asked for an inspection now."""
    words = N_("Dibuka oleh %(who)s karena ada pengaduan.") if complained else N_("Dibuka oleh %(who)s.")
    body, title = say(words, who=who), _of(inspection, N_("%(title)s: pemeriksaan sewaktu-waktu"))
    return [draft("inspection.opened", title, body, page(inspection.id), role=role) for role in INSPECTORS]


def of_result(inspection: Inspection, findings: Sequence[Finding], who: str) -> list[Draft]:
    """The UPT hears what came of it; of a suspension `catalogue.publication` tells."""
    if inspection.outcome == "suspend":
        return []
    if not findings:
        title = _of(inspection, N_("%(title)s: diperiksa, tidak ada temuan"))
        return [_to_upt(inspection, "inspection.clean", title, say(N_("Diperiksa oleh %(who)s."), who=who))]
    until = date_id(findings[0].due_on)
    lines = [say(N_("Diperiksa oleh %(who)s. Jawab setiap temuan di halaman produk."), who=who)]
    lines += [say("- %(field)s: %(text)s", field=say(label(one.field)), text=one.text) for one in findings]
    title = _of(inspection, N_("%(title)s: perbaiki sampai %(day)s"), day=until)
    return [_to_upt(inspection, "inspection.findings", title, joined(lines))]


def of_answer(inspection: Inspection, finding: Finding) -> list[Draft]:
    """The inspector hears the UPT's answer."""
    body = _field(finding, finding.answer or "")
    title = _of(inspection, N_("%(title)s: temuan dijawab"))
    return [_to_inspector(inspection, "finding.answered", title, body)]


def of_settling(inspection: Inspection, finding: Finding, suspended: bool) -> list[Draft]:
    """The UPT hears that a finding is settled; with the last one of a suspended product, the pengendali too."""
    title = _of(
        inspection, N_("%(title)s: temuan %(field)s selesai"), field=say(label(finding.field).lower())
    )
    body = say(N_("Diterima oleh %(who)s."), who=finding.settled_by_name)
    told = [_to_upt(inspection, "finding.settled", title, body)]
    if suspended:
        title = _of(inspection, N_("%(title)s: semua temuan selesai, dapat dipulihkan"))
        where = f"/produk/kelola/{inspection.product_id}"
        told.append(
            draft(
                "inspection.settled",
                title,
                say(N_("Produk ini masih ditangguhkan.")),
                where,
                role="pengendali",
            )
        )
    return told


def of_extension(inspection: Inspection, finding: Finding) -> list[Draft]:
    """The UPT hears its new date."""
    title = _of(inspection, N_("%(title)s: batas perbaikan menjadi %(day)s"), day=date_id(finding.due_on))
    body = _field(finding, finding.extension_reason or "")
    return [_to_upt(inspection, "finding.extended", title, body)]


def of_reminder(inspection: Inspection, finding: Finding) -> list[Draft]:
    """Three working days before the date: to the UPT, or to the inspector where the UPT has answered."""
    title = _of(inspection, N_("%(title)s: batas perbaikan %(day)s sudah dekat"), day=date_id(finding.due_on))
    body = _field(finding, finding.text)
    if finding.answered_at is not None:
        answered = joined((say(N_("Sudah dijawab UPT, belum Anda putuskan.")), body), " ")
        return [_to_inspector(inspection, "finding.near", title, answered)]
    return [_to_upt(inspection, "finding.near", title, body)]


def of_lapse(inspection: Inspection, until: date) -> list[Draft]:
    """Inspector and pengendali hear that the clock suspended the product; the UPT hears it from the suspension."""
    title = _of(inspection, N_("%(title)s: ditangguhkan otomatis"))
    body = say(N_("Temuan belum selesai sampai %(day)s."), day=date_id(until))
    where = page(inspection.id)
    told = [draft("finding.lapsed", title, body, where, role="pengendali")]
    if inspection.inspector_id is not None:
        told.append(draft("finding.lapsed", title, body, where, officer_id=inspection.inspector_id))
    return told


def _of(inspection: Inspection, words: str, **given: object) -> Said:
    return say(words, title=inspection.title, **given)


def _field(finding: Finding, text: str) -> Said:
    return say("%(field)s: %(text)s", field=say(label(finding.field)), text=text)


def _to_upt(inspection: Inspection, kind: str, title: str, body: str) -> Draft:
    where = f"/produk-saya/{inspection.product_id}"
    return draft(kind, title, body, where, role="operator_upt", upt_id=inspection.upt_id)


def _to_inspector(inspection: Inspection, kind: str, title: str, body: str) -> Draft:
    if inspection.inspector_id is not None:
        return draft(kind, title, body, page(inspection.id), officer_id=inspection.inspector_id)
    return draft(kind, title, body, page(inspection.id), role="pengendali")
