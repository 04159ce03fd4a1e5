"""The month's round in each Kanwil: a draft on the first working day, reminders while nothing has been sent. Where the
Kanwil wants it, recaps of quarters, halves and years are drafted the same way; reminders are the month's alone.

All of it follows the Kanwil's own calendar and clock. What the round has done stands in `RecapRound`, written in the
transaction that does it: killed anywhere and run again, it does the rest, and nothing twice.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recaps.drafting import SCHEDULED, open_draft
from recaps.gathering import span
from recaps.models import STANDING, Recap
from recaps.national.letterhead import own as national_letter
from recaps.rounds.models import RecapRound
from tenants.database import session, transaction
from tenants.jobs import alone_in, every_tenant, scheduled
from tenants.models import KanwilSettings
from tenants.scope import NationalScope, entered
from workflows import notices
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar

MORNING: Final = time(6, 30)
DRAFT_DAYS: Final = 5
"""Working days of a month on which a missed draft is still made up for; later the Kadiv drafts it himself."""
REMIND_EVERY: Final = 5
"""Working days from one reminder to the next."""
REMINDERS: Final = 3
KADIV_AND_KAKANWIL: Final = ("kadiv", "kakanwil")


@scheduled("3,18,33,48 * * * *", "recaps.round")
def sweep(planned: datetime) -> None:
    """Look after every Kanwil's round. Each quarter of an hour."""
    with entered(NationalScope()):
        due_workday = national_letter().due_workday
    for scope in every_tenant():
        with alone_in(scope):
            tend(planned, due_workday=due_workday)


def tend(now: datetime, *, due_workday: int) -> None:
    """Do what is due in the Kanwil in scope; nothing before its working morning, nothing on its days off. Three
    statements where nothing is due."""
    calendar = calendar_of(session())
    local = now.astimezone(ZoneInfo(calendar.timezone))
    today = local.date()
    if local.time() < MORNING or not calendar.works_on(today):
        return
    month, day_no = month_before(today), workday_of(today, calendar)
    longer = longer_before(today)
    asked = select(RecapRound).where(RecapRound.period.in_([month, *longer]))
    kept = {one.period: one for one in session().scalars(asked)}
    if day_no <= DRAFT_DAYS:
        missing = [one for one in (month, *longer) if one not in kept or kept[one].drafted_at is None]
        for period in _drafting_themselves(missing) if missing else ():
            see_to_draft(period, now=now)
    reminders = kept[month].reminders if month in kept else 0
    wanted = min(REMINDERS, 1 + (day_no - due_workday) // REMIND_EVERY) if day_no >= due_workday else 0
    if wanted > reminders and not is_sent(session(), month):
        remind(month, now=now, reminders=wanted)


def month_before(day: date) -> str:
    """The month before a day's: its period."""
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


def longer_before(day: date) -> list[str]:
    """The quarter, half and year that ended with the month before a day's."""
    last, year = (day.month - 2) % 12 + 1, day.year - (day.month == 1)
    found = [f"{year}-Q{last // 3}"] if last % 3 == 0 else []
    found += [f"{year}-S{last // 6}"] if last % 6 == 0 else []
    return [*found, str(year)] if last == 12 else found


def workday_of(day: date, calendar: Calendar) -> int:
    """Which working day of its month a working day is, from 1."""
    return sum(calendar.works_on(day.replace(day=n)) for n in range(1, day.day + 1))


def workday(period: str, number: int, calendar: Calendar) -> date:
    """The `number`-th working day after a period has ended."""
    day, left = span(period)[1], number
    while left:
        day += timedelta(days=1)
        left -= calendar.works_on(day)
    return day


def _drafting_themselves(periods: list[str]) -> list[str]:
    """Those of these periods that the Kanwil wants drafted without being asked. One statement."""
    found = session().execute(select(KanwilSettings.auto_draft, KanwilSettings.auto_draft_longer)).first()
    months, longer = found if found is not None else (True, "")
    return [one for one in periods if (kind_of(one) in longer if kind_of(one) != "M" else months)]


def kind_of(period: str) -> str:
    """M (a month), Q (a quarter), S (a half) or Y (a year)."""
    return "Y" if len(period) == 4 else period[5] if period[5] in "QS" else "M"


def see_to_draft(period: str, *, now: datetime) -> Recap | None:
    """Draft a period's recap where there is none yet, and tell the Kadiv; the draft, or None where one stands."""
    with transaction() as here:
        kept = locked(here, period)
        if kept.drafted_at is not None:
            return None
        kept.drafted_at = now
        here.flush()
        return draft_missing(here, period, "Karya (terjadwal)", now)


def draft_missing(here: Session, period: str, name: str, now: datetime) -> Recap | None:
    """A draft in the open transaction, unless the period has a recap."""
    if here.scalar(select(Recap.id).where(Recap.period == period).limit(1)) is not None:
        return None
    recap = open_draft(period, (SCHEDULED, name), by=None, now=now)
    said = "Periksa angkanya, catat kendala periode itu, lalu ajukan kepada Kepala Kantor Wilayah."
    title = f"Konsep rekap {recap.label} sudah disusun"
    notices.tell(here, [notices.draft("recap.drafted", title, said, f"/rekap/{recap.id}", role="kadiv")], now)
    return recap


def is_sent(reader: Session, period: str) -> bool:
    """Whether the Kanwil in scope has sent the period's recap. One statement."""
    asked = select(Recap.id).where(Recap.period == period, Recap.state.in_(STANDING))
    return reader.scalar(asked.limit(1)) is not None


def remind(period: str, *, now: datetime, reminders: int | None = None, who: str = "") -> bool:
    """Remind the Kadiv and the Kepala Kantor Wilayah of the Kanwil in scope; whether somebody was reminded. With
    `reminders` it is the schedule's, of that number, once; without, the centre's (`who`), once a day."""
    with transaction() as here:
        kept = locked(here, period)
        recently = kept.reminded_at is not None and now - kept.reminded_at < timedelta(hours=20)
        done = kept.reminders >= reminders if reminders is not None else recently
        if done or is_sent(here, period):
            return False
        kept.reminders = max(kept.reminders, reminders or 0)
        kept.reminded_at = now
        here.flush()
        recap = here.scalars(
            select(Recap).where(Recap.period == period).order_by(Recap.id.desc()).limit(1)
        ).first()
        link = f"/rekap/{recap.id}" if recap is not None else "/rekap"
        title = f"Rekap {span(period)[2]} belum dikirim kepada Direktur Jenderal"
        said = f"Diingatkan oleh {who}." if who else "Periode ini sudah berakhir dan rekapnya ditunggu."
        drafts = [
            notices.draft("recap.reminder", title, said, link, role=role) for role in KADIV_AND_KAKANWIL
        ]
        notices.tell(here, drafts, now)
        return True


def locked(here: Session, period: str) -> RecapRound:
    """The round of a period in the Kanwil in scope, locked; made where it is missing, once however many try."""
    asked = select(RecapRound).where(RecapRound.period == period).with_for_update()
    found = here.scalars(asked.execution_options(populate_existing=True)).first()
    if found is not None:
        return found
    try:
        with here.begin_nested():
            made = RecapRound(period=period, reminders=0)
            here.add(made)
            here.flush()
        return made
    except IntegrityError:
        return here.scalars(asked.execution_options(populate_existing=True)).one()
