"""Pengawasan: inspections planned by the clock, spot checks, their results, and findings with a date."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from catalogue import drafts, publication, queries, shop
from catalogue.errors import NotYourProduct, ProductMoved, ProductNotFound, ReasonRequired
from catalogue.models import Product
from catalogue.oversight import findings, inspecting, lapsing, planning
from catalogue.oversight import queries as oversight
from catalogue.oversight.checklist import questions
from catalogue.oversight.errors import (
    FindingNotFound,
    InspectionIncomplete,
    InspectionMoved,
    InspectionNotFound,
    InspectorInvolved,
    NotAnInspector,
)
from catalogue.oversight.inspecting import Result
from catalogue.oversight.models import Complaint, Finding, Inspection
from tenants import settings as kanwil_settings
from tenants.database import public, session, transaction
from tenants.models import KanwilSettings
from tenants.officers import Actor
from tests.catalogue.conftest import CHECKLISTS, NOW, House, statements
from workflows import audit
from workflows.decisions import Verdict, decide
from workflows.models import AuditEvent, Notice

YES = dict.fromkeys(("quality_kept", "price_right", "supply_true", "label_right"), True)
PRICE = {"field": "price_rupiah", "text": "Di pasar sekarang Rp80.000."}
MONTH = timedelta(days=31)
UNTIL = date(2024, 4, 2)  # a Tuesday, well before Lebaran


@pytest.fixture
def inspector(house: House) -> Actor:
    return house.officer(31, "pemantau")


@pytest.fixture
def product(house: House) -> Product:
    return house.published()


def _spot(house: House, product: Product, by: Actor, **more: Any) -> Inspection:
    with house.as_(by):
        return planning.spot_check(product.id, by=by, now=NOW, **more)


def _found(
    house: House, product: Product, by: Actor, *asked: dict[str, str], until: date = UNTIL
) -> list[Finding]:
    """The findings of an inspection that was carried out."""
    opened = _spot(house, product, by)
    with house.as_(by):
        result = Result("correct", YES | {"price_right": False}, "", until, asked or (PRICE,))
        inspecting.conclude(opened.id, result, by=by, now=NOW)
        return [row.finding for row in oversight.inspection_view(opened.id, now=NOW).findings]


def _at(day: date, hour: int = 9) -> datetime:
    """That hour in Jakarta."""
    return datetime(day.year, day.month, day.day, hour - 7, tzinfo=UTC)


def _actions(product_id: int) -> list[str]:
    case_id = queries.one(product_id).case_id
    asked = select(AuditEvent.action).where(AuditEvent.chain == f"case:{case_id}").order_by(AuditEvent.seq)
    return list(session().scalars(asked))


def _notices(kind: str) -> list[Notice]:
    return list(session().scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


@pytest.fixture
def kanwil(house: House) -> Iterator[None]:
    """The Kanwil's scope, as the clock has it."""
    with house.as_(house.officer(31, "pemantau")):
        yield


def test_a_product_is_inspected_half_a_year_after_publication_once(house: House, product: Product) -> None:
    with house.as_(house.pengendali) as by:
        assert planning.plan(NOW + 5 * MONTH) == 0
        at = NOW + 6 * MONTH
        assert planning.plan(at) == 1
        assert planning.plan(at) == 0  # the night after, or the same night once more
        assert planning.plan(at + 40 * MONTH) == 0  # the clock jumps ahead while it is still to be done
        assert planning.plan(NOW - 40 * MONTH) == 0  # and back
        [row] = oversight.inspections(now=at).items
        assert (row.product_id, row.kind, row.state, row.turn) == (product.id, "schedule", "due", "inspector")
        assert row.deadline == "10 hari kerja"
        assert oversight.waiting() == 1
        assert _actions(product.id)[-1] == "inspection.planned"
        told = _notices("inspection.planned")
        assert [one.to_role for one in told] == ["pembina", "pemantau", "pengendali"]
        assert {one.title for one in told} == {"Tas anyaman purun: waktunya diperiksa"}
        inspecting.conclude(row.id, Result("nothing", YES), by=by, now=at)
        assert planning.plan(at + 5 * MONTH) == 0  # counted from the last inspection now
        assert planning.plan(at + 7 * MONTH) == 1
        assert audit.verify(None) == []


