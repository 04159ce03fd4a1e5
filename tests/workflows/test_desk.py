"""The desk around the inbox: priority, filters and order, saved views, who looks, what moved, many verdicts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tenants.database import session
from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import FIELDS, GOOD, NOW, SUBJECT, House
from workflows import audit
from workflows.definitions import default_text, parse, publish
from workflows.desk import bulk, gathering, presence, priority, pulse, sweeping, views
from workflows.desk.bulk import BulkItem
from workflows.desk.holding import claim
from workflows.desk.models import BulkRun, CaseViewer
from workflows.errors import CommentRequired
from workflows.models import Decision, Notice
from workflows.queries import Filters, choices, inbox, inbox_counts

ASK = [{"field": "price_rupiah", "text": "Sesuaikan."}]


def test_priority_is_said_with_a_reason_and_told_to_the_role(house: House) -> None:
    case, _ = house.submit(), house.submit()
    with house.inside():
        with pytest.raises(CommentRequired):
            priority.set_urgent(case.id, True, reason=" ", by=house.pembina, now=NOW)
        with pytest.raises(Forbidden):
            priority.set_urgent(case.id, True, reason="x", by=house.pemantau, now=NOW)
        for _ in range(2):
            marked = priority.set_urgent(case.id, True, reason="Pameran besok.", by=house.pembina, now=NOW)
        assert (marked.urgent, marked.version) == (True, 1)
        assert [row.id for row in inbox(house.pembina, now=NOW, filters=Filters(urgent=True)).items] == [
            case.id
        ]
        assert inbox_counts(house.pembina, NOW).urgent == 1
        priority.set_urgent(case.id, False, reason="Batal.", by=house.officer(50, "kadiv"), now=NOW)
        assert inbox_counts(house.pembina, NOW, tab="team").urgent == 0
        told = session().scalars(select(Notice.title).where(Notice.kind == "case.urgent")).all()
        assert [one.split(": ")[1] for one in told] == ["ditandai mendesak", "tidak lagi mendesak"]
        assert audit.verify_case(case.id) == []


def test_stage_and_lateness_narrow_the_list_in_every_tab(house: House) -> None:
    old, new = house.submit(), house.submit(now=NOW + timedelta(days=10))
    house.decide(old.id, house.pembina)
    at = NOW + timedelta(days=8)
    with house.inside():
        _, stages = choices()
        keys = {one.key: one.keys for one in stages}
        for tab, by in (("team", house.officer(50, "kadiv")), ("mine", house.pemantau)):
            asked: dict[str, Any] = {"tab": tab, "now": at}
            found = inbox(by, filters=Filters(stages=keys["pemantauan"]), **asked)
            assert [row.id for row in found.items] == [old.id]
            assert [row.id for row in inbox(by, filters=Filters(late=True), **asked).items] == [old.id]
        late = Filters(late=True, stages=keys["pembinaan"])
        assert inbox(house.pembina, now=at, filters=late).items == []
        assert new.id


@pytest.mark.parametrize("order", ["deadline", "submitted"])
def test_pages_follow_each_other_in_either_order(house: House, order: str) -> None:
    made = [house.submit(now=NOW - timedelta(hours=7 * (n % 5))).id for n in range(11)]
    seen, cursor = [], None
    with house.inside():
        while True:
            page = inbox(house.pembina, cursor=cursor, limit=4, now=NOW, order=order)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        first = inbox(house.pembina, limit=4, now=NOW).next_cursor
        with pytest.raises(Invalid):
            inbox(house.pembina, cursor=first, now=NOW, order="submitted")
    assert sorted(row.id for row in seen) == sorted(made)
    ats = [row.submitted_at if order == "submitted" else row.due_at for row in seen]
    assert ats == sorted(ats)


def test_saved_views_are_their_officers_alone(house: House) -> None:
    mine, other = house.pembina, house.officer(21, "pembina")
    with house.inside():
        first = views.save_view("  Kriya  terlambat ", "kategori=craft", by=mine, now=NOW, default=True)
        second = views.save_view("Tim", "tab=tim", by=mine, now=NOW)
        assert (first.name, views.saved_views(other)) == ("Kriya terlambat", [])
        for refused in (
            lambda: views.rename_view(first.id, "x", by=other),
            lambda: views.remove_view(first.id, by=other),
            lambda: views.choose_default(first.id, by=other),
        ):
            with pytest.raises(NotFound):
                refused()
        with pytest.raises(Invalid):
            views.rename_view(second.id, "Kriya terlambat", by=mine)
        assert views.choose_default(second.id, by=mine).is_default
        assert [one.is_default for one in views.saved_views(mine)] == [False, True]
        assert not views.choose_default(second.id, by=mine).is_default
        views.save_view("Tim", "tab=tim&mendesak=1", by=mine, now=NOW)
        assert [one.query for one in views.saved_views(mine)] == ["kategori=craft", "tab=tim&mendesak=1"]
        views.remove_view(second.id, by=mine)
        for n in range(views.MOST - 1):
            views.save_view(f"Tampilan {n}", "", by=mine, now=NOW)
        with pytest.raises(Conflict):
            views.save_view("Satu lagi", "", by=mine, now=NOW)


def test_who_looks_at_a_case_is_seen_by_the_kanwil_until_it_lapses(house: House) -> None:
    case = house.submit()
    dedi = house.officer(21, "pemantau")
    with house.inside():
        assert presence.around(case.id, by=house.pembina, now=NOW, version=1).viewers == []
        seen = presence.around(case.id, by=dedi, now=NOW, version=1)
        assert (seen.viewers, seen.moved) == (["Petugas 20 (Pembina)"], None)
        presence.around(case.id, by=dedi, now=NOW + timedelta(seconds=20))
        later = NOW + timedelta(seconds=50)
        assert presence.around(case.id, by=house.pengendali, now=later).viewers == ["Petugas 21 (Pemantau)"]
    with entered(house.scope(house.upt, 10)):
        assert presence.around(case.id, by=house.operator, now=NOW).viewers == []
    with house.inside():
        assert len(session().scalars(select(CaseViewer)).all()) == 3
        assert sweeping.tidy(NOW + timedelta(minutes=5)) == 3


def test_a_page_learns_that_its_case_moved_or_was_taken(house: House) -> None:
    case = house.submit()
    with house.inside():
        claim(case.id, by=house.pembina, now=NOW)
        other = house.officer(21, "pembina")
        assert (
            presence.around(case.id, by=other, now=NOW, version=1).held == "dipegang Petugas 20 sampai 12.00"
        )
    house.decide(case.id, house.pembina)
    with house.inside():
        moved = presence.around(case.id, by=other, now=NOW, version=1)
        assert moved.moved == "Kasus ini baru saja disetujui oleh Petugas 20 (Pembina)"
        assert (moved.held, presence.around(case.id, by=other, now=NOW, version=2).moved) == (None, None)


def test_the_pulse_beats_when_the_list_may_differ_and_costs_one_statement(house: House) -> None:
    case = house.submit()
    with house.inside():
        before = pulse.pulse(house.pembina, NOW)
        with counted_statements() as seen:
            assert pulse.pulse(house.pembina, NOW) == before
        assert len(seen) == 1, seen
        claim(case.id, by=house.officer(21, "pembina"), now=NOW)
        held = pulse.pulse(house.pembina, NOW)
        lapsed = pulse.pulse(house.pembina, NOW + timedelta(hours=3))
    assert len({before, held, lapsed}) == 3


def run(house: House, items: list[BulkItem], **said: Any) -> BulkRun:
    given: dict[str, Any] = {"outcome": "approve", "key": f"sekali {house.kanwil}"} | said
    with entered(house.scope(None, 20)):
        made = bulk.begin(items, by=house.pembina, now=NOW, at_once=bulk.MOST, **given)
        return bulk.carry_out(made.id, by=house.pembina, now=NOW)


def test_two_hundred_are_approved_but_for_the_three_that_moved(house: House) -> None:
    cases = [house.submit(title=f"Barang {n}") for n in range(200)]
    for moved in (cases[7], cases[80], cases[199]):
        house.decide(moved.id, house.officer(21, "pembina"))
    items = [BulkItem(case.id, 1, "pembinaan", GOOD["pembinaan"]) for case in cases]
    done = run(house, items)
    failed = [one for one in done.results if not one["ok"]]
    assert (done.state, len(done.results) - len(failed)) == ("done", 197)
    assert [one["title"] for one in failed] == ["Barang 7", "Barang 80", "Barang 199"]
    assert all("Petugas 21 (Pembina) sudah menyetujui" in one["why"] for one in failed)
    assert failed[0]["link"] == f"/kasus/{cases[7].id}"
    again = run(house, items)
    assert (again.id, again.results) == (done.id, done.results)
    with house.inside():
        made = session().scalars(select(Decision.case_id).where(Decision.officer_id == 20)).all()
    assert len(made) == len(set(made)) == 197


def test_a_run_that_was_cut_off_goes_on_without_deciding_twice(house: House) -> None:
    cases = [house.submit() for _ in range(3)]
    items = [BulkItem(case.id, 1, "pembinaan", GOOD["pembinaan"]) for case in cases]
    with entered(house.scope(None, 20)):
        made = bulk.begin(items, outcome="approve", by=house.pembina, now=NOW, at_once=3)
    house.decide(cases[0].id, house.pembina, key=f"bulk-{made.id}")
    with entered(house.scope(None, 20)):
        done = bulk.carry_out(made.id, by=house.pembina, now=NOW)
        with pytest.raises(NotFound):
            bulk.run_of(made.id, by=house.officer(21, "pembina"))
    assert [one["ok"] for one in done.results] == [True, True, True]


def test_a_return_of_many_says_one_reason_and_one_request_to_each(house: House) -> None:
    cases = [house.submit(), house.submit(upt_id=house.other_upt)]
    items = [BulkItem(case.id, 1, "pembinaan") for case in cases]
    with pytest.raises(Invalid) as missing:
        run(house, items, outcome="return")
    assert {"comment", "requests"} <= missing.value.fields.keys()
    for wrong in ([], [items[0], items[0]], [BulkItem(n) for n in range(201)]):
        with pytest.raises(Invalid):
            run(house, wrong)
    with pytest.raises(Invalid):
        run(house, items, outcome="reject", comment="x")
    done = run(house, items, outcome="return", comment="Perbaiki.", requests=ASK, key=f"dua {house.kanwil}")
    assert [one["outcome"] for one in done.results] == ["return", "return"]
    assert sorted(house.happened[-2:]) == sorted(("returned", case.id) for case in cases)


def test_picked_cases_are_grouped_by_what_is_asked_of_them(house: House) -> None:
    plain, food = house.submit(), house.submit(fields={**FIELDS, "category": "culinary"})
    held, gone = house.submit(), house.submit()
    house.decide(gone.id, house.pembina)
    by = house.officer(21, "pembina", "pemantau")
    with house.inside():
        claim(held.id, by=house.pembina, now=NOW)
        picked = {case.id: (1, "pembinaan") for case in (plain, food, held, gone)}
        groups, left = gathering.gather(picked, by=by, now=NOW)
        again, _ = gathering.gather({gone.id: (None, None)}, by=by, now=NOW)
    assert [[one.case.id for one in group.cases] for group in groups] == [[plain.id], [food.id]]
    assert "food_papers" in {item.key for item in groups[1].items}
    assert {one.case.id for one in left} == {held.id, gone.id}
    assert (again[0].stage.key, again[0].cases[0].version) == ("pemantauan", 2)


def test_what_has_to_be_ticked_or_enclosed_is_approved_on_its_own_page(house: House) -> None:
    text = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
    first = house.submit()
    house.decide(first.id, house.pembina, "return", comment="Perbaiki.", requests=ASK)
    asked = house.submit(subject_id=first.subject_id, revision_no=2, previous_case_id=first.id)
    permit = "    checklist:\n      - {key: permit, question: Surat izin, type: file}\n"
    with house.inside():
        publish(parse(text.replace("    checklist:\n", permit, 1)), by=None, now=NOW)
    enclosed = house.submit()
    with house.inside():
        picked = {case.id: (case.version, "pembinaan") for case in (asked, enclosed)}
        groups, left = gathering.gather(picked, by=house.pembina, now=NOW, approving=True)
        returning, _ = gathering.gather(picked, by=house.pembina, now=NOW)
    assert (groups, len(returning)) == ([], 2)
    assert {one.case.id: one.why_not.split(" ")[0] for one in left if one.why_not} == {
        asked.id: "Permintaan",
        enclosed.id: "Tahap",
    }
