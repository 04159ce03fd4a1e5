"""Stages that give an opinion: heard, kept in the history, and never a decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from tenants.database import session
from tenants.scope import entered
from tests.workflows.conftest import FIELDS, NOW, SUBJECT, House
from tests.workflows.test_design import kadiv
from tests.workflows.test_steps import ASKED, given, now_at, say
from workflows import audit, escalation, reminders
from workflows.decisions import Verdict, stage_for
from workflows.definitions import default_text, parse
from workflows.design import drafts, simulation, tree
from workflows.design.diagram import picture, states_of
from workflows.desk import bulk
from workflows.desk.bulk import BulkItem
from workflows.desk.gathering import gather
from workflows.desk.presence import around
from workflows.documents import from_document
from workflows.errors import CaseMoved, CommentRequired, DefinitionInvalid, FourEyes, VerdictIncomplete
from workflows.inbox import inbox
from workflows.models import AuditEvent, Decision, Notice
from workflows.queries import case_view
from workflows.sight import listing, report
from workflows.sight.listing import Narrowed
from workflows.webhooks.events import names_of

ITEM = "{key: aman, question: 'Aman?', type: yes_no, must: true}"
BEFORE = f"""
subject_type: {SUBJECT}
title: Percobaan
stages:
  - key: hukum
    name: Telaah hukum
    role: pemantau
    decides: false
    deadline_days: 2
    checklist: [{ITEM}]
  - {{key: pembinaan, name: Pembinaan, role: pembina}}
  - {{key: pengendalian, name: Pengendalian, role: pengendali}}
"""
BESIDE = f"""
subject_type: {SUBJECT}
title: Percobaan
stages:
  - key: kajian
    name: Kajian
    quorum: 2
    parallel:
      - {{key: hukum, name: Telaah hukum, role: kadiv, decides: false, deadline_days: 1}}
      - {{key: mutu, name: Mutu, role: pembina}}
      - {{key: pasar, name: Pasar, role: pemantau}}
      - {{key: harga, name: Harga, role: pengendali}}
"""
TWO = f"""
subject_type: {SUBJECT}
title: Percobaan
stages:
  - key: telaah
    name: Telaah
    parallel:
      - {{key: hukum, name: Telaah hukum, role: pemantau, decides: false}}
      - {{key: gizi, name: Telaah gizi, role: pembina, decides: false, when: price_rupiah > 1}}
  - {{key: pengendalian, name: Pengendalian, role: pengendali}}
