"""What labels say: read from the public copies of one's own published products, and frozen as one JSON value.

Keys: ``schema, size, sheet, start, as_of, design{...}, labels[{product_id, name, upt, upt_slug, group, price_rupiah,
unit, net, papers{}, expiry, url, count}]``. `expiry` is "" (no field), "blank" (a line to write on) or a day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import select

from catalogue.labels import design
from catalogue.labels.sizes import SIZES, Size
from catalogue.models import Product, PublishedProduct
from catalogue.publication import PUBLISHED, SUSPENDED
from tenants import database
from tenants.database import session
from tenants.errors import Invalid
from tenants.models import DirectoryUpt
from tenants.said import say
from tenants.words import N_, is_whole, read_date

SCHEMA: Final = "karya.labels/1"
MOST_LINES: Final = 20
MOST_EACH: Final = 480
MOST_LABELS: Final = 480
BLANK: Final = "blank"
CHOICES: Final = 300
_NET: Final = re.compile(
    r"(?<![\w.,])(\d{1,5}(?:[.,]\d{1,2})?)\s?(kg|g|gr|gram|ml|l|liter|pcs)\b\.?$", re.IGNORECASE
)
Content = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A product to print: how many, what it weighs net, and its expiry field, each as it was typed."""

    product_id: Any
    count: Any = 1
    net: str = ""
    expiry: str = ""


@dataclass(frozen=True)
class Printable:
    """A product that may be printed, with what the form proposes."""

    product_id: int
    name: str
    price_rupiah: int
    net: str
    is_food: bool


def printable_products() -> list[Printable]:
    """The published products of the scope, by name. One statement."""
    asked = (
        select(PublishedProduct)
        .join(Product, Product.id == PublishedProduct.product_id)
        .where(PublishedProduct.state == PUBLISHED, Product.public_state == PUBLISHED)
        .order_by(PublishedProduct.name, PublishedProduct.product_id)
        .limit(CHOICES)
    )
    return [
        Printable(row.product_id, row.name, row.price_rupiah, net_of(row.name), is_food(row))
        for row in session().scalars(asked)
    ]


def net_of(name: str) -> str:
    """The net content at the end of a product's name ("Keripik bayam 150 g"), or nothing. A product's own weight is
    with its packing, and may not be printed as net."""
    found = _NET.search(name.strip())
    if found is None:
        return ""
    unit = {"gr": "g", "gram": "g", "liter": "L", "l": "L"}.get(found[2].lower(), found[2].lower())
    return f"{found[1]} {unit}"


def is_food(row: PublishedProduct) -> bool:
    """Whether its label has an expiry field unless somebody says otherwise."""
    return row.category == "culinary" or "pirt_number" in (row.papers or {})


def build(lines: Sequence[Line], *, size: str, sheet: bool, start: Any = 1) -> Content:
    """Freeze what is to be printed. `sheet`: on A4 label paper, the first label at place `start`; else a page each.
    Three statements.

    Raises:
        Invalid: by field; of a line as ``lines[0].count``.
    """
    wrong: dict[str, str] = {}
    kind = SIZES.get(size)
    if kind is None:
        wrong["size"] = N_("Pilih ukuran label.")
    first = int(start) if is_whole(str(start), 3) else 0
    if sheet and kind is not None and not 1 <= first <= kind.sheet.places:
        wrong["start"] = say(N_("Tempat pertama 1 sampai %(most)s."), most=kind.sheet.places)
    if not lines:
        wrong["lines"] = N_("Pilih sedikitnya satu produk dan isi jumlahnya.")
    elif len(lines) > MOST_LINES:
        wrong["lines"] = say(N_("Paling banyak %(most)s produk sekali cetak."), most=MOST_LINES)
    rows = _published([line.product_id for line in lines])
    labels = [
        found
        for at, line in enumerate(lines[:MOST_LINES])
        for found in [_label(line, rows.get(_number(line.product_id) or 0), f"lines[{at}]", wrong)]
        if found is not None
    ]
    count = sum(label["count"] for label in labels)
    if not wrong and count > MOST_LABELS:
        wrong["lines"] = say(N_("Paling banyak %(most)s label sekali cetak."), most=MOST_LABELS)
    if wrong:
        raise Invalid(fields=wrong)
    moments = [row.updated_at for row, _, _ in rows.values() if row is not None]
    return {
        "schema": SCHEMA,
        "size": size,
        "sheet": sheet,
        "start": first if sheet else 1,
        "as_of": max(moments, default=datetime(2024, 1, 1, tzinfo=UTC)).replace(microsecond=0).isoformat(),
        "design": design.frozen(design.own()),
        "labels": labels,
    }


