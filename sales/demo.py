"""What the demonstration starts with: every Kanwil's PNBP rule and the targets of its UPT, but no purchases
(one that fulfils a need aside, `supply.demo`).

The purchases of the sample come in as an officer brings them in; `load` does the same by a command.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select

from sales import imports, reading
from sales.figures import DEFAULT_BASIS, DEFAULT_SHARE_BP, share_of
from sales.models import PurchaseImport
from sales.settings import set_pnbp, set_targets
from tenants.database import session
from tenants.models import Upt
from tenants.officers import Actor

YEARS: Final = (2024, 2025, 2026)
_OMZET: Final = {"Lapas": 60_000_000, "Rutan": 36_000_000, "LPKA": 18_000_000, "Cabang Rutan": 15_000_000}


def rules_and_targets(*, now: datetime, years: tuple[int, ...] = YEARS) -> None:
    """PNBP rule and targets of the Kanwil in scope, for the units that produce."""
    units = session().execute(select(Upt.id, Upt.type).where(Upt.active.is_(True)).order_by(Upt.id)).all()
    for year in years:
        set_pnbp(year, DEFAULT_SHARE_BP / 10_000, DEFAULT_BASIS, by=None, now=now)
        wanted = []
        for upt_id, kind in units:
            omzet = next((amount for name, amount in _OMZET.items() if kind.startswith(name)), 0)
            if omzet:
                wanted.append((upt_id, omzet, share_of(omzet, DEFAULT_SHARE_BP)))
        set_targets(wanted, year, by=None, now=now)


def load(content: bytes, name: str, *, by: Actor, now: datetime) -> PurchaseImport:
    """Bring a purchase file into the Kanwil in scope the way an officer does: upload, read, import the good
    lines."""
    begun = imports.begin(content, name, by=by, now=now, accept=True)
    return reading.read(begun.id, now=now)
