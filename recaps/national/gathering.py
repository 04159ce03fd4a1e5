"""The figures of the country, read once from the rollups of every Kanwil and the recaps that they signed.

A dozen statements whatever the number of Kanwil and purchases; no purchase is read.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import Session

from catalogue import figures as product_figures
from recaps.errors import NotThisState
from recaps.figures_json import HISTORY_NAME, NATIONAL_SCHEMA, Figures, history_file
from recaps.models import REVOKED, STANDING, Recap
from recaps.national import events, history, letterhead
from recaps.national.letter import PRINTED_COMMODITIES
from recaps.national.models import NationalRecap
from recaps.queries import file_name
from sales.checks import COMPLETED
from sales.figures import DEFAULT_SHARE_BP, share_of
from sales.models import BuyerFigure, MonthFigure, PnbpRule, Target
from tenants import database, files
from tenants.models import Kanwil, ministry_name
from tenants.periods import months_of
from tenants.said import say
from tenants.words import N_, month_id
from workflows.merkle import Head, merkle_root

ATTACHED_BYTES: Final = 24 * 1024 * 1024
"""The recaps inside weigh at most this together, which keeps the renderer below 512 MB; what no longer fits is named
with its SHA-256 and its code instead."""
BASIS: Final = "Surat Edaran Direktur Jenderal Pemasyarakatan Nomor PAS-08.OT.02.02 Tahun 2024"
_STATES: Final = {"Selesai": "completed", "Proses": "in_process", "Batal": "cancelled"}


@dataclass(frozen=True)
class _Rollups:
    """What the rollups say of each Kanwil, by its number."""

    sums: dict[int, dict[str, tuple[int, int, int]]]
    buyers: dict[int, int]
    year: dict[int, int]
    share_bp: dict[int, int]
    target: dict[int, int]


def gather(recap: NationalRecap, *, now: datetime, replaces: dict[str, str] | None) -> tuple[Figures, bytes]:
    """The country's figures of the period as they stand now, and the history file that travels with them."""
    settings = letterhead.own()
    own_head = events.head(chain_of(recap.id))
    months = months_of(recap.period)
    with database.national("angka rekap nasional") as reader:
        kanwils = list(reader.scalars(select(Kanwil).order_by(Kanwil.province)))
        products = _products(reader, kanwils, recap.period_from, recap.period_until)
        rollups = _rollups(reader, months)
        signed = _signed(reader, recap.period)
        buyers_total = int(
            reader.scalar(
                select(func.count(func.distinct(BuyerFigure.buyer_key))).where(
                    BuyerFigure.month.in_(months), BuyerFigure.buyer_key.like("upt:%")
                )
            )
            or 0
        )
        commodities, by_month = _commodities(reader, months), _by_month(reader, months)
    rows = [_row(kanwil, products[kanwil.code], rollups, signed.get(kanwil.id)) for kanwil in kanwils]
    _choose(rows)
    heads: list[Head] = [own_head]
    heads += [
        (f"{history.INSIDE}{row['code']}", row["recap"]["id"], row["recap"]["sha256"])
        for row in rows
        if row["recap"]
    ]
    kept = history_file(heads)
    totals = {key: sum(int(row[key]) for row in rows) for key in _SUMMED}
    figures: Figures = {
        "schema": NATIONAL_SCHEMA,
        "kanwil": {
            "code": "pusat",
            "office": letterhead.OFFICE,
            "short": "Nasional",
            "province": "",
            "capital": "Jakarta",
            "timezone": "Asia/Jakarta",
        },
        "period": {
            "key": recap.period,
            "label": recap.label,
            "from": recap.period_from.isoformat(),
            "until": recap.period_until.isoformat(),
        },
        "kop_surat": {
            "ministry": ministry_name(recap.period_until),
            "office": letterhead.OFFICE,
            "address": settings.address,
            "contact": settings.contact,
            "mark_sha256": None,
        },
        "letter": {
            "classification": settings.classification,
            "enclosures": settings.enclosures,
            "subject": _subject(settings.subject_pattern, recap.label, replaces is not None),
            "addressee": settings.addressee or letterhead.minister(recap.period_until),
            "addressee_place": settings.addressee_place,
            "basis": BASIS,
            "copies": [str(name) for name in settings.copies or []],
            "replaces": replaces,
        },
        "frozen_at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "totals": totals | {"buyers": buyers_total},
        "by_kanwil": rows,
        "by_commodity": commodities,
        "by_month": by_month,
        "missing": [row["province"] for row in rows if not row["recap"]],
        "history": {"root": merkle_root(heads), "chains": len(heads)},
        "attachments": {HISTORY_NAME: {"sha256": hashlib.sha256(kept).hexdigest()}},
    }
    return figures, kept


_SUMMED: Final = (
    *("products", "added", "packages", "quantity", "value_rupiah", "in_process", "cancelled"),
    *("pnbp_rupiah", "pnbp_year_rupiah", "pnbp_target_rupiah"),
)