"""
SOUND = {"checklist": {"aman": True}}


def advise(house: House, case: Any, by: Any, comment: str = "Tidak ada keberatan.", **more: Any) -> Decision:
    return house.decide(case.id, by, "opinion", **{"comment": comment, "checklist": {}, **more})


def actions(case: Any) -> list[str]:
    asked = select(AuditEvent.action).where(AuditEvent.chain == case.chain).order_by(AuditEvent.seq)
    return list(session().scalars(asked))


def test_an_opinion_before_the_deciding_stages_moves_the_case_on_and_decides_nothing(house: House) -> None:
    case = given(house, BEFORE)
    for outcome in ("approve", "return", "reject", ""):
        with pytest.raises(VerdictIncomplete) as refused:
            say(house, case, house.pemantau, outcome, **SOUND)
        assert "hanya memberi pendapat" in refused.value.fields["outcome"]
    with pytest.raises(CommentRequired) as silent:
        advise(house, case, house.pemantau, "  ", **SOUND)
    assert "comment" in silent.value.fields
    with pytest.raises(VerdictIncomplete) as unanswered:
        advise(house, case, house.pemantau)
    assert list(unanswered.value.fields) == ["checklist.aman"]
    made = advise(house, case, house.pemantau, "Izin edarnya meragukan.", checklist={"aman": False}, key="k")
    assert advise(house, case, house.pemantau, "Izin edarnya meragukan.", key="k").id == made.id
    assert (made.outcome, made.checklist, made.requests) == ("opinion", {"aman": False}, [])
    with house.inside():
        assert now_at(case) == ("open", "pembinaan")
        assert actions(case) == ["case.submitted", "case.advised"]
        told = {one.to_officer_id: one.title for one in session().scalars(select(Notice))}
        assert told[10] == "Tas anyaman purun: pendapat Telaah hukum diberikan"
    with pytest.raises(VerdictIncomplete) as not_asked:
        house.decide(case.id, house.pembina, "opinion", comment="Saya hanya berpendapat.", checklist={})
    assert "setujui" in not_asked.value.fields["outcome"]
    with pytest.raises(CaseMoved) as late:
        advise(house, case, house.officer(31, "pemantau"), **SOUND, stage="hukum")
    assert "sudah memberi pendapat pada tahap Telaah hukum" in late.value.message
    say(house, case, house.pembina, "reject", now=NOW + timedelta(minutes=5))
    with house.inside():
        assert now_at(case) == ("rejected", None)
        view = case_view(case.id)
        assert [(one.outcome, one.stage) for one in view.history] == [
            ("reject", "Pembinaan"),
            ("opinion", "Telaah hukum"),
            ("submit", ""),
        ]
        assert [(one.name, one.state, one.need, one.decides) for one in view.track][1:3] == [
            ("Telaah hukum", "done", 0, False),
            ("Pembinaan", "rejected", 1, True),
        ]
        assert states_of(view.definition, view.case, view.decisions, None) == {
            "hukum": "done",
            "pembinaan": "refused",
            "pengendalian": "next",
        }
        assert audit.verify_case(case.id) == []
    assert house.happened.count(("approved", case.id)) == 0


def test_beside_deciding_stages_an_opinion_is_no_vote_and_holds_nothing_up(house: House) -> None:
    heard, unheard, lost = (given(house, BESIDE) for _ in range(3))
    advise(house, heard, kadiv(house), "Boleh.", stage="hukum")
    say(house, heard, house.pembina)
    with house.inside():
        view = case_view(heard.id)
        assert view.case.is_open, "two of three have to decide; an opinion is not one of them"
        assert view.standing is not None
        assert (view.standing.seats, view.standing.need, view.standing.approvals) == (3, 2, 1)
        assert [one.comment for one in view.opinions()] == ["Boleh."]
        assert [cast for _name, cast, *_ in view.track[1].votes] == [1, 1, 0, 0]
    say(house, heard, house.pemantau)
    say(house, unheard, house.pembina)
    with house.inside():
        assert [one.key for one in case_view(unheard.id).opinions_missing()] == ["hukum"]
    say(house, unheard, house.pengendali)
    with house.inside():
        assert now_at(heard) == now_at(unheard) == ("approved", None)
        view = case_view(unheard.id)
        assert states_of(view.definition, view.case, view.decisions, None)["hukum"] == "skipped"
        assert [one.id for one in inbox(kadiv(house), now=NOW).items] == [lost.id]
    with pytest.raises(CaseMoved):
        advise(house, unheard, kadiv(house), stage="hukum")
    advise(house, lost, kadiv(house), stage="hukum")
    say(house, lost, house.pembina, "return")
    say(house, lost, house.pemantau, "return")
    with house.inside():
        assert now_at(lost) == ("returned", None)
        assert [audit.verify_case(one.id) for one in (heard, unheard, lost)] == [[], [], []]
    assert [name for name, _ in house.happened if name in ("approved", "returned")] == [
        "approved",
        "approved",
        "returned",
    ]


def test_a_step_of_opinions_alone_is_over_once_each_was_given(house: House) -> None:
    both, one = given(house, TWO), given(house, TWO, price_rupiah=1)
    advise(house, both, house.pemantau)
    with house.inside():
        assert now_at(both) == ("open", "telaah")
        assert case_view(both.id).opinions_missing() == [], "this step waits for it"
    advise(house, both, house.pembina)
    advise(house, one, house.pemantau)
    with house.inside():
        assert now_at(both) == now_at(one) == ("open", "pengendalian")
        assert audit.verify_case(both.id) == audit.verify_case(one.id) == []


def test_four_eyes_mind_decisions_and_not_opinions(house: House) -> None:
    text = BEFORE.replace("role: pengendali}", "role: pemantau}").replace("role: pembina}", "role: kadiv}")
    case = given(house, text)
    with pytest.raises(FourEyes):
        advise(house, case, house.officer(10, "pemantau"), **SOUND)
    advise(house, case, house.pemantau, **SOUND)
    say(house, case, house.officer(50, "kadiv"))
    say(house, case, house.pemantau)
    after = given(house, text.replace("decides: false", "decides: true", 1).replace("pemantau}", "kadiv}"))
    say(house, after, house.pemantau, **SOUND)
    say(house, after, house.officer(50, "kadiv"))
    with house.inside():
        assert (now_at(case)[0], now_at(after)[0]) == ("approved", "open")
    beside = given(house, BESIDE)
    both = house.officer(60, "kadiv", "pembina")
    with house.inside():
        view = case_view(beside.id)
        chosen = stage_for(view.case, view.definition, view.decisions, both)
        assert chosen is not None
        assert chosen.key == "mutu", "who may do both decides"
    advise(house, beside, both, stage="hukum")
    with pytest.raises(FourEyes):
        say(house, beside, both)


def test_the_one_who_decided_gives_no_opinion_elsewhere(house: House) -> None:
    text = f"""
