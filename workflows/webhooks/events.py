"""Which events a webhook can ask for, and the names that an event of the audit goes by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tenants.words import N_

PING: Final = "ping"
DECIDED: Final = "case.decided"
ADVISED: Final = "case.advised"
_EVENTS: dict[str, str] = {
    "case.submitted": N_("Kasus diajukan"),
    DECIDED: N_("Kasus diputuskan, tahap mana pun"),
    ADVISED: N_("Pendapat diberikan pada tahap yang tidak memutuskan"),
    "case.approved": N_("Kasus disetujui pada tahap terakhir"),
    "case.returned": N_("Kasus dikembalikan"),
    "case.rejected": N_("Kasus ditolak"),
    "case.withdrawn": N_("Pengajuan ditarik"),
    "case.reopened": N_("Kasus yang ditolak dibuka kembali"),
    "case.overdue": N_("Kasus lewat tenggat"),
}
_OUTCOMES: Final = ("case.approved", "case.returned", "case.rejected")
"""A decision that closes a case goes by two names; the audit writes it once."""


def offer(name: str, label: str) -> None:
    """Let webhooks ask for an action of the audit. It belongs to a case's chain; its payload may say `public_state`."""
    _EVENTS[name] = label


def offered() -> dict[str, str]:
    """Every name that can be asked for, with its label."""
    return dict(_EVENTS)


def actions() -> list[str]:
    """The actions of the audit that some name stands for."""
    return [name for name in _EVENTS if name not in _OUTCOMES]


def names_of(action: str, payload: Mapping[str, Any]) -> list[str]:
    """The names that an event of the audit goes by."""
    state = (payload.get("after") or {}).get("state")
    if action == DECIDED and f"case.{state}" in _OUTCOMES:
        return [DECIDED, f"case.{state}"]
    return [action]