def test_how_often_is_the_kanwils_own_setting(house: House, product: Product) -> None:
    given = {"address": "Jalan KS Tubun 26", "number_pattern": "W-{seq}", "price_band": "25"}
    with house.as_(house.officer(60, "admin_kanwil")) as by:
        for bad in ("0", "25", "enam", "", "²"):
            with pytest.raises(kanwil_settings.Invalid) as refused:
                kanwil_settings.save({**given, "inspection_months": bad}, by=by)
            assert list(refused.value.fields) == ["inspection_months"]
        _, changed = kanwil_settings.save({**given, "inspection_months": "2"}, by=by)
        assert changed["inspection_months"] == 2
        kanwil_settings.save(given, by=by)  # a form that doesn't ask leaves it
        assert session().scalars(select(KanwilSettings.inspection_months)).one() == 2
        assert planning.plan(NOW + MONTH) == 0
        assert planning.plan(NOW + 2 * MONTH) == 1


def test_only_what_is_on_the_shelf_is_planned(house: House) -> None:
    house.draft()
    suspended = house.published()
    withdrawn = house.published()
    with house.as_(house.pengendali) as by:
        publication.suspend(suspended.id, reason="Keluhan", by=by, now=NOW)
        publication.withdraw(withdrawn.id, reason="Habis", by=by, now=NOW)
        assert planning.plan(NOW + 12 * MONTH) == 0


def test_two_planners_at_once_plan_each_product_once(house: House) -> None:
    made = [house.published(name=f"Tas purun {n}") for n in range(3)]
    gate = Barrier(3)

    def run(_: int) -> int:
        gate.wait()
        with house.as_(house.pengendali):
            return planning.plan(NOW + 7 * MONTH)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(run, range(3))) == len(made)
    with house.as_(house.pengendali):
        assert session().scalar(select(func.count()).select_from(Inspection)) == len(made)
        assert audit.verify(None) == []


def test_a_killed_planner_leaves_nothing_half_done(house: House, product: Product, kanwil: None) -> None:
    with pytest.raises(KeyboardInterrupt), transaction():
        assert planning.plan(NOW + 7 * MONTH) == 1
        raise KeyboardInterrupt
    assert session().scalar(select(func.count()).select_from(Inspection)) == 0
    assert _notices("inspection.planned") == []
    assert planning.plan(NOW + 7 * MONTH) == 1


def test_a_complaint_opens_an_inspection_and_stays_with_the_kanwil(
    house: House, product: Product, inspector: Actor
) -> None:
    said = {
        "source": "Pembeli di Singkawang",
        "text": "Tali putus sesudah sepekan.",
        "received_on": "2024-03-13",
    }
    opened = _spot(house, product, inspector, complaint=said, key="c1")
    assert _spot(house, product, inspector, complaint=said, key="c1").id == opened.id
    with house.as_(inspector):
        view = oversight.inspection_view(opened.id, now=NOW)
        assert view.complaint is not None
        assert (view.complaint.source, view.complaint.received_on) == (said["source"], date(2024, 3, 13))
        assert (view.row.kind, view.row.complained, view.row.deadline) == ("spot", True, "3 hari kerja")
    with house.as_(house.operator):
        assert session().scalars(select(Complaint)).all() == []
        assert "inspection.opened" in _actions(product.id)


@pytest.mark.parametrize(
    ("complaint", "wrong"),
    [
        ({"source": "", "text": "Putus."}, {"source"}),
        ({"source": "Pembeli", "text": "  "}, {"text"}),
        ({"source": "Pembeli", "text": "Putus.", "received_on": "2024-03-15"}, {"received_on"}),  # tomorrow
        (
            {"source": "x" * 201, "text": "y" * 2001, "received_on": "kemarin"},
            {"source", "text", "received_on"},
        ),
    ],
)
def test_a_complaint_needs_who_what_and_when(
    house: House, product: Product, inspector: Actor, complaint: dict[str, str], wrong: set[str]
) -> None:
    with house.as_(inspector), pytest.raises(InspectionIncomplete) as refused:
        planning.spot_check(product.id, complaint=complaint, by=inspector, now=NOW)
    assert set(refused.value.fields) == wrong


