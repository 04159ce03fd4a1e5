"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, mailing, tenancy
from workflows.design import simulation

__all__ = ["escalation", "journal", "mailing", "simulation", "tenancy"]
