"""What trainings forget of a person who is erased: that he was there. The counts stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue.people.models import Person
from catalogue.people.retention import on_erasure
from catalogue.trainings.models import Attendance, Trainee


@on_erasure
def forget(here: Session, person: Person, now: datetime) -> list[str]:
    """Delete the person's places in trainings and his attendance. Three statements."""
    ids = list(here.scalars(select(Trainee.id).where(Trainee.person_id == person.id)))
    for model, column in ((Attendance, Attendance.trainee_id), (Trainee, Trainee.id)):
        here.execute(delete(model).where(column.in_(ids)).execution_options(synchronize_session=False))
    return []