def test_a_spot_check_is_for_inspectors_and_products_on_the_shelf(
    house: House, product: Product, inspector: Actor
) -> None:
    for role in ("kadiv", "kakanwil", "admin_kanwil"):
        with house.as_(house.officer(70, role)) as by, pytest.raises(NotAnInspector):
            planning.spot_check(product.id, by=by, now=NOW)
    with house.as_(house.operator) as by, pytest.raises(NotAnInspector):
        planning.spot_check(product.id, by=by, now=NOW)
    stranger = Actor(99, "Jauh", frozenset({"pembina"}), house.other_kanwil, None, "Pembina")
    with house.as_(stranger, kanwil=house.other_kanwil), pytest.raises(ProductNotFound):
        planning.spot_check(product.id, by=stranger, now=NOW)
    _spot(house, product, inspector)
    with house.as_(inspector) as by, pytest.raises(InspectionMoved):
        planning.spot_check(product.id, by=by, now=NOW)  # one waits already
    with house.as_(house.pengendali) as by:
        publication.suspend(product.id, reason="Keluhan", by=by, now=NOW)
        with pytest.raises(ProductMoved):
            planning.spot_check(product.id, by=by, now=NOW)


def test_nobody_inspects_what_he_submitted(house: House, product: Product) -> None:
    opened = _spot(house, product, house.pengendali)
    both = Actor(house.operator.id, "Dua", frozenset({"pembina"}), house.kanwil, None, "Pembina")
    with house.as_(both):
        with pytest.raises(InspectorInvolved):
            inspecting.take_up(opened.id, {}, by=both, now=NOW)
        with pytest.raises(InspectorInvolved):
            inspecting.conclude(opened.id, Result("nothing", YES), by=both, now=NOW)
        assert oversight.inspection_view(opened.id, now=NOW).why_not(both)


def test_answers_are_kept_in_parts_and_in_their_types(
    house: House, product: Product, inspector: Actor
) -> None:
    opened = _spot(house, product, inspector)
    with house.as_(inspector) as by:
        inspecting.take_up(opened.id, {"quality_kept": "ya", "price_met": "1.200"}, by=by, now=NOW)
        kept = inspecting.take_up(opened.id, {"label_right": "ya", "price_met": ""}, by=by, now=NOW)
        assert kept.answers == {"quality_kept": True, "label_right": True}
        assert (kept.state, kept.inspector_name) == ("under_way", by.name)
        with pytest.raises(InspectionIncomplete) as refused:
            inspecting.take_up(opened.id, {"price_met": "mahal", "apa": "1"}, by=by, now=NOW)
        assert set(refused.value.fields) == {"checklist.price_met", "checklist.apa"}
        with pytest.raises(InspectionIncomplete) as refused:
            inspecting.conclude(opened.id, Result("nothing", {"price_right": "tidak"}), by=by, now=NOW)
        assert set(refused.value.fields) == {"checklist.price_right", "checklist.supply_true"}
        assert "catat temuannya" in refused.value.fields["checklist.price_right"]


def test_food_is_asked_for_its_papers_and_other_goods_are_not() -> None:
    food = {item.key for item in questions().items({"category": "culinary"})}
    craft = {item.key for item in questions().items({"category": "craft"})}
    assert food - craft == {"papers_valid"}


def test_nothing_found_ends_an_inspection_and_a_second_result_is_refused(
    house: House, product: Product, inspector: Actor
) -> None:
    opened = _spot(house, product, inspector)
    with house.as_(inspector) as by:
        done = inspecting.conclude(opened.id, Result("nothing", YES), by=by, now=NOW, key="r")
        assert (done.state, done.outcome, done.turn) == ("done", "nothing", None)
        again = inspecting.conclude(opened.id, Result("nothing", YES), by=by, now=NOW, key="r")
        assert again.version == done.version
        with pytest.raises(InspectionMoved):
            inspecting.conclude(opened.id, Result("suspend", YES, "Buruk"), by=by, now=NOW)
        assert _actions(product.id)[-2:] == ["inspection.opened", "inspection.concluded"]
        assert [one.to_role for one in _notices("inspection.clean")] == ["operator_upt"]


