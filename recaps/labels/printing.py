"""Printing labels: asked in a request, which freezes what they say; a job renders them. Printed twice, nothing changes.

A run that is asked for again with the same content is a new run; the bytes are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from catalogue.labels import content as contents
from catalogue.labels.content import Line
from recaps.errors import NoSuchLabels, NotThisState
from recaps.labels.document import compose
from recaps.labels.models import LabelRun
from recaps.rendering import RenderingFailed, render
from tenants import clock, files, jobs
from tenants.database import session, transaction
from tenants.idempotency import once
from tenants.jobs import job
from tenants.officers import UPT_ROLES, Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit

PRINTERS: Final = UPT_ROLES
SHOWN: Final = 10
MOST: Final = 100


def ask(
    lines: Sequence[Line],
    *,
    size: str,
    sheet: bool,
    by: Actor,
    now: datetime,
    start: Any = 1,
    key: str | None = None,
) -> tuple[LabelRun, bool]:
    """Ask for labels of one's own published products. Returns the run, and whether it is a repetition of `key`.

    Raises:
        Forbidden: not an officer of a UPT. Invalid: by field (`catalogue.labels.content.build`).
    """
    by.require(*PRINTERS)

    def act() -> LabelRun:
        with transaction() as here:
            content = contents.build(lines, size=size, sheet=sheet, start=start)
            names = [label["name"] for label in content["labels"]]
            row = LabelRun(
                title=", ".join(names)[:200],
                content=content,
                labels=contents.count_of(content),
                pages=contents.pages_of(content),
                attempt=1,
                asked_by=by.id,
                asked_by_name=by.name[:160],
                asked_at=now,
            )
            here.add(row)
            here.flush()
            _enqueue(row)
            counts = {str(label["product_id"]): label["count"] for label in content["labels"]}
            payload = {"run_id": row.id, "size": size, "labels": counts}
            audit.record(audit.KANWIL, "label.asked", payload, by=by, now=now, upt_id=row.upt_id)
            return row

    content = [[vars(line) for line in lines], size, sheet, str(start)]
    return once(key, "labels.print", act, lambda row: row.id, load, content=content)


def again(run_id: int, *, by: Actor, now: datetime) -> LabelRun:
    """Try a run once more that failed or did not come.

    Raises:
        NoSuchLabels, Forbidden; NotThisState: it is printed, or under way.
    """
    by.require(*PRINTERS)
    with transaction() as here:
        row = locked(run_id)
        if row.printed_at is not None or row.is_working:
            raise NotThisState(N_("Label ini sudah atau sedang dicetak."))
        row.attempt += 1
        row.asked_at, row.problem = now, None
        here.flush()
        _enqueue(row)
        return row


def _enqueue(row: LabelRun) -> None:
    payload = {"run_id": row.id, "attempt": row.attempt}
    jobs.enqueue("labels.print", payload, key=f"{row.id}:{row.attempt}")


@job("labels.print")
def _print(payload: dict[str, Any]) -> dict[str, Any]:
    run_id = int(payload["run_id"])
    try:
        row = carry_out(run_id, int(payload["attempt"]), now=clock.now())
    except RenderingFailed as error:
        session().rollback()
        with transaction():
            row = locked(run_id)
            if row.printed_at is None:
                row.problem = say(N_("Tidak dapat dirender: %(error)s"), error=str(error)[:200])
        raise
    return {"run": row.id, "sha256": row.sha256}


def carry_out(run_id: int, attempt: int, *, now: datetime) -> LabelRun:
    """Render what was frozen and keep it. Repeating it changes nothing.

    Raises:
        RenderingFailed: nothing was written.
    """
    row = load(run_id)
    if row.printed_at is not None or row.attempt != attempt:
        return row
    content, logo = row.content, row.content["design"]["logo_sha256"]
    session().rollback()  # no snapshot is held while pages are rendered
    data = render(compose(content, logo=files.get(logo) if logo else None), [])
    with transaction() as here:
        row = locked(run_id)
        if row.printed_at is None and row.attempt == attempt:
            row.sha256, row.printed_at, row.problem = files.put(data), now, None
            here.flush()
        return row


def recent(*, after: int | None = None, limit: int = SHOWN) -> tuple[list[LabelRun], int | None]:
    """The scope's runs, the latest first, and where the next page begins. One statement."""
    asked = select(LabelRun).order_by(LabelRun.id.desc()).limit(limit + 1)
    if after is not None:
        asked = asked.where(LabelRun.id < after)
    rows = list(session().scalars(asked.execution_options(populate_existing=True)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def load(run_id: int) -> LabelRun:
    """One run within the scope, as it stands.

    Raises:
        NoSuchLabels: there is none.
    """
    return _one(select(LabelRun).where(LabelRun.id == run_id))


def locked(run_id: int) -> LabelRun:
    """The same, locked until the open transaction ends."""
    return _one(select(LabelRun).where(LabelRun.id == run_id).with_for_update())


def pdf(run_id: int) -> tuple[LabelRun, bytes]:
    """The file of a run.

    Raises:
        NoSuchLabels: there is none, or it is not printed yet.
    """
    row = load(run_id)
    if row.sha256 is None:
        raise NoSuchLabels(N_("Label ini belum selesai dicetak."))
    return row, files.get(row.sha256)


def file_name(row: LabelRun) -> str:
    """The name under which the file is saved."""
    return f"label-{row.id}.pdf"


def _one(asked: Any) -> LabelRun:
    row: LabelRun | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchLabels()
    return row
