"""The demonstration's campaigns: last month's, closed, with Kalbar's Rp47.850.000, and one that runs today.

Made by the use cases that people use, with their clock set back: announced by the centre, UPT invited, joined, selling.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select

from catalogue.models import PublishedProduct
from sales.campaigns import board, closing, joining, planning, selling, terms
from tenants import database
from tenants.clock import local_day
from tenants.models import DirectoryUpt, Officer
from tenants.officers import Actor, actor_of
from tenants.scope import NationalScope, Scope, entered

HOME: Final = "kalbar"
"""The Kanwil of the article."""
CLOSED: Final = {"title": "One Day One Prison’s Product", "target_rupiah": 250_000_000}
RUNNING: Final = {"title": "Bulan Karya Pemasyarakatan", "target_rupiah": 400_000_000}
SUMMARY: Final = (
    "Setiap hari karya warga binaan ditampilkan dan dijual bersama oleh UPT se-Indonesia. Omzetnya dihitung langsung, "
    "dari catatan UPT dan dari pembelian e-Katalog."
)
KALBAR: Final = {
    "lapas-iia-pontianak": 60,
    "lapas-iib-ketapang": 150,
    "lapas-perempuan-iia-pontianak": 40,
    "rutan-iib-landak": 14,
    "rutan-iib-putussibau": 20,
    "rutan-iib-sambas": 20,
}
"""How many of its product each UPT of the article's Kanwil sold; with `ORDERED` they are Rp47.850.000."""
ORDERED: Final = ("lapas-iia-pontianak", "Pesanan miniatur kapal untuk kantor pemerintah", 3_100_000)


@dataclass(frozen=True)
class _Seller:
    """A UPT with something on the shelf."""

    operator: Actor
    upt_id: int
    code: str
    kanwil: str
    product_id: int
    price_rupiah: int

    @property
    def number(self) -> int:
        """Always the same for a UPT, so that its figures are."""
        return sum(ord(letter) * place for place, letter in enumerate(self.code, 1))


def load(now: datetime) -> None:
    """Make both campaigns; the products and officers of the demonstration must be there."""
    sellers = _sellers()
    today = local_day(now, terms.LAST_CLOCK)
    last = today.replace(day=1) - timedelta(days=1)
    first = today - timedelta(days=9)
    closed = _announced(CLOSED, last.replace(day=1), last)
    running = _announced(RUNNING, first, today + timedelta(days=20))
    _invited(running, now)
    for seller in sellers:
        with _as(seller) as by:
            pieces = KALBAR.get(seller.code) if seller.kanwil == HOME else (seller.number % 2) * 12
            if pieces:
                day = last.replace(day=1 + seller.number % last.day)
                _sold(closed, by, day, {"product_id": seller.product_id, "quantity": pieces})
            if seller.code == ORDERED[0]:
                _sold(closed, by, last, {"product_name": ORDERED[1], "value_rupiah": ORDERED[2]})
            day = first + timedelta(days=seller.number % 10)
            if seller.kanwil == HOME:
                pledge = {"pledge_rupiah": 1_000_000 * (2 + seller.number % 8), "show_on": day}
                joining.join(running, pledge, by=by, now=_at(day - timedelta(days=10)))
            pieces = 2 + seller.number % 7
            _sold(running, by, day, {"product_id": seller.product_id, "quantity": pieces}, now=now)
    with _centre() as by:
        closing.close(closed, by=by, now=now)
    board.forget()


def _sellers() -> list[_Seller]:
    """The first published product of each UPT that has one, with its operator."""
    with database.public() as reader:
        products: dict[str, Any] = {}
        asked = (
            select(PublishedProduct.product_id, PublishedProduct.upt_slug, PublishedProduct.price_rupiah)
            .where(PublishedProduct.state == "published")
            .order_by(PublishedProduct.product_id)
        )
        for row in reader.execute(asked):
            products.setdefault(row.upt_slug, row)
        upts = list(reader.scalars(select(DirectoryUpt).where(DirectoryUpt.slug.in_(products))))
    with entered(None):
        names = {f"operator.{upt.code}" for upt in upts}
        asked_officers = select(Officer).where(Officer.username.in_(sorted(names)))
        officers = {one.username: actor_of(one) for one in database.session().scalars(asked_officers)}
    return [
        _Seller(
            officers[f"operator.{upt.code}"],
            *(upt.upt_id, upt.code, upt.kanwil_code),
            *(products[upt.slug].product_id, products[upt.slug].price_rupiah),
        )
        for upt in sorted(upts, key=lambda one: one.upt_id)
        if f"operator.{upt.code}" in officers
    ]


def _announced(values: dict[str, Any], first: date, last: date) -> int:
    at = _at(first - timedelta(days=14))
    with _centre() as by:
        more = {"starts_on": first, "ends_on": last, "summary": SUMMARY, "counts_purchases": "ya"}
        row = planning.begin({**values, **more}, by=by, now=at)
        return planning.announce(row.id, by=by, now=at).id


def _invited(campaign_id: int, now: datetime) -> None:
    """The Kadiv of the article's Kanwil invites all of its UPT."""
    with entered(None):
        found = database.session().scalars(select(Officer).where(Officer.username == f"kadiv.{HOME}"))
        kadiv = actor_of(found.one())
    with database.public() as reader:
        upts = list(
            reader.scalars(select(DirectoryUpt.upt_id).where(DirectoryUpt.kanwil_code == HOME).limit(12))
        )
    with entered(Scope(kadiv.tenant_id or 0, None, kadiv.id)):
        joining.invite(campaign_id, upts, by=kadiv, now=now - timedelta(days=12))


def _sold(
    campaign_id: int, by: Actor, day: date, values: dict[str, Any], now: datetime | None = None
) -> None:
    at = _at(day) if now is None else min(_at(day), now)
    selling.enter(campaign_id, {**values, "sold_on": day}, by=by, now=at)


def _at(day: date) -> datetime:
    """Noon in Jakarta, in the afternoon further east."""
    return datetime.combine(day, time(5), UTC)


@contextmanager
def _as(seller: _Seller) -> Iterator[Actor]:
    by = seller.operator
    with entered(Scope(by.tenant_id or 0, by.upt_id, by.id)):
        yield by


@contextmanager
def _centre() -> Iterator[Actor]:
    with entered(None):
        found = database.session().scalars(select(Officer).where(Officer.username == "admin.pusat"))
        by = actor_of(found.one())
    with entered(NationalScope(by.id)):
        yield by
