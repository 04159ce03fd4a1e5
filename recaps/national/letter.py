"""The letter of the country, as HTML from its frozen figures alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from recaps import charts
from recaps.figures_json import Figures, digest
from recaps.glyphs import printable
from recaps.letter import FOLDER, Issue, Letter, environment, qr_of
from tenants.words import instant_id, rupiah

PRINTED_COMMODITIES: Final = 25
CHARTED: Final = 12
_SIGNER: Final = "Direktur Jenderal Pemasyarakatan"


def compose(figures: Figures, issue: Issue | None = None) -> Letter:
    """The letter of a recap of the country; without `issue` it is a draft."""
    zone = ZoneInfo(figures["kanwil"]["timezone"])
    frozen_at = datetime.fromisoformat(figures["frozen_at"])
    rows = figures["by_kanwil"]
    assets = {"mark.svg": (FOLDER / "mark.svg").read_bytes()}
    if figures["totals"]["packages"]:
        assets["kanwil.svg"] = printable(bars_of(figures)).encode()
    if issue:
        assets["qr.svg"] = qr_of(issue.verify_url)
    recaps = [row for row in rows if row["recap"]]
    html = (
        environment()
        .get_template("national.html")
        .render(
            f=figures,
            issue=issue,
            own_mark=False,
            signer_office=_SIGNER,
            digest=digest(figures),
            frozen=instant_id(frozen_at, zone),
            signed=instant_id(issue.signed_at, zone) if issue else "",
            created=(issue.signed_at if issue else frozen_at).strftime("%Y-%m-%dT%H:%M:%SZ"),
            recaps=recaps,
            outside=[row for row in recaps if not row["recap"]["inside"]],
            differing=[row for row in recaps if row["recap"]["value_rupiah"] != row["value_rupiah"]],
            obstacles_open=sum(row["recap"]["obstacles_open"] for row in recaps),
            obstacles_done=sum(row["recap"]["obstacles_done"] for row in recaps),
            months=figures["by_month"] if len(figures["by_month"]) > 1 else [],
        )
    )
    return Letter(
        html=printable(html),
        assets=assets,
        identifier=f"karya:{issue.code}" if issue else f"karya:{digest(figures)[:32]}",
        created=issue.signed_at if issue else frozen_at,
    )


def bars_of(figures: Figures) -> str:
    """The chart of the letter: completed turnover by Kanwil, the same on the page."""
    rows: list[dict[str, Any]] = sorted(
        (row for row in figures["by_kanwil"] if row["value_rupiah"]),
        key=lambda row: (-row["value_rupiah"], row["kanwil"]),
    )
    kept, rest = rows[:CHARTED], rows[CHARTED:]
    bars = [(row["kanwil"], row["value_rupiah"], rupiah(row["value_rupiah"])) for row in kept]
    if rest:
        value = sum(row["value_rupiah"] for row in rest)
        bars.append((f"{len(rest)} Kanwil lain", value, rupiah(value)))
    label = figures["period"]["label"]
    title = f"Nilai transaksi selesai menurut Kanwil, {label}"
    return charts.bars(bars, title=title, muted=len(kept) if rest else None)
