"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, mailing, tenancy
from workflows.talk import guests, verifying

__all__ = ["escalation", "guests", "journal", "mailing", "tenancy", "verifying"]
