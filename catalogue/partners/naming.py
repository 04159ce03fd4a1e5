"""The partner that a product was made with: chosen by number, kept with the name that it bears then."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from catalogue.content import CHOICE_UNKNOWN
from catalogue.partners.models import Partner
from tenants.database import session

PARTNER: Final = "partner"


def settle(content: dict[str, Any], problems: dict[str, str]) -> None:
    """Give the partner of a content its name; one that the register doesn't hold stands among `problems`. One
    statement, none without a partner."""
    chosen = content.get(PARTNER)
    if not chosen:
        return
    name = session().scalar(select(Partner.name).where(Partner.id == chosen["id"]))
    if name is None:
        problems[PARTNER] = CHOICE_UNKNOWN
    content[PARTNER] = {"id": chosen["id"], **({"name": name} if name else {})}