def chain_of(recap_id: int) -> str:
    """The chain of one recap of the country."""
    return f"{history.OWN}{recap_id}"


def summary(figures: Figures) -> dict[str, Any]:
    """The headline figures, for lists and for the page's head."""
    inside = [row for row in figures["by_kanwil"] if row["recap"] and row["recap"]["inside"]]
    return {
        **figures["totals"],
        "recaps": len(figures["by_kanwil"]) - len(figures["missing"]),
        "inside": len(inside),
        "kanwil": len(figures["by_kanwil"]),
        "missing": figures["missing"],
        "root": figures["history"]["root"],
    }


def _subject(pattern: str, label: str, is_ralat: bool) -> str:
    text = pattern.replace("{period}", label)
    return f"Ralat {text[:1].lower()}{text[1:]}" if is_ralat else text


def _row(kanwil: Kanwil, products: tuple[int, int], rollups: _Rollups, recap: Recap | None) -> dict[str, Any]:
    sums = rollups.sums.get(kanwil.id, {})
    done = sums.get("completed", (0, 0, 0))
    share = rollups.share_bp.get(kanwil.id, DEFAULT_SHARE_BP)
    return {
        "code": kanwil.code,
        "kanwil": kanwil.short_name,
        "province": kanwil.province,
        "products": products[0],
        "added": products[1],
        "buyers": rollups.buyers.get(kanwil.id, 0),
        "packages": done[0],
        "quantity": done[1],
        "value_rupiah": done[2],
        "in_process": sums.get("in_process", (0, 0, 0))[0],
        "cancelled": sums.get("cancelled", (0, 0, 0))[0],
        "pnbp_rupiah": share_of(done[2], share),
        "pnbp_year_rupiah": share_of(rollups.year.get(kanwil.id, 0), share),
        "pnbp_target_rupiah": rollups.target.get(kanwil.id, 0),
        "recap": _inside(recap, kanwil) if recap is not None else None,
    }


def _inside(recap: Recap, kanwil: Kanwil) -> dict[str, Any]:
    """What the country's letter says of a Kanwil's signed recap."""
    digest = str(recap.file_sha256)
    place = files.path(digest)
    signed_at = recap.signed_at or recap.drafted_at
    return {
        "id": recap.id,
        "number": str(recap.number),
        "day": signed_at.astimezone(ZoneInfo(kanwil.timezone)).date().isoformat(),
        "signer": str(recap.signer_name),
        "code": str(recap.code),
        "sha256": digest,
        "file": file_name(recap, kanwil.code),
        "bytes": place.stat().st_size if place is not None else 0,
        "inside": place is not None,
        "packages": int(recap.summary["packages"]),
        "value_rupiah": int(recap.summary["value_rupiah"]),
        "obstacles_open": int(recap.summary["obstacles_open"]),
        "obstacles_done": int(recap.summary["obstacles_done"]),
    }


def _choose(rows: list[dict[str, Any]]) -> None:
    """Let as many recaps travel inside as the bound allows, the smallest first."""
    room = ATTACHED_BYTES
    for one in sorted(
        (row["recap"] for row in rows if row["recap"]), key=lambda one: (one["bytes"], one["file"])
    ):
        one["inside"] = one["inside"] and one["bytes"] <= room
        room -= one["bytes"] if one["inside"] else 0


_MONTHS: Final[Any] = bindparam("months", expanding=True)
_YEAR: Final = bindparam("year", type_=Integer())
_AMOUNTS: Final = (
    *(func.sum(MonthFigure.packages), func.sum(MonthFigure.quantity)),
    func.sum(MonthFigure.value_rupiah),
)
# Kept, so that a figure costs its statement and not the making of it.
_SUMS: Final = (
    select(MonthFigure.tenant_id, MonthFigure.status, *_AMOUNTS)
    .where(MonthFigure.month.in_(_MONTHS))
    .group_by(MonthFigure.tenant_id, MonthFigure.status)
)
_BUYERS: Final = (
    select(BuyerFigure.tenant_id, func.count(func.distinct(BuyerFigure.buyer_key)))
    .where(BuyerFigure.month.in_(_MONTHS), BuyerFigure.buyer_key.like("upt:%"))
    .group_by(BuyerFigure.tenant_id)
)
_SO_FAR: Final = (
    select(MonthFigure.tenant_id, func.sum(MonthFigure.value_rupiah))
    .where(MonthFigure.month.in_(_MONTHS), MonthFigure.status == COMPLETED)
    .group_by(MonthFigure.tenant_id)
)
_SHARES: Final = select(PnbpRule.tenant_id, PnbpRule.share).where(PnbpRule.year == _YEAR)
_TARGETS: Final = (
    select(Target.tenant_id, func.sum(Target.pnbp_rupiah))
    .where(Target.year == _YEAR)
    .group_by(Target.tenant_id)
)
_COMMODITIES: Final = (
    select(MonthFigure.category, *_AMOUNTS)
    .where(MonthFigure.month.in_(_MONTHS), MonthFigure.status == COMPLETED)
    .group_by(MonthFigure.category)
)
_BY_MONTH: Final = (
    select(MonthFigure.month, *_AMOUNTS)
    .where(MonthFigure.month.in_(_MONTHS), MonthFigure.status == COMPLETED)
    .group_by(MonthFigure.month)
)


