"""Campaign papers as HTML, from what they carry inside alone: the same value and issue give the same document."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from catalogue.labels.design import FOLDER as MOTIFS
from catalogue.labels.design import motif_of
from recaps import charts
from recaps.campaigns.paper import FILE_NAME, NATIONAL, Paper, freeze
from recaps.glyphs import printable
from recaps.letter import FOLDER, Issue, Letter, environment, qr_of
from tenants.words import date_id, instant_id, rupiah

PRINTED_UPT: Final = 60
"""Longer rankings print their head and say how many follow; all of them are in the attachment."""
CHARTED: Final = 10
SOGA: Final = "#8a4a1f"


def compose(
    value: Paper, kop: Mapping[str, Any], place: Mapping[str, str], issue: Issue, *, mark: bytes | None
) -> Letter:
    """The report or certificate. `kop`: the letterhead; `place`: province and capital of who signs; `mark`: the emblem
    (PNG or JPEG)."""
    figures, of = value["figures"], value["of"]
    assets = {"mark.svg": (FOLDER / "mark.svg").read_bytes(), "qr.svg": qr_of(issue.verify_url)}
    if mark:
        assets["mark.png"] = mark
    is_certificate = value["kind"] == "certificate"
    told = _certificate(figures, of, assets) if is_certificate else _report(value, assets)
    zone = ZoneInfo(figures["timezone"])
    html = (
        environment()
        .get_template("campaign_certificate.html" if is_certificate else "campaign_report.html")
        .render(
            f={"kop_surat": kop, "kanwil": place},
            c=figures["campaign"],
            span=span(figures["campaign"]),
            of=of,
            issue=issue,
            own_mark=bool(mark),
            signed=instant_id(issue.signed_at, zone),
            frozen=instant_id(datetime.fromisoformat(figures["frozen_at"]), zone),
            created=issue.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            digest=hashlib.sha256(freeze(value)).hexdigest(),
            file_name=FILE_NAME,
            kind=value["kind"],
            **told,
        )
    )
    return Letter(
        html=printable(html), assets=assets, identifier=f"karya:{issue.code}", created=issue.signed_at
    )


def span(campaign: Mapping[str, Any]) -> str:
    """The days of a campaign in words: "1 sampai 30 April 2021"."""
    first, last = (date.fromisoformat(campaign[name]) for name in ("starts_on", "ends_on"))
    if first == last:
        return date_id(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} sampai {date_id(last)}"
    return f"{date_id(first)} sampai {date_id(last)}"


def _report(value: Paper, assets: dict[str, bytes]) -> dict[str, Any]:
    figures, of = value["figures"], value["of"]
    national = value["kind"] == NATIONAL
    is_own = figures["campaign"]["owner"] == of["code"]
    upts = (
        figures["by_upt"] if national else [row for row in figures["by_upt"] if row["kanwil"] == of["code"]]
    )
    names = {row["code"]: row["name"] for row in figures["by_kanwil"]}
    mine = next((row for row in figures["by_kanwil"] if row["code"] == of["code"]), None)
    totals = figures["totals"] if national or is_own else _sums(upts, mine)
    ranked = figures["by_kanwil"] if national else upts
    bars = [(row["name"], row["value_rupiah"], rupiah(row["value_rupiah"])) for row in ranked[:CHARTED]]
    subject = "Kanwil" if national else "UPT"
    if any(value for _, value, _ in bars):
        drawn = charts.bars(bars, title=f"Omzet kampanye menurut {subject}", highlight=0)
        assets["ranking.svg"] = printable(drawn).encode()
    target = figures["campaign"]["target_rupiah"] if national or is_own else None
    if target:
        assets["target.svg"] = charts.against_target(
            totals["value_rupiah"],
            target,
            done_label=rupiah(totals["value_rupiah"]),
            target_label=f"target {rupiah(target)}",
            title="Omzet kampanye terhadap target",
        ).encode()
    days = [row for row in figures["by_day"] if row["value_rupiah"]] if national or is_own else []
    return {
        "totals": totals,
        "country": None if national or is_own else figures["totals"],
        "mine": mine,
        "target": target,
        "upts": [{**row, "office": names.get(row["kanwil"], row["kanwil"])} for row in upts[:PRINTED_UPT]],
        "upts_rest": max(0, len(upts) - PRINTED_UPT),
        "kanwils": figures["by_kanwil"] if national else [],
        "days": [(date_id(date.fromisoformat(row["day"])), row["value_rupiah"]) for row in days],
        "national": national,
        "charted": min(len(ranked), CHARTED),
        "has_chart": "ranking.svg" in assets,
        "signer_office": "Direktur Jenderal Pemasyarakatan" if national else "Kepala Kantor Wilayah",
    }


def _sums(upts: list[dict[str, Any]], mine: Mapping[str, Any] | None) -> dict[str, Any]:
    """A Kanwil's part of a campaign of the country."""
    row = mine or {}
    return {
        **{name: row.get(name, 0) for name in ("value_rupiah", "quantity", "sales", "pledge_rupiah")},
        "units": len(upts),
    }


def _certificate(
    figures: Mapping[str, Any], of: Mapping[str, Any], assets: dict[str, bytes]
) -> dict[str, Any]:
    own = next(row for row in figures["by_upt"] if row["slug"] == of["slug"])
    beside = [row for row in figures["by_upt"] if row["kanwil"] == of["code"]]
    motif = (MOTIFS / f"{motif_of(of['slug'])}.svg").read_text(encoding="utf-8")
    motif = motif.replace('stroke="#000"', f'stroke="{SOGA}" stroke-opacity=".30"')
    assets["motif.svg"] = motif.replace('fill="#000"', f'fill="{SOGA}" fill-opacity=".30"').encode()
    return {
        "own": own,
        "rank_here": 1 + sum(row["value_rupiah"] > own["value_rupiah"] for row in beside),
        "units_here": len(beside),
        "units": figures["totals"]["units"],
        "is_national": figures["campaign"]["owner"] != of["code"],
        "signer_office": "Kepala Kantor Wilayah",
    }
