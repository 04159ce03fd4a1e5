"""The archive: signed recaps by Kanwil, period, number and word, of a Kanwil or, for the centre, of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import column, func, literal, literal_column, or_, select, table
from sqlalchemy.orm import Session

from catalogue.stemming import words
from recaps.delivery.models import RecapText
from recaps.models import SIGNED, Recap
from recaps.queries import Keyset, Row
from tenants import database
from tenants.database import session
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.periods import months_of

MOST_WORDS: Final = 8
PURPOSE: Final = "arsip rekap"
_INDEX: Final = table("recap_search", column("rowid"), column("recap_search"))
_VECTOR: Any = literal_column("recap_text.search_vector")
_SIMPLE: Any = literal_column("'simple'")


@dataclass(frozen=True)
class Asked:
    """What is looked for. `period`: everything that lies within it ("2024", "2024-Q1", "2024-03"); `q`: words that all
    occur, whole or begun."""

    kanwil: str = ""
    period: str = ""
    number: str = ""
    q: str = ""

    @property
    def any(self) -> bool:
        return self != Asked()


def search(
    asked: Asked, *, by: Actor, after: Keyset | None = None, limit: int = 30
) -> tuple[list[Row], Keyset | None]:
    """Signed recaps that match, the newest delivery first. One statement; an index carries it.

    Raises:
        Invalid: not a period.
    """
    if by.tenant_id is not None:
        return _search(session(), asked, after, limit, national=False)
    with database.national(PURPOSE) as reader:
        return _search(reader, asked, after, limit, national=True)


def kanwils() -> list[tuple[str, str]]:
    """(code, name) of every Kanwil, for the filter. One statement."""
    with database.public() as reader:
        return [
            (one.code, one.short_name) for one in reader.scalars(select(Kanwil).order_by(Kanwil.province))
        ]


def _search(
    reader: Session, asked: Asked, after: Keyset | None, limit: int, *, national: bool
) -> tuple[list[Row], Keyset | None]:
    statement = (
        select(Recap, Kanwil).join(Kanwil, Kanwil.id == Recap.tenant_id).where(Recap.state.in_(SIGNED))
    )
    if asked.kanwil:
        statement = statement.where(Kanwil.code == asked.kanwil)
    if asked.period:
        first, last = _span(asked.period)
        statement = statement.where(Recap.period_from >= first, Recap.period_until <= last)
    looked_for = words(f"{asked.q} {asked.number}")[:MOST_WORDS]
    if looked_for:
        statement = statement.where(Recap.id.in_(_with(reader, looked_for, national)))
    if asked.number:
        statement = statement.where(
            func.lower(Recap.number).contains(asked.number.strip().lower(), autoescape=True)
        )
    if after is not None:
        at, last_id = datetime.fromisoformat(str(after[0])), int(after[1])
        statement = statement.where(
            or_(Recap.delivered_at < at, (Recap.delivered_at == at) & (Recap.id < last_id))
        )
    found = reader.execute(
        statement.order_by(Recap.delivered_at.desc(), Recap.id.desc()).limit(limit + 1)
    ).all()
    rows = [Row(recap, recap.state, kanwil) for recap, kanwil in found[:limit]]
    if len(found) <= limit:
        return rows, None
    last = rows[-1].recap
    return rows, (last.delivered_at.isoformat() if last.delivered_at else "", last.id)


def _with(reader: Session, looked_for: list[str], national: bool) -> Any:
    """The recaps that have all of these words. Within a Kanwil its few rows are read; the country has an index."""
    found = select(RecapText.recap_id)
    if not national:
        return found.where(*(RecapText.search.contains(f" {word}", autoescape=True) for word in looked_for))
    if reader.get_bind().dialect.name == "postgresql":
        terms = " & ".join(f"{word}:*" for word in looked_for)
        return found.where(_VECTOR.op("@@")(func.to_tsquery(_SIMPLE, terms)))
    terms = " AND ".join(f"{word} *" for word in looked_for)
    return found.where(
        RecapText.id.in_(select(_INDEX.c.rowid).where(_INDEX.c.recap_search.op("MATCH")(literal(terms))))
    )


def _span(period: str) -> tuple[date, date]:
    months = months_of(period)
    year, last = int(months[-1][:4]), int(months[-1][5:])
    following = date(year + last // 12, last % 12 + 1, 1)
    return date(int(months[0][:4]), int(months[0][5:]), 1), following - timedelta(days=1)
