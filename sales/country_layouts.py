"""Columns that go by other names in the country's files: the centre says once which is which (`layouts`, of a Kanwil).

What was said is kept with each import that it explains, so that every Kanwil reads its part as the centre read the
whole, whatever is forgotten or said anew meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import select

from sales import layouts
from sales.errors import ImportNotFound
from sales.models import NationalLayout
from tenants.database import session, transaction
from tenants.officers import Actor
from tenants.words import N_


def known() -> dict[str, dict[str, int]]:
    """The headers that the centre explained. One statement."""
    rows = session().execute(select(NationalLayout.fingerprint, NationalLayout.positions))
    return dict(rows.all())


def every() -> list[NationalLayout]:
    """The centre's layouts, newest first. One statement."""
    return list(session().scalars(select(NationalLayout).order_by(NationalLayout.id.desc())))


def learn(
    file: BinaryIO,
    positions: Mapping[str, int],
    *,
    header_line: int | None = None,
    by: Actor,
    now: datetime,
) -> NationalLayout:
    """Remember which column of this file's header is which, for the centre. A header learned before is explained anew.

    Raises:
        Invalid, UnreadableFile: see `layouts.learn`.
    """
    said = layouts.read(file, positions, header_line)
    with transaction() as db:
        asked = select(NationalLayout).where(NationalLayout.fingerprint == said.fingerprint)
        layout = db.scalars(asked.with_for_update()).first()
        if layout is None:
            layout = NationalLayout(fingerprint=said.fingerprint)
            db.add(layout)
        layout.names, layout.positions = said.names, said.positions
        layout.set_by, layout.set_by_name, layout.set_at = by.id, by.name[:160], now
        db.flush()
        oldest = select(NationalLayout).order_by(NationalLayout.set_at.desc(), NationalLayout.id.desc())
        for old in db.scalars(oldest.offset(layouts.MOST)):
            db.delete(old)
    return layout


def learn_named(file: bytes, columns: Mapping[str, str], *, by: Actor, now: datetime) -> NationalLayout:
    """The same by the names that the header gives its columns.

    Raises:
        Invalid, UnreadableFile: see `layouts.learn_named`.
    """
    opened, positions = layouts.named(file, columns)
    return learn(opened, positions, by=by, now=now)


def forget(layout_id: int) -> None:
    """Forget a layout; a file with its header is asked about again. Imports that were read with it keep it.

    Raises:
        ImportNotFound: there is none.
    """
    with transaction() as db:
        layout = db.scalars(select(NationalLayout).where(NationalLayout.id == layout_id)).first()
        if layout is None:
            raise ImportNotFound(N_("Susunan kolom ini tidak ditemukan."))
        db.delete(layout)
