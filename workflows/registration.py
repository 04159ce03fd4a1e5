"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, mailing, reminders, tenancy
from workflows.talk import guests, verifying
from workflows.webhooks import sending, sweeping

__all__ = [
    "escalation",
    "guests",
    "journal",
    "mailing",
    "reminders",
    "sending",
    "sweeping",
    "tenancy",
    "verifying",
]
