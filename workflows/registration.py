"""What this room brings to a process: its jobs and schedules."""

from workflows import escalation, journal, letters, mailing, reminders, rescheduling, tenancy
from workflows.design import simulation
from workflows.design import sweeping as design_sweeping
from workflows.desk import bulk
from workflows.desk import held as holds_held
from workflows.desk import sweeping as desk_sweeping
from workflows.talk import guests, telling, verifying
from workflows.webhooks import sending, sweeping

__all__ = [
    "bulk",
    "design_sweeping",
    "desk_sweeping",
    "escalation",
    "guests",
    "holds_held",
    "journal",
    "letters",
    "mailing",
    "reminders",
    "rescheduling",
    "sending",
    "simulation",
    "sweeping",
    "telling",
    "tenancy",
    "verifying",
]
