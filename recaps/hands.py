"""Who carries out a signature: the queue, or, where a PIN was typed, a thread of the process that was told it.

A PIN goes from the request to the pen in memory alone: into no table, no payload, no log and no other process. If the
process dies the PIN is gone with it, nothing is half signed, and its holder types it again (ADR 16).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

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

    def act() -> None:
        with entered(scope):
            try:
                work()
            except KaryaError as refused:
                log.warning("signing refused: %s", refused.code)  # its words are with what was to be signed
            except Exception:
                log.exception("signing stopped")
            finally:
                database.db.release()

    _threads.submit(act)