subject_type: {SUBJECT}
title: Percobaan
stages:
  - {{key: pembinaan, name: Pembinaan, role: pembina}}
  - {{key: hukum, name: Telaah hukum, role: pembina, decides: false}}
  - {{key: pengendalian, name: Pengendalian, role: pengendali}}
"""
    case = given(house, text)
    say(house, case, house.pembina)
    with pytest.raises(FourEyes):
        advise(house, case, house.pembina)
    advise(house, case, house.officer(21, "pembina"))
    with house.inside():
        assert now_at(case) == ("open", "pengendalian")


def test_a_late_opinion_is_reminded_escalated_and_measured(house: House) -> None:
    case = given(house, BEFORE)
    with house.inside():
        assert case_view(case.id).case.due_on.isoformat() == "2024-03-07"  # type: ignore[union-attr]
        assert reminders.remind(NOW + timedelta(days=2)) == 1
        assert escalation.escalate(NOW + timedelta(days=3)) == 1
        late = session().scalars(select(Notice).where(Notice.kind == "case.overdue")).one()
        assert late.body == "Tahap Telaah hukum lewat tenggat dan belum diberi pendapat."
        assert late.to_role == "kadiv"
    advise(house, case, house.pemantau, now=NOW + timedelta(days=3), **SOUND)
    with house.inside():
        made = session().scalars(select(Decision).where(Decision.case_id == case.id)).one()
        assert (made.waited_days, made.due_at is not None) == (3, True)


def test_what_a_definition_may_not_say_is_named_with_its_place() -> None:
    stages: list[tuple[str, list[dict[str, Any]]]] = [
        ("stages[0].decides", [_stage("a", decides=False)]),
        ("stages[1].decides", [_stage("a"), _stage("b", decides=False)]),
        ("stages[1].decides", [_stage("a"), _stage("b", decides=False), _stage("c", when="x == 1")]),
        ("stages[0].decides", [_stage("a", decides=False), _stage("b", decides=False)]),
        ("stages[0].quorum", [_stage("a", decides=False, quorum={"need": 1, "of": 2}), _stage("b")]),
        ("stages[0].decides", [_stage("a", decides="ya"), _stage("b")]),
        ("stages[1].parallel[1].decides", [_stage("a"), _block(_stage("b", when="x == 1"), _opinion())]),
        ("stages[0].quorum", [_block(_opinion("b"), _opinion("c"), quorum=1), _stage("d")]),
        ("stages[0].quorum", [_block(_stage("b"), _opinion(), quorum=2), _stage("d")]),
    ]
    for place, written in stages:
        with pytest.raises(DefinitionInvalid) as refused:
            from_document({"subject_type": SUBJECT, "title": "T", "stages": written})
        assert place in refused.value.fields, (written, refused.value.fields)
    for sound in (
        [_stage("a"), _opinion(), _stage("c")],
        [_block(_stage("b"), _opinion())],
        [_block(_stage("b"), _stage("d", when="x == 1"), _opinion(), when="x == 1"), _stage("e")],
    ):
        from_document({"subject_type": SUBJECT, "title": "T", "stages": sound})
    with pytest.raises(DefinitionInvalid) as lined:
        parse(BEFORE.replace("role: pengendali}", "role: pengendali, decides: false}"))
    assert list(lined.value.fields) == ["stages[2].decides (baris 12)"]


def _stage(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": key, "role": "kadiv", **more}


def _opinion(key: str = "o") -> dict[str, Any]:
    return _stage(key, decides=False)


def _block(*inner: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": "blok", "name": "Blok", **more, "parallel": list(inner)}


def test_a_stage_that_decides_says_nothing_so_that_hashes_stand(house: House) -> None:
    plain = parse(default_text("product"))
    said = parse(default_text("product").replace("four_eyes: true", "four_eyes: true\n    decides: true"))
    assert (said.sha256, said.document) == (plain.sha256, plain.document)
    assert "decides" not in str(plain.document)
    advising = parse(BESIDE.replace("role: pembina}", "role: pembina, decides: true}"))
    assert str(advising.document).count("decides") == 1
    assert from_document(advising.document).sha256 == advising.sha256
    assert not advising.stage("hukum").decides  # type: ignore[union-attr]
    fields = tree.fields_of(advising.document)
    assert fields["stages[0].parallel[0].decides"] == "no"
    assert "stages[0].parallel[1].decides" not in fields
    chosen = {**fields, "stages[0].parallel[1].decides": "yes"}
    read = tree.document_of(chosen.items(), SUBJECT)
    assert from_document(read).steps == advising.steps
    assert tree.same(yaml.safe_dump(read), yaml.safe_dump(advising.document))
    kept = tree.document_of({**fields, "stages[0].parallel[1].decides": "mungkin"}.items(), SUBJECT)
    with pytest.raises(DefinitionInvalid) as odd:
        from_document(kept)
    assert "stages[0].parallel[1].decides" in odd.value.fields


def test_a_locked_stage_goes_on_deciding(house: House) -> None:
    text = default_text("product")
    head, stage = text.split("  - key: pengendalian")
    weak = (
        head
        + "  - key: pengendalian"
        + stage.replace("four_eyes: true", "four_eyes: true\n    decides: false")
    )
    weak += "  - {key: akhir, name: Akhir, role: kadiv}\n"
    beside = head + (
        "  - key: blok\n    name: Blok\n    quorum: 1\n    parallel:\n"
        + "\n".join("    " + line for line in ("  - key: pengendalian" + stage).splitlines())
        + "\n      - {key: lain, name: Lain, role: kadiv, decides: false}\n"
    )
    with house.inside():
        with pytest.raises(DefinitionInvalid) as refused:
            drafts.publish_text("product", weak, by=kadiv(house), now=NOW)
        assert list(refused.value.fields.values()) == [
            "Tahap Pengendalian dikunci Pusat: harus tetap memutuskan."
        ]
        assert next(iter(refused.value.fields)).startswith("stages[2].decides")
        drafts.publish_text("product", beside, by=kadiv(house), now=NOW)


def test_neither_bulk_nor_reports_take_an_opinion_for_a_decision(house: House) -> None:
    case = given(house, BEFORE)
    by = house.pemantau
    with entered(house.scope(officer=by.id)):
        for approving in (True, False):
            groups, left = gather({case.id: (None, None)}, by=by, now=NOW, approving=approving)
            assert groups == []
            assert [one.why_not for one in left] == ["Tahap ini meminta pendapat: tulis di halaman kasusnya."]
        run = bulk.begin([BulkItem(case.id, checklist={"aman": True})], outcome="approve", by=by, now=NOW)
        (result,) = bulk.carry_out(run.id, by=by, now=NOW).results
        assert (result["ok"], result["code"]) == (False, "putusan-belum-lengkap")
        (row,) = inbox(by, now=NOW).items
        assert (row.stage, row.decides) == ("Telaah hukum", False)
    advise(house, case, by, **SOUND, now=NOW + timedelta(days=3))
    say(house, case, house.pembina, now=NOW + timedelta(days=3))
    with house.inside():
        moved = around(case.id, by=house.pengendali, now=NOW, version=1).moved
        assert "disetujui" in str(moved)
        found = report.of_kanwil(SUBJECT, "2024-03", now=NOW + timedelta(days=4))
        stages = {one.key: one for one in found.stages}
        assert (found.total.decided, found.total.opinions, found.untimed) == (1, 1, 0)
        assert (stages["hukum"].decided, stages["hukum"].opinions, stages["hukum"].late) == (0, 1, 1)
        assert stages["hukum"].waited.median == 3
        loads = {one.stage: (one.decided, one.opinions) for one in found.officers}
        assert loads == {"hukum": (0, 1), "pembinaan": (1, 0)}
        counted = {
            outcome: [
                row.outcome
                for row in listing.cases(
                    "putusan", Narrowed(SUBJECT, period="2024-03", outcome=outcome), by=by, now=NOW
                )[0]
            ]
            for outcome in (None, "opinion")
        }
        assert counted == {None: ["approve"], "opinion": ["opinion"]}
    assert names_of("case.advised", {"after": {"state": "open"}}) == ["case.advised"]


def test_a_draft_with_an_opinion_is_tried_without_counting_it_as_a_decision(house: House) -> None:
    for _ in range(2):
        case = house.submit(fields=FIELDS)
        for by in (house.pembina, house.pemantau, house.pengendali):
            house.decide(case.id, by)
    by = kadiv(house)
    text = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
    text = text.replace(
        "stages:\n", "stages:\n  - {key: hukum, name: Hukum, role: kadiv, decides: false}\n", 1
    )
    with entered(house.scope(officer=by.id)):
        drafts.save(SUBJECT, text, version=0, by=by, now=NOW)
        result = simulation.begin(SUBJECT, by=by, now=NOW)[0].result
    assert result is not None
    assert (result["cases"], result["changed"]) == (2, 2)
    assert (result["deciders"]["before"], result["deciders"]["after"], result["deciders"]["more"]) == (
        6,
        6,
        0,
    )
    assert result["opinions"] == {"before": 0, "after": 2}
    assert (result["days"]["allowed_before"], result["days"]["allowed_after"]) == (9.0, 12.0)
    boxes = [box for row in picture(parse(BESIDE)).rows for box in row.boxes]
    assert [box.decides for box in boxes] == [False, True, True, True]
    (row,) = picture(parse(BESIDE)).rows
    assert (row.need, row.seats) == (2, 3)


def test_an_opinion_asks_for_nothing_and_what_was_asked_stays_with_who_decides(house: House) -> None:
    case = given(house, BEFORE)
    advise(house, case, house.pemantau, **SOUND, requests=ASKED)
    with house.inside():
        assert case_view(case.id).decisions[0].requests == []
    assert Verdict("opinion").outcome not in ("approve", "return", "reject")
