"""Read a period's figures out of the rooms below, once: what `drafting` freezes.

Rollups, the public shelf and the obstacles are read; the purchases themselves only for the XLSX that travels along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from catalogue import figures as product_figures
from catalogue.models import PublishedProduct
from catalogue.needs.counting import in_period
from catalogue.terms import CATEGORIES, GROUPS
from recaps import readiness
from recaps.corrections import corrections_for
from recaps.errors import BadPeriod
from recaps.figures_json import HISTORY_NAME, LAYOUT, PURCHASES_NAME, SCHEMA, Figures, Head, history_file
from recaps.letter import PRINTED_NAMES, subject
from recaps.models import Obstacle, Recap
from recaps.obstacles import CATEGORIES as OBSTACLES
from recaps.obstacles import STATES as OBSTACLE_STATES
from recaps.workbook import Cell, workbook
from sales import figures as sales_figures
from sales.models import Purchase
from tenants import files
from tenants.database import session
from tenants.models import SUBJECT_PATTERN, Kanwil, KanwilSettings, Upt, ministry_name, office_name
from tenants.periods import label_of, months_of
from tenants.words import N_
from workflows import audit
from workflows.merkle import merkle_root

_HEADER = (
    *("id_paket", "komoditas", "nama_produk", "penyedia", "satker_pembeli", "instansi_pembeli"),
    *("tanggal", "kuantitas", "harga_satuan", "ongkir", "total", "status"),
)
_WIDTHS = (18, 20, 28, 40, 40, 32, 12, 10, 14, 12, 16, 10)
_BASIS = "Surat Edaran Direktur Jenderal Pemasyarakatan Nomor PAS-08.OT.02.02 Tahun 2024"


def span(period: str) -> tuple[date, date, str]:
    """First and last day of a period, and what people call it: ("2024-Q1") is 1 January to 31 March, "Triwulan I 2024".

    Raises:
        BadPeriod: not a period.
    """
    try:
        months = months_of(period.strip())
    except Exception as error:
        raise BadPeriod(
            fields={"period": N_("Tulis seperti 2024-03, 2024-Q1, 2024-S1, atau 2024.")}
        ) from error
    year, first, last = int(months[0][:4]), int(months[0][5:]), int(months[-1][5:])
    following = date(year + last // 12, last % 12 + 1, 1)
    return date(year, first, 1), following - timedelta(days=1), label_of(period.strip())


def gather(recap: Recap, *, now: datetime, replaces: dict[str, str] | None) -> tuple[Figures, bytes, bytes]:
    """The figures of a recap's period as they stand now, the purchases as XLSX, and the history's heads."""
    here = session()
    kanwil = here.get_one(Kanwil, recap.tenant_id)
    settings = here.scalars(select(KanwilSettings)).first()
    zone = ZoneInfo(kanwil.timezone)
    begin = datetime.combine(recap.period_from, time(), zone).astimezone(UTC)
    end = datetime.combine(recap.period_until + timedelta(days=1), time(), zone).astimezone(UTC)
    # The history behind the figures reaches from the period's first day to the freezing: decisions on what is counted.
    heads: list[Head] = list(audit.heads(begin, max(end, now)))
    history = history_file(heads)
    sold = sales_figures.period(recap.period)
    lines = here.scalar(select(func.count()).select_from(Purchase).where(_in_period(recap))) or 0
    purchases = workbook("Pembelian", _HEADER, _purchases(recap), widths=_WIDTHS)
    office = office_name(kanwil, recap.period_until)
    figures: Figures = {
        "schema": SCHEMA,
        "layout": LAYOUT,
        "kanwil": {
            "code": kanwil.code,
            "office": office,
            "short": kanwil.short_name,
            "province": kanwil.province,
            "capital": kanwil.capital,
            "timezone": kanwil.timezone,
        },
        "period": {
            "key": recap.period,
            "label": recap.label,
            "from": recap.period_from.isoformat(),
            "until": recap.period_until.isoformat(),
        },
        "kop_surat": letterhead(kanwil, settings, recap.period_until),
        "letter": {
            "classification": settings.classification if settings else "Biasa",
            "enclosures": settings.enclosures if settings else "1 (satu) berkas",
            "subject": subject(
                recap.label,
                pattern=settings.subject_pattern if settings else SUBJECT_PATTERN,
                is_ralat=replaces is not None,
            ),
            "addressee": "Direktur Jenderal Pemasyarakatan",
            "addressee_place": "Jakarta",
            "basis": _BASIS,
            "copies": [str(name) for name in (settings.copies if settings and settings.copies else [])],
            "replaces": replaces,
        },
        "frozen_at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "products": _products(kanwil, begin, end, zone),
        "buyers": {
            key: _strings(sold["buyers"][key])
            for key in ("total", "packages", "value_rupiah", "by_upt", "other")
        },
        "transactions": {
            key: _strings(sold["transactions"][key])
            for key in ("completed", "in_process", "cancelled", "by_upt", "by_commodity", "by_month")
        },
        "needs": in_period(begin, end),
        "corrections": corrections_for(recap, kanwil),
        "obstacles": _obstacles(recap),
        "pnbp": _pnbp(recap.period),
        "history": {"root": merkle_root(heads), "chains": len(heads)},
        "attachments": {
            PURCHASES_NAME: {"sha256": hashlib.sha256(purchases).hexdigest(), "lines": int(lines)},
            HISTORY_NAME: {"sha256": hashlib.sha256(history).hexdigest()},
        },
    }
    if readiness.annexed(recap.period):
        figures["readiness"] = readiness.gather(recap.period, now=now)
    return figures, purchases, history


def letterhead(kanwil: Kanwil, settings: KanwilSettings | None, on: date) -> dict[str, Any]:
    """What the letterhead says on a day."""
    return {
        "ministry": ministry_name(on),
        "office": office_name(kanwil, on),
        "address": (settings.address if settings and settings.address else kanwil.capital),
        "contact": _contact(settings),
        "mark_sha256": settings.emblem_sha256 if settings else None,
    }


def summary(figures: Figures) -> dict[str, Any]:
    """The headline figures of a recap, for lists and for the page's head."""
    return {
        "products": figures["products"]["total"],
        "products_added": figures["products"]["added"],
        "buyers": figures["buyers"]["total"],
        "packages": figures["transactions"]["completed"]["packages"],
        "value_rupiah": figures["transactions"]["completed"]["value_rupiah"],
        "pnbp_rupiah": figures["pnbp"]["realisation_rupiah"],
        "pnbp_year_rupiah": figures["pnbp"]["year_rupiah"],
        "pnbp_target_rupiah": figures["pnbp"]["target_rupiah"],
        "obstacles_open": figures["obstacles"]["open"],
        "obstacles_done": figures["obstacles"]["done"],
        "lines": figures["attachments"][PURCHASES_NAME]["lines"],
        "corrections": [
            {key: one[key] for key in ("period", "packages", "value_rupiah")}
            for one in figures["corrections"]
        ],
        "chains": figures["history"]["chains"],
        "root": figures["history"]["root"],
    }


