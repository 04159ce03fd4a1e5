"""What the tests of pengawasan share: opening an inspection, making findings, and reading what followed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalogue import queries
from catalogue.models import Product
from catalogue.oversight import inspecting, planning
from catalogue.oversight import queries as oversight
from catalogue.oversight.inspecting import Result
from catalogue.oversight.models import Finding, Inspection
from tenants.database import session, transaction
from tenants.officers import Actor
from tests.catalogue.conftest import NOW, House
from workflows.models import AuditEvent, Notice

YES = dict.fromkeys(("quality_kept", "price_right", "supply_true", "label_right"), True)
PRICE = {"field": "price_rupiah", "text": "Di pasar sekarang Rp80.000."}
MONTH = timedelta(days=31)
UNTIL = date(2024, 4, 2)  # a Tuesday, well before Lebaran


def spot(house: House, product: Product, by: Actor, **more: Any) -> Inspection:
    with house.as_(by):
        return planning.spot_check(product.id, by=by, now=NOW, **more)


def found(
    house: House, product: Product, by: Actor, *asked: dict[str, str], until: date = UNTIL
) -> list[Finding]:
    """The findings of an inspection that was carried out."""
    opened = spot(house, product, by)
    with house.as_(by):
        result = Result("correct", YES | {"price_right": False}, "", until, asked or (PRICE,))
        inspecting.conclude(opened.id, result, by=by, now=NOW)
        return [row.finding for row in oversight.inspection_view(opened.id, now=NOW).findings]


def at(day: date, hour: int = 9) -> datetime:
    """That hour in Jakarta."""
    return datetime(day.year, day.month, day.day, hour - 7, tzinfo=UTC)


def actions(product_id: int) -> list[str]:
    case_id = queries.one(product_id).case_id
    asked = select(AuditEvent.action).where(AuditEvent.chain == f"case:{case_id}").order_by(AuditEvent.seq)
    return list(session().scalars(asked))


def notices(kind: str) -> list[Notice]:
    return list(session().scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


def killed(call: Callable[[], Any]) -> None:
    """Do it, and lose the process before its transaction is committed."""

    def cut() -> None:
        with transaction():
            assert call()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut()
