"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, mailing, tenancy
from workflows.desk import bulk, sweeping

__all__ = ["bulk", "escalation", "journal", "mailing", "sweeping", "tenancy"]
