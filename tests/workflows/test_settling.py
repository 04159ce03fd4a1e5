"""Requests for change, ticked off by the stage that asked; answers and files that carry over to the next revision."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import pytest

from tenants import files
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import GOOD, NOW, SUBJECT, House, met
from tests.workflows.office_files import a_pdf
from tests.workflows.test_steps import BLOCK, DEAR, given
from workflows import audit
from workflows.definitions import default_text, parse, publish
from workflows.enclosures import Enclosure, Refused, enclose, from_base64
from workflows.errors import NoSuchEnclosure, VerdictIncomplete
from workflows.models import Case
from workflows.proof import casefile, offline
from workflows.queries import case_view, enclosure
from workflows.submission import withdraw

PRICE = {"field": "price_rupiah", "text": "Sesuaikan dengan harga pasar."}
NAME = {"field": "name", "text": "Sebut bahannya."}
UNMET = "Centang bila sudah dipenuhi, atau kembalikan lagi."


def back(house: House, case: Case, by: Any, *asked: dict[str, str], **more: Any) -> None:
    """A return, with what it asks for."""
    more = {"checklist": {}, **more}
    house.decide(case.id, by, "return", comment="Perbaiki.", requests=list(asked), **more)


def again(house: House, case: Case, *, answers: dict[str, str] | None = None, **fields: Any) -> Case:
    """The next revision."""
    return house.submit(
        subject_id=case.subject_id,
        revision_no=case.revision_no + 1,
        previous_case_id=case.id,
        fields={**case.fields, **fields},
        answers=answers,
    )


def returned(house: House, *asked: dict[str, str], by: Any = None) -> Case:
    first = house.submit()
    back(house, first, by or house.pembina, *(asked or (PRICE, NAME)))
    return first


def view(house: House, case: Case, by: Any = None) -> Any:
    with house.inside():
        return case_view(case.id, by=by)


def workflow(house: House, extra: str, *, stage: str = "pembinaan") -> None:
    """The default workflow, with more items at the beginning of a stage's checklist."""
    whole = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
    at = whole.index("checklist:\n", whole.index(f"key: {stage}")) + len("checklist:\n")
    with house.inside():
        publish(parse(whole[:at] + extra + whole[at:]), by=None, now=NOW)


def test_a_stage_approves_once_everything_it_asked_for_is_ticked(house: House) -> None:
    first = returned(house)
    second = again(house, first, answers={f"{first.id}-1-1": "Disesuaikan."}, price_rupiah=90_000)
    assert [(one["id"], one["stage_key"], one["by"]) for one in second.asked or []] == [
        (f"{first.id}-1-1", "pembinaan", "Petugas 20"),
        (f"{first.id}-1-2", "pembinaan", "Petugas 20"),
    ]
    one, other = met(second)
    with pytest.raises(VerdictIncomplete, match="2 permintaan perubahan belum dicentang"):
        house.decide(second.id, house.pembina)
    with pytest.raises(VerdictIncomplete) as refused:
        house.decide(second.id, house.pembina, settled=[one])
    assert refused.value.fields == {f"settled.{other}": UNMET}
    made = house.decide(second.id, house.pembina, settled=[other, one, one])
    assert made.settled == [one, other]
    seen = view(house, second).answered
    assert [(a.settled_by, a.settled_at, a.stage) for a in seen] == [("Petugas 20", NOW, "pembinaan")] * 2
    house.decide(second.id, house.pemantau)  # another stage has nothing to tick
    with house.inside():
        assert audit.verify_case(second.id) == []


def test_ticking_costs_a_decision_no_statement_more(house: House) -> None:
    second = again(house, returned(house))
    house.decide(house.submit().id, house.pembina)
    with counted_statements() as seen:
        house.decide(second.id, house.pembina, settled=met(second))
    assert len(seen) <= 6, "\n".join(one[:70] for one in seen)


