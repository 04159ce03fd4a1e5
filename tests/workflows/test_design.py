"""A Kanwil designs its workflow: drafts, publication, the centre's locks, the picture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tenants.database import session
from tenants.errors import Conflict, Forbidden, Invalid
from tenants.scope import NationalScope, Scope, entered
from tests.support.worlds import World
from tests.workflows.conftest import FIELDS, GOOD, NOW, SUBJECT, House
from workflows import notices
from workflows.decisions import Verdict, decide
from workflows.definitions import default_text, ensure_defaults, in_force, parse, publish
from workflows.design import drafts, national, queries, tree
from workflows.design.compare import compared
from workflows.design.diagram import picture, states_of
from workflows.documents import as_yaml
from workflows.errors import DefinitionInvalid, NoSuchDefinition
from workflows.models import AuditEvent, Case
from workflows.queries import case_view
from workflows.stages import Definition
from workflows.submission import submit

REVIEW = """
  - key: kajian_harga
    name: Kajian harga
    when: price_rupiah >= 5_000_000
    quorum: 2
    parallel:
      - {key: kajian_pasar, name: Kajian pasar, role: kadiv}
      - {key: kajian_mutu, name: Kajian mutu, role: kakanwil}
      - {key: kajian_biaya, name: Kajian biaya, role: admin_kanwil}
