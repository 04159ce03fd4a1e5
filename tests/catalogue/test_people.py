"""Persons kept apart: sealed, seen by their UPT alone, each look written down, credited with consent, and erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from catalogue import drafts, publication, submission
from catalogue.errors import ContentInvalid
from catalogue.models import Product, PublishedProduct, Revision
from catalogue.people import access, consents, queries, recording, resealing, retention
from catalogue.people.errors import NoSuchConsent, NoSuchPerson, NotInThisUpt, PersonInvalid, SealBroken
from catalogue.people.models import Consent, Participation, Person, PersonAccess, ProductCredit
from catalogue.people.queries import Filters
from config import Settings
from tenants import database
from tenants.database import session
from tenants.errors import Forbidden, ScopeError
from tenants.models import KanwilSettings
from tenants.officers import Actor
from tenants.scope import Scope, entered
from tests.catalogue.conftest import NOW, House, statements
from tests.catalogue.persons import NAME, NUMBER, a_paper, consent, kept_of, person
from workflows.models import AuditEvent, Case, Notice
from workflows.verifying import verify


@pytest.fixture
def head(house: House) -> Actor:
    """The head of the first UPT."""
    return house.officer(12, "kepala_upt", upt=house.upt)


def credited(house: House, credit: str = "", name: str = NAME) -> tuple[int, int, Product]:
    """A person whose name a published product carries."""
    with house.as_(house.operator) as by:
        one = person(by=by, now=NOW, name=name)
        agreed = consent(one, by=by, now=NOW, credit=credit)
    return one, agreed, house.published(makers=[{"consent": agreed}])


def makers(product_id: int) -> list[str]:
    with database.public() as reader:
        return list(
            reader.scalars(
                select(PublishedProduct.makers).where(PublishedProduct.product_id == product_id)
            ).one()
        )


def test_a_name_is_sealed_where_it_lies(house: House, configured: Settings) -> None:
    with house.as_(house.operator) as by:
        one = person(by=by, now=NOW, number=NUMBER)
        assert queries.person(one, by=by, now=NOW).known.name == NAME
        consent(one, by=by, now=NOW)
    database.db.release()
    retention.settle_pages()
    for words in (NAME, "Waskita", NUMBER):
        assert kept_of(words, configured) == []


def test_another_servers_key_opens_nothing(house: House) -> None:
    with house.as_(house.operator) as by:
        one = person(by=by, now=NOW)
        settings = database.db.settings
        database.db.settings = replace(settings, secret_key="y" * 40)
        try:
            with pytest.raises(SealBroken):
                queries.person(one, by=by, now=NOW)
        finally:
            database.db.settings = settings


def test_a_new_server_key_is_followed_and_an_unknown_one_refused(house: House) -> None:
    one, _agreed, product = credited(house)
    settings = database.db.settings
    with house.as_(house.operator) as by:
        database.db.settings = replace(settings, secret_key="z" * 40)
        try:
            with pytest.raises(SealBroken):
                resealing.reseal("w" * 40)
            assert resealing.reseal(settings.secret_key) == 2
            assert resealing.reseal(settings.secret_key) == 0
            assert queries.people(Filters(q="waskita"), by=by, now=NOW).items[0].known.id == one
            assert consents.names_of(session(), product.id, [{"consent": _agreed}]) == [NAME]
        finally:
            database.db.settings = settings


def test_nobody_outside_of_the_upt_finds_a_person(house: House) -> None:
    with house.as_(house.operator) as by:
        one = person(by=by, now=NOW)
    with house.as_(house.other_operator) as by:
        assert queries.people(Filters(), by=by, now=NOW).items == []
        with pytest.raises(NoSuchPerson):
            queries.person(one, by=by, now=NOW)
    for role in ("kadiv", "admin_kanwil", "kakanwil"):
        with house.as_(house.officer(50, role)) as by:
            assert session().scalars(select(Person)).all() == []
            assert session().scalars(select(PersonAccess)).all() == []
            with pytest.raises(NotInThisUpt):
                queries.people(Filters(), by=by, now=NOW)
            session().add(
                Person(upt_id=house.upt, kind="klien", since_on=NOW.date(), recorded_on=NOW.date(),
                       created_by=1, created_at=NOW, version=1)
            )  # fmt: skip
            with pytest.raises(ScopeError):
                session().flush()
            session().rollback()
    with house.as_(replace(house.operator, roles=frozenset({"pembina"}))) as by, pytest.raises(NotInThisUpt):
        queries.person(one, by=by, now=NOW)


def test_he_is_found_by_a_word_of_his_name_or_his_number_and_by_nothing_else(house: House) -> None:
    with house.as_(house.operator) as by:
        one = person(by=by, now=NOW, number=NUMBER)
        person(by=by, now=NOW, name="Adi Waskita")
        for asked, found in (
            ("waskita", 2), ("ZULKARNAÉN", 1), ("zulkarnaen waskita", 1), ("bi 417 2023", 1), ("BI.417/2023", 1),
            ("wask", 0), ("417", 0), ("%", 0), ("", 2),
        ):  # fmt: skip
            page = queries.people(Filters(q=asked), by=by, now=NOW)
            assert len(page.items) == found, asked
        assert queries.people(Filters(kind="anak"), by=by, now=NOW).items == []
        first = queries.people(Filters(), by=by, now=NOW, limit=1)
        assert first.next_cursor
        rest = queries.people(Filters(), by=by, now=NOW, limit=1, before=int(first.next_cursor))
        assert [row.known.id for row in rest.items] == [one]
        assert rest.next_cursor is None


def test_a_number_is_recorded_once_in_a_upt_and_bad_input_is_named(house: House) -> None:
    with house.as_(house.operator) as by:
        one = person(by=by, now=NOW, number=NUMBER)
        for given, wrong in (
            ({"name": "A", "number": "B.1", "kind": "narapidana"}, {"name"}),
            ({"name": "Siapa", "number": "bi 417/2023", "kind": "narapidana"}, {"number"}),
            (
                {"name": "Siapa", "number": "--", "kind": "x", "released_on": "besok"},
                {"number", "kind", "released_on"},
            ),
            ({"name": ["x"], "number": {}, "kind": []}, {"name", "number", "kind"}),
        ):
            with pytest.raises(PersonInvalid) as refused:
                recording.record(given, by=by, now=NOW)
            assert set(refused.value.fields) == wrong
        again, repeated = recording.record(
            {"name": "Dua Kali", "number": "B.9", "kind": "anak"}, by=by, now=NOW, key="k1"
        )
        twice, replayed = recording.record(
            {"name": "Dua Kali", "number": "B.9", "kind": "anak"}, by=by, now=NOW, key="k1"
        )
        assert (twice.id, repeated, replayed) == (again.id, False, True)
        changed = recording.change(one, {"name": "Waskita Baru"}, by=by, now=NOW, version=1)
        assert changed.version == 2
        assert len(queries.people(Filters(q="baru"), by=by, now=NOW).items) == 1
    with house.as_(house.other_operator) as by:
        person(by=by, now=NOW, number=NUMBER)  # another UPT's register is another register


def test_each_look_is_written_down_and_read_by_the_head_alone(house: House, head: Actor) -> None:
    with house.as_(house.operator) as by:
        one, two = (person(by=by, now=NOW, name=name) for name in (NAME, "Yang Lain"))
        queries.people(Filters(), by=by, now=NOW)
        queries.person(one, by=by, now=NOW)
        with pytest.raises(Forbidden):
            access.log(by=by)
    with house.as_(head) as by:
        seen = access.log(by=by)
        assert [(s.access.act, s.access.person_id) for s in seen.items if s.access.act != "recorded"] == [
            ("opened", one), ("listed", one), ("listed", two),
        ]  # fmt: skip
        assert {s.access.officer_id for s in seen.items} == {house.operator.id}
        assert [s.access.act for s in access.log(by=by, person_id=two).items] == ["listed", "recorded"]
        for change in (update(PersonAccess).values(officer_name="lain"), delete(PersonAccess)):
            with pytest.raises(DBAPIError):
                session().execute(change.execution_options(synchronize_session=False))
            session().rollback()


def test_a_list_costs_the_same_however_long(house: House) -> None:
    def cost(count: int) -> int:
        with house.as_(house.operator) as by:
            for _ in range(count):
                person(by=by, now=NOW)
            database.db.release()
            with statements() as seen:
                assert queries.people(Filters(), by=by, now=NOW).items
            return len(seen)

    assert cost(1) == cost(10) <= 4


def test_work_is_recorded_and_moves_the_day_that_retention_counts_from(house: House) -> None:
    product = house.draft()
    with house.as_(house.operator) as by:
        one = person(by=by, now=NOW)
        given = {
            "activity": "Bengkel anyaman",
            "from_on": "2024-01-08",
            "until_on": "2024-03-12",
            "hours": "240",
        }
        row, _ = recording.add_work(one, {**given, "product_id": product.id}, by=by, now=NOW, key="w1")
        assert recording.add_work(one, {**given, "product_id": product.id}, by=by, now=NOW, key="w1")[1]
        view = queries.person(one, by=by, now=NOW)
        assert [(w.row.activity, w.product) for w in view.work] == [("Bengkel anyaman", "Tas anyaman purun")]
        assert view.hours == 240
        assert str(view.person.last_on) == "2024-03-12"
        assert str(view.person.since_on) == "2024-03-14"  # the day he was recorded is later
        for bad, wrong in (
            ({"until_on": "2024-01-01"}, "until_on"),
            ({"hours": "0"}, "hours"),
            ({"product_id": "999999"}, "product_id"),
            ({"from_on": "2025-01-01", "until_on": ""}, "from_on"),
            ({"activity": ""}, "activity"),
        ):
            with pytest.raises(PersonInvalid) as refused:
                recording.add_work(one, {**given, **bad}, by=by, now=NOW)
            assert wrong in refused.value.fields
        assert recording.remove_work(row.id, by=by, now=NOW) == one
        assert queries.work_of(one) == []


def test_consent_needs_its_paper_and_the_paper_is_sealed(house: House, configured: Settings) -> None:
    with house.as_(house.operator) as by:
        one = person(by=by, now=NOW)
        for given, file, wrong in (
            ({"signed_on": "2024-03-01"}, None, {"file"}),
            ({"signed_on": "2024-04-01"}, a_paper(), {"signed_on"}),
            ({"signed_on": ""}, a_paper(), {"signed_on"}),
        ):
            with pytest.raises(PersonInvalid) as refused:
                consents.record(one, given, file=file, by=by, now=NOW)
            assert set(refused.value.fields) == wrong
        agreed = consent(one, by=by, now=NOW, credit="Pak Zul")
        row, name, data = consents.paper(agreed, by=by, now=NOW)
        assert (row.id, name, data) == (agreed, f"persetujuan {NAME}.pdf", a_paper().data)
        assert [(c.id, c.credit) for c in consents.choices(by=by, now=NOW)] == [(agreed, "Pak Zul")]
    with house.as_(house.other_operator) as by, pytest.raises(NoSuchConsent):
        consents.paper(agreed, by=by, now=NOW)
    assert kept_of("Pak Zul", configured) == []


def test_a_maker_is_credited_in_public_and_gone_at_once_when_he_withdraws(house: House, head: Actor) -> None:
    _one, agreed, product = credited(house)
    assert makers(product.id) == [NAME]
    with house.as_(house.pengendali):
        case = session().scalars(select(Case).where(Case.subject_id == product.id)).one()
        assert case.fields["makers"] == [{"consent": agreed, "consented_on": "2024-03-01"}]
        assert verify() == []
    with house.as_(house.other_operator) as by, pytest.raises(NoSuchConsent):
        consents.withdraw(agreed, by=by, now=NOW)
    with house.as_(head) as by:
        gone = consents.withdraw(agreed, by=by, now=NOW)
        assert not gone.holds
        assert consents.withdraw(agreed, by=by, now=NOW + timedelta(hours=1)).withdrawn_at == NOW
        assert consents.choices(by=by, now=NOW) == []
    assert makers(product.id) == []
    with house.as_(house.pengendali):
        assert session().scalars(select(ProductCredit)).all() == []
        assert verify() == []
        session().execute(
            update(PublishedProduct).where(PublishedProduct.product_id == product.id).values(makers=[NAME])
        )
        session().commit()
        assert "pembuat" in " ".join(problem.message for problem in verify())


def test_the_credit_leaves_in_the_transaction_of_the_withdrawal_or_not_at_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _one, agreed, product = credited(house)

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the audit is away")

    monkeypatch.setattr(consents.audit, "record", fails)
    with house.as_(house.operator) as by, pytest.raises(RuntimeError):
        consents.withdraw(agreed, by=by, now=NOW)
    assert makers(product.id) == [NAME]


def test_who_bears_the_same_name_stays_credited(house: House) -> None:
    with house.as_(house.operator) as by:
        agreed = [consent(person(by=by, now=NOW), by=by, now=NOW, credit="Pak Budi") for _ in range(2)]
    product = house.published(makers=[{"consent": one} for one in agreed])
    assert makers(product.id) == ["Pak Budi", "Pak Budi"]
    with house.as_(house.operator) as by:
        consents.withdraw(agreed[0], by=by, now=NOW)
    assert makers(product.id) == ["Pak Budi"]
    with house.as_(house.pengendali):
        assert verify() == []


def test_a_consent_that_is_withdrawn_stops_a_draft_and_is_not_published_any_more(house: House) -> None:
    with house.as_(house.operator) as by:
        agreed = consent(person(by=by, now=NOW), by=by, now=NOW)
    waiting, draft = (house.draft(makers=[{"consent": agreed}]) for _ in range(2))
    case = house.submit(waiting.id)
    with house.as_(house.operator) as by:
        consents.withdraw(agreed, by=by, now=NOW)
        with pytest.raises(ContentInvalid) as refused:
            submission.submit(draft.id, by=by, now=NOW)
        assert refused.value.fields == {"makers.0.consent": consents.WITHDRAWN}
        with pytest.raises(ContentInvalid):
            drafts.save(draft.id, {"makers": [{"consent": agreed}]}, by=by, now=NOW, strict=True)
    for role in ("pembina", "pemantau", "pengendali"):
        house.decide(case.id, role)
    assert makers(waiting.id) == []
    with house.as_(house.pengendali):
        assert verify() == []


@pytest.mark.parametrize(
    "given", [{"consent": 999_999}, {"consent": "x"}, {"name": "Budi"}, {"consent": True}]
)
def test_a_product_names_no_maker_without_a_recorded_consent(house: House, given: dict[str, Any]) -> None:
    with house.as_(house.operator) as by:
        draft = drafts.create({"name": "Tas"}, by=by, now=NOW)
        with pytest.raises(ContentInvalid) as refused:
            drafts.save(draft.id, {"makers": [given]}, by=by, now=NOW, strict=True)
        assert list(refused.value.fields) == ["makers.0.consent"]
        drafts.save(draft.id, {"makers": [given]}, by=by, now=NOW)
        assert session().scalars(select(ProductCredit)).all() == []
    with house.as_(house.other_operator) as by:
        assert consents.choices(by=by, now=NOW) == []


def test_erasing_leaves_numbers_and_no_name_anywhere(house: House, head: Actor, configured: Settings) -> None:
    one, _agreed, product = credited(house, credit="Barkah dari Pontianak", name="Barkah Tersembunyi")
    with house.as_(house.operator) as by:
        given = {"activity": "Mengukir bersama Barkah", "from_on": "2024-01-08", "hours": "12"}
        recording.add_work(one, given, by=by, now=NOW)
        paper = session().scalars(select(Consent.file_sha256)).one()
        queries.person(one, by=by, now=NOW, purpose="Litmas untuk Barkah Tersembunyi")
    assert kept_of("Barkah", configured) != []  # on the public page, with his consent
    with house.as_(house.operator) as by, pytest.raises(Forbidden):
        retention.erase(one, reason="Diminta olehnya", by=by, now=NOW)
    with house.as_(head) as by:
        with pytest.raises(PersonInvalid):
            retention.erase(one, reason=" ", by=by, now=NOW)
        retention.erase(one, reason="Diminta oleh Barkah Tersembunyi sendiri", by=by, now=NOW)
        with pytest.raises(NoSuchPerson):
            queries.person(one, by=by, now=NOW)
        seen = access.log(by=by, person_id=one)
        assert (
            seen.items[0].purpose is None
        )  # the log stands; what was typed into it can't be opened any more
        assert session().scalars(select(Participation)).all() == []
        row = session().scalars(select(Person)).one()
        assert (row.id, row.erased_why, row.key_sealed, row.words) == (one, "request", None, [])
        said = session().scalars(select(AuditEvent.payload).where(AuditEvent.action == "person.erased")).one()
        assert f'"products":[{product.id}]' in said
    assert makers(product.id) == []
    database.db.release()
    retention.settle_pages()
    assert kept_of("Barkah", configured) == []
    assert kept_of("Tersembunyi", configured) == []
    assert not (configured.data / "files" / paper[:2] / paper[2:4] / paper).exists()
    with house.as_(house.pengendali):
        assert (
            session().scalars(select(Revision.content).where(Revision.submitted_at.is_not(None))).all() != []
        )
        assert verify() == []


def test_records_go_by_rule_after_their_years_and_the_upt_is_warned_once(house: House) -> None:
    with house.as_(house.officer(60, "admin_kanwil")), database.transaction() as here:
        here.execute(update(KanwilSettings).values(person_years=2))
    with house.as_(house.operator) as by:
        old = person(by=by, now=NOW, name="Sudah Lama")
        later = person(by=by, now=NOW, name="Masih Lama", released_on="2030-01-01")
    in_upt = entered(Scope(house.kanwil, house.upt))
    with in_upt:
        assert retention.keep_to_the_rule(NOW + timedelta(days=600)) == (0, 0)
        assert retention.keep_to_the_rule(NOW + timedelta(days=710)) == (1, 0)
        assert retention.keep_to_the_rule(NOW + timedelta(days=711)) == (0, 0)
        assert retention.keep_to_the_rule(NOW + timedelta(days=730)) == (0, 0)  # 14 March 2026, his last day
        assert retention.keep_to_the_rule(NOW + timedelta(days=731)) == (0, 1)
        assert retention.keep_to_the_rule(NOW + timedelta(days=732)) == (0, 0)
        left = {row.id: row.is_erased for row in session().scalars(select(Person))}
        assert left == {old: True, later: False}
        told = session().scalars(select(Notice).where(Notice.kind == "person.ending")).all()
        assert {(one.to_role, one.to_upt_id) for one in told} == {
            ("operator_upt", house.upt), ("kepala_upt", house.upt),
        }  # fmt: skip
        assert "Lama" not in "".join(one.title + one.body for one in told)
    assert retention.last_day(NOW.date().replace(month=2, day=29), 5).isoformat() == "2029-02-28"


def test_what_was_suspended_is_named_with_its_makers_of_today(house: House) -> None:
    """A withdrawn consent stays away when a product comes back, and a renewal names those who hold."""
    _one, agreed, product = credited(house)
    with house.as_(house.pengendali) as by:
        publication.suspend(product.id, reason="Diperiksa", by=by, now=NOW)
    with house.as_(house.operator) as by:
        consents.withdraw(agreed, by=by, now=NOW)
    with house.as_(house.pengendali) as by:
        publication.restore(product.id, reason="Selesai diperiksa", by=by, now=NOW)
        assert verify() == []
    assert makers(product.id) == []