def _rollups(reader: Session, months: list[str]) -> _Rollups:
    asked, year = {"months": months}, {"year": int(months[0][:4])}
    sums: dict[int, dict[str, tuple[int, int, int]]] = defaultdict(dict)
    for tenant_id, status, packages, quantity, value in reader.execute(_SUMS, asked):
        sums[tenant_id][_STATES[status]] = (int(packages), int(quantity), int(value))
    so_far = {"months": [month for month in months_of(months[0][:4]) if month <= months[-1]]}
    return _Rollups(
        sums=sums,
        buyers={tenant_id: int(count) for tenant_id, count in reader.execute(_BUYERS, asked)},
        year={tenant_id: int(value) for tenant_id, value in reader.execute(_SO_FAR, so_far)},
        share_bp={tenant_id: round(share * 10_000) for tenant_id, share in reader.execute(_SHARES, year)},
        target={tenant_id: int(value or 0) for tenant_id, value in reader.execute(_TARGETS, year)},
    )


def _products(
    reader: Session, kanwils: list[Kanwil], begin_on: date, until_on: date
) -> dict[str, tuple[int, int]]:
    """(on the shelf at the period's end, of those new in it) by Kanwil; two statements a timezone."""
    found = {kanwil.code: (0, 0) for kanwil in kanwils}
    for name in sorted({kanwil.timezone for kanwil in kanwils}):
        zone = ZoneInfo(name)
        begin, end = (
            datetime.combine(day, time(), zone).astimezone(UTC)
            for day in (begin_on, until_on + timedelta(days=1))
        )
        codes = [kanwil.code for kanwil in kanwils if kanwil.timezone == name]
        shelves = product_figures.shelves(reader, codes, begin, end)
        found |= {code: (one.total, one.added) for code, one in shelves.items()}
    return found


def _signed(reader: Session, period: str) -> dict[int, Recap]:
    """Each Kanwil's standing signed recap of the period."""
    asked = select(Recap).where(Recap.period == period, Recap.state.in_(STANDING))
    return {recap.tenant_id: recap for recap in reader.scalars(asked.order_by(Recap.id))}


def no_longer_standing(figures: Figures) -> list[tuple[str, str]]:
    """Of the Kanwil's recaps that the figures name, those that were revoked or replaced since: (Kanwil, state). One
    statement."""
    named = {row["recap"]["id"]: str(row["kanwil"]) for row in figures["by_kanwil"] if row["recap"]}
    asked = select(Recap.id, Recap.state).where(Recap.id.in_(named), Recap.state.not_in(STANDING))
    with database.national("rekap nasional: yang tidak berlaku lagi") as reader:
        gone = {int(recap_id): str(state) for recap_id, state in reader.execute(asked)}
    return [(name, gone[recap_id]) for recap_id, name in named.items() if recap_id in gone]


def require_no_revoked(figures: Figures) -> None:
    """Raises:
    NotThisState: a recap that the figures name was revoked since.
    """
    names = [name for name, state in no_longer_standing(figures) if state == REVOKED]
    if names:
        raise NotThisState(
            say(
                N_("Rekap %(names)s di dalamnya sudah dicabut; bekukan angka terbaru dahulu."),
                names=", ".join(names),
            )
        )


def _commodities(reader: Session, months: list[str]) -> list[dict[str, Any]]:
    """The largest commodities, and one row that sums the others. Two statements at most."""
    found = sorted(
        (
            {
                "label": name or "Lainnya",
                "packages": int(packages),
                "quantity": int(quantity),
                "value_rupiah": int(value),
            }
            for name, packages, quantity, value in reader.execute(_COMMODITIES, {"months": months})
        ),
        key=lambda row: (-int(str(row["value_rupiah"])), str(row["label"])),
    )
    if len(found) <= PRINTED_COMMODITIES:
        return found
    kept, rest = found[: PRINTED_COMMODITIES - 1], found[PRINTED_COMMODITIES - 1 :]
    summed = {
        key: sum(int(str(row[key])) for row in rest) for key in ("packages", "quantity", "value_rupiah")
    }
    return [*kept, {"label": f"{len(rest)} komoditas lain", **summed}]


def _by_month(reader: Session, months: list[str]) -> list[dict[str, Any]]:
    found = {month: tuple(map(int, rest)) for month, *rest in reader.execute(_BY_MONTH, {"months": months})}
    return [
        {
            "month": month,
            "label": month_id(int(month[:4]), int(month[5:])),
            **dict(zip(("packages", "quantity", "value_rupiah"), found.get(month, (0, 0, 0)), strict=True)),
        }
        for month in months
    ]
