"""The demonstration's needs board: needs in each state, of which one is agreed across Kanwil and partly bought.

Made by the use cases that people use, with their clock set back; the letters between UPT are carried as the clock does.
Amounts and words are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from catalogue.needs import agreeing, expiring, letters, matching, offering, posting
from catalogue.needs.models import Incoming, NationalNeed, Need, Offer
from sales import entering
from sales.supply import linking
from tenants import database
from tenants.clock import local_day
from tenants.database import session
from tenants.models import DirectoryUpt, Kanwil, Officer
from tenants.officers import Actor, actor_of
from tenants.scope import Scope, entered

BUYER, MAKER = "lapas-iia-pontianak", "lapas-i-cipinang"
BOUGHT = 40
PACKAGE = "EKD-DEMO-0001"


@dataclass(frozen=True)
class Posted:
    """A need: by whom, so many days ago, for so many days ahead."""

    unit: str
    title: str
    category: str
    group: str
    quantity: int
    measure: str
    ago: int
    ahead: int
    ceiling: int | None = None
    audience: str = "kanwil"
    note: str = ""


PLANS = (
    Posted(BUYER, "Baju kerja bengkel", "fashion", "basic_needs", 60, "stel", 21, 40, 180_000, "national",
           "Ukuran M 20, L 30, XL 10; bordir nama Lapas di dada."),
    Posted("rutan-iib-sambas", "Keripik tempe untuk kantin", "culinary", "basic_needs", 200, "bungkus", 6, 30, 20_000),
    Posted("lapas-iib-ketapang", "Rak arsip", "manufacture", "office_supplies", 4, "buah", 3, 45, 2_000_000,
           note="Untuk ruang registrasi, lebar paling besar 90 cm."),
    Posted("rutan-iib-landak", "Sabun cuci tangan", "manufacture", "basic_needs", 300, "botol", 40, -5),
    Posted("rutan-iib-serang", "Kopi bubuk untuk kantin", "culinary", "basic_needs", 120, "bungkus", 9, 35, 40_000,
           "national"),
    Posted("lapas-i-semarang", "Tas anyaman untuk cendera mata", "craft", "craft", 50, "buah", 5, 28, 150_000,
           "national", "Untuk tamu pameran; warna alami."),
)  # fmt: skip


class _Places:
    """The UPT and Kanwil that take part, and the way into each one's scope."""

    def __init__(self) -> None:
        with database.public() as reader:
            self.units = {one.code: one for one in reader.scalars(select(DirectoryUpt))}
            self.kanwils = {one.id: one for one in reader.scalars(select(Kanwil))}

    @contextmanager
    def in_unit(self, code: str) -> Iterator[Actor]:
        unit = self.units[code]
        with self._as(f"operator.{code}", unit.kanwil_id, unit.upt_id) as by:
            yield by

    @contextmanager
    def in_kanwil(self, code: str) -> Iterator[Actor]:
        """As the Kadiv of an UPT's Kanwil."""
        unit = self.units[code]
        with self._as(f"kadiv.{unit.kanwil_code}", unit.kanwil_id, None) as by:
            yield by

    @contextmanager
    def _as(self, username: str, kanwil_id: int, upt_id: int | None) -> Iterator[Actor]:
        with entered(Scope(kanwil_id, upt_id)):
            by = actor_of(session().scalars(select(Officer).where(Officer.username == username)).one())
        with entered(Scope(kanwil_id, upt_id, by.id)):
            yield by

    def carry(self, now: datetime, *codes: str) -> None:
        """Carry what the Kanwil of these UPT wrote, and what they answer."""
        kanwils = dict.fromkeys(self.units[code].kanwil_id for code in codes)
        for _ in range(2):
            for kanwil_id in kanwils:
                with entered(Scope(kanwil_id)):
                    letters.carry(now)


