"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, mailing, reminders, tenancy

__all__ = ["escalation", "journal", "mailing", "reminders", "tenancy"]
