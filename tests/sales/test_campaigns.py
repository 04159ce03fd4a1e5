"""A campaign from draft to frozen figures: who takes part, what counts, what is counted once, and what closing refuses.

The case is Kalbar's: One Day One Prison's Product, Rp47.850.000 ("close to 48 million") in one month.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from catalogue import drafts
from config import Settings
from sales import undoing
from sales.campaigns import board, closing, counting, joining, planning, queries, selling
from sales.campaigns.errors import (
    CampaignClosed,
    CampaignMoved,
    NoSuchCampaign,
    NoSuchSale,
    NotYourCampaign,
    SaleMoved,
)
from sales.campaigns.models import CampaignFigure, CampaignSale, PublishedCampaignFigure
from sales.entering import correct as correct_purchase
from sales.models import Purchase
from tenants import archive, database, files
from tenants.errors import Conflict, Forbidden, Invalid
from tenants.officers import ROLE_LABELS, Actor
from tenants.schema import migrate
from tenants.scope import NationalScope, entered
from tests.sales.conftest import Sales
from tests.support.databases import template
from tests.support.statements import counted_statements
from workflows.models import AuditEvent, Notice

APRIL = {"title": "One Day One Prison's Product", "starts_on": "2021-04-01", "ends_on": "2021-04-30"}
DURING = datetime(2021, 4, 13, 4, 0, tzinfo=UTC)
BEFORE, AFTER = DURING - timedelta(days=20), DURING + timedelta(days=20)
PUSAT = Actor(9, "Admin Pusat", frozenset({"admin_pusat"}), None, None, "Admin Pusat")
HEAD = (
    "id_paket,komoditas,nama_produk,penyedia,satker_pembeli,instansi_pembeli,"
    "tanggal,kuantitas,harga_satuan,ongkir,total,status"
)
LAPAS = "Lembaga Pemasyarakatan Kelas IIA Pontianak"
RUTAN = "Rumah Tahanan Negara Kelas IIA Pontianak"


@dataclass
class Field:
    """Kalbar and Banten around a campaign."""

    sales: Sales
    campaign: int = 0

    def upt(self, name: str) -> int:
        return self.sales.upt(name)

    @contextmanager
    def unit(
        self, name: str = LAPAS, *, kanwil: int | None = None, role: str = "operator_upt"
    ) -> Iterator[Actor]:
        upt, home = self.upt(name), kanwil or self.sales.kalbar
        with self.sales.inside(home, upt):
            yield Actor(7, "Siti Aminah", frozenset({role}), home, upt, ROLE_LABELS[role])

    @contextmanager
    def kanwil(self, role: str = "kadiv", kanwil: int | None = None) -> Iterator[Actor]:
        home = kanwil or self.sales.kalbar
        with self.sales.inside(home):
            yield Actor(7, "Budi Santoso", frozenset({role}), home, None, ROLE_LABELS[role])

    @contextmanager
    def centre(self) -> Iterator[Actor]:
        with entered(NationalScope(9)):
            yield PUSAT

    def announced(self, **terms: Any) -> int:
        """A national campaign that runs in April 2021."""
        with self.centre() as by:
            made = planning.begin(
                {**APRIL, "target_rupiah": "Rp100.000.000", "counts_purchases": "ya", **terms},
                by=by,
                now=BEFORE,
            )
            planning.announce(made.id, by=by, now=BEFORE)
        self.campaign = made.id
        return made.id

    def sell(
        self, value: int, name: str = LAPAS, *, on: str = "2021-04-13", now: datetime = DURING, **more: Any
    ) -> CampaignSale:
        with self.unit(name) as by:
            values = {"sold_on": on, "product_name": "Miniatur kapal", "value_rupiah": value, **more}
            return selling.enter(self.campaign, values, by=by, now=now)[0]

    def buy(self, *lines: str) -> Any:
        """Purchases of Kalbar come in as a file."""
        return self.sales.bring_in("\n".join([HEAD, *lines]).encode(), self.sales.kalbar)

    def board(self, now: datetime = DURING) -> board.Board:
        board.forget()
        with entered(None), database.public() as session:
            slug = session.scalars(select(board.PublishedCampaign.slug)).first() or ""
            found = board.read(session, slug, now)
        assert found is not None
        return found

    def recounted(self) -> list[counting.Difference]:
        with self.kanwil():
            return counting.recount()


@pytest.fixture
def field(sales: Sales) -> Field:
    return Field(sales)


def line(package: str, day: str, total: int, seller: str = LAPAS, status: str = "Selesai") -> str:
    return f"{package},Kriya,Miniatur kapal,{seller},Dinas Sosial,Pemda,{day},1,{total},0,{total},{status}"


def test_kalbars_47_850_000_is_counted_from_entries_and_purchases(field: Field) -> None:
    field.announced()
    field.sell(17_850_000, quantity=17)
    field.buy(line("EP-1", "2021-04-20", 20_000_000), line("EP-2", "2021-04-20", 999, status="Proses"))
    field.sell(10_000_000, RUTAN, on="2021-04-12")
    seen = field.board()
    assert seen.value_rupiah == 47_850_000  # close to 48 million
    assert [(row.rank, row.name, row.value_rupiah) for row in seen.upts] == [
        (1, "Lapas IIA Pontianak", 37_850_000),
        (2, "Rutan IIA Pontianak", 10_000_000),
    ]
    assert [(row.rank, row.name, row.value_rupiah, row.units) for row in seen.kanwils] == [
        (1, "Kanwil Kalimantan Barat", 47_850_000, 2)
    ]
    assert (seen.phase, seen.day_no, seen.days, seen.reached) == ("running", 13, 30, 0.4785)
    assert (seen.today_rupiah, seen.today_sales, seen.sales) == (17_850_000, 1, 3)
    assert dict(seen.by_day)[date(2021, 4, 20)] == 20_000_000
    assert field.recounted() == []


def test_a_package_is_never_counted_beside_the_entry_that_names_it(field: Field) -> None:
    field.announced()
    field.sell(5_000_000, package_id=" EP-7 ")
    field.buy(line("EP-7", "2021-04-14", 5_100_000), line("EP-8", "2021-04-14", 300_000))
    assert field.board().value_rupiah == 5_300_000
    with field.unit() as by, pytest.raises(Invalid) as again:
        selling.enter(
            field.campaign,
            {"product_name": "Kapal", "value_rupiah": 1, "package_id": "EP-7"},
            by=by,
            now=DURING,
        )
    assert "package_id" in again.value.fields
    with field.unit() as by:  # the entry is struck: the purchase counts by itself
        sale = queries.sales(field.campaign)[0][0].sale
        selling.strike(sale.id, reason="Sudah ada di e-Katalog.", by=by, now=DURING)
    assert field.board().value_rupiah == 5_400_000
    with field.unit() as by:  # and a later entry for it takes its place
        values = {
            "product_name": "Kapal",
            "value_rupiah": 5_000_000,
            "package_id": "EP-7",
            "sold_on": "2021-04-13",
        }
        selling.enter(field.campaign, values, by=by, now=DURING)
    assert field.board().value_rupiah == 5_300_000
    assert field.recounted() == []


def test_purchases_that_come_change_and_go_move_the_counter_with_them(field: Field) -> None:
    field.announced()
    done = field.buy(line("EP-1", "2021-04-02", 1_000_000), line("EP-2", "2021-05-02", 7_000_000))
    with field.unit() as by:
        assert not field_figures(field)  # nobody takes part yet
        joining.join(field.campaign, by=by, now=DURING)
    assert field.board().value_rupiah == 1_000_000  # what was bought before it joined counts too
    field.buy(line("EP-3", "2021-04-03", 2_000_000), line("EP-4", "2021-04-03", 4_000_000, RUTAN))
    assert field.board().value_rupiah == 3_000_000
    with field.kanwil() as by:
        bought = database.session().scalars(select(Purchase).where(Purchase.package_id == "EP-3")).one()
        correct_purchase(
            bought.id, {"purchased_on": "2021-03-31"}, version=1, reason="Salah tanggal.", by=by, now=DURING
        )
    assert field.board().value_rupiah == 1_000_000
    with field.kanwil() as by:
        undoing.undo(done.id, by=by, now=DURING)
    assert field.board().value_rupiah == 0
    assert field.recounted() == []


def field_figures(field: Field) -> list[CampaignFigure]:
    return list(database.session().scalars(select(CampaignFigure)))


def test_a_correction_keeps_what_was_said_and_who_said_why(field: Field) -> None:
    field.announced()
    sale = field.sell(4_000_000)
    with field.unit() as by:
        for wrong in (
            {"value_rupiah": "banyak"},
            {"quantity": "0"},
            {"sold_on": "2021-05-01"},
            {"product_name": ""},
        ):
            with pytest.raises(Invalid) as refused:
                selling.correct(sale.id, wrong, reason="Keliru ketik.", by=by, now=DURING)
            assert set(refused.value.fields) == set(wrong)
        values = {"value_rupiah": "Rp4.500.000", "sold_on": "12-04-2021"}
        fixed = selling.correct(
            sale.id, values, reason="Keliru ketik.", version=1, by=by, now=DURING, key="once"
        )
        again = selling.correct(
            sale.id, values, reason="Keliru ketik.", version=1, by=by, now=DURING, key="once"
        )
        assert (fixed.version, again.version) == (2, 2)
        with pytest.raises(SaleMoved):
            selling.correct(sale.id, values, reason="Keliru ketik.", version=1, by=by, now=DURING)
        with pytest.raises(Invalid):
            selling.correct(sale.id, {"quantity": 2}, reason="", version=2, by=by, now=DURING)
        story = queries.history(sale.id)
        assert [(one.version, one.reason) for one in story] == [(2, "Keliru ketik."), (1, "")]
        assert story[0].changes == {
            "value_rupiah": [4_000_000, 4_500_000],
            "sold_on": ["2021-04-13", "2021-04-12"],
        }
        selling.strike(sale.id, reason="Tercatat dua kali.", by=by, now=DURING)
        assert selling.strike(sale.id, reason="Tercatat dua kali.", by=by, now=DURING).version == 3
        actions = database.session().scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
    assert [one for one in actions if one.startswith("campaign.")] == [
        *("campaign.joined", "campaign.sold", "campaign.corrected", "campaign.struck"),
    ]
    assert field.board().value_rupiah == 0
    assert field.recounted() == []


def test_a_product_brings_its_price_and_a_double_click_counts_once(field: Field) -> None:
    field.announced()
    with field.unit() as by:
        product = drafts.create({"name": "Tas anyaman", "price_rupiah": 95_000}, by=by, now=DURING)
        with counted_statements() as seen:
            sale, replayed = selling.enter(
                field.campaign, {"product_id": product.id, "quantity": "3"}, by=by, now=DURING, key="k1"
            )
        assert len(seen) <= 34, "\n".join(seen)
        _, second = selling.enter(
            field.campaign, {"product_id": product.id, "quantity": "3"}, by=by, now=DURING, key="k1"
        )
        assert (sale.value_rupiah, sale.product_name, sale.sold_on) == (
            285_000,
            "Tas anyaman",
            date(2021, 4, 13),
        )
        assert (replayed, second) == (False, True)
        with counted_statements() as seen:
            selling.enter(field.campaign, {"product_id": product.id}, by=by, now=DURING)
        assert len(seen) <= 26, "\n".join(seen)
    with field.unit(RUTAN) as by:
        for wrong, named in (
            ({"product_id": product.id, "value_rupiah": 1}, "product_id"),  # another UPT's
            ({"product_name": "Tas"}, "value_rupiah"),
            ({"value_rupiah": 5}, "product_name"),
            ({"product_name": "Tas", "value_rupiah": "1"}, None),
        ):
            if named is None:
                selling.enter(field.campaign, wrong, by=by, now=DURING)
                continue
            with pytest.raises(Invalid) as refused:
                selling.enter(field.campaign, wrong, by=by, now=DURING)
            assert named in refused.value.fields
    assert field.board().value_rupiah == 285_000 + 95_000 + 1


def test_days_follow_each_kanwils_own_clock(field: Field) -> None:
    field.announced(late_days=2)
    last_evening = datetime(2021, 4, 30, 16, 30, tzinfo=UTC)  # 23.30 in Pontianak
    field.sell(1_000, on="", now=last_evening)
    with field.kanwil() as by:
        row = queries.find(field.campaign, by=by)
        figures = queries.by_day(field.campaign)
    assert list(figures) == [date(2021, 4, 30)]
    for moment, phase in (
        (datetime(2021, 3, 31, 14, 0, tzinfo=UTC), "upcoming"),
        (datetime(2021, 3, 31, 15, 0, tzinfo=UTC), "running"),  # midnight in Jayapura
        (last_evening, "running"),
        (last_evening + timedelta(hours=1), "late"),
        (datetime(2021, 5, 3, 0, 0, tzinfo=UTC), "ended"),
    ):
        assert planning.terms.national_phase(row, moment) == phase
    with field.unit() as by:
        early = datetime(2021, 3, 31, 16, 0, tzinfo=UTC)  # 23.00 in Pontianak, April in the east already
        values = {"product_name": "Kapal", "value_rupiah": 5}
        with pytest.raises(CampaignMoved, match="baru dimulai 1 April 2021"):
            selling.enter(field.campaign, values, by=by, now=early)
        late = datetime(2021, 5, 2, 3, 0, tzinfo=UTC)
        assert selling.enter(field.campaign, values, by=by, now=late)[0].sold_on == date(2021, 4, 30)
        with pytest.raises(CampaignMoved, match="Batas memasukkan penjualan sudah lewat"):
            selling.enter(field.campaign, values, by=by, now=late + timedelta(days=1))
        with pytest.raises(Invalid):
            selling.enter(field.campaign, {**values, "sold_on": "2021-04-14"}, by=by, now=DURING)  # tomorrow


def test_closing_freezes_the_figures_and_refuses_what_comes_late(field: Field) -> None:
    field.announced(late_days=30)
    sale = field.sell(47_850_000)
    with field.centre() as by:
        with pytest.raises(CampaignMoved, match="berlangsung sampai 30 April 2021"):
            closing.close(field.campaign, by=by, now=DURING)
        done = closing.close(field.campaign, by=by, now=AFTER)
        assert closing.close(field.campaign, by=by, now=AFTER + timedelta(days=1)).closed_at == done.closed_at
        value = closing.frozen(done)
    assert value is not None
    assert (value["schema"], value["totals"]["value_rupiah"], value["totals"]["units"]) == (
        "karya.campaign/1",
        47_850_000,
        1,
    )
    assert value["by_upt"][0]["name"] == "Lapas IIA Pontianak"
    assert done.figures_sha256 is not None
    assert json.loads(files.get(done.figures_sha256)) == value
    assert closing.canonical(value) == files.get(done.figures_sha256)
    for act in (
        lambda by: selling.enter(
            field.campaign, {"product_name": "Kapal", "value_rupiah": 5}, by=by, now=AFTER
        ),
        lambda by: selling.correct(sale.id, {"value_rupiah": 5}, reason="Keliru ketik.", by=by, now=AFTER),
        lambda by: selling.strike(sale.id, reason="Keliru ketik.", by=by, now=AFTER),
        lambda by: joining.join(field.campaign, {"pledge_rupiah": 5}, by=by, now=AFTER),
        lambda by: joining.decline(field.campaign, by=by, now=AFTER),
    ):
        with field.unit() as by, pytest.raises(CampaignClosed, match="sudah ditutup"):
            act(by)
    field.buy(line("EP-9", "2021-04-14", 1_000_000))  # an import after the closing changes no frozen figure
    seen = field.board(AFTER)
    assert (seen.value_rupiah, seen.phase) == (47_850_000, "closed")
    assert field.recounted() == []


def test_who_may_plan_and_who_sees_which_campaign(field: Field) -> None:
    with field.centre() as by:
        draft = planning.begin(APRIL, by=by, now=BEFORE).id
    with field.kanwil() as by:
        own = planning.begin({**APRIL, "title": "Pekan Karya Kalbar"}, by=by, now=BEFORE, key="a").id
        assert planning.begin({**APRIL, "title": "Pekan Karya Kalbar"}, by=by, now=BEFORE, key="a").id == own
        assert [row.id for row in queries.listed(by=by)[0]] == [own]
        with pytest.raises(NoSuchCampaign):
            planning.announce(draft, by=by, now=BEFORE)
    with field.kanwil(kanwil=field.sales.banten) as by, pytest.raises(NoSuchCampaign):
        queries.find(own, by=by)
    with field.unit() as by:
        with pytest.raises(NoSuchCampaign):
            queries.find(own, by=by)  # a draft is for those who plan
        with pytest.raises(Forbidden):
            planning.begin(APRIL, by=by, now=BEFORE)
    with field.kanwil("pembina") as by, pytest.raises(Forbidden):
        planning.begin(APRIL, by=by, now=BEFORE)
    with field.kanwil() as by:
        planning.announce(own, by=by, now=BEFORE)
        told = (
            database.session().scalars(select(Notice.title).where(Notice.kind == "campaign.announced")).all()
        )
        assert told == ["Kampanye diumumkan: Pekan Karya Kalbar"] * 2
    with field.unit() as by:
        assert queries.find(own, by=by).slug == "pekan-karya-kalbar-2021"
        with pytest.raises(NotYourCampaign):
            joining.invite(own, [by.upt_id or 0], by=by, now=BEFORE)
    with field.centre() as by:
        planning.announce(draft, by=by, now=BEFORE)
        with pytest.raises(NoSuchCampaign):
            queries.find(own, by=by)
    with field.kanwil() as by:
        assert {row.id for row in queries.listed(by=by)[0]} == {own, draft}
        with pytest.raises(NotYourCampaign):
            planning.change(draft, {"summary": "Milik kami"}, by=by, now=BEFORE)


def test_terms_are_checked_kept_and_fixed_by_the_announcement(field: Field) -> None:
    with field.centre() as by:
        with pytest.raises(Invalid) as refused:
            planning.begin(
                {
                    "title": "x",
                    "starts_on": "besok",
                    "ends_on": "2021-04-30",
                    "target_rupiah": "-5",
                    "late_days": "99",
                },
                by=by,
                now=BEFORE,
            )
        assert set(refused.value.fields) == {"title", "starts_on", "target_rupiah", "late_days"}
        with pytest.raises(Invalid):
            planning.begin({**APRIL, "ends_on": "2021-03-01"}, by=by, now=BEFORE)
        with pytest.raises(Invalid):
            planning.begin({**APRIL, "ends_on": "2022-05-01"}, by=by, now=BEFORE)
        first, second = (planning.begin(APRIL, by=by, now=BEFORE) for _ in range(2))
        assert [first.slug, second.slug] == [
            "one-day-one-prison-s-product-2021",
            "one-day-one-prison-s-product-2021-2",
        ]
        changed = planning.change(first.id, {"ends_on": "2021-04-29"}, version=1, by=by, now=BEFORE)
        assert (changed.days, changed.version) == (29, 2)
        with pytest.raises(Conflict):
            planning.change(first.id, {"summary": "Lain"}, version=1, by=by, now=BEFORE)
        with pytest.raises(Invalid):
            planning.announce(first.id, by=by, now=AFTER)
        planning.announce(first.id, by=by, now=BEFORE)
        assert planning.announce(first.id, by=by, now=BEFORE).version == 3
        with pytest.raises(Invalid) as fixed:
            planning.change(first.id, {"starts_on": "2021-04-02"}, by=by, now=BEFORE)
        assert set(fixed.value.fields) == {"starts_on"}
        planning.change(first.id, {"target_rupiah": "Rp5.000"}, by=by, now=BEFORE)
        assert field.board(BEFORE).target_rupiah == 5_000
        planning.retract(first.id, by=by, now=BEFORE)
        planning.announce(first.id, by=by, now=BEFORE)
        actions = [one.action for one in queries.changes(first.id)]
        assert actions == ["announced", "retracted", "changed", "announced", "changed", "begun"]
        with pytest.raises(CampaignMoved):
            planning.retract(first.id, by=by, now=DURING)


def test_units_are_invited_join_pledge_and_decline(field: Field) -> None:
    field.announced()
    lapas, rutan = field.upt(LAPAS), field.upt(RUTAN)
    with field.kanwil() as by:
        assert joining.invite(field.campaign, [lapas, rutan], by=by, now=BEFORE) == 2
        assert joining.invite(field.campaign, [lapas, rutan], by=by, now=BEFORE) == 0
        with pytest.raises(Invalid):
            joining.invite(
                field.campaign, [field.upt("Lembaga Pemasyarakatan Kelas I Tangerang")], by=by, now=BEFORE
            )
        assert [row.state for row in queries.units(field.campaign)][:2] == ["invited", "invited"]
    with field.unit() as by:
        notice = database.session().scalars(select(Notice).where(Notice.kind == "campaign.invited")).first()
        assert notice is not None
        assert notice.link == f"/program/kampanye/{field.campaign}"
        pledge = {"pledge_rupiah": "Rp48.000.000", "pledge_text": "Kapal dan tas", "show_on": "2021-04-13"}
        joining.join(field.campaign, pledge, by=by, now=BEFORE)
        with pytest.raises(Invalid):
            joining.join(field.campaign, {"show_on": "2021-05-13"}, by=by, now=BEFORE)
    seen = field.board()
    assert (seen.pledge_rupiah, [one.name for one in seen.shows_today]) == (
        48_000_000,
        ["Lapas IIA Pontianak"],
    )
    field.sell(5_000, RUTAN)  # entering a sale is taking part
    with field.kanwil() as by:
        assert {row.name: row.state for row in queries.units(field.campaign)}[
            "Rutan IIA Pontianak"
        ] == "joined"
        assert queries.joined_count(field.campaign) == 2
        with counted_statements() as seen_statements:
            queries.units(field.campaign)
        assert len(seen_statements) == 2
        with pytest.raises(CampaignMoved, match="sudah mencatat penjualan"):
            joining.decline(field.campaign, by=by, now=DURING, upt_id=rutan)
    field.buy(line("EP-1", "2021-04-02", 1_000_000))
    assert field.board().value_rupiah == 1_005_000
    with field.unit() as by:
        joining.decline(field.campaign, by=by, now=DURING)
    assert field.board().value_rupiah == 5_000
    assert field.recounted() == []
    with field.kanwil() as by:  # the Kanwil enters for a UPT without a line
        sale, _ = selling.enter(
            field.campaign, {"product_name": "Tas", "value_rupiah": 7_000}, by=by, now=DURING, upt_id=rutan
        )
    with field.unit() as by, pytest.raises(NoSuchSale):
        selling.load(sale.id)


def test_recount_names_what_is_wrong_and_mends_it(field: Field) -> None:
    field.announced()
    field.sell(5_000_000)
    with field.kanwil(), database.transaction() as session:
        session.execute(update(CampaignFigure).values(value_rupiah=1))
        session.execute(update(PublishedCampaignFigure).values(value_rupiah=2))
    found = field.recounted()
    assert {one.rollup for one in found} == {"campaign_figure", "published_campaign_figure"}
    with field.kanwil():
        counting.recount(fix=True)
    assert field.recounted() == []
    assert field.board().value_rupiah == 5_000_000


def test_the_live_answer_is_made_once_a_second_by_three_statements(field: Field) -> None:
    field.announced()
    for name, value in ((LAPAS, 3_000), (RUTAN, 2_000)):
        field.sell(value, name)
    board.forget()
    with counted_statements() as seen:
        first = board.board("one-day-one-prison-s-product-2021", DURING)
        again = board.board("one-day-one-prison-s-product-2021", DURING)
    assert first is again
    assert len(seen) == 3, "\n".join(seen)
    assert board.board("tidak-ada", DURING) is None
    assert board.as_json(first)["value_rupiah"] == 5_000 if first else False


def _bare(settings: Settings) -> None:
    database.configure(settings)
    migrate(settings)


def test_a_kanwil_leaves_and_comes_back_with_its_sales(
    field: Field, dialect: str, shared_folder: Path, tmp_path: Path
) -> None:
    field.announced()
    field.sell(47_850_000)
    with field.kanwil() as by:
        planning.begin({**APRIL, "title": "Pekan Karya Kalbar"}, by=by, now=BEFORE)
    packed = tmp_path / "kalbar.zip"
    archive.export(field.sales.kalbar, packed)
    with template(dialect, "bare", shared_folder, _bare).copied(tmp_path / "elsewhere") as settings:
        database.configure(settings)
        archive.restore(packed)
        slugs = ["one-day-one-prison-s-product-2021", "pekan-karya-kalbar-2021"]
        with field.kanwil() as by:
            assert sorted(row.slug for row in queries.listed(by=by)[0]) == slugs
            assert queries.totals([field.campaign])[field.campaign].value_rupiah == 47_850_000
            assert counting.recount() == []
            assert [one.action for one in queries.changes(field.campaign)] == ["announced", "begun"]
        database.db.dispose()
