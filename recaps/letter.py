"""The letter to the Direktur Jenderal Pemasyarakatan, as HTML from the frozen figures.

`compose` gives the page and the pictures it needs; nothing else is read, so that the same figures and the same issue
give the same letter. `Issue` is what signing adds: number, day, signer, code. Without it the letter is a
draft ("konsep").
Source: the form of an official letter (kop surat, Nomor, Sifat, Lampiran, Hal, Tembusan) and Surat
Edaran PAS-08.OT.02.02 Tahun 2024 for its four parts.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from catalogue.readiness.terms import DIMENSIONS
from catalogue.readiness.terms import shown as scored
from recaps import charts, readiness
from recaps.figures_json import Figures, digest
from recaps.glyphs import printable
from tenants.models import SUBJECT_PATTERN
from tenants.words import date_id, instant_id, number_id, rupiah, terbilang

FOLDER: Final = Path(__file__).parent / "templates"
PRINTED_UPT: Final = 45
PRINTED_COMMODITIES: Final = 25
PRINTED_NAMES: Final = 80
PRINTED_OBSTACLES: Final = 25
CHARTED: Final = 8


@dataclass(frozen=True)
class Issue:
    """What signing adds to the figures. `signed_at` is an aware instant; `day` the letter's date at the Kanwil."""

    number: str
    day: date
    signed_at: datetime
    code: str
    verify_url: str
    signer: str
    office: str
    rank: str = ""
    nip: str = ""
    development: bool = False
    """The certificate comes from the development CA: the letter says so."""


@dataclass(frozen=True)
class Letter:
    """A page ready to render: HTML, the pictures it names, and what identifies the file."""

    html: str
    assets: dict[str, bytes]
    identifier: str
    created: datetime


def compose(figures: Figures, issue: Issue | None = None, *, mark: bytes | None = None) -> Letter:
    """The letter of one recap. `mark` is the tenant's emblem (PNG or JPEG); without it a neutral mark stands there."""
    zone = ZoneInfo(figures["kanwil"]["timezone"])
    frozen_at = datetime.fromisoformat(figures["frozen_at"])
    assets = {
        "transactions.svg": printable(bars_of(figures)).encode(),
        "mark.svg": (FOLDER / "mark.svg").read_bytes(),
    }
    if mark:
        assets["mark.png"] = mark
    months = figures["transactions"].get("by_month", [])
    if len(months) > 1 and figures["transactions"]["completed"]["packages"]:
        assets["months.svg"] = months_of(figures).encode()
    if figures["pnbp"].get("target_rupiah"):
        assets["pnbp.svg"] = _pnbp_chart(figures).encode()
    if figures.get("readiness", {}).get("verified"):
        assets["readiness.svg"] = readiness.picture_of(figures["readiness"]).encode()
    if issue:
        assets["qr.svg"] = qr_of(issue.verify_url)
    html = (
        environment()
        .get_template("letter.html")
        .render(
            f=figures,
            issue=issue,
            own_mark=bool(mark),
            digest=digest(figures),
            months=months if "months.svg" in assets else [],
            corrections=figures.get("corrections", []),
            newer=figures.get("layout", 1) >= 2,
            frozen=instant_id(frozen_at, zone),
            signed=instant_id(issue.signed_at, zone) if issue else "",
            created=(issue.signed_at if issue else frozen_at).strftime("%Y-%m-%dT%H:%M:%SZ"),
            dimensions=DIMENSIONS,
            upt_rows=_top(figures["transactions"]["by_upt"], PRINTED_UPT),
            commodity_rows=_top(figures["transactions"]["by_commodity"], PRINTED_COMMODITIES),
            buyer_rows=_top(figures["buyers"]["by_upt"], PRINTED_UPT),
            product_rows=_top(figures["products"]["by_upt"], PRINTED_UPT, by="total"),
            names=figures["products"]["names"][:PRINTED_NAMES],
            names_rest=figures["products"]["total"] - min(len(figures["products"]["names"]), PRINTED_NAMES),
            obstacles=figures["obstacles"]["items"][:PRINTED_OBSTACLES],
            obstacles_rest=max(0, len(figures["obstacles"]["items"]) - PRINTED_OBSTACLES),
        )
    )
    identifier = f"karya:{issue.code}" if issue else f"karya:{digest(figures)[:32]}"
    return Letter(
        html=printable(html),
        assets=assets,
        identifier=identifier,
        created=issue.signed_at if issue else frozen_at,
    )


