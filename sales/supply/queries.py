"""What an UPT reads of the packages behind an agreement."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select

from catalogue.needs.models import Offer
from catalogue.needs.terms import ACCEPTED
from sales.models import Purchase
from sales.supply.models import NeedPackage
from tenants.database import session

BEFORE = timedelta(days=31)
"""A purchase that far before the agreement may still be meant."""


def candidates(one: Offer, *, limit: int = 10) -> list[Purchase]:
    """The own purchases of the buyer of an agreement that stand for none yet, newest first. One statement."""
    if one.state != ACCEPTED or one.decided_at is None:
        return []
    taken = exists().where(NeedPackage.package_id == Purchase.package_id)
    return list(
        session().scalars(
            select(Purchase)
            .where(
                Purchase.buyer_upt_id == one.to_upt_id,
                Purchase.purchased_on >= (one.decided_at - BEFORE).date(),
                ~taken,
            )
            .order_by(Purchase.purchased_on.desc(), Purchase.id.desc())
            .limit(limit)
        )
    )


def agreement_of(package_id: str) -> Offer | None:
    """The agreement that a package of the scope fulfils. One statement."""
    asked = select(Offer).join(NeedPackage, NeedPackage.offer_id == Offer.id)
    return session().scalars(asked.where(NeedPackage.package_id == package_id)).first()
