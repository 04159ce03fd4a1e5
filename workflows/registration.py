"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, mailing, tenancy

__all__ = ["escalation", "journal", "mailing", "tenancy"]
