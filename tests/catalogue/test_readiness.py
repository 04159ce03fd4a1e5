"""Kesiapan: a year's assessment from the first answer to the verified figures, and what is left to be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DatabaseError

from catalogue.readiness import filling, gaps, national, queries, questions, verifying
from catalogue.readiness.errors import (
    EvidenceNotFound,
    GapNotFound,
    NotYourReadiness,
    QuestionnaireInvalid,
    QuestionnaireMoved,
    ReadinessIncomplete,
    ReadinessMoved,
    ReadinessNotFound,
)
from catalogue.readiness.models import Answer, Evidence, Score
from catalogue.readiness.terms import DIMENSIONS, means, total_of
from tenants import database
from tenants.database import session
from tenants.errors import Conflict, Forbidden
from tenants.officers import Actor
from tenants.scope import NationalScope, entered
from tests.catalogue.assessed import YEAR, answers, begun, decided, scored, sent, submitted, verified
from tests.catalogue.conftest import NOW, House, statements
from tests.workflows.office_files import a_pdf
from workflows import audit
from workflows.errors import FourEyes, NotYourStage, VerdictIncomplete
from workflows.models import AuditEvent, Case
from workflows.talk import checking

CENTRE = Actor(90, "Pusat", frozenset({"admin_pusat"}), None, None, "Admin Pusat")


def actions(case_id: int) -> list[str]:
    asked = select(AuditEvent.action).where(AuditEvent.chain == f"case:{case_id}").order_by(AuditEvent.seq)
    return list(session().scalars(asked))


def file(words: str = "SK") -> list[checking.Checked]:
    return [checking.check(a_pdf(words), f"{words}.pdf")]


@contextmanager
def centre() -> Iterator[Actor]:
    with entered(NationalScope(CENTRE.id)):
        yield CENTRE


def test_the_shipped_questionnaire_asks_four_to_six_questions_in_each_of_the_five_dimensions() -> None:
    asked = questions.shipped()
    assert [len(asked.of(name)) for name in DIMENSIONS] == [5, 5, 4, 5, 4]
    assert all(len(one.levels) == 5 for one in asked.questions)
    assert means({"a": 1}, ["a"]) == dict.fromkeys(DIMENSIONS)
    whole = means(dict.fromkeys(asked.keys, 3) | {"budget_1": 0}, asked.keys)
    assert whole["budget"] == 225
    assert total_of(whole) == 285
    assert total_of({**whole, "people": None}) is None


def test_a_draft_keeps_what_was_typed_and_says_what_is_missing(house: House) -> None:
    row = begun(house)
    assert begun(house).id == row.id  # a second click, or a colleague's
    with house.as_(house.operator) as by:
        assert filling.begin(YEAR, by=by, now=NOW, key="a").id == row.id
        with pytest.raises(ReadinessIncomplete) as early:
            filling.begin(YEAR + 1, by=by, now=NOW)
        assert early.value.fields["year"] == "Pilih tahun 2020 sampai 2024."
        kept = filling.save(
            row.id, {"budget_1": {"score": "3", "evidence": " DIPA 2024\r\n"}}, by=by, now=NOW
        )
        assert kept.answered == 1
        assert kept.self_scores["budget"] is None  # three questions of it are open
        assert filling.save(row.id, {"budget_1": {"score": 3}}, by=by, now=NOW).version == kept.version
        bad = {
            "budget_1": {"score": 7},
            "budget_2": {"score": True},
            "x": {},
            "budget_3": {"evidence": "x" * 2001},
        }
        filling.save(row.id, bad, by=by, now=NOW)
        assert session().scalars(select(Answer).where(Answer.question == "budget_1")).one().score == 3
        with pytest.raises(ReadinessIncomplete) as strict:
            filling.save(row.id, bad, by=by, now=NOW, strict=True)
        assert set(strict.value.fields) == {"budget_1.score", "budget_2.score", "x", "budget_3.evidence"}
        with pytest.raises(ReadinessIncomplete) as early:
            filling.submit(row.id, by=by, now=NOW)
        assert "budget_1.score" not in early.value.fields
        assert early.value.fields["budget_2.score"] == "Pilih nilainya."
        filling.save(row.id, {"budget_2": {"score": 0}}, by=by, now=NOW)
        view = queries.view(row.id, now=NOW)
        assert (view.complete, view.row.answered, view.total) == (9, 2, None)  # 0 needs no evidence
    with house.as_(house.officer(12, "operator_upt", upt=house.upt)) as other:
        filling.save(row.id, {"people_1": {"score": 1}}, by=other, now=NOW, version=view.row.version)
        assert filling.loaded(row.id).edited_by == [10, 12]
    with house.as_(house.operator) as by, pytest.raises(ReadinessMoved):
        filling.save(row.id, {"people_1": {"score": 2}}, by=by, now=NOW, version=view.row.version)
    with house.as_(house.operator) as by:  # another answer is nobody else's business
        filling.save(row.id, {"people_2": {"score": 2}}, by=by, now=NOW, version=view.row.version)
    with house.as_(house.other_operator) as by, pytest.raises(ReadinessNotFound):
        filling.save(row.id, {}, by=by, now=NOW)
    pembina = house.officer(20, "pembina")
    with house.as_(pembina), pytest.raises(NotYourReadiness):
        filling.save(row.id, {}, by=pembina, now=NOW)


def test_evidence_is_kept_beside_its_answer_and_with_the_revision_that_named_it(house: House) -> None:
    row = begun(house)
    with house.as_(house.operator) as by:
        [first] = filling.attach(row.id, "budget_1", file(), by=by, now=NOW, key="k")
        assert filling.attach(row.id, "budget_1", file(), by=by, now=NOW, key="k")[0].id == first.id
        assert queries.evidence(first.key)[0].startswith(b"%PDF")
        key = first.key
        [gone] = filling.attach(row.id, "budget_1", file("Lain"), by=by, now=NOW)
        filling.detach(gone.key, by=by, now=NOW)
        assert session().get(Evidence, gone.id) is None
        for question, many, words in (
            ("x_1", 1, "tidak ada"),
            ("budget_1", 6, "Paling banyak 5"),
            ("budget_1", 0, "Pilih"),
        ):
            with pytest.raises(ReadinessIncomplete) as refused:
                filling.attach(row.id, question, file() * many, by=by, now=NOW)
            assert words in str(refused.value.fields)
        filling.save(row.id, answers(), by=by, now=NOW)
        case = sent(filling.submit(row.id, by=by, now=NOW))
        assert case.fields["budget_1"]["files"][0]["name"] == "SK.pdf"
        with pytest.raises(ReadinessMoved):
            filling.detach(key, by=by, now=NOW)
    decided(house, case.id, "pembina", "return", requests=[{"field": "budget_1", "text": "SK tahun ini."}])
    with house.as_(house.operator) as by:
        filling.detach(key, by=by, now=NOW + timedelta(days=1))
        assert queries.evidence(key)[1].removed_at is not None  # the revision that named it still has it
        with pytest.raises(EvidenceNotFound):
            filling.detach(key, by=by, now=NOW)
        with pytest.raises(EvidenceNotFound):
            queries.evidence("tidak-ada")


def test_the_kanwil_verifies_through_the_workflow_with_scores_of_its_own(house: House) -> None:
    case = submitted(house, answers(3))
    with house.as_(house.operator) as by:
        assert (case.title[:14], case.subject_type, case.stage_key) == (
            "Kesiapan 2024:",
            "readiness",
            "verifikasi",
        )
        assert case.fields["self"] == dict.fromkeys(DIMENSIONS, 300)
        with pytest.raises(ReadinessMoved):
            filling.submit(case.subject_id, by=by, now=NOW)
        with pytest.raises(NotYourStage):
            verifying.verify(case.subject_id, {}, by=by, now=NOW)
    kadiv = house.officer(50, "kadiv")
    with house.as_(kadiv), pytest.raises(NotYourStage):
        verifying.verify(case.subject_id, {"people_1": {"score": 3}}, by=kadiv, now=NOW)
    with pytest.raises(VerdictIncomplete) as early:
        decided(house, case.id, "pembina")
    assert early.value.message == "23 jawaban belum diberi nilai verifikasi. Buka penilaiannya dahulu."
    pembina = house.officer(20, "pembina")
    with house.as_(pembina):
        for given, place in (({"score": 1}, "people_1.reason"), ({"score": 9}, "people_1.score")):
            with pytest.raises(ReadinessIncomplete) as wrong:
                verifying.verify(case.subject_id, {"people_1": given}, by=pembina, now=NOW)
            assert set(wrong.value.fields) == {place}
    editor = Actor(10, "Pernah operator", frozenset({"pembina"}), house.kanwil, None, "Pembina")
    with house.as_(editor), pytest.raises(FourEyes):
        verifying.verify(case.subject_id, {"people_1": {"score": 3}}, by=editor, now=NOW)
    scored(house, case.subject_id, {"people_1": (1, "Instruktur hanya datang setahun sekali.")})
    scored(house, case.subject_id, {"people_1": (1, "Instruktur hanya datang setahun sekali.")})
    decided(house, case.id, "pembina")
    decided(house, case.id, "kadiv")
    with house.as_(house.operator) as by:
        row = filling.loaded(case.subject_id)
        assert (row.state, row.verified_scores) == (
            "verified",
            {**dict.fromkeys(DIMENSIONS, 300), "people": 260},
        )
        score = session().scalars(select(Score)).one()
        assert (score.total, score.people, score.case_id) == (292, 260, case.id)
        assert actions(case.id) == [
            "case.submitted", "readiness.assessed", "case.decided", "case.decided", "readiness.scored",
        ]  # fmt: skip
        assert list(audit.verify_case(case.id)) == []
        view = queries.view(row.id, now=NOW)
        [line] = [one for one in view.lines if one.question.key == "people_1"]
        assert (line.answer.score, line.counted, line.is_gap) == (3, 1, True)
        with pytest.raises(ReadinessMoved) as done:
            filling.save(row.id, {}, by=by, now=NOW)
        assert "tahun depan" in done.value.message


def test_what_was_verified_does_not_change_any_more(house: House) -> None:
    row = verified(house)
    settings = database.db.settings
    for sql in ("UPDATE readiness_score SET total = 400", "DELETE FROM readiness_score"):
        engine = create_engine(settings.owner_url or settings.database_url)
        with engine.connect() as connection, pytest.raises(DatabaseError):
            connection.execute(text(sql))
        engine.dispose()
    with house.as_(house.operator):
        score = session().scalars(select(Score).where(Score.readiness_id == row.id)).one()
        assert score.total == 200


def test_a_return_is_bound_to_questions_and_answered_there(house: House) -> None:
    case = submitted(house)
    scored(house, case.subject_id)
    with pytest.raises(VerdictIncomplete) as wrong:
        decided(house, case.id, "pembina", "return", requests=[{"field": "budget_5", "text": "Yang mana?"}])
    assert "requests.0.field" in wrong.value.fields  # a place that this questionnaire leaves empty
    asked = [{"field": "budget_1", "text": "Lampirkan DIPA."}, {"field": "people_1", "text": "Siapa?"}]
    decided(house, case.id, "pembina", "return", requests=asked)
    with house.as_(house.operator) as by:
        view = queries.view(case.subject_id, now=NOW)
        [line] = [one for one in view.lines if one.requests and one.question.key == "budget_1"]
        assert (view.row.state, line.requests[0]["text"]) == ("returned", "Lampirkan DIPA.")
        with pytest.raises(ReadinessIncomplete) as open_:
            filling.submit(case.subject_id, by=by, now=NOW)
        assert len(open_.value.fields) == 2
        filling.save(case.subject_id, {"budget_1": {"evidence": "DIPA 2024 halaman 3."}}, by=by, now=NOW,
                     replies={line.requests[0]["id"]: "Sudah."})  # fmt: skip
        replies = {f"{case.id}-1-2": "Instruktur Budi."}
        made = filling.submit(case.subject_id, by=by, now=NOW, replies=replies, key="s")
        assert (made.revision_no, made.previous_case_id, made.again) == (2, case.id, True)
        again = sent(made)
        assert filling.submit(case.subject_id, by=by, now=NOW, replies=replies, key="s").id == again.id
        left = session().scalars(select(Answer.question).where(Answer.verified_score.is_(None))).all()
        assert left == ["budget_1"]  # what did not change stays verified
    scored(house, case.subject_id)
    with pytest.raises(VerdictIncomplete):  # each request is ticked off by the stage that asked
        decided(house, again.id, "pembina")
    decided(house, again.id, "pembina", settled=[f"{case.id}-1-1", f"{case.id}-1-2"])
    decided(house, again.id, "kadiv", "reject")
    with house.as_(house.operator) as by:
        assert filling.loaded(case.subject_id).state == "rejected"
        filling.save(case.subject_id, {"people_1": {"score": 1}}, by=by, now=NOW)
        third = filling.submit(case.subject_id, by=by, now=NOW)
        assert session().get_one(Case, third.id).revision_no == 3


def test_gaps_have_an_action_an_owner_a_date_and_a_state(house: House) -> None:
    row = begun(house)
    tomorrow = (NOW + timedelta(days=1)).date()
    asked = {
        "question": "budget_1",
        "action": "Usulkan DIPA",
        "who": "Kasubag TU",
        "due_on": tomorrow.isoformat(),
    }
    with house.as_(house.operator) as by:
        gap = gaps.add(row.id, asked, by=by, now=NOW, key="g")
        assert gaps.add(row.id, asked, by=by, now=NOW, key="g").id == gap.id
        for changed, place in (
            ({"question": "budget_5"}, "question"), ({"action": " "}, "action"), ({"who": ""}, "who"),
            ({"due_on": "kapan"}, "due_on"), ({"due_on": "2024-01-01"}, "due_on"), ({"due_on": "2030-01-01"}, "due_on"),
        ):  # fmt: skip
            with pytest.raises(ReadinessIncomplete) as wrong:
                gaps.add(row.id, {**asked, **changed}, by=by, now=NOW)
            assert set(wrong.value.fields) == {place}
        later = NOW + timedelta(days=5)
        view = queries.year(YEAR, now=later)
        own = next(one for one in view.rows if one.upt_id == house.upt)
        assert (own.gaps_open, own.gaps_late, view.gaps[0].late) == (1, 1, True)
        with pytest.raises(ReadinessIncomplete) as unsaid:
            gaps.change(gap.id, {"state": "done"}, by=by, now=later)
        assert unsaid.value.fields["note"] == "Tulis hasilnya."
        done = gaps.change(gap.id, {"state": "done", "note": "DIPA terbit."}, by=by, now=later, version=1)
        assert (done.version, done.ended_on) == (2, later.date())
        assert gaps.change(gap.id, {"state": "done", "note": "DIPA terbit."}, by=by, now=later).version == 2
        with pytest.raises(ReadinessMoved):
            gaps.change(gap.id, {"who": "Kalapas"}, by=by, now=later, version=1)
        assert gaps.change(gap.id, {"state": "open"}, by=by, now=later).ended_on is None
        assert queries.gap_states(YEAR, later.date()) == {"open": 1, "late": 1, "done": 0, "dropped": 0}
        with pytest.raises(ReadinessIncomplete):
            gaps.change(gap.id, {"state": "lain"}, by=by, now=later)
        with pytest.raises(GapNotFound):
            gaps.change(999_999, {}, by=by, now=later)
        number = gap.id
    with house.as_(house.other_operator) as by, pytest.raises(GapNotFound):
        gaps.one(number)
    with house.as_(house.pengendali) as by, pytest.raises(NotYourReadiness):
        gaps.change(number, {}, by=by, now=later)


def test_a_year_stands_beside_the_one_before_and_open_gaps_go_on(house: House) -> None:
    first = verified(house, answers(1), year=YEAR - 1)
    due = {"question": "budget_1", "action": "Usulkan", "who": "TU", "due_on": "2024-12-01"}
    with house.as_(house.operator) as by:
        gaps.add(first.id, due, by=by, now=NOW)
    second = verified(house, answers(3))
    with house.as_(house.officer(50, "kadiv")):
        with statements() as seen:
            view = queries.view(second.id, now=NOW)
        assert len(seen) <= 7, seen
        assert view.before is not None
        assert (view.before.total, view.total) == (100, 300)
        assert [(one.year, one.gap.action) for one in view.carried] == [(YEAR - 1, "Usulkan")]
        with statements() as seen:
            year = queries.year(YEAR, now=NOW)
        assert len(seen) <= 6, seen
        assert (year.total, year.means_before["people"], year.verified, len(year.rows)) == (300, 100, 1, 2)
        assert [row.state for row in year.rows] == ["verified", None]
        assert year.rows[0].before == 100
        assert queries.years() == [YEAR, YEAR - 1]
    with house.as_(house.other_operator):
        assert [row.readiness_id for row in queries.year(YEAR, now=NOW).rows] == [None]


def test_the_centre_reads_verified_figures_alone_and_ranks_them(house: House) -> None:
    verified(house, answers(1), year=YEAR - 1)
    verified(house, answers(3), {"people_1": (2, "Satu bidang saja.")})
    with house.as_(house.other_operator) as by:
        row = filling.begin(YEAR, by=by, now=NOW)
        filling.save(row.id, answers(4), by=by, now=NOW)
        filling.submit(row.id, by=by, now=NOW)  # sent, and not verified yet
    with entered(NationalScope(1)), database.national("uji") as reader:
        with statements("national_engine") as seen:
            found = national.country(YEAR, reader)
        assert len(seen) == 3
        assert not [one for one in seen if "readiness_answer" in one or "readiness_gap" in one]
        own = next(one for one in found.kanwil if one.kanwil_id == house.kanwil)
        assert (own.upts, own.verified, own.total, own.before) == (2, 1, 296, 100)
        other = next(one for one in found.kanwil if one.kanwil_id == house.other_kanwil)
        assert (other.verified, other.total, other.rank) == (0, None, None)
        assert own.rank is not None
        assert [one.total for one in found.upts] == sorted((one.total for one in found.upts), reverse=True)
        assert found.upts[0].rank == 1
        assert YEAR in national.years(reader)


def document(**changed: Any) -> dict[str, Any]:
    made = questions.document_of(questions.shipped())
    return {**made, **changed}


def test_the_centre_writes_the_next_questionnaire_and_assessments_keep_theirs(house: House) -> None:
    row = begun(house)
    with house.as_(house.operator) as by, pytest.raises(Forbidden):
        questions.save(document(), edit_no=0, by=by, now=NOW)
    with centre() as by:
        version = questions.in_force().version
        half = document(title="")
        half["dimensions"] = {**half["dimensions"], "budget": half["dimensions"]["budget"][:2]}
        draft = questions.save(half, edit_no=0, by=by, now=NOW)
        with pytest.raises(QuestionnaireMoved):
            questions.save(half, edit_no=0, by=by, now=NOW)
        with pytest.raises(QuestionnaireInvalid) as wrong:
            questions.publish(edit_no=draft.edit_no, by=by, now=NOW)
        assert set(wrong.value.fields) == {"title", "budget"}
        same = questions.save(document(), edit_no=draft.edit_no, by=by, now=NOW)
        if version == questions.SHIPPED:
            with pytest.raises(Conflict):
                questions.publish(edit_no=same.edit_no, by=by, now=NOW)
        better = document(title=f"Kesiapan menurut versi {version + 1}")
        better["dimensions"]["budget"][0]["question"] = f"Apakah dianggarkan menurut versi {version + 1}?"
        draft = questions.save(better, edit_no=same.edit_no, by=by, now=NOW)
        made = questions.publish(edit_no=draft.edit_no, by=by, now=NOW, key="q")
        assert questions.publish(edit_no=draft.edit_no, by=by, now=NOW, key="q").id == made.id
        assert (made.version, questions.in_force().version) == (version + 1, version + 1)
        assert questions.draft() is None
        assert questions.published()[0].id == made.id
        questions.discard(edit_no=1, by=by)  # there is none
    engine = create_engine(database.db.settings.owner_url or database.db.settings.database_url)
    with engine.connect() as connection, pytest.raises(DatabaseError):
        connection.execute(text("UPDATE readiness_questionnaire SET document = '{}'"))
    engine.dispose()
    with house.as_(house.operator):
        assert queries.view(row.id, now=NOW).asked.version == row.questionnaire_version == version
        said = session().scalars(select(AuditEvent.action).where(AuditEvent.chain == "kanwil")).all()
        assert "readiness.begun" in said
    with house.as_(house.other_operator) as by:
        fresh = filling.begin(YEAR, by=by, now=NOW)
        assert fresh.questionnaire_version == version + 1
    with house.as_(house.officer(50, "kadiv")):
        said = session().scalars(select(AuditEvent.action).where(AuditEvent.chain == "kanwil")).all()
        assert "readiness.questionnaire" in said
    with pytest.raises(QuestionnaireMoved), house.as_(house.operator):
        questions.of_version(999)


def test_a_submission_is_taken_back_and_a_rejection_reopened(house: House) -> None:
    from workflows.reopening import reopen
    from workflows.submission import withdraw

    case = submitted(house)
    with house.as_(house.operator) as by:
        withdraw(case.id, reason="Salah isi", by=by, now=NOW)
        assert filling.loaded(case.subject_id).state == "draft"
        again = sent(filling.submit(case.subject_id, by=by, now=NOW))
    decided(house, again.id, "pembina", "reject")
    kadiv = house.officer(50, "kadiv")
    with house.as_(kadiv):
        reopen(again.id, reason="Keliru", by=kadiv, now=NOW)
        assert filling.loaded(case.subject_id).state == "in_review"
    scored(house, case.subject_id)
    decided(house, again.id, "pembina")
    decided(house, again.id, "kadiv", "reject")
    with house.as_(house.operator) as by:
        filling.save(case.subject_id, {"people_1": {"score": 1}}, by=by, now=NOW + timedelta(days=1))
    other = house.officer(51, "kadiv")
    with house.as_(other), pytest.raises(Conflict):
        reopen(again.id, reason="Keliru lagi", by=other, now=NOW + timedelta(days=1))
