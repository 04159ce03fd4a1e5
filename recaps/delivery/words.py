"""The words by which the archive finds a signed recap, written once from its frozen figures.

The job that tells of a recap's arrival keeps them; a schedule catches up with whatever has none yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from catalogue.stemming import words
from recaps.delivery.models import RecapText
from recaps.figures_json import Figures, thaw
from recaps.models import SIGNED, Recap
from tenants import files
from tenants.database import session, transaction
from tenants.jobs import alone_in, every_tenant, scheduled

MOST: Final = 5000
"""Different words of one recap."""
AT_ONCE: Final = 200


@scheduled("25 * * * *", "recaps.archive")
def _catch_up(planned: datetime) -> None:
    for scope in every_tenant():
        with alone_in(scope):
            catch_up()


def catch_up() -> int:
    """Keep the words of signed recaps of the Kanwil in scope that have none; how many there were, at most `AT_ONCE`."""
    known = select(RecapText.recap_id).where(RecapText.recap_id == Recap.id)
    asked = select(Recap.id).where(Recap.state.in_(SIGNED), ~known.exists()).order_by(Recap.id).limit(AT_ONCE)
    ids = list(session().scalars(asked))
    for recap_id in ids:
        keep(recap_id)
    return len(ids)


def keep(recap_id: int) -> None:
    """Keep the words of one signed recap; written again they are the same. One transaction."""
    with transaction() as here:
        recap = here.scalars(select(Recap).where(Recap.id == recap_id, Recap.state.in_(SIGNED))).first()
        if recap is None or recap.figures_sha256 is None:
            return
        search = text_of(recap, thaw(files.get(recap.figures_sha256)))
        row = here.scalars(select(RecapText).where(RecapText.recap_id == recap_id)).first()
        if row is None:
            here.add(RecapText(recap_id=recap_id, search=search))
        elif row.search != search:
            row.search = search
        here.flush()


def text_of(recap: Recap, figures: Figures) -> str:
    """Every different word of what a recap says, a space before each."""
    said = [
        *(recap.label, recap.period, recap.number or "", recap.code or ""),
        *(recap.signer_name or "", recap.signer_office or "", recap.drafted_by_name),
        *_texts({name: figures.get(name) for name in ("kanwil", "products", "buyers", "transactions")}),
        *_texts(figures.get("obstacles")),
    ]
    found: dict[str, None] = {}
    for one in said:
        for word in words(one):
            if len(found) >= MOST:
                break
            found.setdefault(word[:60])
    return "".join(f" {word}" for word in found)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
