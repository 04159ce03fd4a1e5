"""What this room brings to a process: the recap as a subject of approval, and its jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recaps import anchors, drafting, receiving, signing
from recaps.minutes import issuing
from tenants.words import N_, rupiah
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
        ticks_requests=False,  # it is drafted anew as a whole, and its signature answers for all of it
        approved_word=N_("Ditandatangani"),
        page=lambda case: f"/rekap/{case.subject_id}",
        summary=_summary,
    )
)

__all__ = ["anchors", "drafting", "issuing", "receiving", "signing"]
