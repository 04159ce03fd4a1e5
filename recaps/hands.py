"""Who carries out a signature: the queue, or, where a PIN was typed, a thread of the process that was told it.

A PIN goes from the request to the pen in memory alone: into no table, no payload, no log and no other process. If the
process dies the PIN is gone with it, nothing is half signed, and its holder types it again (ADR 16).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from recaps.errors import WrongPin
from tenants import database
from tenants.errors import KaryaError, NoScope
from tenants.jobs import enqueue
from tenants.scope import NationalScope, Scope, current_or_none, entered

log = logging.getLogger("karya.recaps")
_threads: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="karya-pin")
Work = Callable[[dict[str, Any], str | None], Any]


def give(name: str, payload: dict[str, Any], work: Work, *, key: str, pin: str | None) -> None:
    """Have the job `name` done once the open transaction is committed. Without a PIN it is queued and survives a crash;
    with one, `work` runs here, in the scope of who asked.

    Raises:
        NoScope: nothing says in whose name it would run.
    """
    if not pin:
        enqueue(name, payload, key=key)
        return
    scope = current_or_none()
    if scope is None:
        raise NoScope()
    in_whose = scope
    database.when_committed(lambda: hold(in_whose, lambda: work(payload, pin)))


def hold(scope: Scope | NationalScope, work: Callable[[], Any]) -> None:
    """Run `work` in a thread of this process, in that scope."""
    _threads.submit(_act, scope, work)


def hold_each(
    items: Sequence[tuple[Scope | NationalScope, dict[str, Any]]],
    work: Callable[[dict[str, Any]], Any],
    passed_over: Callable[[dict[str, Any], str], None],
) -> None:
    """Run `work` on each, one after the other, in one thread of this process. A wrong PIN is tried once: the rest are
    `passed_over` with its words, as cards and services count the tries."""

    def act() -> None:
        wrong: KaryaError | None = None
        for scope, payload in items:
            if wrong is None:
                refused = _act(scope, partial(work, payload))
                wrong = refused if isinstance(refused, WrongPin) else None
            else:
                _act(scope, partial(passed_over, payload, wrong.message))

    _threads.submit(act)


def _act(scope: Scope | NationalScope, work: Callable[[], Any]) -> KaryaError | None:
    """Do it in that scope; what it was refused with. Its words are with what was to be signed."""
    with entered(scope):
        try:
            work()
        except KaryaError as refused:
            log.warning("signing refused: %s", refused.code)
            return refused
        except Exception:
            log.exception("signing stopped")
        finally:
            database.db.release()
    return None
