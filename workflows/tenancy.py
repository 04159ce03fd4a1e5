"""A Kanwil's suspension and return go onto its own chain."""

from __future__ import annotations

from datetime import datetime

from tenants.lifecycle import SUSPENDED, on_change
from tenants.models import Kanwil
from tenants.officers import Actor
from workflows import audit


@on_change
def note_change(kanwil: Kanwil, reason: str, by: Actor | None, now: datetime) -> None:
    """Record that the Kanwil was suspended, with the reason, or resumed."""
    action = "kanwil.suspended" if kanwil.state == SUSPENDED else "kanwil.resumed"
    audit.record(audit.KANWIL, action, {"reason": reason} if reason else {}, by=by, now=now)