def size_of(content: Content) -> Size:
    """The size of frozen labels."""
    return SIZES[content["size"]]


def count_of(content: Content) -> int:
    """How many labels are printed."""
    return sum(label["count"] for label in content["labels"])


def pages_of(content: Content) -> int:
    """On how many pages."""
    count = count_of(content)
    return size_of(content).pages(count, content["start"]) if content["sheet"] else count


def _number(text: Any) -> int | None:
    return int(str(text)) if is_whole(str(text)) else None


def _published(ids: Sequence[Any]) -> dict[int, tuple[PublishedProduct | None, str, str | None]]:
    """Number -> (public copy, short name of its UPT, public state) of the scope's own products. One statement."""
    wanted = {number for one in ids for number in [_number(one)] if number is not None}
    if not wanted:
        return {}
    asked = (
        select(Product.id, PublishedProduct, DirectoryUpt.short_name, Product.public_state)
        .outerjoin(PublishedProduct, PublishedProduct.product_id == Product.id)
        .join(DirectoryUpt, DirectoryUpt.upt_id == Product.upt_id)
        .where(Product.id.in_(wanted))
    )
    return {int(id_): (row, name, state) for id_, row, name, state in session().execute(asked)}


def _label(
    line: Line,
    found: tuple[PublishedProduct | None, str, str | None] | None,
    at: str,
    wrong: dict[str, str],
) -> dict[str, Any] | None:
    """One label as it is frozen; None where something is wrong with the line."""
    if found is None:
        wrong[f"{at}.product_id"] = N_("Produk ini tidak ditemukan.")
        return None
    row, upt, state = found
    if row is None or state != PUBLISHED or row.state != PUBLISHED:
        wrong[f"{at}.product_id"] = (
            N_("Produk ini sedang ditangguhkan; labelnya tidak dapat dicetak.")
            if state == SUSPENDED
            else N_("Label hanya dicetak untuk produk yang terbit.")
        )
        return None
    before = len(wrong)
    count = _number(line.count)
    if count is None or not 1 <= count <= MOST_EACH:
        wrong[f"{at}.count"] = say(N_("Bilangan 1 sampai %(most)s."), most=MOST_EACH)
    net = " ".join(str(line.net or "").split())
    if len(net) > 20:
        wrong[f"{at}.net"] = N_("Paling panjang 20 huruf, misalnya 150 g.")
    expiry = _expiry(str(line.expiry or ""), at, wrong)
    if len(wrong) > before:
        return None
    papers: Mapping[str, str] = row.papers or {}
    return {
        "product_id": row.product_id,
        "name": row.name,
        "upt": upt,
        "upt_slug": row.upt_slug,
        "kanwil": row.kanwil_name,
        "group": row.goods_group,
        "price_rupiah": row.price_rupiah,
        "unit": row.unit,
        "net": net,
        "papers": {name: str(papers[name]) for name in sorted(papers)},
        "expiry": expiry,
        "url": f"{database.db.settings.base_url}/produk/{row.slug}",
        "count": count,
    }


def _expiry(text: str, at: str, wrong: dict[str, str]) -> str:
    text = text.strip()
    if text in ("", BLANK):
        return text
    try:
        day: date = read_date(text)
        return day.isoformat()
    except ValueError:
        wrong[f"{at}.expiry"] = N_("Tulis tanggal, misalnya 14-03-2027, atau kosongkan.")
        return ""
