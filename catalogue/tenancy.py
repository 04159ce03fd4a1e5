"""A suspended Kanwil has nothing on the shelf; when it returns, what its suspension took away is back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from catalogue.models import PublishedProduct
from tenants.database import transaction
from tenants.lifecycle import SUSPENDED, on_change
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_

REASON = say(N_("Kanwil penyedia sedang ditangguhkan."))


@on_change
def move_shelf(kanwil: Kanwil, reason: str, by: Actor | None, now: datetime) -> None:
    """Take the Kanwil's published products off the shelf, or put those back. One statement."""
    moved = update(PublishedProduct).where(PublishedProduct.kanwil_code == kanwil.code)
    if kanwil.state == SUSPENDED:
        moved = moved.where(PublishedProduct.state == "published").values(
            state="suspended", reason=REASON, updated_at=now
        )
    else:
        moved = moved.where(PublishedProduct.state == "suspended", PublishedProduct.reason == REASON).values(
            state="published", reason=None, updated_at=now
        )
    with transaction() as db:
        db.execute(moved.execution_options(synchronize_session=False))
