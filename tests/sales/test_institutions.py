"""Who ought to buy and who does, and what a dashboard reads of sales: all of it from the rollups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sales import settings as rules
from sales.institutions import keeping, matching
from sales.institutions.errors import InstitutionInvalid, InstitutionMoved, InstitutionNotFound
from sales.sight import achieved, selling
from tenants import database
from tenants.database import session
from tenants.errors import Forbidden
from tenants.officers import Actor
from tenants.scope import NationalScope, entered
from tests.sales.conftest import NOW, Sales
from tests.sales.test_figures import PROVIDERS
from tests.sales.test_sight import two_years
from tests.support.statements import counted_statements
from workflows.models import AuditEvent

CENTRE = Actor(90, "Pusat", frozenset({"admin_pusat"}), None, None, "Admin Pusat")
COURT = {
    "name": "Mahkamah Agung RI",
    "kind": "agency",
    "names": "Mahkamah Agung\n\nMA",
    "basis": "Perpres 12/2021",
}


@contextmanager
def centre() -> Iterator[Actor]:
    with entered(NationalScope(CENTRE.id)):
        yield CENTRE


def no_purchase_read(seen: list[str]) -> None:
    assert not [one for one in seen if " purchase " in f"{one} ".replace("\n", " ")]


def test_the_centre_keeps_the_register_and_every_kanwil_hears_of_it(sales: Sales) -> None:
    with centre() as by:
        court = keeping.add(COURT, by=by, now=NOW, key="a")
        number = court.id
        assert court.names == ["Mahkamah Agung", "MA"]
        assert keeping.add(COURT, by=by, now=NOW, key="a").id == number
        for wrong, place in (
            ({"name": "MAHKAMAH agung"}, "name"),
            ({"name": " - "}, "name"),
            ({"kind": "lain"}, "kind"),
            ({"name": "Lain", "names": ["Mahkamah Agung RI"]}, "names"),
            ({"name": "Lain", "names": ["x" * 201]}, "names"),
            ({"name": "Lain", "names": "", "basis": "x" * 501}, "basis"),
        ):
            with pytest.raises(InstitutionInvalid) as refused:
                keeping.add({**COURT, **wrong}, by=by, now=NOW)
            assert set(refused.value.fields) == {place}
        changed = keeping.change(number, {"basis": "Perpres"}, by=by, now=NOW, version=1)
        assert (changed.version, changed.names) == (2, ["Mahkamah Agung", "MA"])
        assert keeping.change(number, {"basis": "Perpres"}, by=by, now=NOW).version == 2
        with pytest.raises(InstitutionMoved):
            keeping.change(number, {"basis": "Lain"}, by=by, now=NOW, version=1)
        with pytest.raises(InstitutionNotFound):
            keeping.one(99_999)
        keeping.change(number, {"is_active": False}, by=by, now=NOW)
        assert (len(keeping.every()), len(keeping.every(active=True))) == (1, 0)
    with sales.inside(), pytest.raises(Forbidden):
        keeping.add(COURT, by=sales.by(), now=NOW)
    with sales.inside(sales.kalbar):
        said = [one.action for one in session().query(AuditEvent).filter(AuditEvent.chain == "kanwil")]
        assert said == ["institution.added", "institution.changed", "institution.changed"]


def test_purchases_are_matched_with_the_register_by_every_name(sales: Sales) -> None:
    sales.bring_in(two_years())
    with centre() as by:
        keeping.add(COURT, by=by, now=NOW)
        keeping.add({"name": "Kementerian Sosial", "kind": "ministry"}, by=by, now=NOW)
    with sales.inside():
        register = keeping.every(active=True)
        with counted_statements() as seen:
            found = matching.buyers(2024, register)
        assert len(seen) == 1
        no_purchase_read(seen)
        assert [(one.name, one.sums.packages) for one in found.buying] == [("Mahkamah Agung RI", 1)]
        assert [one.name for one in found.silent] == ["Kementerian Sosial"]
        assert [(one.name, one.before.packages, one.buys) for one in found.others] == [
            ("Warung Bu Ani", 1, False)
        ]
    with sales.inside(upt=sales.upt(PROVIDERS[1])):
        assert matching.buyers(2024, register).buying == []  # another UPT sold it
    with centre(), database.national("uji") as reader:
        assert [one.sums.packages for one in matching.buyers(2024, register, session=reader).buying] == [1]


def test_what_sells_best_by_month_and_against_targets_of_the_country(sales: Sales) -> None:
    sales.bring_in(two_years())
    with sales.inside():
        upt = sales.upt(PROVIDERS[0])
        rules.set_targets([(upt, 1_000_000, 100_000)], 2024, by=sales.by("admin_kanwil"), now=NOW)
        with counted_statements() as seen:
            best, months, pieces = selling.best(2024), selling.by_month(2024), selling.quantities(2024)
        assert len(seen) == 3
        no_purchase_read(seen)
        own = achieved.achievement(2024).total
        assert sum(one.sums.value_rupiah for one in best) == own.omzet_rupiah == 97_000
        assert best[0].sums.value_rupiah >= best[-1].sums.value_rupiah
        assert [one.sums.value_rupiah for one in months[:3]] == [0, 25_000, 72_000]
        assert months[2].before.value_rupiah == 51_000
        assert sum(pieces.values()) == 5
        assert [one.key for one in selling.best(2024, limit=1)] == [best[0].key]
    with centre(), database.national("uji") as reader:
        with counted_statements() as seen:
            rows = selling.reached_by_kanwil(2024, session=reader)
        assert len(seen) == 4
        no_purchase_read(seen)
        first = rows[0]
        assert (first.omzet_rupiah, first.omzet_target_rupiah, first.pnbp_rupiah) == (
            97_000,
            1_000_000,
            9_700,
        )
        assert (first.omzet_share, first.pnbp_share, first.earlier_omzet_rupiah) == (0.097, 0.097, 51_000)
        assert rows[-1].omzet_share is None
        assert sum(selling.quantities(2024, session=reader, by_kanwil=True).values()) == 5
