"""A case on its way: who may decide, what is asked, what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tenants.database import session
from tenants.scope import Scope, entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import FIELDS, GOOD, NOW, SUBJECT, House
from workflows.decisions import Verdict, decide
from workflows.errors import (
    AlreadySubmitted,
    CaseMoved,
    CommentRequired,
    FourEyes,
    NoSuchCase,
    NotYourStage,
    VerdictIncomplete,
)
from workflows.models import AuditEvent, Case, Decision, Notice
from workflows.queries import case_view, open_requests
from workflows.submission import withdraw

ASK = [{"field": "price_rupiah", "text": "Sesuaikan dengan harga pasar."}]


def test_three_stages_approve_and_the_subject_hears_it_once(house: House) -> None:
    case = house.submit()
    assert (case.state, case.stage_key, case.version) == ("open", "pembinaan", 1)
    assert str(case.due_on) == "2024-03-08"
    house.decide(case.id, house.pembina)
    house.decide(case.id, house.pemantau, now=NOW + timedelta(days=1))
    assert house.happened == [("submitted", case.id)]
    last = house.decide(case.id, house.pengendali, now=NOW + timedelta(days=2))
    assert last.acting_as == "Pengendali"
    assert house.happened == [("submitted", case.id), ("approved", case.id)]
    with house.inside():
        view = case_view(case.id)
        assert (view.case.state, view.case.stage_key, view.case.due_at) == ("approved", None, None)
        assert [step.state for step in view.track] == ["done"] * 5
        assert [event.action for event in view.events] == ["case.submitted"] + ["case.decided"] * 3


def test_a_decision_takes_at_most_six_statements_and_eight_with_everything_cold(house: House) -> None:
    from workflows.calendars import forget_calendars
    from workflows.definitions import _definitions

    case = house.submit()
    _definitions.forget()
    forget_calendars()
    with counted_statements() as cold:
        house.decide(case.id, house.pembina)
    assert len(cold) <= 8, "\n".join(one[:70] for one in cold)
    with counted_statements() as warm:
        house.decide(case.id, house.pemantau)
    assert len(warm) <= 6, "\n".join(one[:70] for one in warm)
    with counted_statements() as last:
        house.decide(case.id, house.pengendali)
    assert len(last) <= 6, "\n".join(one[:70] for one in last)


def test_the_same_key_gets_the_first_decision(house: House) -> None:
    case = house.submit()
    first = house.decide(case.id, house.pembina, key="klik")
    again = house.decide(case.id, house.pembina, outcome="reject", comment="tidak", key="klik")
    assert (again.id, again.outcome) == (first.id, "approve")
    with house.inside():
        assert len(session().scalars(select(Decision).where(Decision.case_id == case.id)).all()) == 1


def test_a_second_approver_is_told_who_decided_what_and_when(house: House) -> None:
    case = house.submit()
    house.decide(case.id, house.pembina)
    second = house.officer(21, "pembina")
    with pytest.raises(CaseMoved) as moved:
        house.decide(case.id, second)
    assert moved.value.status == 409
    assert (
        moved.value.message
        == "Petugas 20 (Pembina) sudah menyetujui tahap Pembinaan pada 5 Maret 2024 pukul 10.00 WIB."
    )
    assert moved.value.detail["decision"]["outcome"] == "approve"
    with pytest.raises(CaseMoved):
        house.decide(case.id, house.officer(22, "pembina", "pemantau"), stage="pembinaan")
    with pytest.raises(CaseMoved):
        house.decide(case.id, house.pemantau, version=1)


def test_only_the_role_of_the_open_stage_decides(house: House) -> None:
    case = house.submit()
    for by in (house.pemantau, house.officer(50, "kadiv"), house.officer(11, "operator_upt", upt=house.upt)):
        with pytest.raises(NotYourStage):
            house.decide(case.id, by)


def test_nobody_decides_what_they_submitted_or_edited_nor_two_stages(house: House) -> None:
    case = house.submit(editor_ids=[10, 21])
    for who in (10, 21):
        with pytest.raises(FourEyes):
            house.decide(case.id, house.officer(who, "pembina"))
    both = house.officer(22, "pembina", "pemantau")
    house.decide(case.id, both, checklist=GOOD["pembinaan"])
    with pytest.raises(FourEyes):
        house.decide(case.id, both, checklist=GOOD["pemantauan"])


def test_four_eyes_ends_where_the_definition_says_so(house: House) -> None:
    from workflows.definitions import default_text, parse, publish

    text = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
    with house.inside():
        publish(parse(text.replace("four_eyes: true", "four_eyes: false")), by=None, now=NOW)
    case = house.submit()
    everyone = house.officer(10, "pembina", "pemantau", "pengendali")
    for stage in ("pembinaan", "pemantauan", "pengendalian"):
        house.decide(case.id, everyone, checklist=GOOD[stage])
    assert house.happened[-1] == ("approved", case.id)


def test_an_approval_names_what_is_missing_or_of_the_wrong_kind(house: House) -> None:
    case = house.submit()
    with pytest.raises(VerdictIncomplete) as wrong:
        house.decide(
            case.id, house.pembina, checklist={"group_eligible": "mungkin", "price_fair": False, "dua": 1}
        )
    assert wrong.value.fields["checklist.group_eligible"] == "Jawab ya atau tidak."
    assert wrong.value.fields["checklist.description_true"] == "Belum dijawab."
    assert wrong.value.fields["checklist.price_fair"].startswith("Dijawab tidak")
    assert wrong.value.fields["checklist.dua"] == "Butir ini tidak ada pada tahap ini."
    one_missing = {**GOOD["pembinaan"], "price_fair": ""}
    with pytest.raises(VerdictIncomplete, match="Satu butir perlu diperiksa: Harga wajar dengan bukti"):
        house.decide(case.id, house.pembina, checklist=one_missing)


def test_food_is_asked_for_its_papers(house: House) -> None:
    case = house.submit(fields={**FIELDS, "category": "culinary"})
    with pytest.raises(VerdictIncomplete) as wrong:
        house.decide(case.id, house.pembina)
    assert list(wrong.value.fields) == ["checklist.food_papers"]
    house.decide(case.id, house.pembina, checklist={**GOOD["pembinaan"], "food_papers": True})


def test_a_return_needs_a_reason_and_a_known_field(house: House) -> None:
    case = house.submit()
    with pytest.raises(CommentRequired) as missing:
        house.decide(case.id, house.pembina, "return", checklist={}, requests=ASK)
    assert "comment" in missing.value.fields
    with pytest.raises(CommentRequired):
        house.decide(case.id, house.pembina, "reject", checklist={}, comment="   ")
    with pytest.raises(VerdictIncomplete) as nothing:
        house.decide(case.id, house.pembina, "return", checklist={}, comment="Perbaiki.")
    assert "requests" in nothing.value.fields
    asked = [{"field": "tenant_id", "text": "?"}, {"field": "name", "text": " "}]
    with pytest.raises(VerdictIncomplete) as unknown:
        house.decide(case.id, house.pembina, "return", checklist={}, comment="Perbaiki.", requests=asked)
    assert set(unknown.value.fields) == {"requests.0.field", "requests.1.text"}


def test_a_returned_revision_comes_again_with_its_answers_and_its_history(house: House) -> None:
    case = house.submit(subject_id=900)
    house.decide(
        case.id,
        house.pembina,
        "return",
        checklist={"photos_own": True},
        comment="Harga tinggi.",
        requests=ASK,
    )
    assert house.happened[-1] == ("returned", case.id)
    with house.inside():
        asked = open_requests(case.id)
    assert [(one["field"], one["by"]) for one in asked] == [("price_rupiah", "Petugas 20")]
    again = house.submit(
        subject_id=900,
        revision_no=2,
        previous_case_id=case.id,
        fields={**FIELDS, "price_rupiah": 90000},
        answers={asked[0]["id"]: "Disesuaikan."},
        now=NOW + timedelta(days=1),
    )
    assert (again.again, again.stage_key) == (True, "pembinaan")
    with house.inside():
        view = case_view(again.id)
    assert [(one.label, one.text, one.answer) for one in view.answered] == [
        ("Harga", ASK[0]["text"], "Disesuaikan.")
    ]
    assert view.carried()["price_fair"] == "changed"
    assert view.carried()["description_true"] == "same"
    assert view.earlier_answers() == {"photos_own": True}
    assert [(entry.outcome, entry.revision_no) for entry in view.history] == [
        ("submit", 2),
        ("return", 1),
        ("submit", 1),
    ]
    assert view.events[0].prev_hash == view.previous.chain_head  # type: ignore[union-attr]


def test_a_subject_has_one_open_case(house: House) -> None:
    case = house.submit(subject_id=901)
    with pytest.raises(AlreadySubmitted):
        house.submit(subject_id=901, revision_no=2)
    house.decide(case.id, house.pembina, "reject", checklist={}, comment="Bukan kelompoknya.")
    assert house.happened[-1] == ("rejected", case.id)
    house.submit(subject_id=901, revision_no=2, previous_case_id=case.id)


def test_the_submitter_takes_a_case_back_and_nobody_else_does(house: House) -> None:
    from tenants.errors import Conflict

    case = house.submit()
    with house.inside(), pytest.raises(Conflict):
        withdraw(case.id, reason="iseng", by=house.pembina, now=NOW)
    with entered(house.scope(house.upt, 10)):
        assert withdraw(case.id, reason="Salah foto.", by=house.operator, now=NOW).state == "withdrawn"
    with pytest.raises(CaseMoved, match="ditarik"):
        house.decide(case.id, house.pembina)


def test_another_kanwil_and_another_upt_see_no_such_case(house: House) -> None:
    case = house.submit()
    for scope in (Scope(house.other_kanwil), house.scope(house.other_upt)):
        with entered(scope):
            with pytest.raises(NoSuchCase):
                case_view(case.id)
            with pytest.raises(NoSuchCase):
                decide(case.id, Verdict("approve"), by=house.pembina, key="x", now=NOW)


def test_each_event_is_told_to_whom_it_concerns(house: House) -> None:
    case = house.submit()
    house.decide(case.id, house.pembina)
    house.decide(case.id, house.pemantau, "return", checklist={}, comment="Kapasitas?", requests=ASK)
    with house.inside():
        told = (
            session()
            .scalars(select(Notice).where(Notice.link == f"/kasus/{case.id}").order_by(Notice.id))
            .all()
        )
    assert [(one.kind, one.to_role, one.to_officer_id) for one in told] == [
        ("case.waiting", "pembina", None),
        ("case.waiting", "pemantau", None),
        ("case.passed", None, 10),
        ("case.returned", None, 10),
    ]
    assert "Harga: Sesuaikan dengan harga pasar." in told[-1].body


def test_what_fails_leaves_nothing_behind(house: House) -> None:
    case = house.submit()
    with pytest.raises(VerdictIncomplete):
        house.decide(case.id, house.pembina, checklist={})
    with house.inside():
        assert session().scalars(select(AuditEvent).where(AuditEvent.chain == case.chain)).one().seq == 1
        assert session().scalars(select(Case.version).where(Case.id == case.id)).one() == 1
