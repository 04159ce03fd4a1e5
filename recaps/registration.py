"""What this room brings to a process: the recap as a subject of approval, and its jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recaps import anchors, archiving, arrivals, drafting, receiving, signing
from recaps.awards import forgetting
from recaps.awards import issuing as awards
from recaps.certificates import expiring
from recaps.delivery import bundles, dispositions, words
from recaps.minutes import issuing
from recaps.national import acting as national_acting
from recaps.national import drafting as national_drafting
from recaps.national import signing as national_signing
from recaps.rounds import schedule
from tenants.said import say
from tenants.words import N_, rupiah
from workflows.stages import Definition
from workflows.subjects import SubjectType, register


def _summary(case: Any) -> list[tuple[str, str]]:
    """What the inbox's preview shows of a recap."""
    fields: Mapping[str, Any] = case.fields
    return [
        (N_("Periode"), str(fields.get("label", ""))),
        (N_("Produk terdaftar"), str(fields.get("products", 0))),
        (N_("UPT membeli"), str(fields.get("buyers", 0))),
        (N_("Transaksi selesai"), rupiah(int(fields.get("value_rupiah", 0)))),
        (N_("PNBP"), rupiah(int(fields.get("pnbp_rupiah", 0)))),
    ]


def ends_with_the_signature(definition: Definition) -> dict[str, str]:
    """A recap's way ends with the Kakanwil alone: what he signs is the approval, and nothing comes after."""
    if not definition.steps:
        return {}
    at = len(definition.steps) - 1
    last = definition.steps[at]
    stage = last.stages[0] if last.stages else None
    if stage is None or not last.is_plain or stage.key != signing.STAGE or stage.role != "kakanwil":
        why = say(
            N_("Alur rekap harus berakhir dengan satu tahap %(stage)s yang diputuskan kakanwil."),
            stage=signing.STAGE,
        )
        return {f"stages[{at}]": why}
    if last.when is not None or stage.when is not None:
        return {f"stages[{at}].when": N_("Penandatanganan tidak boleh bersyarat.")}
    return {}


register(
    SubjectType(
        key=drafting.SUBJECT,
        label=N_("Rekap"),
        field_labels={
            "products": N_("I. Produk terdaftar"),
            "buyers": N_("II. UPT yang membeli"),
            "transactions": N_("III. Transaksi"),
            "obstacles": N_("IV. Kendala dan solusi"),
            "pnbp": N_("PNBP"),
        },
        on_returned=signing.came_back,
        on_rejected=signing.came_back,
        on_withdrawn=signing.came_back,
        before_decide=signing.before_decide,
        check=ends_with_the_signature,
        condition_fields={
            "needs_review": N_("Perlu telaah Kadiv"),
            "products": N_("Produk terdaftar"),
            "buyers": N_("UPT membeli"),
            "value_rupiah": N_("Transaksi selesai"),
            "pnbp_rupiah": N_("PNBP"),
        },
        locked_stages=(signing.STAGE,),
        ticks_requests=False,  # it is drafted anew as a whole, and its signature answers for all of it
        approved_word=N_("Ditandatangani"),
        page=lambda case: f"/rekap/{case.subject_id}",
        summary=_summary,
    )
)

__all__ = [
    "anchors",
    "archiving",
    "arrivals",
    "awards",
    "bundles",
    "dispositions",
    "drafting",
    "expiring",
    "forgetting",
    "issuing",
    "national_acting",
    "national_drafting",
    "national_signing",
    "receiving",
    "schedule",
    "signing",
    "words",
]
