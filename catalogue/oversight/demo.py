"""The demonstration's inspections: a first round long done, and one in each state for two Kanwil.

Made by the use cases that people use, with their clock set back. Complaints are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from sqlalchemy import select

from catalogue.models import Product
from catalogue.oversight import findings, inspecting, planning
from catalogue.oversight.checklist import items
from catalogue.oversight.inspecting import Result
from catalogue.oversight.models import Finding, Inspection
from tenants.clock import local_day
from tenants.database import session
from tenants.models import Kanwil, Officer
from tenants.officers import Actor, actor_of
from tenants.scope import Scope, current, entered
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar

KANWIL = ("kalbar", "banten")
COMPLAINT = {
    "source": "Pembeli di pameran Car Free Day",
    "text": "Tali lepas setelah dua pekan dipakai; penjual di pameran tidak dapat menggantinya.",
}
PRICE = {"field": "price_rupiah", "text": "Di pasar setempat barang sejenis kini lebih murah sekitar 15 %."}
STOCK = {"field": "stock", "text": "Stok di halaman lebih banyak daripada di gudang. Sesuaikan."}
LABEL = {"field": "general", "text": "Label belum terpasang pada contoh barang."}


def load(now: datetime) -> None:
    """Inspect the published products of the Kanwil in scope."""
    _Round(now).go()


class _Round:
    """The inspections of one Kanwil."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.tenant = current().tenant_id
        kanwil = session().scalars(select(Kanwil).where(Kanwil.id == self.tenant)).one()
        officers = session().scalars(
            select(Officer).where(
                Officer.username.in_(
                    [f"{role}.{kanwil.code}" for role in ("pembina", "pemantau", "pengendali")]
                )
            )
        )
        self.people = {one.username.split(".")[0]: actor_of(one) for one in officers}
        self.calendar: Calendar = calendar_of(session())

    def go(self) -> None:
        products = list(
            session().scalars(select(Product).where(Product.public_state == "published").order_by(Product.id))
        )
        self._first_round()
        planning.plan(self._ago(2))  # the one that was inspected first is due again
        for product, step in zip(
            products[1:],
            (self._complained, self._found, self._answered, self._begun, self._late),
            strict=False,
        ):
            step(product)

    def _first_round(self) -> None:
        planning.plan(self._ago(195))
        asked = select(Inspection, Product).join(Product, Product.id == Inspection.product_id)
        for number, (inspection, product) in enumerate(session().execute(asked.order_by(Product.id)).all()):
            with self._as("pemantau") as by:
                fields = {"category": product.category}
                yes = {item.key: True for item in items(fields) if item.must}
                at = self._ago(186 if number == 0 else 100 - number % 7)
                inspecting.conclude(inspection.id, Result("nothing", yes), by=by, now=at)

    def _complained(self, product: Product) -> None:
        self._opened(product, 1, COMPLAINT)

    def _begun(self, product: Product) -> None:
        opened = self._opened(product, 1)
        with self._as("pembina") as by:
            given = {"quality_kept": True, "label_right": True}
            inspecting.take_up(opened.id, given, by=by, now=self._ago(0, 3))

    def _late(self, product: Product) -> None:
        self._opened(product, 9)

    def _found(self, product: Product) -> None:
        self._concluded(product, 4, self._day(6), STOCK)

    def _answered(self, product: Product) -> None:
        first = self._concluded(product, 6, self._day(4), PRICE, LABEL)
        asked = select(Officer).where(Officer.upt_id == product.upt_id, Officer.username.like("operator.%"))
        by = actor_of(session().scalars(asked).one())
        with entered(Scope(self.tenant, product.upt_id, by.id)):
            answer = "Harga sudah kami bandingkan lagi di dua pasar; revisi menyusul pekan ini."
            findings.answer(first.id, answer, by=by, now=self._ago(1))

    def _opened(self, product: Product, days: int, complaint: dict[str, str] | None = None) -> Inspection:
        at = self._ago(days)
        with self._as("pengendali") as by:
            said = complaint and {
                **complaint,
                "received_on": local_day(at, self.calendar.timezone).isoformat(),
            }
            return planning.spot_check(product.id, complaint=said, by=by, now=at)

    def _concluded(self, product: Product, days: int, until: date, *found: dict[str, str]) -> Finding:
        opened = self._opened(product, days + 1)
        with self._as("pemantau") as by:
            result = Result("correct", {"quality_kept": True}, "", until, found)
            inspecting.conclude(opened.id, result, by=by, now=self._ago(days))
            asked = select(Finding).where(Finding.inspection_id == opened.id).order_by(Finding.no)
            return session().scalars(asked.limit(1)).one()

    @contextmanager
    def _as(self, role: str) -> Iterator[Actor]:
        by = self.people[role]
        with entered(Scope(self.tenant, None, by.id)):
            yield by

    def _ago(self, days: int, hours: int = 0) -> datetime:
        return self.now - timedelta(days=days, hours=hours)

    def _day(self, ahead: int) -> date:
        """The first working day from so many days ahead."""
        day = local_day(self.now, self.calendar.timezone) + timedelta(days=ahead)
        while not self.calendar.works_on(day):
            day += timedelta(days=1)
        return day
