"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, mailing, reminders, tenancy
from workflows.webhooks import sending, sweeping

__all__ = ["escalation", "journal", "mailing", "reminders", "sending", "sweeping", "tenancy"]