"""


def with_review(subject_type: str = "product") -> str:
    """The national default with a fourth step: three seats at once, two of which carry it, for dear products."""
    text = default_text("product").replace("subject_type: product", f"subject_type: {subject_type}")
    head, tail = text.split("  - key: pengendalian")
    return head + REVIEW.lstrip("\n") + "  - key: pengendalian" + tail


def without(stage: str, text: str | None = None) -> str:
    """The national default without one of its stages."""
    document = tree.document_in(text or default_text("product"))
    assert document is not None
    document["stages"] = [one for one in document["stages"] if one["key"] != stage]
    return as_yaml(document)


def kadiv(house: House) -> Any:
    return house.officer(50, "kadiv")


# --- drafts ---


def test_a_draft_is_kept_as_it_was_typed_right_or_wrong(house: House) -> None:
    with house.inside():
        saved = drafts.save("product", "title: [belum selesai", version=0, by=kadiv(house), now=NOW)
        assert saved.version == 1
        opened = queries.opened("product")
        assert opened.text == "title: [belum selesai\n"
        assert opened.faults
        assert in_force(session(), "product")[1] == 1


def test_two_who_edit_one_draft_do_not_overwrite_each_other(house: House) -> None:
    with house.inside():
        drafts.save("product", with_review(), version=0, by=kadiv(house), now=NOW)
        other = house.officer(51, "admin_kanwil")
        with pytest.raises(drafts.DraftMoved) as refused:
            drafts.save("product", without("pemantauan"), version=0, by=other, now=NOW)
        assert refused.value.detail == {"version": 1}
        assert queries.opened("product").text == with_review()
        assert drafts.save("product", with_review(), version=0, by=other, now=NOW).version == 1


def test_a_draft_is_published_once_however_often_the_button_is_pressed(house: House) -> None:
    by = kadiv(house)
    with entered(house.scope(officer=by.id)):
        first, again = drafts.publish("product", version=0, text=with_review(), by=by, now=NOW, key="satu")
        second, repeated = drafts.publish(
            "product", version=0, text=with_review(), by=by, now=NOW, key="satu"
        )
        assert (first.version, again, repeated) == (2, False, True)
        assert second.id == first.id
        assert queries.one("product").draft is None
        events = session().scalar(
            select(func.count()).where(
                AuditEvent.action == "definition.published", AuditEvent.officer_id == by.id
            )
        )
        assert events == 1
        with pytest.raises(Conflict, match="sama dengan versi 2"):
            drafts.publish("product", version=0, text=with_review(), by=by, now=NOW)


def test_a_draft_with_faults_is_not_published_and_each_fault_has_its_line(house: House) -> None:
    text = with_review().replace("price_rupiah >=", "harga_jual >=").replace("role: kakanwil", "role: kepala")
    with house.inside():
        drafts.save("product", text, version=0, by=kadiv(house), now=NOW)
        with pytest.raises(DefinitionInvalid) as refused:
            drafts.publish("product", version=1, by=kadiv(house), now=NOW)
        when = next(place for place in refused.value.fields if place.startswith("stages[2].when (baris "))
        assert "harga_jual" in refused.value.fields[when]
        assert any(place.startswith("stages[2].parallel[1].role (baris ") for place in refused.value.fields)
        assert queries.opened("product").text == text


def test_names_that_the_subject_does_not_have_are_faults(house: House) -> None:
    text = default_text("product").replace("fields: [photos]", "fields: [foto]")
    text = text.replace("when: category == 'culinary'", "when: kategori == 'culinary'")
    with house.inside(), pytest.raises(DefinitionInvalid) as refused:
        publish(parse(text), by=None, now=NOW)
    assert set(refused.value.fields) == {"stages[0].checklist[2].fields", "stages[0].checklist[5].when"}


def test_an_old_version_becomes_a_draft_and_stays_what_it_was(house: House) -> None:
    by = kadiv(house)
    with house.inside():
        before = queries.version("product", 1)[0].sha256
        drafts.publish("product", version=0, text=with_review(), by=by, now=NOW)
        draft = drafts.restart("product", 1, version=0, by=by, now=NOW)
        assert draft.based_on == 1
        made, _again = drafts.publish("product", version=draft.version, by=by, now=NOW)
        assert made.version == 3
        assert made.sha256 == before == queries.version("product", 1)[0].sha256


def test_a_comparison_shows_what_was_added_and_removed(house: House) -> None:
    before, after = parse(default_text("product")), parse(with_review())
    lines = compared(before.document, after.document)
    added = [line.text for line in lines if line.kind == "added"]
    assert "- key: kajian_harga" in added
    assert not [line for line in lines if line.kind == "removed"]
    assert compared(before.document, before.document) == []


def test_only_the_kadiv_and_the_admin_keep_workflows(house: House) -> None:
    with house.inside():
        for act in (
            lambda: drafts.save("product", "x", version=0, by=house.pembina, now=NOW),
            lambda: drafts.publish("product", version=0, by=house.pembina, now=NOW),
            lambda: drafts.discard("product", version=0, by=house.pembina),
        ):
            with pytest.raises(Forbidden):
                act()
        with pytest.raises(NoSuchDefinition):
            drafts.save("ikan", "x", version=0, by=kadiv(house), now=NOW)
        with pytest.raises(Invalid):
            drafts.save("product", "x" * 100_001, version=0, by=kadiv(house), now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "title: 2024-13-45",
        "? [a, b]\n: c",
        "title: " + "[" * 3000,
        'title: "\\ud800"\nsubject_type: product\nstages: []',
        "a: &a [1]\nb: *a",
        "stages: {}",
        "\x00",
        "",
    ],
)
def test_no_text_breaks_the_reading(house: House, text: str) -> None:
    with house.inside():
        saved = drafts.save("product", text, version=0, by=kadiv(house), now=NOW)
        opened = queries.opened("product")
        assert opened.faults
        tree.document_in(saved.text)


# --- the recap's own rule ---


@pytest.mark.parametrize("change", ["without", "role", "when", "after"])
def test_a_recaps_way_ends_with_the_kakanwils_signature(house: House, change: str) -> None:
    text = default_text("recap")
    head, tail = text.split("  - key: penandatanganan")
    changed = {
        "without": head.replace("    when: needs_review == True\n", ""),
        "role": head + "  - key: penandatanganan" + tail.replace("role: kakanwil", "role: kadiv"),
        "when": head.replace("    when: needs_review == True\n", "")
        + "  - key: penandatanganan\n    when: products > 5"
        + tail,
        "after": text + "  - {key: arsip, name: Arsip, role: kadiv}\n",
    }[change]
    with house.inside(), pytest.raises(DefinitionInvalid) as refused:
        drafts.publish_text("recap", changed, by=kadiv(house), now=NOW)
    said = " ".join(refused.value.fields.values())
    assert "penandatanganan" in said.lower() or "Tanda tangan Kakanwil" in said


# --- the centre's locks ---


def _weakened(how: str) -> str:
    text = default_text("product")
    head, tail = text.split("  - key: pengendalian")
    stage = "  - key: pengendalian" + tail
    item = "      - key: no_duplicate\n        question: Belum ada produk yang sama dari UPT ini\n"
    return {
        "removed": head,
        "role": head + stage.replace("role: pengendali", "role: kadiv"),
        "four_eyes": head + stage.replace("four_eyes: true", "four_eyes: false"),
        "when": head + stage.replace("role: pengendali", "role: pengendali\n    when: price_rupiah > 1"),
        "must": head
        + stage.replace(
            item + "        type: yes_no\n        must: true\n",
            item + "        type: yes_no\n        must: false\n",
        ),
        "block": head
        + "  - key: blok\n    name: Blok\n    quorum: any\n    parallel:\n"
        + "\n".join("    " + line for line in stage.splitlines())
        + "\n      - {key: lain, name: Lain, role: kadiv}\n",
    }[how]


@pytest.mark.parametrize("how", ["removed", "role", "four_eyes", "when", "must", "block"])
def test_a_locked_stage_is_neither_dropped_nor_weakened(house: House, how: str) -> None:
    with house.inside():
        with pytest.raises(DefinitionInvalid) as refused:
            drafts.publish_text("product", _weakened(how), by=kadiv(house), now=NOW)
        said = " ".join(refused.value.fields.values())
        assert said.startswith("Tahap Pengendalian dikunci Pusat")
        if how == "removed":
            assert said == "Tahap Pengendalian dikunci Pusat dan tidak boleh dihapus."
        with pytest.raises(DefinitionInvalid):
            publish(parse(_weakened(how)), by=None, now=NOW)
        assert in_force(session(), "product")[1] == 1


def test_a_new_national_default_changes_no_kanwil_and_tells_those_that_differ(world: World) -> None:
    centre = world.actor("admin.pusat")
    text = default_text("product").replace("deadline_days: 3", "deadline_days: 5")
    with entered(NationalScope(centre.id)):
        saved = national.save("product", text, ["pengendalian", "pembinaan"], version=0, by=centre, now=NOW)
        made = national.publish(
            "product", version=saved.version, note="Tenggat lima hari.", by=centre, now=NOW, key="n"
        )
        again = national.publish(
            "product", version=saved.version, note="Tenggat lima hari.", by=centre, now=NOW, key="n"
        )
        assert made.version == 1
        assert again.id == made.id
    for name in ("kadiv.kalbar", "admin.banten"):
        by = world.actor(name)
        with entered(world.scope(name)):
            assert in_force(session(), "product")[1] == 1
            told = [one.title for one in notices.notices_for(by) if one.kind == "definition.national"]
            assert told == ["Bawaan nasional alur Produk berubah (versi 1)"]
            assert queries.one("product").differs
    by = world.actor("kadiv.kalbar")
    with entered(world.scope("kadiv.kalbar")):
        with pytest.raises(DefinitionInvalid) as refused:
            drafts.publish_text("product", without("pembinaan"), by=by, now=NOW)
        assert refused.value.fields == {
            "stages (baris 3)": "Tahap Pembinaan dikunci Pusat dan tidak boleh dihapus."
        }
        draft = drafts.restart("product", None, version=0, by=by, now=NOW)
        drafts.publish("product", version=draft.version, by=by, now=NOW)
        assert not queries.one("product").differs


def test_a_new_kanwil_begins_with_the_national_default_of_the_day(house: House) -> None:
    centre = house.officer(1, "admin_pusat")
    text = without("pemantauan")
    with entered(NationalScope(1)):
        before = national.national_default(session(), "product")
        saved = national.save("product", text, [], version=0, by=_national(centre), now=NOW)
        national.publish("product", version=saved.version, note="", by=_national(centre), now=NOW)
    try:
        from tenants.database import transaction
        from tenants.models import Kanwil

        with transaction() as db:
            row = Kanwil(
                code=f"baru{house.kanwil}",
                name_kemenkumham="Kantor Wilayah",
                name_ditjenpas="Kantor Wilayah",
                province="Papua",
                capital="Jayapura",
                timezone="Asia/Jayapura",
                state="active",
            )
            db.add(row)
            db.flush()
            made = row.id
        with entered(Scope(made)):
            ensure_defaults(made, now=NOW)
            assert [one.key for one in in_force(session(), "product")[2].stages] == [
                "pembinaan",
                "pengendalian",
            ]
    finally:  # the room's tests share one database: the default is as it was
        assert before is not None
        with entered(NationalScope(1)):
            saved = national.save(
                "product",
                as_yaml(before.document),
                list(before.locked),
                version=0,
                by=_national(centre),
                now=NOW,
            )
            national.publish("product", version=saved.version, note="", by=_national(centre), now=NOW)


def _national(by: Any) -> Any:
    from dataclasses import replace

    return replace(by, tenant_id=None)


def test_a_locked_stage_must_be_in_the_national_default(world: World) -> None:
    centre = world.actor("admin.pusat")
    with entered(NationalScope(centre.id)):
        saved = national.save(
            "product", without("pengendalian"), ["pengendalian"], version=0, by=centre, now=NOW
        )
        with pytest.raises(DefinitionInvalid) as refused:
            national.publish("product", version=saved.version, note="", by=centre, now=NOW)
        assert "pengendalian" in refused.value.fields["stages (baris 3)"]
        with pytest.raises(Forbidden):
            national.save("product", "", [], version=0, by=world.actor("dirjen"), now=NOW)


# --- cases under way, and the picture ---


def test_fifty_cases_finish_on_the_old_version_and_new_ones_take_the_new(house: House) -> None:
    dear = {**FIELDS, "price_rupiah": 7_500_000}
    old = [house.submit(fields=dear) for _ in range(50)]
    by = kadiv(house)
    with house.inside():
        made, _again = drafts.publish(SUBJECT, version=0, text=with_review(SUBJECT), by=by, now=NOW)
        assert made.version == 2
    fresh, cheap = house.submit(fields=dear), house.submit(fields=FIELDS)
    with house.inside():
        row = queries.one(SUBJECT)
        assert [(one.version, one.open_cases) for one in row.versions] == [(2, 2), (1, 50)]

    def until_control(case: Case) -> None:
        house.decide(case.id, house.pembina)
        house.decide(case.id, house.pemantau)

    for case in (*old, fresh, cheap):
        until_control(case)
    for case in old:
        house.decide(case.id, house.pengendali)
    with house.inside():
        states = session().execute(
            select(Case.state, Case.definition_version, func.count())
            .where(Case.subject_type == SUBJECT)
            .group_by(Case.state, Case.definition_version)
        )
        assert {tuple(one) for one in states} == {("approved", 1, 50), ("open", 2, 2)}
        shown = _states(fresh.id, house)
        assert shown["pemantauan"] == "done"
        assert [shown[key] for key in ("kajian_pasar", "kajian_mutu", "kajian_biaya")] == ["now"] * 3
        assert shown["pengendalian"] == "next"
        assert _states(cheap.id, house)["kajian_pasar"] == "skipped"
        assert _states(cheap.id, house)["pengendalian"] == "now"
        assert set(_states(old[0].id, house).values()) == {"done"}

    house.decide(fresh.id, kadiv(house))
    with house.inside():
        shown = _states(fresh.id, house)
        assert (shown["kajian_pasar"], shown["kajian_mutu"]) == ("done", "now")
    house.decide(fresh.id, house.officer(60, "kakanwil"))
    with house.inside():
        assert _states(fresh.id, house)["pengendalian"] == "now"
    house.decide(fresh.id, house.pengendali)
    with house.inside():
        assert case_view(fresh.id, by=house.pembina).case.state == "approved"


def _states(case_id: int, house: House) -> dict[str, str]:
    view = case_view(case_id, by=house.pembina)
    return states_of(view.definition, view.case, view.decisions, view.standing)


def test_the_picture_shows_where_a_case_was_returned(house: House) -> None:
    case = house.submit()
    house.decide(case.id, house.pembina)
    house.decide(
        case.id,
        house.pemantau,
        "return",
        comment="Stok tidak cocok.",
        requests=[{"field": "name", "text": "Sebut bahannya."}],
    )
    with house.inside():
        shown = _states(case.id, house)
    assert shown == {"pembinaan": "done", "pemantauan": "refused", "pengendalian": "next"}


def test_the_picture_frames_parallel_stages_and_marks_conditions_and_locks() -> None:
    drawn = picture(parse(with_review()), locked=("pengendalian",))
    block = next(row for row in drawn.rows if row.key == "kajian_harga")
    assert (block.framed, block.passable, block.need, block.seats) == (True, True, 2, 3)
    assert block.when == ("price_rupiah >= 5_000_000",)
    assert [box.locked for row in drawn.rows for box in row.boxes] == [False] * 5 + [True]
    for row, following in zip(drawn.rows, drawn.rows[1:], strict=False):
        assert row.y + row.height < following.y
    for row in drawn.rows:
        for box in row.boxes:
            assert box.x >= 0
            assert box.x + box.width <= drawn.width
            assert row.y <= box.y
            assert box.y + box.height <= row.y + row.height


# --- the form ---


def test_the_form_gives_back_the_document_it_was_given() -> None:
    for text in (default_text("product"), default_text("recap"), with_review()):
        document = tree.document_in(text)
        assert document is not None
        subject = document["subject_type"]
        back = tree.document_of(tree.fields_of(document).items(), subject)
        assert _same(parse(text), parse(as_yaml(back)))
        assert tree.same(text, as_yaml(back))


def _same(one: Definition, other: Definition) -> bool:
    return (one.title, one.steps) == (other.title, other.steps)


def test_the_forms_buttons_add_move_and_remove() -> None:
    document = tree.document_in(default_text("product"))
    assert document is not None
    document, at = tree.changed(document, "kepala")
    assert at == "stages[0]"
    assert tree.has_kepala(document)
    assert document["stages"][0]["role"] == "kepala_upt"
    document, at = tree.changed(document, "down:stages[0]")
    assert at == "stages[1]"
    assert [one["key"] for one in document["stages"]][:2] == ["pembinaan", "persetujuan_kepala"]
    document, at = tree.changed(document, "remove:stages[1]")
    document, at = tree.changed(document, "add-block")
    assert at == "stages[3]"
    document, at = tree.changed(document, "add-branch:stages[3]")
    assert at == "stages[3].parallel[2]"
    document, at = tree.changed(document, "add-item:stages[3].parallel[2]")
    assert at == "stages[3].parallel[2].checklist[0]"
    for nonsense in (
        "remove:stages[99]",
        "up:",
        "down:title",
        "add-item:stages",
        "remove:stages[0].key",
        "x:y[",
        "",
    ):
        assert tree.changed(document, nonsense)[0] == document


def test_a_key_that_was_left_empty_is_made_from_the_name() -> None:
    form = {
        "title": "Alur",
        "stages[0].name": "Kajian harga",
        "stages[0].role": "kadiv",
        "stages[1].name": "Kajian harga",
        "stages[1].checklist[0].question": "Harga wajar?",
        "stages[7].name": "2 tahap",
        "stages[x].name": "bukan",
        "stages": "bukan",
    }
    document = tree.document_of(form.items(), "product")
    assert [one["key"] for one in document["stages"]] == ["kajian_harga", "kajian_harga_2", "butir_2_tahap"]
    assert document["stages"][1]["checklist"][0]["key"] == "harga_wajar"


def test_decisions_of_an_old_version_are_untouched_by_a_new_one(house: House) -> None:
    """A case decided half way goes on under its own version, also when the new one has dropped its stage."""
    case = house.submit()
    house.decide(case.id, house.pembina)
    with house.inside():
        drafts.publish(
            SUBJECT,
            version=0,
            text=without("pemantauan", with_review(SUBJECT)),
            by=kadiv(house),
            now=NOW + timedelta(hours=1),
        )
    with entered(house.scope(officer=30)):
        verdict = Verdict("approve", checklist=GOOD["pemantauan"])
        assert decide(case.id, verdict, by=house.pemantau, key="p", now=NOW).stage_key == "pemantauan"
    with entered(house.scope(house.upt, 10)):
        fresh = submit(
            SUBJECT,
            9_999,
            revision_no=1,
            title="Baru",
            fields=FIELDS,
            upt_id=house.upt,
            editor_ids=[10],
            by=house.operator,
            now=NOW,
        )
        assert fresh.definition_version == 2