def test_a_return_needs_no_ticks_keeps_those_it_has_and_asks_again(house: House) -> None:
    first = returned(house)
    second = again(house, first)
    back(house, second, house.pembina, NAME, settled=met(second)[:1])
    third = again(house, second)
    assert [(one["id"], one["text"]) for one in third.asked or []] == [(f"{second.id}-1-1", NAME["text"])]
    with pytest.raises(VerdictIncomplete):
        house.decide(third.id, house.pembina)
    house.decide(third.id, house.pembina, settled=met(third))


@pytest.mark.parametrize("given_", [["999-1-1"], ["x" * 500], [{"id": 1}], [None]])
def test_a_tick_for_what_the_stage_never_asked_is_named(house: House, given_: Sequence[Any]) -> None:
    case = house.submit()
    with pytest.raises(VerdictIncomplete) as refused:
        house.decide(case.id, house.pembina, settled=given_)
    assert list(refused.value.fields.values()) == ["Permintaan ini bukan dari tahap ini."]


def test_what_a_later_stage_asked_waits_while_an_earlier_one_sends_it_back(house: House) -> None:
    first = house.submit()
    house.decide(first.id, house.pembina)
    back(house, first, house.pemantau, PRICE)
    asked = f"{first.id}-2-1"
    second = again(house, first, answers={asked: "Sudah disesuaikan."})
    house_view = view(house, second)
    assert [(one.stage, one.by) for one in house_view.answered] == [("pemantauan", "Petugas 30")]
    assert house_view.to_settle() == []
    back(house, second, house.pembina, NAME)
    third = again(house, second, answers={f"{second.id}-1-1": "Purun."})
    assert [one["id"] for one in third.asked or []] == [asked, f"{second.id}-1-1"]
    assert [one.answer for one in view(house, third).answered] == ["Sudah disesuaikan.", "Purun."]
    house.decide(third.id, house.pembina, settled=[f"{second.id}-1-1"])
    with pytest.raises(VerdictIncomplete):
        house.decide(third.id, house.pemantau)
    house.decide(third.id, house.pemantau, settled=[asked])


def test_taking_a_revision_back_sheds_no_request(house: House) -> None:
    first = returned(house, PRICE)
    second = again(house, first)
    with entered(house.scope(house.upt, 10)):
        withdraw(second.id, reason="Salah foto.", by=house.operator, now=NOW)
    third = again(house, second)
    assert met(third) == [f"{first.id}-1-1"]


def test_each_parallel_stage_ticks_its_own(house: House) -> None:
    first = given(house, BLOCK.replace("quorum: 2", "quorum: all"))
    house.decide(first.id, house.officer(21, "pembina"), checklist={})
    back(house, first, house.officer(22, "pembina"), PRICE, stage="kajian_harga")
    second = house.submit(
        subject_id=first.subject_id, revision_no=2, previous_case_id=first.id, fields={**DEAR, "stock": 2}
    )
    house.decide(second.id, house.officer(21, "pembina"), checklist={})
    monitor, reviewer = house.officer(30, "pemantau"), house.officer(22, "pembina")
    assert view(house, second, monitor).to_settle() == []
    assert [one.id for one in view(house, second, reviewer).to_settle()] == met(second, "kajian_harga")
    house.decide(second.id, monitor, checklist={}, stage="kajian_mutu")
    with pytest.raises(VerdictIncomplete):
        house.decide(second.id, reviewer, checklist={}, stage="kajian_harga")
    house.decide(second.id, reviewer, checklist={}, stage="kajian_harga", settled=met(second, "kajian_harga"))


@pytest.mark.parametrize("column", ["asked", "settled"])
def test_what_was_asked_and_ticked_can_not_be_rewritten(house: House, column: str) -> None:
    second = again(house, returned(house))
    house.decide(second.id, house.pembina, settled=met(second))
    with house.inside():
        found = casefile.case_file(second.id, by=house.pembina)
    assert offline.check(found) == []
    row = found["cases"][-1]
    (row if column == "asked" else row["decisions"][0])[column] = []
    assert any(column in problem.message for problem in offline.check(found))


