"""The register of partners: who keeps it, what was agreed, and the reminders before it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalogue import drafts
from catalogue.errors import ContentInvalid
from catalogue.models import PublishedProduct
from catalogue.partners import keeping, queries, reminding
from catalogue.partners.errors import NoSuchAgreement, NoSuchPartner, PartnerInvalid, PartnerMoved
from catalogue.partners.queries import Filters
from tenants import database, files
from tenants.database import session
from tenants.errors import Forbidden, Invalid
from tenants.officers import Actor
from tests.catalogue.conftest import NOW, House, statements
from tests.workflows.office_files import a_pdf
from workflows.models import AuditEvent, Notice
from workflows.talk.checking import check
from workflows.verifying import verify

TODAY = NOW.date()
DEAL: dict[str, Any] = {
    "number": "W.16-PKS-12/2024",
    "scope": "Pelatihan menjahit dan pemasaran bersama.",
    "from_on": "2024-01-02",
    "until_on": "2024-12-31",
}


@pytest.fixture
def kadiv(house: House) -> Actor:
    return house.officer(50, "kadiv")


def partner(house: House, by: Actor, name: str = "Dinas Perindustrian Pontianak", **given: Any) -> int:
    with house.as_(by):
        return keeping.add({"name": name, "kind": "agency", **given}, by=by, now=NOW)[0].id


def test_the_register_is_kept_by_the_kanwil_and_read_by_its_upt(house: House, kadiv: Actor) -> None:
    one = partner(house, kadiv, contact="Ibu Rahma", email="rahma@dinas.contoh.id")
    with house.as_(kadiv) as by:
        paper = check(a_pdf("perjanjian"), "pks.pdf")
        made, _ = keeping.record_agreement(one, DEAL, file=paper, by=by, now=NOW, key="a1")
        again, replayed = keeping.record_agreement(one, DEAL, file=paper, by=by, now=NOW, key="a1")
        assert (again.id, replayed) == (made.id, True)
        assert files.get(made.file_sha256 or "") == paper.data
    with house.as_(house.operator) as by:
        assert [(r.partner.name, r.state) for r in queries.partners(Filters(), today=TODAY).items] == [
            ("Dinas Perindustrian Pontianak", "current")
        ]
        assert [a.holds_on(TODAY) for a in queries.agreements_of(one)] == [True]
        for act in (
            lambda: keeping.add({"name": "Lain", "kind": "agency"}, by=by, now=NOW),
            lambda: keeping.change(one, {}, by=by, now=NOW),
            lambda: keeping.record_agreement(one, DEAL, by=by, now=NOW),
        ):
            with pytest.raises(Forbidden):
                act()
    with house.as_(kadiv, house.other_kanwil), pytest.raises(NoSuchPartner):
        keeping.load(one)
    with house.as_(kadiv, house.other_kanwil), pytest.raises(NoSuchAgreement):
        keeping.agreement(made.id)
    with house.as_(kadiv):
        actions = session().scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("partner.")))
        assert actions.all() == ["partner.added", "partner.agreed"]
        assert verify() == []


def test_bad_input_is_named_and_a_name_stands_once(house: House, kadiv: Actor) -> None:
    one = partner(house, kadiv)
    with house.as_(kadiv) as by:
        for given, wrong in (
            ({"name": "x", "kind": "agency"}, {"name"}),
            ({"name": "dinas perindustrian PONTIANAK", "kind": "agency"}, {"name"}),
            ({"name": "Benar", "kind": "teman", "email": "bukan surel"}, {"kind", "email"}),
            ({"name": {"x": 1}, "kind": []}, {"name", "kind"}),
        ):
            with pytest.raises(PartnerInvalid) as refused:
                keeping.add(given, by=by, now=NOW)
            assert set(refused.value.fields) == wrong
        keeping.record_agreement(one, DEAL, by=by, now=NOW)
        for changed, wrong in (
            ({}, {"number"}),
            ({"number": "", "scope": ""}, {"number", "scope"}),
            ({"number": "B", "until_on": "2023-01-01"}, {"until_on"}),
            ({"number": "C", "from_on": "kemarin"}, {"from_on"}),
        ):
            with pytest.raises(PartnerInvalid) as refused:
                keeping.record_agreement(one, {**DEAL, **changed}, by=by, now=NOW)
            assert set(refused.value.fields) == wrong
        with pytest.raises(PartnerMoved):
            keeping.change(one, {"name": "Baru"}, by=by, now=NOW, version=1)
        with pytest.raises(Invalid):
            queries.partners(Filters(state="lama"), today=TODAY)


def test_filters_and_counts_follow_the_agreements(house: House, kadiv: Actor) -> None:
    wanted = {
        "current": ("2024-01-01", "2025-01-01"), "ending": ("2024-01-01", "2024-05-01"),
        "ended": ("2023-01-01", "2023-12-31"), "none": None,
    }  # fmt: skip
    for state, days in wanted.items():
        one = partner(house, kadiv, f"Mitra {state}")
        if days:
            with house.as_(kadiv) as by:
                given = {**DEAL, "number": state, "from_on": days[0], "until_on": days[1]}
                keeping.record_agreement(one, given, by=by, now=NOW)
    with house.as_(kadiv) as by:
        for state in wanted:
            page = queries.partners(Filters(state=state), today=TODAY)
            assert [row.partner.name for row in page.items] == [f"Mitra {state}"]
        assert queries.counts(TODAY) == dict.fromkeys(wanted, 1)
        assert len(list(queries.every(Filters(q="MITRA end"), today=TODAY))) == 2
        first = queries.partners(Filters(), today=TODAY, limit=3)
        with statements() as seen:
            rest = queries.partners(Filters(), today=TODAY, after=int(first.next_cursor or 0))
        assert (len(first.items), len(rest.items), rest.next_cursor, len(seen)) == (3, 1, None, 1)
        agreement = queries.agreements_of(first.items[-1].partner.id)[0]
        ended = keeping.end_agreement(
            agreement.id, on=TODAY - timedelta(days=1), why="Selesai", by=by, now=NOW
        )
        assert (
            keeping.end_agreement(ended.id, on=ended.ended_on, why="Selesai", by=by, now=NOW).id == ended.id
        )
        with pytest.raises(PartnerMoved):
            keeping.end_agreement(ended.id, on=TODAY, why="Lain", by=by, now=NOW)
        assert queries.counts(TODAY)["ended"] == 2


def test_the_end_of_an_agreement_is_told_of_step_by_step_and_each_once(house: House, kadiv: Actor) -> None:
    one = partner(house, kadiv)
    with house.as_(kadiv) as by:
        keeping.record_agreement(one, {**DEAL, "until_on": "2024-12-31"}, by=by, now=NOW)

    def told(at: datetime) -> list[str]:
        with house.as_(kadiv):
            before = set(session().scalars(select(Notice.id)))
            reminding.remind(at)
            found = session().scalars(select(Notice).where(Notice.kind == "partner.ending"))
            return sorted(str(row.to_role) for row in found if row.id not in before)

    end = datetime(2024, 12, 31, 3, 0, tzinfo=NOW.tzinfo)
    both = ["admin_kanwil", "kadiv"]
    assert told(NOW) == []
    assert told(end - timedelta(days=90)) == both
    assert told(end - timedelta(days=89)) == []
    assert told(end - timedelta(days=20)) == both  # what went by unheard is told of once
    assert told(end - timedelta(days=7)) == both
    assert told(end - timedelta(days=7)) == []
    assert told(end) == both
    assert told(end + timedelta(days=3)) == []
    with house.as_(kadiv) as by:
        renewed = {**DEAL, "number": "baru", "from_on": "2025-01-01", "until_on": "2025-02-28"}
        keeping.record_agreement(one, renewed, by=by, now=NOW)
    assert told(end) == both  # the new one ends within ninety days
    assert told(end) == []


def test_a_product_names_the_partner_it_was_made_with(house: House, kadiv: Actor) -> None:
    one = partner(house, kadiv, "Koperasi Maju Bersama")
    product = house.published(partner=one)
    with database.public() as reader:
        found = select(PublishedProduct.partner).where(PublishedProduct.product_id == product.id)
        assert reader.scalar(found) == "Koperasi Maju Bersama"
    with house.as_(kadiv):
        assert verify() == []
    with house.as_(house.operator) as by:
        for wrong in (999_999, "x", {"id": "y"}, [1]):
            with pytest.raises(ContentInvalid) as refused:
                drafts.create({"name": "Tas", "partner": wrong}, by=by, now=NOW, strict=True)
            assert list(refused.value.fields) == ["partner"]
