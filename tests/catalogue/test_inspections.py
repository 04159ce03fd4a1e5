"""Pengawasan: inspections planned by the clock, spot checks, and their results."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import func, select

from catalogue import drafts, publication, queries, shop
from catalogue.errors import NotYourProduct, ProductMoved, ProductNotFound, ReasonRequired
from catalogue.models import Product
from catalogue.oversight import inspecting, planning
from catalogue.oversight import queries as oversight
from catalogue.oversight.checklist import questions
from catalogue.oversight.errors import (
    InspectionIncomplete,
    InspectionMoved,
    InspectorInvolved,
    NotAnInspector,
)
from catalogue.oversight.inspecting import Result
from catalogue.oversight.models import Complaint, Inspection
from tenants import settings as kanwil_settings
from tenants.database import public, session
from tenants.models import KanwilSettings
from tenants.officers import Actor
from tests.catalogue.conftest import CHECKLISTS, NOW, House, statements
from tests.catalogue.inspected import MONTH, PRICE, UNTIL, YES, actions, killed, notices, spot
from workflows import audit
from workflows.decisions import Verdict, decide


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
        assert actions(product.id)[-1] == "inspection.planned"
        told = notices("inspection.planned")
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
    killed(lambda: planning.plan(NOW + 7 * MONTH))
    assert session().scalar(select(func.count()).select_from(Inspection)) == 0
    assert notices("inspection.planned") == []
    assert planning.plan(NOW + 7 * MONTH) == 1


def test_a_complaint_opens_an_inspection_and_stays_with_the_kanwil(
    house: House, product: Product, inspector: Actor
) -> None:
    said = {
        "source": "Pembeli di Singkawang",
        "text": "Tali putus sesudah sepekan.",
        "received_on": "2024-03-13",
    }
    opened = spot(house, product, inspector, complaint=said, key="c1")
    assert spot(house, product, inspector, complaint=said, key="c1").id == opened.id
    with house.as_(inspector):
        view = oversight.inspection_view(opened.id, now=NOW)
        assert view.complaint is not None
        assert (view.complaint.source, view.complaint.received_on) == (said["source"], date(2024, 3, 13))
        assert (view.row.kind, view.row.complained, view.row.deadline) == ("spot", True, "3 hari kerja")
    with house.as_(house.operator):
        assert session().scalars(select(Complaint)).all() == []
        assert "inspection.opened" in actions(product.id)


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
    spot(house, product, inspector)
    with house.as_(inspector) as by, pytest.raises(InspectionMoved):
        planning.spot_check(product.id, by=by, now=NOW)  # one waits already
    with house.as_(house.pengendali) as by:
        publication.suspend(product.id, reason="Keluhan", by=by, now=NOW)
        with pytest.raises(ProductMoved):
            planning.spot_check(product.id, by=by, now=NOW)


def test_nobody_inspects_what_he_submitted(house: House, product: Product) -> None:
    opened = spot(house, product, house.pengendali)
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
    opened = spot(house, product, inspector)
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
    opened = spot(house, product, inspector)
    with house.as_(inspector) as by:
        done = inspecting.conclude(opened.id, Result("nothing", YES), by=by, now=NOW, key="r")
        assert (done.state, done.outcome, done.turn) == ("done", "nothing", None)
        again = inspecting.conclude(opened.id, Result("nothing", YES), by=by, now=NOW, key="r")
        assert again.version == done.version
        with pytest.raises(InspectionMoved):
            inspecting.conclude(opened.id, Result("suspend", YES, "Buruk"), by=by, now=NOW)
        assert actions(product.id)[-2:] == ["inspection.opened", "inspection.concluded"]
        assert [one.to_role for one in notices("inspection.clean")] == ["operator_upt"]


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
    opened = spot(house, product, inspector)
    with house.as_(inspector) as by:
        with pytest.raises(InspectionIncomplete) as refused:
            inspecting.conclude(opened.id, result, by=by, now=NOW)
        assert set(refused.value.fields) == wrong
        assert oversight.inspection_view(opened.id, now=NOW).inspection.state == "due"


def test_suspending_takes_the_product_off_the_shelf_at_once(
    house: House, product: Product, inspector: Actor
) -> None:
    opened = spot(house, product, inspector)
    with house.as_(inspector) as by:  # a pemantau, who may not suspend by himself
        with pytest.raises(NotYourProduct):
            publication.suspend(product.id, reason="x", by=by, now=NOW)
        inspecting.conclude(opened.id, Result("suspend", {}, "Sol lepas."), by=by, now=NOW)
        row = queries.one(product.id)
        assert (row.state, row.public_state, row.reason) == ("suspended", "suspended", "Sol lepas.")
        assert actions(product.id)[-2:] == ["inspection.concluded", "product.suspended"]
        assert audit.verify(None) == []
    with public() as reader:
        assert shop.by_slug(reader, product.slug).state == "suspended"  # type: ignore[union-attr]


def test_lists_page_filter_and_count(house: House, inspector: Actor) -> None:
    made = [house.published(name=f"Tas purun {n}") for n in range(3)]
    for product in made:
        spot(house, product, inspector)
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
        assert actions(product.id).count("product.withdrawn") == 1
    with house.as_(house.operator) as by, pytest.raises(ProductMoved):
        drafts.save(product.id, {"price_rupiah": 93_000}, by=by, now=NOW)
    with public() as reader:
        page = shop.by_slug(reader, product.slug)
        assert (page.state, page.reason) == ("withdrawn", "Tidak dibuat lagi")  # type: ignore[union-attr]
