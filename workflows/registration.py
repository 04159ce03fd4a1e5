"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, mailing, tenancy
from workflows.webhooks import sending, sweeping

__all__ = ["escalation", "journal", "mailing", "sending", "sweeping", "tenancy"]