def emblem(figures: Figures) -> bytes | None:
    """The tenant's own mark for the letterhead, where it uploaded one."""
    digest = figures["kop_surat"].get("mark_sha256")
    return files.get(digest) if digest else None


def _strings(value: Any) -> Any:
    """Rows without keys of the database, so that the figures speak for themselves."""
    if isinstance(value, list):
        return [{k: v for k, v in row.items() if k != "upt_id"} for row in value]
    return value


def _contact(settings: KanwilSettings | None) -> str:
    if settings is None:
        return ""
    return " · ".join(
        part for part in (f"Telepon {settings.phone}" if settings.phone else "", settings.email) if part
    )


def _products(kanwil: Kanwil, begin: datetime, end: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """What stood on the shelf at the period's end, from the rollup of products; four statements, names bounded."""
    here = session()
    found = product_figures.shelf(here, kanwil.code, begin, end)
    short = {slug: str(name) for slug, name in here.execute(select(Upt.slug, Upt.short_name))}
    named = here.scalars(
        select(PublishedProduct)
        .where(
            PublishedProduct.kanwil_code == kanwil.code,
            PublishedProduct.state.in_(product_figures.ON_SHELF),
            PublishedProduct.published_at < end,
        )
        .order_by(PublishedProduct.published_at.desc(), PublishedProduct.product_id)
        .limit(PRINTED_NAMES)
    )
    return {
        "total": found.total,
        "added": found.added,
        "by_upt": [
            {"upt": short.get(slug, slug), "total": count, "added": found.added_by_upt.get(slug, 0)}
            for slug, count in sorted(found.by_upt.items())
            if count
        ],
        "by_category": _counted(found.by_category, CATEGORIES),
        "by_group": _counted(found.by_group, GROUPS),
        "names": [
            {
                "name": product.name,
                "upt": short.get(product.upt_slug, product.upt_name),
                "category": CATEGORIES.get(product.category, product.category),
                "on": product.published_at.astimezone(zone).date().isoformat(),
            }
            for product in named
        ],
    }


def _counted(found: Mapping[str, int], words: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"key": key, "label": words.get(key, key), "total": count}
        for key, count in sorted(found.items(), key=lambda row: (-row[1], row[0]))
        if count
    ]