def test_a_case_file_from_before_requests_were_frozen_still_proves_itself(house: House) -> None:
    case = house.submit()
    with house.inside():
        found = casefile.case_file(case.id, by=house.pembina)
    del found["cases"][0]["asked"]
    assert [one.message for one in offline.check(found)] == [
        "Isi kasus diubah setelah diajukan: asked_sha256."
    ]
    rows = casefile.rows_of(found)
    assert rows.cases[0].asked is None


# --- answers that carry over ---


def test_answers_carry_over_a_revision_that_the_stage_never_saw(house: House) -> None:
    first = house.submit()
    house.decide(first.id, house.pembina)
    given_ = {**GOOD["pemantauan"], "material_source": "Kelompok tani"}
    back(house, first, house.pemantau, PRICE, checklist=given_)
    second = again(house, first, price_rupiah=90_000)
    back(house, second, house.pembina, NAME, checklist={"price_fair": True})
    third = again(house, second, stock=5)
    house.decide(third.id, house.pembina, settled=met(third))
    seen = view(house, third, house.pemantau)
    assert (seen.earlier.case.id, seen.earlier_answers()["material_source"]) == (first.id, "Kelompok tani")
    assert seen.carried() == {
        "capacity": "same",
        "stock_true": "changed",
        "lead_time_kept": "same",
        "material_source": "same",
    }


def test_the_last_word_of_a_stage_counts_and_not_the_one_before(house: House) -> None:
    first = house.submit()
    back(house, first, house.pembina, PRICE, checklist={"description_true": True, "photos_own": True})
    second = again(house, first)
    back(house, second, house.pembina, NAME, checklist={"photos_own": True})
    seen = view(house, again(house, second), house.pembina)
    assert seen.earlier_answers() == {"photos_own": True}


def test_an_item_without_fields_and_a_question_that_was_rewritten_carry_nothing(house: House) -> None:
    first = house.submit()
    house.decide(first.id, house.pembina)
    back(house, first, house.pemantau, PRICE, checklist=GOOD["pemantauan"])
    whole = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
    with house.inside():
        publish(parse(whole.replace("Kapasitas nyata", "Kapasitas tahun ini")), by=None, now=NOW)
    second = again(house, first)
    house.decide(second.id, house.pembina)
    seen = view(house, second, house.pemantau)
    assert "wage_recorded" not in seen.carried()
    assert "capacity" not in seen.earlier_answers()
    assert seen.earlier_answers()["stock_true"] is True


def test_an_item_that_is_asked_only_now_carries_nothing(house: House) -> None:
    first = returned(house, NAME)
    second = again(house, first, category="culinary")
    seen = view(house, second, house.pembina)
    assert seen.carried()["food_papers"] == "changed"
    assert "food_papers" not in seen.earlier_answers()


def test_of_a_panel_each_reads_his_own_earlier_answers(house: House) -> None:
    panel = (
        f"subject_type: {SUBJECT}\ntitle: Uji\nstages:\n  - key: panel\n    name: Panel\n    role: pembina\n"
        "    quorum: {need: 2, of: 3}\n    checklist:\n"
        "      - {key: mutu, question: Mutu, type: text, fields: [description]}\n"
    )
    first = given(house, panel)
    one, two = house.officer(21, "pembina"), house.officer(22, "pembina")
    back(house, first, one, PRICE, checklist={"mutu": "rapi"})
    back(house, first, two, NAME, checklist={"mutu": "kasar"})
    second = again(house, first)
    assert view(house, second, one).earlier_answers() == {"mutu": "rapi"}
    assert view(house, second, house.officer(23, "pembina")).earlier_answers() == {"mutu": "kasar"}
    with pytest.raises(VerdictIncomplete):
        house.decide(second.id, one, checklist={"mutu": "rapi"}, settled=met(second, "panel")[:1])


# --- files as answers ---

PERMIT = "      - {key: permit, question: Surat izin, type: file, fields: [description]}\n"