def load(now: datetime) -> None:
    """Fill the board of the demonstration's Kanwil."""
    places = _Places()
    needs = {plan.title: _posted(places, plan, now) for plan in PLANS}
    _agreed(places, needs["Baju kerja bengkel"], now)
    _waiting(places, needs["Keripik tempe untuk kantin"], now)
    with places.in_kanwil("rutan-iib-landak"):
        expiring.expire(now)


def _posted(places: _Places, plan: Posted, now: datetime) -> Need:
    at = now - timedelta(days=plan.ago)
    with places.in_unit(plan.unit) as by:
        zone = places.kanwils[places.units[plan.unit].kanwil_id].timezone
        entered_now = {
            "title": plan.title,
            "category": plan.category,
            "group": plan.group,
            "quantity": plan.quantity,
            "unit": plan.measure,
            "needed_by": (local_day(now, zone) + timedelta(days=plan.ahead)).isoformat(),
            "ceiling_rupiah": plan.ceiling,
            "note": plan.note,
            "audience": plan.audience,
        }
        return posting.post(entered_now, by=by, now=at)


def _agreed(places: _Places, need: Need, now: datetime) -> None:
    """An offer from Jakarta is accepted in Pontianak, and a first package bought."""
    at = now - timedelta(days=18)
    with places.in_unit(BUYER) as by:
        fitting = matching.proposals(need, today=at.date())
        for one in fitting.far[:1]:
            matching.invite(need.id, one.product.slug, by=by, now=at)
    places.carry(at, BUYER)
    with places.in_unit(MAKER) as by:
        national = session().scalars(select(NationalNeed.id).where(NationalNeed.ref == need.ref)).one()
        given = _offer(60, 165_000, now + timedelta(days=30), "Bahan drill, jahitan ganda; bordir termasuk.")
        offer = offering.offer(given, national_id=national, by=by, now=at)
    places.carry(at, MAKER)
    at = now - timedelta(days=16)
    with places.in_unit(BUYER) as by:
        [arrived] = session().scalars(select(Incoming).where(Incoming.need_id == need.id))
        agreeing.accept(arrived.id, by=by, now=at)
    places.carry(at, BUYER)
    _bought(places, offer, now)


def _bought(places: _Places, offer: Offer, now: datetime) -> None:
    maker, buyer = places.units[MAKER], places.units[BUYER]
    at = now - timedelta(days=2)
    with places.in_kanwil(MAKER) as by:
        values: dict[str, Any] = {
            "package_id": PACKAGE,
            "commodity": "Pakaian kerja",
            "product_name": "Baju kerja bengkel",
            "upt_id": maker.upt_id,
            "buyer_unit": buyer.name,
            "buyer_institution": "Kementerian Imigrasi dan Pemasyarakatan",
            "purchased_on": local_day(at, places.kanwils[maker.kanwil_id].timezone).isoformat(),
            "quantity": BOUGHT,
            "unit_price_rupiah": 165_000,
            "shipping_rupiah": 350_000,
            "status": "Selesai",
        }
        entering.enter(values, by=by, now=at)
    with places.in_unit(MAKER) as by:
        linking.name_package(offer.id, PACKAGE, by=by, now=at)
    places.carry(at, MAKER, BUYER)


def _waiting(places: _Places, need: Need, now: datetime) -> None:
    """An offer within the Kanwil that waits for its answer."""
    at = now - timedelta(days=1)
    with places.in_unit("lapas-iib-ketapang") as by:
        given = _offer(
            150, 18_000, now + timedelta(days=20), "Dikirim lewat Pontianak tiap Jumat.", part=True
        )
        offering.offer(given, need_id=need.id, by=by, now=at)
    places.carry(at, "lapas-iib-ketapang")


def _offer(
    quantity: int, price: int, deliver: datetime, message: str, *, part: bool = False
) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "price_rupiah": price,
        "deliver_on": deliver.date().isoformat(),
        "message": message,
        "partial": part,
    }
