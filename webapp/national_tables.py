"""The figures of the country as tables: the same rows on the page, as CSV and as XLSX. A Kanwil leads to its signed
recap where the reader may open it; the purchases behind a sum stay with the Kanwil.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from catalogue.terms import GROUPS, STATES
from sales.sight.comparing import Line
from sales.sight.country import Country, OfKanwil
from webapp.figure_tables import change
from webapp.sight_tables import Cell, Column, Table


class CountryTables:
    """The tables of one period. `recaps`: Kanwil -> its signed recap of the period, where the reader may follow."""

    def __init__(self, found: Country, recaps: Mapping[int, int]) -> None:
        self.found = found
        self.recaps = recaps

    def get(self, key: str) -> Table | None:
        """The table of this key, or None."""
        build = _BUILD.get(key)
        return build(self) if build else None

    def all(self) -> list[Table]:
        return [build(self) for build in _BUILD.values()]

    def by_kanwil(self) -> Table:
        columns = (
            *(Column(_("Kanwil"), "text"), Column(_("Paket")), Column(_("Omzet"), "rp")),
            *(Column(_("Periode sebelumnya"), "rp"), Column(_("Perubahan"), "change")),
            *(Column(_("Setahun sebelumnya"), "rp"), Column(_("Perubahan"), "change")),
            Column(_("UPT membeli")),
        )
        rows = [self._of_kanwil(one) for one in self.found.kanwils]
        return Table("kanwil", _("Menurut Kanwil"), columns, [*rows, self._of_kanwil(self.found.total)])

    def _of_kanwil(self, one: OfKanwil) -> list[Cell]:
        now, earlier, year = one.sums
        return [
            self._name(one),
            *(Cell(now.packages), Cell(now.value_rupiah)),
            *(Cell(earlier.value_rupiah), Cell(change(now.value_rupiah, earlier.value_rupiah))),
            *(Cell(year.value_rupiah), Cell(change(now.value_rupiah, year.value_rupiah))),
            Cell(one.buyers[0]),
        ]

    def _name(self, one: OfKanwil) -> Cell:
        if not one.id:
            return Cell(_("Jumlah"))
        recap = self.recaps.get(one.id)
        return Cell(one.province, url_for("recaps.received_one", recap_id=recap) if recap else None)

    def targets(self) -> Table:
        """The year up to the period's end against what each Kanwil means to reach, and PNBP of the period alone."""
        columns = (
            *(
                Column(_("Kanwil"), "text"),
                Column(_("Omzet tahun ini"), "rp"),
                Column(_("Target omzet"), "rp"),
            ),
            *(Column(_("Capaian"), "share"), Column(_("PNBP periode ini"), "rp")),
            *(
                Column(_("PNBP tahun ini"), "rp"),
                Column(_("Target PNBP"), "rp"),
                Column(_("Capaian"), "share"),
            ),
        )
        rows = [
            [
                self._name(one),
                *(Cell(one.year_omzet_rupiah), Cell(one.omzet_target_rupiah or None), Cell(one.omzet_share)),
                *(Cell(one.pnbp[0]), Cell(one.year_pnbp_rupiah)),
                *(Cell(one.pnbp_target_rupiah or None), Cell(one.pnbp_share)),
            ]
            for one in (*self.found.kanwils, self.found.total)
        ]
        return Table("target", _("Target dan realisasi"), columns, rows)

    def by_status(self) -> Table:
        rows = [[Cell(status), *self._three(three)] for status, three in self.found.total.states.items()]
        return Table("status", _("Menurut status"), (Column(_("Status"), "text"), *self._columns()), rows)

    def by_month(self) -> Table:
        return self._of("bulan", _("Menurut bulan"), _("Bulan"), self.found.by_month)

    def by_group(self) -> Table:
        for line in self.found.by_group:
            line.name = _(GROUPS[line.key]) if line.key in GROUPS else _("Belum dikelompokkan")
        return self._of("kelompok", _("Menurut kelompok barang"), _("Kelompok"), self.found.by_group)

    def by_commodity(self) -> Table:
        return self._of("komoditas", _("Menurut komoditas"), _("Komoditas"), self.found.by_commodity)

    def buyers(self) -> Table:
        columns = (Column(_("UPT pembeli"), "text"), Column(_("Kanwil"), "text"), *self._columns())
        rows = [[Cell(line.name), Cell(line.place), *self._three(line.sums)] for line in self.found.buyers]
        return Table("upt-pembeli", _("UPT yang membeli"), columns, rows)

    def institutions(self) -> Table:
        title = _("Instansi lain yang membeli")
        return self._of("instansi", title, _("Instansi"), self.found.institutions)

    def products(self) -> Table:
        """Products of each Kanwil in each state, now."""
        columns = (
            Column(_("Kanwil"), "text"),
            *(Column(_(label)) for label in STATES.values()),
            Column(_("Terdaftar")),
        )
        rows = [
            [self._name(one), *(Cell(one.products.get(state, 0)) for state in STATES), Cell(one.on_shelf)]
            for one in (*self.found.kanwils, self.found.total)
        ]
        return Table("produk", _("Produk menurut keadaan, saat ini"), columns, rows)

    def _of(self, key: str, title: str, first: str, lines: Sequence[Line]) -> Table:
        rows = [[Cell(line.name), *self._three(line.sums)] for line in lines]
        return Table(key, title, (Column(first, "text"), *self._columns()), rows)

    def _three(self, three: Any) -> list[Cell]:
        now, earlier, year = three
        return [
            *(Cell(now.packages), Cell(now.value_rupiah)),
            *(Cell(earlier.value_rupiah), Cell(change(now.value_rupiah, earlier.value_rupiah))),
            *(Cell(year.value_rupiah), Cell(change(now.value_rupiah, year.value_rupiah))),
        ]

    def _columns(self) -> tuple[Column, ...]:
        return (
            *(Column(_("Paket")), Column(_("Nilai"), "rp")),
            *(Column(_("Periode sebelumnya"), "rp"), Column(_("Perubahan"), "change")),
            *(Column(_("Setahun sebelumnya"), "rp"), Column(_("Perubahan"), "change")),
        )


_BUILD = {
    "kanwil": CountryTables.by_kanwil,
    "target": CountryTables.targets,
    "status": CountryTables.by_status,
    "bulan": CountryTables.by_month,
    "kelompok": CountryTables.by_group,
    "komoditas": CountryTables.by_commodity,
    "upt-pembeli": CountryTables.buyers,
    "instansi": CountryTables.institutions,
    "produk": CountryTables.products,
}
