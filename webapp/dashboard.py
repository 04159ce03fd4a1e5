"""What a dashboard is made of, and the dashboard of a Kanwil or of one of its UPT.

Every part answers a question with a sentence, a picture and a table. All of it is read from rollups and bounded counts:
no purchase is read, however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from catalogue import capacity, standing
from catalogue.terms import STATES
from recaps import charts
from sales.institutions import keeping, matching
from sales.institutions.matching import Bought, Buyers
from sales.sight import achieved, selling
from sales.sight.selling import Sold
from tenants.database import session as scoped_session
from tenants.models import Upt
from tenants.officers import Actor
from tenants.words import number_id, rupiah
from webapp.figure_tables import achievement_table, change, lines_url
from webapp.sight_sections import Picture, Section
from webapp.sight_tables import Cell, Column, Table, share_words
from workflows.sight import report
from workflows.sight.report import Line

SHOWN = 12
"""Bars of one picture; the table has every row."""
WIDTH = 420
SUBJECT = "product"


@dataclass(frozen=True)
class Place:
    """An UPT on the dashboard of its Kanwil, or a Kanwil on that of the country."""

    id: int
    name: str
    products: int
    """On the shelf."""
    capacity_per_month: int
    sold: int
    """Pieces in the year."""
    months: int
    """Months of the year that have begun."""

    @property
    def sold_per_month(self) -> int:
        return round(self.sold / self.months) if self.months else 0

    @property
    def idle_per_month(self) -> int:
        """Pieces that could be made and were not sold; never below nothing."""
        return max(0, self.capacity_per_month - self.sold_per_month)

    @property
    def used_share(self) -> float | None:
        return self.sold_per_month / self.capacity_per_month if self.capacity_per_month else None


def months_begun(year: int, today: date) -> int:
    """How many months of a year have begun."""
    if year > today.year:
        return 0
    return 12 if year < today.year else today.month


def of_tenant(year: int, *, by: Actor, kanwil_code: str, now: datetime, today: date) -> list[Section]:
    """The parts of the Kanwil's dashboard, or of the UPT's in scope, in order."""
    session = scoped_session()
    upts = session.execute(
        select(Upt.id, Upt.short_name, Upt.slug).where(Upt.active).order_by(Upt.short_name)
    ).all()
    if by.upt_id is not None:
        upts = [row for row in upts if row.id == by.upt_id]
    counted = standing.by_upt(session, [row.id for row in upts])
    able = capacity.of_upts(session, kanwil_code)
    sold = selling.quantities(year)
    places = [
        Place(
            *(row.id, row.short_name, *able.get((kanwil_code, row.slug), (0, 0))),
            *(sold.get(row.id, 0), months_begun(year, today)),
        )
        for row in upts
    ]
    return [
        products(counted, {row.id: row.short_name for row in upts}, _("UPT")),
        publication(report.of_kanwil(SUBJECT, str(year), now=now)),
        _targets(_own(achieved.achievement(year), by)),
        best(selling.best(year), year, linked=True),
        idle(places, _("UPT")),
        institutions(matching.buyers(year, keeping.every(active=True)), linked=True),
    ]


# --- the parts, of a Kanwil and of the country alike ---


def products(counted: standing.Standing, names: dict[int, str], place: str) -> Section:
    """Products by state."""
    totals = {state: sum(one[state] for one in counted.values()) for state in STATES}
    public = totals["published"]
    rows = [
        (_(label), totals[state], bounded(totals[state])) for state, label in STATES.items() if totals[state]
    ]
    sentence = _(
        "%(public)s produk terbit; %(waiting)s sedang diajukan dan %(drafts)s masih konsep.",
        public=bounded(public),
        waiting=bounded(totals["in_review"]),
        drafts=bounded(totals["draft"]),
    )
    if not rows:
        sentence = _("Belum ada produk.")
    columns = (Column(place, "text"), *(Column(_(label)) for label in STATES.values()))
    table = Table(
        "produk",
        _("Produk menurut keadaan"),
        columns,
        [
            [Cell(names[place_id]), *(Cell(counts[state]) for state in STATES)]
            for place_id, counts in counted.items()
        ],
    )
    return Section("keadaan", _("Produk menurut keadaan"), [bars(rows, sentence)], [table])


def publication(found: report.Report) -> Section:
    """How long a product takes until it is published: with the office, and back with the UPT."""
    office, upt = found.total.office.days, found.total.upt.days
    if office.n:
        sentence = _(
            "Separuh kasus selesai dalam %(median)s hari kerja di kantor, sembilan dari sepuluh dalam %(p90)s.",
            median=office.median,
            p90=office.p90,
        )
        if upt.n:
            sentence += " " + _(
                "Yang dikembalikan berada di UPT %(median)s hari kerja (median).", median=upt.median
            )
    else:
        sentence = _("Belum ada kasus produk yang selesai pada tahun ini.")
    rows: list[tuple[str, int | None, str]] = [
        (one.name[:3], one.office.days.median, str(one.office.days.median) if one.office.days.n else "")
        for one in found.months
    ]
    svg = charts.columns(rows, title=sentence, width=WIDTH) if office.n else ""
    table = Table(
        "waktu",
        _("Waktu sampai terbit"),
        (
            *(Column(_("Bulan"), "text"), Column(_("Kasus selesai")), Column(_("Kantor, median"))),
            *(Column(_("Kantor, 9 dari 10")), Column(_("UPT, median"))),
        ),
        [*(_held(line, line.name) for line in found.months), _held(found.total, _("Setahun"))],
    )
    places = Table(
        "waktu-tempat",
        _("Waktu menurut tempat"),
        (
            *(Column(_("Tempat"), "text"), Column(_("Kasus selesai")), Column(_("Kantor, median"))),
            *(Column(_("Kantor, 9 dari 10")), Column(_("UPT, median"))),
        ),
        [_held(line, line.name) for line in found.places if line.office.days.n],
    )
    return Section("terbit", _("Waktu sampai terbit"), [picture(sentence, svg)], [table, places])


def _held(line: Line, name: str) -> list[Cell]:
    office = line.office.days
    return [Cell(name), Cell(office.n), Cell(office.median), Cell(office.p90), Cell(line.upt.days.median)]


def _own(found: achieved.Achievement, by: Actor) -> achieved.Achievement:
    """An UPT sees its own row; the register of the others is no figure of its."""
    return (
        found if by.upt_id is None else replace(found, rows=[r for r in found.rows if r.upt_id == by.upt_id])
    )


def _targets(found: achieved.Achievement) -> Section:
    total = found.total
    rows = [
        (row.upt, round(1000 * row.omzet_share), share_words(row.omzet_share))
        for row in found.rows
        if row.omzet_share is not None
    ][:SHOWN]
    return Section(
        "target",
        _("Omzet dan PNBP terhadap target"),
        [
            picture(
                target_sentence(total.omzet_rupiah, total.omzet_target_rupiah, total.omzet_share),
                against(total.omzet_rupiah, total.omzet_target_rupiah, _("Omzet terhadap target")),
            ),
            picture(
                _(
                    "PNBP %(done)s dari target %(target)s (%(share)s).",
                    done=rupiah(total.pnbp_rupiah),
                    target=rupiah(total.pnbp_target_rupiah),
                    share=share_words(total.pnbp_share),
                )
                if total.pnbp_target_rupiah
                else _("Target PNBP belum ditetapkan."),
                against(total.pnbp_rupiah, total.pnbp_target_rupiah, _("PNBP terhadap target")),
            ),
            *([bars(rows, _("Capaian target omzet menurut UPT:"))] if len(found.rows) > 1 and rows else []),
        ],
        [achievement_table(found)],
    )


def target_sentence(done: int, target: int, share: float | None) -> str:
    """What was turned over of what was aimed at."""
    if not target:
        return _("Omzet %(done)s; target belum ditetapkan.", done=rupiah(done))
    return _(
        "Omzet %(done)s dari target %(target)s (%(share)s).",
        done=rupiah(done),
        target=rupiah(target),
        share=share_words(share),
    )


def against(done: int, target: int, title: str) -> str:
    """The bar of what was reached on the track of the target; nothing without one."""
    if not target:
        return ""
    labels = {"done_label": rupiah(done), "target_label": _("target %(amount)s", amount=rupiah(target))}
    return charts.against_target(done, target, title=title, width=WIDTH, **labels)


def best(rows: Sequence[Sold], year: int, *, linked: bool) -> Section:
    """What sells best, by the commodity that the e-Katalog names."""
    sentence = (
        _(
            "Terlaris: %(name)s, %(value)s dari %(n)s paket.",
            name=rows[0].name,
            value=rupiah(rows[0].sums.value_rupiah),
            n=number_id(rows[0].sums.packages),
        )
        if rows
        else _("Belum ada paket selesai pada tahun ini.")
    )
    drawn = [(one.name, one.sums.value_rupiah, rupiah(one.sums.value_rupiah)) for one in rows[:SHOWN]]

    def url(one: Sold) -> str | None:
        return lines_url(period=str(year), status="Selesai", komoditas=one.key) if linked else None

    table = Table(
        "terlaris",
        _("Komoditas terlaris"),
        (
            *(Column(_("Komoditas"), "text"), Column(_("Paket")), Column(_("Kuantitas"))),
            *(
                Column(_("Nilai"), "rp"),
                Column(_("Setahun sebelumnya"), "rp"),
                Column(_("Perubahan"), "change"),
            ),
        ),
        [
            [
                *(Cell(one.name), Cell(one.sums.packages, url(one)), Cell(one.sums.quantity)),
                *(Cell(one.sums.value_rupiah, url(one)), Cell(one.before.value_rupiah)),
                Cell(change(one.sums.value_rupiah, one.before.value_rupiah)),
            ]
            for one in rows
        ],
    )
    return Section(
        "laris", _("Paling laris"), [bars(drawn, sentence, highlight=0 if drawn else None)], [table]
    )


def idle(places: Sequence[Place], place: str) -> Section:
    """Capacity that is not sold."""
    able = sum(one.capacity_per_month for one in places)
    sold = sum(one.sold_per_month for one in places)
    free = sum(one.idle_per_month for one in places)
    sentence = (
        _(
            "Kapasitas %(able)s barang sebulan, terjual rata-rata %(sold)s; %(free)s menganggur.",
            able=number_id(able),
            sold=number_id(sold),
            free=number_id(free),
        )
        if able
        else _("Belum ada produk terbit, jadi belum ada kapasitas yang dihitung.")
    )
    ordered = sorted(
        (one for one in places if one.idle_per_month), key=lambda one: (-one.idle_per_month, one.name)
    )
    rows = [(one.name, one.idle_per_month, number_id(one.idle_per_month)) for one in ordered[:SHOWN]]
    table = Table(
        "kapasitas",
        _("Kapasitas dan penjualan sebulan"),
        (
            *(Column(place, "text"), Column(_("Produk terbit")), Column(_("Kapasitas sebulan"))),
            *(Column(_("Terjual sebulan")), Column(_("Terpakai"), "share"), Column(_("Menganggur"))),
        ),
        [
            [
                *(Cell(one.name), Cell(one.products), Cell(one.capacity_per_month), Cell(one.sold_per_month)),
                *(Cell(one.used_share), Cell(one.idle_per_month)),
            ]
            for one in places
        ],
    )
    return Section("menganggur", _("Kapasitas menganggur"), [bars(rows, sentence)], [table])


def institutions(found: Buyers, *, linked: bool) -> Section:
    """Who ought to buy and who does."""
    buying, silent = found.buying, found.silent
    if not found.expected:
        sentence = _("Daftar instansi yang seharusnya membeli belum diisi Admin Pusat.")
    elif not silent:
        sentence = _("Semua %(all)s instansi dalam daftar sudah membeli tahun ini.", all=len(found.expected))
    else:
        sentence = _(
            "%(n)s dari %(all)s instansi yang seharusnya membeli sudah membeli tahun ini; belum: %(names)s.",
            n=len(buying),
            all=len(found.expected),
            names=_named([one.name for one in silent]),
        )
    rows = [
        (one.name, one.sums.value_rupiah, rupiah(one.sums.value_rupiah)) for one in [*buying, *found.others][:SHOWN]
        if one.buys
    ]  # fmt: skip

    def row(one: Bought) -> list[Cell]:
        alone = one.keys[0] if linked and len(one.keys) == 1 else None  # a list is of one name
        url = lines_url(period=str(found.year), dibeli=alone) if alone else None
        return [
            *(Cell(one.name), Cell(_(keeping.KINDS[one.kind]) if one.kind else _("di luar daftar"))),
            *(Cell(_("membeli") if one.buys else _("belum membeli")), Cell(one.sums.packages, url)),
            *(Cell(one.sums.value_rupiah, url), Cell(one.before.value_rupiah)),
        ]

    columns = (
        *(Column(_("Instansi"), "text"), Column(_("Jenis"), "text"), Column(_("Tahun ini"), "text")),
        *(Column(_("Paket")), Column(_("Nilai"), "rp"), Column(_("Setahun sebelumnya"), "rp")),
    )
    table = Table(
        "instansi",
        _("Instansi pembeli"),
        columns,
        [row(one) for one in (*found.expected, *(one for one in found.others if one.buys))],
    )
    return Section("pembeli", _("Instansi pembeli"), [bars(rows, sentence)], [table])


def _named(names: Sequence[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    first = ", ".join(names[:most])
    more = len(names) - most
    return _("%(names)s, dan %(n)s lainnya", names=first, n=more) if more > 0 else first


# --- drawing ---


def bounded(count: int) -> str:
    """A count that stopped at its bound, "1.000+"."""
    return f"{number_id(standing.BOUND)}+" if count >= standing.BOUND else number_id(count)


def picture(sentence: str, svg: str = "") -> Picture:
    return Picture(sentence, Markup(svg))  # noqa: S704 - drawn by recaps.charts, which escapes every text


def bars(rows: Sequence[tuple[str, int, str]], sentence: str, *, highlight: int | None = None) -> Picture:
    """Bars under their sentence; the sentence alone where there is nothing to draw."""
    svg = charts.bars(rows, title=sentence, width=WIDTH, highlight=highlight, above=True) if rows else ""
    return picture(sentence, svg)


def table_of(sections: Sequence[Section], key: str) -> Table | None:
    """The table of this key, or None."""
    return next((table for part in sections for table in part.tables if table.key == key), None)


def exporter(endpoint: str, **kept: object) -> Callable[[str, str], str]:
    """The address of a table's file."""
    return lambda table, kind: url_for(endpoint, table=table, kind=kind, **kept)