@pytest.mark.parametrize(
    ("result", "wrong"),
    [
        (Result("apa"), {"outcome"}),
        (Result("suspend"), {"comment"}),
        (Result("correct", {}, "", None, ()), {"correct_by", "findings"}),
        (Result("correct", {}, "", NOW.date(), (PRICE,)), {"correct_by"}),  # today
        (Result("correct", {}, "", date(2024, 3, 29), (PRICE,)), {"correct_by"}),  # Good Friday
        (Result("correct", {}, "", date(2026, 3, 30), (PRICE,)), {"correct_by"}),
        (Result("correct", {}, "", UNTIL, ({"field": "harga", "text": "x"},)), {"findings.0.field"}),
        (Result("correct", {}, "", UNTIL, (PRICE, {"field": "stock", "text": " "})), {"findings.1.text"}),
        (Result("correct", {}, "", UNTIL, (PRICE,) * 21), {"findings"}),
    ],
)
def test_a_result_names_what_it_lacks(
    house: House, product: Product, inspector: Actor, result: Result, wrong: set[str]
) -> None:
    opened = _spot(house, product, inspector)
    with house.as_(inspector) as by:
        with pytest.raises(InspectionIncomplete) as refused:
            inspecting.conclude(opened.id, result, by=by, now=NOW)
        assert set(refused.value.fields) == wrong
        assert oversight.inspection_view(opened.id, now=NOW).inspection.state == "due"


def test_suspending_takes_the_product_off_the_shelf_at_once(
    house: House, product: Product, inspector: Actor
) -> None:
    opened = _spot(house, product, inspector)
    with house.as_(inspector) as by:  # a pemantau, who may not suspend by himself
        with pytest.raises(NotYourProduct):
            publication.suspend(product.id, reason="x", by=by, now=NOW)
        inspecting.conclude(opened.id, Result("suspend", {}, "Sol lepas."), by=by, now=NOW)
        row = queries.one(product.id)
        assert (row.state, row.public_state, row.reason) == ("suspended", "suspended", "Sol lepas.")
        assert _actions(product.id)[-2:] == ["inspection.concluded", "product.suspended"]
        assert audit.verify(None) == []
    with public() as reader:
        assert shop.by_slug(reader, product.slug).state == "suspended"  # type: ignore[union-attr]


def test_findings_are_answered_and_ticked_off_one_by_one(
    house: House, product: Product, inspector: Actor
) -> None:
    first, second = _found(house, product, inspector, PRICE, {"field": "general", "text": "Label belum ada."})
    with house.as_(house.operator) as by:
        assert [row.label for row in oversight.open_findings([product.id], now=NOW)] == [
            "Harga satuan",
            "Umum",
        ]
        with pytest.raises(InspectionIncomplete):
            findings.answer(first.id, "  ", by=by, now=NOW)
        findings.answer(first.id, "Sudah disesuaikan.", by=by, now=NOW)
        findings.answer(first.id, "Sudah disesuaikan.", by=by, now=NOW)
        assert _actions(product.id).count("finding.answered") == 1
        with pytest.raises(NotAnInspector):
            findings.settle(first.id, by=by, now=NOW)
    with house.as_(inspector) as by:
        with pytest.raises(NotYourProduct):
            findings.answer(first.id, "x", by=by, now=NOW)
        assert oversight.waiting() == 1  # it is the inspector's turn again
        assert [one.to_officer_id for one in _notices("finding.answered")] == [inspector.id]
        findings.settle(first.id, by=by, now=NOW)
        findings.settle(first.id, by=by, now=NOW)
        view = oversight.inspection_view(first.inspection_id, now=NOW)
        assert (view.inspection.state, view.inspection.turn) == ("waiting", "upt")
        findings.settle(second.id, by=by, now=NOW)
        view = oversight.inspection_view(first.inspection_id, now=NOW)
        assert (view.inspection.state, view.inspection.turn, view.inspection.closed_at) == ("done", None, NOW)
        assert _actions(product.id).count("finding.settled") == 2
        assert lapsing.lapse(_at(UNTIL, 17)) is False
    with house.as_(house.operator) as by, pytest.raises(InspectionMoved):
        findings.answer(first.id, "Terlambat.", by=by, now=NOW)


def test_a_finding_is_nobody_elses(house: House, product: Product, inspector: Actor) -> None:
    [finding] = _found(house, product, inspector)
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
    [finding] = _found(house, product, inspector)
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
        assert lapsing.lapse(_at(UNTIL, 17)) is False
        assert oversight.inspection_view(finding.inspection_id, now=NOW).row.due_on == later
        assert lapsing.lapse(_at(later, 16)) is True


