"""A request sent twice is carried out once, and answered the same, at the same moment too."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from tenants import database
from tenants.errors import Invalid, NoScope
from tenants.idempotency import KeyReused, once
from tenants.limits import RateWindow
from tenants.models import RequestKey
from tenants.scope import NationalScope, Scope, entered
from tests.tenants.rows import Ground
from workflows.models import Closure

_days = itertools.count()
FROM = date(2031, 1, 1)


@pytest.fixture(autouse=True)
def _as_it_was(guarded: Ground) -> Iterator[None]:
    """Other probes count the rows of this ground: what is made here goes again."""
    yield
    for code in ("kalbar", "banten"):
        with entered(Scope(guarded.kanwil[code])), database.transaction() as session:
            session.execute(delete(Closure).where(Closure.day >= FROM))


def _closure(reason: str) -> Closure:
    with database.transaction() as session:
        made = Closure(day=FROM + timedelta(days=next(_days)), reason=reason)
        session.add(made)
        session.flush()
        return made


def _load(id_: int) -> Closure:
    return database.session().scalars(select(Closure).where(Closure.id == id_)).one()


def _ask(key: str | None, reason: str = "uji", content: Any = None) -> tuple[Closure, bool]:
    return once(key, "closure.add", lambda: _closure(reason), lambda c: c.id, _load, content=content)


def _count(reason: str) -> int:
    asked = select(func.count()).select_from(Closure).where(Closure.reason == reason)
    return int(database.session().scalar(asked) or 0)


def test_the_second_call_loads_what_the_first_made(guarded: Ground) -> None:
    with entered(Scope(guarded.kanwil["kalbar"], None, 501)):
        first, again = _ask("a"), _ask("a")
        assert (first[1], again[1]) == (False, True)
        assert first[0].id == again[0].id


def test_without_a_key_each_call_counts(guarded: Ground) -> None:
    with entered(Scope(guarded.kanwil["kalbar"], None, 502)):
        assert _ask(None)[0].id != _ask(None)[0].id


def test_the_same_key_for_other_content_is_refused(guarded: Ground) -> None:
    with entered(Scope(guarded.kanwil["kalbar"], None, 503)):
        _ask("b", content={"n": 1})
        with pytest.raises(KeyReused):
            _ask("b", content={"n": 2})
        assert _ask("b", content={"n": 1})[1]


def test_a_key_belongs_to_its_officer(guarded: Ground) -> None:
    """Whoever guesses another's key gets his own act, never the other's result."""
    with entered(Scope(guarded.kanwil["kalbar"], None, 504)):
        mine = _ask("c")[0].id
    with entered(Scope(guarded.kanwil["kalbar"], None, 505)):
        other, replayed = _ask("c")
        assert not replayed
        assert other.id != mine
    with entered(Scope(guarded.kanwil["banten"], None, 506)):
        assert not _ask("c")[1]


def test_what_failed_may_be_tried_again(guarded: Ground) -> None:
    def fail() -> Closure:
        _closure("gagal")
        raise Invalid("tidak jadi")

    with entered(Scope(guarded.kanwil["kalbar"], None, 507)):
        with pytest.raises(Invalid):
            once("d", "closure.add", fail, lambda c: c.id, _load)
        assert _count("gagal") == 0
        assert not _ask("d")[1]


def test_ten_at_the_same_moment_make_one(guarded: Ground) -> None:
    scope = Scope(guarded.kanwil["kalbar"], None, 508)
    ready, results, wrong = threading.Barrier(10), [], []

    def ask() -> None:
        try:
            with entered(scope):
                ready.wait()
                made, replayed = _ask("e", "bersamaan")
                results.append((made.id, replayed))
        except Exception as error:  # noqa: BLE001 - the test shows whatever came
            wrong.append(error)
        finally:
            database.db.release()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len({id_ for id_, _ in results}) == 1
    assert sorted(replayed for _, replayed in results) == [False] + [True] * 9
    with entered(scope):
        assert _count("bersamaan") == 1


def test_a_key_needs_somebody(guarded: Ground) -> None:
    with pytest.raises(NoScope):
        _ask("f")
    with entered(Scope(guarded.kanwil["kalbar"])), pytest.raises(NoScope):
        _ask("f")


def test_a_key_of_a_novel_is_refused(guarded: Ground) -> None:
    with entered(Scope(guarded.kanwil["kalbar"], None, 509)), pytest.raises(Invalid):
        _ask("x" * 201)


def test_the_centre_has_keys_too(guarded: Ground) -> None:
    def act() -> RateWindow:
        from tenants.clock import now

        with database.transaction() as session:
            row = RateWindow(key="centre", began_at=now(), hits=41)
            session.add(row)
            session.flush()
            return row

    with entered(NationalScope(510)):
        for expected in (False, True):
            _, replayed = once("g", "centre.act", act, lambda row: row.hits, lambda hits: hits)  # type: ignore[arg-type,return-value]
            assert replayed is expected
        keys = select(func.count()).select_from(RequestKey).where(RequestKey.officer_id == 510)
        assert database.session().scalar(keys) == 1