def test_a_file_is_an_answer_that_is_kept_and_proven(house: House) -> None:
    workflow(house, PERMIT)
    case = house.submit()
    with pytest.raises(VerdictIncomplete) as missing:
        house.decide(case.id, house.pembina)
    assert missing.value.fields == {"checklist.permit": "Belum dijawab."}
    sent = enclose(a_pdf("izin"), "izin.pdf")
    made = house.decide(case.id, house.pembina, checklist={**GOOD["pembinaan"], "permit": sent})
    told = made.checklist["permit"]
    assert set(told) == {"name", "sha256", "size", "kind"}
    assert files.get(told["sha256"]) == a_pdf("izin")
    with house.inside():
        data, about, media = enclosure(case.id, made.id, "permit", by=house.pemantau)
        assert (data, about.name, media) == (a_pdf("izin"), "izin.pdf", "application/pdf")
        for wrong in (
            (case.id, made.id, "price_fair"),
            (case.id, made.id, "x"),
            (case.id + 1, made.id, "permit"),
        ):
            with pytest.raises(NoSuchEnclosure):
                enclosure(*wrong, by=house.pemantau)
        assert audit.verify_case(case.id) == []
        entry = next(one for one in case_view(case.id).history if one.outcome == "approve")
    assert [(key, said["name"]) for key, said in entry.files] == [("permit", "izin.pdf")]
    with entered(house.scope(house.other_upt)), pytest.raises(NoSuchEnclosure):
        enclosure(case.id, made.id, "permit", by=house.officer(11, "operator_upt", upt=house.other_upt))


@pytest.mark.parametrize(
    "claimed",
    [
        {"name": "a.pdf", "sha256": "0" * 64, "size": 1, "kind": "pdf"},
        "0" * 64,
        True,
        {"name": "a.pdf", "data_base64": "AAAA"},
    ],
)
def test_nobody_answers_with_a_hash_that_he_merely_knows(house: House, claimed: Any) -> None:
    workflow(house, PERMIT)
    case = house.submit()
    with pytest.raises(VerdictIncomplete) as refused:
        house.decide(case.id, house.pembina, checklist={**GOOD["pembinaan"], "permit": claimed})
    assert refused.value.fields == {"checklist.permit": "Unggah berkasnya."}


def test_a_file_that_runs_or_lies_is_named_beside_its_item(house: House) -> None:
    workflow(house, PERMIT)
    case = house.submit()
    for bad, words in ((b"MZ\x90\x00", "tidak diterima"), (b"", "kosong"), (b"%PDF-1.7 cut", "terpotong")):
        with pytest.raises(VerdictIncomplete) as refused:
            house.decide(case.id, house.pembina, checklist={"permit": enclose(bad, "izin.pdf")})
        assert words in refused.value.fields["checklist.permit"]
    assert isinstance(enclose(a_pdf(), "x.pdf"), Enclosure)


def test_a_program_sends_a_file_as_base64_within_bounds() -> None:
    sent = from_base64({"name": "izin.pdf", "data_base64": base64.b64encode(a_pdf()).decode()})
    assert isinstance(sent, Enclosure)
    for wrong in (
        {"name": "izin.pdf", "data_base64": "%%%"},
        {"name": "izin.pdf"},
        {"name": 1, "data_base64": "AAAA"},
        {"name": "x", "data_base64": "AAAA", "sha256": "0" * 64},
        {"name": "x", "data_base64": "A" * (14 * 1024 * 1024)},
    ):
        assert isinstance(from_base64(wrong), Refused), str(wrong)[:60]


def test_a_file_carries_over_while_its_fields_stay(house: House) -> None:
    workflow(house, PERMIT)
    first = house.submit()
    sent = enclose(a_pdf("izin"), "izin.pdf")
    back(house, first, house.pembina, PRICE, checklist={"permit": sent})
    same = view(house, again(house, first, price_rupiah=1), house.pembina)
    assert (same.carried()["permit"], same.earlier_answers()["permit"]["name"]) == ("same", "izin.pdf")