def test_a_date_that_passes_suspends_the_product_once(
    house: House, product: Product, inspector: Actor
) -> None:
    [finding] = _found(house, product, inspector)
    with house.as_(inspector) as by:
        assert lapsing.lapse(_at(UNTIL, 16) - timedelta(seconds=1)) is False
        after = _at(UNTIL, 16)
        assert lapsing.lapse(after) is True
        assert lapsing.lapse(after) is False
        assert lapsing.lapse(after + 50 * MONTH) is False
        row = queries.one(product.id)
        assert row.public_state == "suspended"
        assert row.reason == "Temuan pengawasan belum diperbaiki sampai 2 April 2024: harga satuan."
        assert _actions(product.id)[-2:] == ["finding.lapsed", "product.suspended"]
        event = session().scalars(select(AuditEvent).where(AuditEvent.action == "product.suspended")).one()
        assert event.officer_id is None
        assert '"automatic":true' in event.payload
        [told] = _notices("product.suspended")
        assert told.body.startswith("Otomatis: ")
        assert [row.id for row in oversight.inspections("overdue", now=after).items] == [
            finding.inspection_id
        ]
        with pytest.raises(InspectionMoved):
            findings.extend(finding.id, date(2024, 5, 6), "Bahan", by=by, now=after)
        findings.settle(finding.id, by=by, now=after)
        assert [one.to_role for one in _notices("inspection.settled")] == ["pengendali"]
        assert queries.one(product.id).public_state == "suspended"  # restoring is the pengendali's
    with house.as_(house.pengendali) as by:
        publication.restore(product.id, reason="Sudah diperbaiki", by=by, now=after)
        assert lapsing.lapse(after + MONTH) is False
        assert queries.one(product.id).public_state == "published"
        assert audit.verify(None) == []


def test_a_killed_sweep_suspends_what_is_left_when_it_runs_again(house: House, inspector: Actor) -> None:
    made = [house.published(name=f"Tas purun {n}") for n in range(2)]
    for product in made:
        _found(house, product, inspector)
    after = _at(UNTIL, 18)
    with house.as_(inspector):
        assert lapsing.lapse(after)
        with pytest.raises(KeyboardInterrupt), transaction():
            assert lapsing.lapse(after)
            raise KeyboardInterrupt
        states = sorted(str(queries.one(product.id).public_state) for product in made)
        assert states == ["published", "suspended"]
        assert lapsing.lapse(after)
        assert not lapsing.lapse(after)
        assert all(_actions(product.id).count("product.suspended") == 1 for product in made)
        assert audit.verify(None) == []


def test_sweeps_at_once_suspend_each_product_once(house: House, inspector: Actor) -> None:
    made = [house.published(name=f"Tas purun {n}") for n in range(3)]
    for product in made:
        _found(house, product, inspector)
    gate = Barrier(3)

    def run(_: int) -> None:
        gate.wait()
        with house.as_(inspector):
            while lapsing.lapse(_at(UNTIL, 18)):
                pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))
    with house.as_(inspector):
        assert [_actions(product.id).count("product.suspended") for product in made] == [1, 1, 1]
        assert audit.verify(None) == []


def test_what_is_off_the_shelf_already_is_not_suspended_again(
    house: House, product: Product, inspector: Actor
) -> None:
    [finding] = _found(house, product, inspector)
    with house.as_(house.pengendali) as by:
        publication.withdraw(product.id, reason="Habis", by=by, now=NOW)
        assert lapsing.lapse(_at(UNTIL, 18)) is True
        assert lapsing.lapse(_at(UNTIL, 18)) is False
        assert queries.one(product.id).public_state == "withdrawn"
        assert planning.close_withdrawn(_at(UNTIL, 18)) == 1
        assert planning.close_withdrawn(_at(UNTIL, 18)) == 0
        assert oversight.inspection_view(finding.inspection_id, now=NOW).inspection.state == "done"


def test_a_near_date_is_called_to_mind_once(house: House, product: Product, inspector: Actor) -> None:
    _first, second = _found(house, product, inspector, PRICE, {"field": "stock", "text": "Stok habis."})
    with house.as_(house.operator) as by:
        findings.answer(second.id, "Stok ditambah.", by=by, now=NOW)
    with house.as_(inspector):
        assert lapsing.remind(_at(date(2024, 3, 26))) == 0  # four working days before; the 29th is a holiday
        near = _at(date(2024, 3, 27))
        assert lapsing.remind(near) == 2
        assert lapsing.remind(near) == 0
        assert lapsing.remind(near + timedelta(days=1)) == 0
        told = _notices("finding.near")
        assert {(one.to_role, one.to_officer_id) for one in told} == {
            ("operator_upt", None),
            (None, inspector.id),
        }


