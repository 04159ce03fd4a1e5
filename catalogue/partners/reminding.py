"""The end of an agreement is told of 90, 30 and 7 days before, and on the day; each step once, to who keeps them.

Steps that went by unheard (nothing ran, the agreement was recorded late) are told of once, by the nearest one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.partners.keeping import KEEPERS, today_here
from catalogue.partners.models import Agreement, AgreementReminder, Partner
from tenants import clock
from tenants.database import transaction
from tenants.jobs import alone_in, every_tenant, scheduled
from tenants.said import say
from tenants.words import N_, date_id
from workflows import notices

STEPS: Final = (0, 7, 30, 90)
"""Days before the end, nearest first."""
BATCH: Final = 200


@scheduled("40 0 * * *", "partners.reminders")
def sweep(planned: datetime) -> None:
    """Remind in every Kanwil. Every morning."""
    for scope in every_tenant():
        with alone_in(scope):
            while remind(clock.now()) == BATCH:
                pass


def remind(now: datetime) -> int:
    """Tell of the agreements that end soon; how many, at most a batch. One transaction, five statements."""
    with transaction() as here:
        today = today_here(now)
        told = 0
        drafts = []
        for agreement, partner, step in _due(here, now):
            left = (agreement.last_on - today).days
            here.add(
                AgreementReminder(
                    agreement_id=agreement.id, until_on=agreement.last_on, step=step, told_at=now
                )
            )
            day = date_id(agreement.last_on)
            words = N_("Perjanjian dengan %(name)s berakhir pada %(day)s")
            ended = N_("Perjanjian dengan %(name)s sudah berakhir pada %(day)s")
            title = say(ended if left < 0 else words, name=partner.name, day=day)
            body = say(N_("Nomor %(number)s. Perpanjang, atau catat bahwa kerja samanya selesai."),
                       number=agreement.number)  # fmt: skip
            drafts += [
                notices.draft("partner.ending", title, body, f"/mitra/{partner.id}", role=role)
                for role in KEEPERS
            ]
            told += 1
        here.flush()
        notices.tell(here, drafts, now)
        return told


def _due(here: Session, now: datetime) -> list[tuple[Agreement, Partner, int]]:
    """The agreements near their end whose step was not told of, each with that step. Those that ended more than a week
    ago say nothing any more, nor those that a later one of the same partner follows."""
    today = today_here(now)
    asked = (
        select(Agreement, Partner)
        .join(Partner, Partner.id == Agreement.partner_id)
        .where(
            Agreement.until_on >= today - timedelta(days=7),
            Agreement.until_on <= today + timedelta(days=max(STEPS)),
            Agreement.ended_on.is_(None),
            Partner.active.is_(True),
            Partner.agreed_until <= Agreement.until_on,
        )
        .order_by(Agreement.until_on, Agreement.id)
    )
    known: dict[tuple[int, object], int] = {}
    for row in here.scalars(
        select(AgreementReminder).where(AgreementReminder.until_on >= today - timedelta(days=7))
    ):
        key = (row.agreement_id, row.until_on)
        known[key] = min(known.get(key, row.step), row.step)
    found = []
    for agreement, partner in here.execute(asked):
        left = (agreement.until_on - today).days
        step = next(days for days in STEPS if left <= days)
        if known.get((agreement.id, agreement.until_on), max(STEPS) + 1) > step:
            found.append((agreement, partner, step))
    return found[:BATCH]