def subject(period_label: str, *, pattern: str = SUBJECT_PATTERN, is_ralat: bool = False) -> str:
    """The letter's "Hal"; a ralat says that it is one."""
    text = pattern.replace("{period}", period_label)
    return f"Ralat {text[:1].lower()}{text[1:]}" if is_ralat else text


def _top(rows: list[dict[str, Any]], most: int, *, by: str = "value_rupiah") -> list[dict[str, Any]]:
    """The largest rows, and one that sums what is left, so that a printed table stays within bounds and adds up."""
    ordered = sorted(rows, key=lambda row: (-int(row.get(by) or 0), str(row.get("upt") or row.get("label"))))
    if len(ordered) <= most:
        return ordered
    kept, rest = ordered[: most - 1], ordered[most - 1 :]
    total: dict[str, Any] = {
        "upt": f"{len(rest)} UPT lain",
        "label": f"{len(rest)} komoditas lain",
        "rest": True,
    }
    for key, value in rest[0].items():
        if isinstance(value, int):
            total[key] = sum(int(row[key]) for row in rest)
    return [*kept, total]


def bars_of(figures: Figures) -> str:
    """The chart of part III: completed turnover by UPT, the same on the page and in the letter."""
    rows = [row for row in _top(figures["transactions"]["by_upt"], CHARTED) if row["value_rupiah"]]
    bars = [(row["upt"], row["value_rupiah"], rupiah(row["value_rupiah"])) for row in rows]
    label = figures["period"]["label"]
    rest = next((n for n, row in enumerate(rows) if row.get("rest")), None)
    return charts.bars(bars, title=f"Nilai transaksi selesai menurut UPT penyedia, {label}", muted=rest)


def months_of(figures: Figures) -> str:
    """The chart of part III for a longer period: completed turnover by month."""
    rows = figures["transactions"]["by_month"]
    bars = [(row["label"], row["value_rupiah"], rupiah(row["value_rupiah"])) for row in rows]
    label = figures["period"]["label"]
    return charts.bars(bars, title=f"Nilai transaksi selesai menurut bulan, {label}")


def _pnbp_chart(figures: Figures) -> str:
    pnbp = figures["pnbp"]
    return charts.against_target(
        pnbp["year_rupiah"],
        pnbp["target_rupiah"],
        done_label=f"{rupiah(pnbp['year_rupiah'])} sampai akhir periode",
        target_label=f"target {rupiah(pnbp['target_rupiah'])}",
        title="Realisasi PNBP terhadap target tahun berjalan",
    )


def qr_of(url: str) -> bytes:
    """The QR code of an address, as SVG."""
    target = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        target, kind="svg", border=0, xmldecl=True, nl=False, dark="#201d1a"
    )
    return target.getvalue()


def _money(amount: int) -> Markup:
    """An amount that never breaks across lines."""
    return Markup('<span class="num">{}</span>').format(rupiah(amount))


def _percent(part: int, whole: int) -> str:
    return f"{number_id(part * 100 / whole, 1).removesuffix(',0')}\u00a0%" if whole else "–"


def _two_lines(text: str, tail: str) -> Markup:
    """The text with its ending, where it is `tail`, on a line of its own."""
    head = text.removesuffix(tail).rstrip()
    return Markup("{}<br>{}").format(head, tail) if head and head != text else Markup("{}").format(text)


def _date(text: str) -> str:
    return date_id(date.fromisoformat(text))


_cached: list[Environment] = []


def environment() -> Environment:
    """The templates of what this room prints, with the words and figures of a letter."""
    if not _cached:
        env = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        env.filters.update(
            two_lines=_two_lines,
            rp=_money,
            words=terbilang,
            num=number_id,
            score=scored,
            day=_date,
            date_id=date_id,
            plain=lambda text: _SPACES.sub(" ", text),
        )
        env.globals["percent"] = _percent
        _cached.append(env)
    return _cached[0]


_SPACES: Final = re.compile(r"\s+")