def test_a_date_so_near_needs_no_reminder(house: House, product: Product, inspector: Actor) -> None:
    _found(house, product, inspector, until=date(2024, 3, 18))
    with house.as_(inspector):
        assert lapsing.remind(NOW + timedelta(hours=1)) == 0


def test_the_day_ends_on_the_kanwils_own_clock(house: House, product: Product, inspector: Actor) -> None:
    [finding] = _found(house, product, inspector)
    assert finding.due_at == datetime(2024, 4, 2, 9, 0, tzinfo=UTC)  # 16.00 in Jakarta


def test_lists_page_filter_and_count(house: House, inspector: Actor) -> None:
    made = [house.published(name=f"Tas purun {n}") for n in range(3)]
    for product in made:
        _spot(house, product, inspector)
    with house.as_(inspector) as by:
        first = oversight.inspections("due", now=NOW, limit=2)
        second = oversight.inspections("due", now=NOW, limit=2, cursor=first.next_cursor)
        assert [row.product_id for row in first.items + second.items] == [one.id for one in made]
        assert second.next_cursor is None
        for row in first.items:
            inspecting.conclude(row.id, Result("nothing", YES), by=by, now=NOW)
        done = oversight.inspections("done", now=NOW, limit=1)
        rest = oversight.inspections("done", now=NOW, limit=1, cursor=done.next_cursor)
        assert {row.id for row in done.items + rest.items} == {row.id for row in first.items}
        assert oversight.counts(oversight.Filters(), NOW)["due"] == 1
        none = oversight.Filters(upt_id=house.other_upt)
        assert sum(oversight.counts(none, NOW).values()) == 0
        assert oversight.inspections("due", oversight.Filters(category="craft"), now=NOW).items
        for cursor in ("x", "1", "1.x", "9" * 29):
            with pytest.raises(kanwil_settings.Invalid):
                oversight.inspections("due", now=NOW, cursor=cursor)
        with statements() as seen:
            oversight.inspections("due", now=NOW)
        assert len([one for one in seen if "set_config" not in one]) == 1


def test_months_are_counted_on_the_calendar() -> None:
    assert planning.months_before(date(2024, 8, 31), 6) == date(2024, 2, 29)
    assert planning.months_before(date(2024, 1, 15), 1) == date(2023, 12, 15)
    assert planning.months_before(date(2024, 3, 14), 24) == date(2022, 3, 14)


def test_withdrawn_is_final(house: House, product: Product) -> None:
    with house.as_(house.operator) as by:
        drafts.save(product.id, {"price_rupiah": 94_000}, by=by, now=NOW)
    case = house.submit(product.id)
    for role in ("pembina", "pemantau"):
        house.decide(case.id, role)
    with house.as_(house.pengendali) as by:
        with pytest.raises(ReasonRequired):
            publication.withdraw(product.id, reason="x" * 2001, by=by, now=NOW)
        publication.withdraw(product.id, reason="Tidak dibuat lagi", by=by, now=NOW, key="w")
        publication.withdraw(product.id, reason="Tidak dibuat lagi", by=by, now=NOW, key="w")
        for verb in ("restore", "suspend", "withdraw"):
            with pytest.raises(ProductMoved):
                publication.act_on(product.id, verb, reason="x", by=by, now=NOW)
    with house.as_(house.officer(41, "pengendali")) as by:
        with pytest.raises(ProductMoved):  # the revision on its way can't bring it back
            decide(case.id, Verdict("approve", checklist=CHECKLISTS["pengendali"]), by=by, key="a", now=NOW)
        decide(case.id, Verdict("reject", comment="Sudah ditarik."), by=by, key="b", now=NOW)
        assert queries.one(product.id).public_state == "withdrawn"
        assert _actions(product.id).count("product.withdrawn") == 1
    with house.as_(house.operator) as by, pytest.raises(ProductMoved):
        drafts.save(product.id, {"price_rupiah": 93_000}, by=by, now=NOW)
    with public() as reader:
        page = shop.by_slug(reader, product.slug)
        assert (page.state, page.reason) == ("withdrawn", "Tidak dibuat lagi")  # type: ignore[union-attr]
