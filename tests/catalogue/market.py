"""What the tests of the needs board share: three UPT, of which one lies in another Kanwil, and a postman."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from catalogue.models import PublishedProduct
from catalogue.needs import agreeing, letters, offering, posting
from catalogue.needs.models import Incoming, Letter, NationalNeed, Need, Offer
from catalogue.publication import public_row
from sales import entering
from sales.models import Purchase
from tenants import database
from tenants.database import session, transaction
from tenants.models import DirectoryUpt
from tenants.officers import Actor
from tenants.scope import Scope, entered
from tests.support.worlds import World
from workflows.models import AuditEvent, Notice

NOW = datetime(2024, 3, 14, 3, 0, tzinfo=UTC)  # Thursday, 10.00 in Pontianak
A, B, C = "lapas-iia-pontianak", "rutan-iia-pontianak", "lapas-i-tangerang"
D = "lapas-perempuan-iia-pontianak"
KANWIL = {A: "kalbar", B: "kalbar", D: "kalbar", C: "banten"}
NEED: dict[str, Any] = {
    "title": "Seragam kerja warga binaan",
    "category": "fashion",
    "group": "basic_needs",
    "quantity": "100",
    "unit": "stel",
    "needed_by": "2024-05-31",
    "ceiling_rupiah": "Rp120.000",
    "note": "Rahasia Kanwil: ukuran M dan L.",
    "audience": "national",
}
OFFER: dict[str, Any] = {
    "quantity": "60",
    "price_rupiah": "95.000",
    "deliver_on": "2024-05-10",
    "message": "Dijahit di bengkel kami.",
    "partial": "yes",
}


class Market:
    """Officers of the small world at their needs and offers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers = iter(range(9001, 9999))

    @contextmanager
    def as_(self, unit: str, role: str = "operator") -> Iterator[Actor]:
        by = self.world.actor(f"{role}.{unit}")
        database.db.release()
        with entered(Scope(by.tenant_id or 0, by.upt_id, by.id)):
            yield by

    def post(self, unit: str = A, **changes: Any) -> Need:
        with self.as_(unit) as by:
            return posting.post({**NEED, **changes}, by=by, now=NOW)

    def offer(self, unit: str, need: Need, **changes: Any) -> Offer:
        """An offer by way of the board that the unit reads, and carried to its addressee."""
        with self.as_(unit) as by:
            where: dict[str, Any] = {"need_id": need.id}
            if KANWIL[unit] != "kalbar":
                found = session().scalars(select(NationalNeed.id).where(NationalNeed.ref == need.ref)).one()
                where = {"national_id": found}
            made = offering.offer({**OFFER, **changes}, **where, by=by, now=NOW)
        self.carry()
        return made

    def carry(self, now: datetime = NOW) -> int:
        """Carry every letter there is, and those that answer them."""
        total = 0
        while True:
            done = 0
            for kanwil in ("kalbar", "banten", "sumbar"):
                with entered(Scope(self.world.kanwil[kanwil])):
                    done += letters.carry(now)
            total += done
            if not done:
                return total

    def incoming(self, unit: str = A) -> list[Incoming]:
        with self.as_(unit):
            return list(session().scalars(select(Incoming).order_by(Incoming.id)))

    def accept(self, one: Incoming, quantity: Any = None, unit: str = A) -> Incoming:
        with self.as_(unit) as by:
            done = agreeing.accept(one.id, quantity, by=by, now=NOW)
        self.carry()
        return done

    def agreed(self, unit: str, **changes: Any) -> tuple[Need, Offer, Incoming]:
        """A need of A, an offer of `unit` to it, and the agreement."""
        need = self.post(**changes.pop("need", {}))
        offer = self.offer(unit, need, **changes)
        one = self.accept(self.incoming()[-1])
        return self.need(need.id), self.own_offer(unit, offer.id), one

    def need(self, need_id: int, unit: str = A) -> Need:
        with self.as_(unit):
            return posting.load(need_id)

    def own_offer(self, unit: str, offer_id: int) -> Offer:
        with self.as_(unit):
            return offering.load(offer_id)

    def copy(self, need: Need) -> NationalNeed | None:
        with self.as_(C):
            return session().scalars(select(NationalNeed).where(NationalNeed.ref == need.ref)).first()

    def letters(self, unit: str) -> list[tuple[str, str | None]]:
        with self.as_(unit):
            rows = session().scalars(select(Letter).order_by(Letter.id))
            return [(one.kind, one.outcome) for one in rows]

    def notices(self, unit: str) -> list[str]:
        """Kinds of notices to the operator of a UPT, in order."""
        with self.as_(unit) as by:
            asked = select(Notice.kind).where(Notice.to_upt_id == by.upt_id, Notice.to_role == "operator_upt")
            return list(session().scalars(asked.order_by(Notice.id)))

    def actions(self, unit: str, chain: str) -> list[str]:
        with self.as_(unit):
            asked = select(AuditEvent.action).where(AuditEvent.chain == chain)
            return list(session().scalars(asked.order_by(AuditEvent.seq)))

    def sell(
        self, unit: str, package_id: str, buyer: str = A, *, now: datetime = NOW, **changes: Any
    ) -> Purchase:
        """A purchase of the e-Katalog that the provider's Kanwil wrote down."""
        with database.public() as reader:
            names = {one.code: one.name for one in reader.scalars(select(DirectoryUpt))}
        values = {
            "package_id": package_id,
            "commodity": "Pakaian",
            "product_name": "Seragam kerja",
            "upt_id": self.world.upt[unit],
            "buyer_unit": names[buyer],
            "buyer_institution": "Kementerian Hukum dan HAM",
            "purchased_on": "2024-03-14",
            "quantity": 60,
            "unit_price_rupiah": 95_000,
            "shipping_rupiah": 0,
            "status": "Selesai",
            **changes,
        }
        with self.as_(KANWIL[unit], "kadiv") as by:
            return entering.enter(values, by=by, now=now)

    def shelve(self, unit: str, name: str, **changes: Any) -> int:
        """Put a product on the public shelf, as a publication would."""
        with database.public() as reader:
            place = reader.scalars(select(DirectoryUpt).where(DirectoryUpt.code == unit)).one()
        number = next(self.numbers)
        fields = {
            "name": name,
            "description": "Dijahit rapi.",
            "category": "fashion",
            "group": "basic_needs",
            "market_level": "local",
            "unit": "stel",
            "price_rupiah": 95_000,
            "stock": 10,
            "capacity_per_month": 60,
            "lead_time_days": 7,
            "photos": [],
            **changes,
            "public": {
                "slug": f"produk-{number}",
                "kanwil_code": place.kanwil_code,
                "kanwil_name": place.kanwil_name,
                "upt_slug": place.slug,
                "upt_name": place.name,
            },
        }
        with entered(None), transaction() as db:
            db.add(PublishedProduct(**public_row(number, 1, fields, NOW)))
        return number
