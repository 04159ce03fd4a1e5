"""Findings of an inspection: answered, ticked off, extended once, and suspended by the clock when their date passes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from catalogue import publication, queries
from catalogue.errors import NotYourProduct
from catalogue.models import Product
from catalogue.oversight import findings, lapsing, planning
from catalogue.oversight import queries as oversight
from catalogue.oversight.errors import (
    FindingNotFound,
    InspectionIncomplete,
    InspectionMoved,
    InspectionNotFound,
    NotAnInspector,
)
from tenants.database import session
from tenants.officers import Actor
from tests.catalogue.conftest import NOW, House
from tests.catalogue.inspected import MONTH, PRICE, UNTIL, actions, at, found, killed, notices
from workflows import audit
from workflows.models import AuditEvent


def test_findings_are_answered_and_ticked_off_one_by_one(
    house: House, product: Product, inspector: Actor
) -> None:
    first, second = found(house, product, inspector, PRICE, {"field": "general", "text": "Label belum ada."})
    with house.as_(house.operator) as by:
        assert [row.label for row in oversight.open_findings([product.id], now=NOW)] == [
            "Harga satuan",
            "Umum",
        ]
        with pytest.raises(InspectionIncomplete):
            findings.answer(first.id, "  ", by=by, now=NOW)
        findings.answer(first.id, "Sudah disesuaikan.", by=by, now=NOW)
        findings.answer(first.id, "Sudah disesuaikan.", by=by, now=NOW)
        assert actions(product.id).count("finding.answered") == 1
        with pytest.raises(NotAnInspector):
            findings.settle(first.id, by=by, now=NOW)
    with house.as_(inspector) as by:
        with pytest.raises(NotYourProduct):
            findings.answer(first.id, "x", by=by, now=NOW)
        assert oversight.waiting() == 1  # it is the inspector's turn again
        assert [one.to_officer_id for one in notices("finding.answered")] == [inspector.id]
        findings.settle(first.id, by=by, now=NOW)
        findings.settle(first.id, by=by, now=NOW)
        view = oversight.inspection_view(first.inspection_id, now=NOW)
        assert (view.inspection.state, view.inspection.turn) == ("waiting", "upt")
        findings.settle(second.id, by=by, now=NOW)
        view = oversight.inspection_view(first.inspection_id, now=NOW)
        assert (view.inspection.state, view.inspection.turn, view.inspection.closed_at) == ("done", None, NOW)
        assert actions(product.id).count("finding.settled") == 2
        assert lapsing.lapse(at(UNTIL, 17)) is False
    with house.as_(house.operator) as by, pytest.raises(InspectionMoved):
        findings.answer(first.id, "Terlambat.", by=by, now=NOW)


def test_a_finding_is_nobody_elses(house: House, product: Product, inspector: Actor) -> None:
    [finding] = found(house, product, inspector)
    with house.as_(house.other_operator) as by, pytest.raises(FindingNotFound):
        findings.answer(finding.id, "x", by=by, now=NOW)
    stranger = Actor(99, "Jauh", frozenset({"pembina"}), house.other_kanwil, None, "Pembina")
    with house.as_(stranger, kanwil=house.other_kanwil):
        with pytest.raises(FindingNotFound):
            findings.settle(finding.id, by=stranger, now=NOW)
        with pytest.raises(InspectionNotFound):
            oversight.inspection_view(finding.inspection_id, now=NOW)
        assert oversight.inspections("waiting", now=NOW).items == []


def test_a_date_is_extended_once_with_a_reason(house: House, product: Product, inspector: Actor) -> None:
    [finding] = found(house, product, inspector)
    with house.as_(inspector) as by:
        for until, reason, wrong in (
            (UNTIL, "Bahan", {"until"}),
            (date(2024, 4, 6), "Bahan", {"until"}),  # a Saturday
            (None, "", {"until", "reason"}),
        ):
            with pytest.raises(InspectionIncomplete) as refused:
                findings.extend(finding.id, until, reason, by=by, now=NOW)
            assert set(refused.value.fields) == wrong
        later = date(2024, 4, 5)
        findings.extend(finding.id, later, "Bahan belum tiba.", by=by, now=NOW, key="e")
        findings.extend(finding.id, later, "Bahan belum tiba.", by=by, now=NOW, key="e")
        with pytest.raises(InspectionMoved):
            findings.extend(finding.id, date(2024, 4, 19), "Lagi.", by=by, now=NOW)
        assert lapsing.lapse(at(UNTIL, 17)) is False
        assert oversight.inspection_view(finding.inspection_id, now=NOW).row.due_on == later
        assert lapsing.lapse(at(later, 16)) is True


def test_a_date_that_passes_suspends_the_product_once(
    house: House, product: Product, inspector: Actor
) -> None:
    [finding] = found(house, product, inspector)
    with house.as_(inspector) as by:
        assert lapsing.lapse(at(UNTIL, 16) - timedelta(seconds=1)) is False
        after = at(UNTIL, 16)
        assert lapsing.lapse(after) is True
        assert lapsing.lapse(after) is False
        assert lapsing.lapse(after + 50 * MONTH) is False
        row = queries.one(product.id)
        assert row.public_state == "suspended"
        assert row.reason == "Temuan pengawasan belum diperbaiki sampai 2 April 2024: harga satuan."
        assert actions(product.id)[-2:] == ["finding.lapsed", "product.suspended"]
        event = session().scalars(select(AuditEvent).where(AuditEvent.action == "product.suspended")).one()
        assert event.officer_id is None
        assert '"automatic":true' in event.payload
        [told] = notices("product.suspended")
        assert told.body.startswith("Otomatis: ")
        assert [row.id for row in oversight.inspections("overdue", now=after).items] == [
            finding.inspection_id
        ]
        with pytest.raises(InspectionMoved):
            findings.extend(finding.id, date(2024, 5, 6), "Bahan", by=by, now=after)
        findings.settle(finding.id, by=by, now=after)
        assert [one.to_role for one in notices("inspection.settled")] == ["pengendali"]
        assert queries.one(product.id).public_state == "suspended"  # restoring is the pengendali's
    with house.as_(house.pengendali) as by:
        publication.restore(product.id, reason="Sudah diperbaiki", by=by, now=after)
        assert lapsing.lapse(after + MONTH) is False
        assert queries.one(product.id).public_state == "published"
        assert audit.verify(None) == []


def test_a_killed_sweep_suspends_what_is_left_when_it_runs_again(house: House, inspector: Actor) -> None:
    made = [house.published(name=f"Tas purun {n}") for n in range(2)]
    for product in made:
        found(house, product, inspector)
    after = at(UNTIL, 18)
    with house.as_(inspector):
        assert lapsing.lapse(after)
        killed(lambda: lapsing.lapse(after))
        states = sorted(str(queries.one(product.id).public_state) for product in made)
        assert states == ["published", "suspended"]
        assert lapsing.lapse(after)
        assert not lapsing.lapse(after)
        assert all(actions(product.id).count("product.suspended") == 1 for product in made)
        assert audit.verify(None) == []


def test_sweeps_at_once_suspend_each_product_once(house: House, inspector: Actor) -> None:
    made = [house.published(name=f"Tas purun {n}") for n in range(3)]
    for product in made:
        found(house, product, inspector)
    gate = Barrier(3)

    def run(_: int) -> None:
        gate.wait()
        with house.as_(inspector):
            while lapsing.lapse(at(UNTIL, 18)):
                pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))
    with house.as_(inspector):
        assert [actions(product.id).count("product.suspended") for product in made] == [1, 1, 1]
        assert audit.verify(None) == []


def test_what_is_off_the_shelf_already_is_not_suspended_again(
    house: House, product: Product, inspector: Actor
) -> None:
    [finding] = found(house, product, inspector)
    with house.as_(house.pengendali) as by:
        publication.withdraw(product.id, reason="Habis", by=by, now=NOW)
        assert lapsing.lapse(at(UNTIL, 18)) is True
        assert lapsing.lapse(at(UNTIL, 18)) is False
        assert queries.one(product.id).public_state == "withdrawn"
        assert planning.close_withdrawn(at(UNTIL, 18)) == 1
        assert planning.close_withdrawn(at(UNTIL, 18)) == 0
        assert oversight.inspection_view(finding.inspection_id, now=NOW).inspection.state == "done"


def test_a_near_date_is_called_to_mind_once(house: House, product: Product, inspector: Actor) -> None:
    _first, second = found(house, product, inspector, PRICE, {"field": "stock", "text": "Stok habis."})
    with house.as_(house.operator) as by:
        findings.answer(second.id, "Stok ditambah.", by=by, now=NOW)
    with house.as_(inspector):
        assert lapsing.remind(at(date(2024, 3, 26))) == 0  # four working days before; the 29th is a holiday
        near = at(date(2024, 3, 27))
        assert lapsing.remind(near) == 2
        assert lapsing.remind(near) == 0
        assert lapsing.remind(near + timedelta(days=1)) == 0
        told = notices("finding.near")
        assert {(one.to_role, one.to_officer_id) for one in told} == {
            ("operator_upt", None),
            (None, inspector.id),
        }


def test_a_date_so_near_needs_no_reminder(house: House, product: Product, inspector: Actor) -> None:
    found(house, product, inspector, until=date(2024, 3, 18))
    with house.as_(inspector):
        assert lapsing.remind(NOW + timedelta(hours=1)) == 0


def test_the_day_ends_on_the_kanwils_own_clock(house: House, product: Product, inspector: Actor) -> None:
    [finding] = found(house, product, inspector)
    assert finding.due_at == datetime(2024, 4, 2, 9, 0, tzinfo=UTC)  # 16.00 in Jakarta