def _obstacles(recap: Recap) -> dict[str, Any]:
    """Open ones noticed by the period's end (they carry over), and those settled within the period."""
    rows = (
        session()
        .execute(
            select(Obstacle, Upt.short_name)
            .outerjoin(Upt, Upt.id == Obstacle.upt_id)
            .where(
                Obstacle.noticed_on <= _reported_until(recap),
                or_(Obstacle.state == "open", Obstacle.done_on >= recap.period_from),
            )
            .order_by(Obstacle.state.desc(), Obstacle.id)
        )
        .all()
    )
    return {
        "open": sum(1 for row, _ in rows if row.state == "open"),
        "done": sum(1 for row, _ in rows if row.state == "done"),
        "items": [
            {
                "category": OBSTACLES.get(row.category, row.category),
                "upt": upt or "Kanwil",
                "description": row.description,
                "action": row.action,
                "who": row.who,
                "due_on": row.due_on.isoformat() if row.due_on else None,
                "state": OBSTACLE_STATES[row.state].lower(),
            }
            for row, upt in rows
        ],
    }


def _reported_until(recap: Recap) -> date:
    """Obstacles are written while the recap is drafted: what is noticed up to that day belongs to the report."""
    return max(recap.period_until, recap.drafted_at.date() + timedelta(days=1))


def _pnbp(period: str) -> dict[str, Any]:
    found = asdict(sales_figures.pnbp(period))
    keys = ("share_bp", "basis", "realisation_rupiah", "year_rupiah", "target_rupiah")
    return {key: found[key] for key in keys}


def _in_period(recap: Recap) -> Any:
    return Purchase.purchased_on.between(recap.period_from, recap.period_until)


def _purchases(recap: Recap) -> Iterator[list[Cell]]:
    asked = (
        select(Purchase)
        .where(_in_period(recap))
        .order_by(Purchase.purchased_on, Purchase.package_id)
        .execution_options(yield_per=1000)
    )
    here = session()
    for row in here.scalars(asked):
        yield [
            *(
                row.package_id,
                row.commodity,
                row.product_name,
                row.provider_name,
                row.buyer_unit,
                row.buyer_institution,
            ),
            *(
                row.purchased_on,
                row.quantity,
                row.unit_price_rupiah,
                row.shipping_rupiah,
                row.total_rupiah,
                row.status,
            ),
        ]
