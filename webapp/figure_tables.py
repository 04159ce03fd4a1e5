"""The figures of a period as tables: the same rows on the page, as CSV and as XLSX; each number leads to its purchases.

A column's kind says how a cell is written: ``text``, ``n`` (a count), ``rp`` (rupiah), ``share`` (a fraction),
``change`` (a fraction that grew or shrank) or ``score`` (a mean from 0 to 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _

from catalogue.readiness.terms import WHOLE
from catalogue.readiness.terms import shown as scored
from catalogue.terms import GROUPS
from sales.checks import COMPLETED
from sales.queries import UNNAMED
from sales.sight.achieved import Achievement, Reached
from sales.sight.comparing import Compared, Line, before, year_before
from tenants import sheets
from tenants.errors import Invalid
from tenants.periods import label_of
from tenants.words import number_id, rupiah
from webapp.sight_tables import Cell, Column, Table, share_words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 60
"""Rows of one table on the page; its file has every row."""


def change(now: int, before: int) -> float | None:
    """How much more it is than before, as a fraction; None where there was nothing."""
    return (now - before) / before if before else None


def change_words(share: float | None) -> str:
    """ "+12%", "−4%", "0%"; a dash where there was nothing to compare with."""
    if share is None:
        return "–"
    percent = round(share * 100)
    return f"{'+' if percent > 0 else '−' if percent < 0 else ''}{number_id(abs(percent))}%"


def shown(cell: Cell, kind: str) -> str:
    """A cell as the page writes it."""
    if kind == "change":
        return change_words(cell.value)
    if kind == "share":
        return share_words(cell.value)
    if cell.value is None or cell.value == "":
        return "–"
    if kind == "rp":
        return rupiah(cell.value)
    if kind == "score":
        return scored(round(cell.value * WHOLE))
    return number_id(cell.value) if kind == "n" else str(cell.value)


def period_choices(months: Sequence[str]) -> list[tuple[str, str]]:
    """Months, quarters, halves and years that have purchases."""
    quarters = dict.fromkeys(f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}" for month in months)
    halves = dict.fromkeys(f"{month[:4]}-S{(int(month[5:]) + 5) // 6}" for month in months)
    years = dict.fromkeys(month[:4] for month in months)
    return [(key, label_of(key)) for key in (*months, *quarters, *halves, *years)]


def file_of(table: Table, name: str, kind: str) -> Response:
    """A table as a file, every row of it.

    Raises:
        Invalid: neither XLSX nor CSV.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"}
    header = [column.label for column in table.columns]
    if kind == "csv":
        text = "".join(sheets.as_csv(header, table.plain()))
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    if kind == "xlsx":
        widths = [36 if column.kind == "text" else 18 for column in table.columns]
        data = sheets.as_xlsx(table.title[:31], header, table.plain(), widths)
        return Response(data, content_type=XLSX, headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))


def lines_url(**narrowed: Any) -> str:
    """The list of the purchases that a number is made of."""
    return url_for("purchases.index", **{name: value for name, value in narrowed.items() if value})


class FigureTables:
    """The tables of one period, made when they are asked for."""

    def __init__(self, found: Compared) -> None:
        self.found = found

    def get(self, key: str) -> Table | None:
        """The table of this key, or None."""
        build = _BUILD.get(key)
        return build(self) if build else None

    def all(self) -> list[Table]:
        return [build(self) for build in _BUILD.values()]

    def by_status(self) -> Table:
        rows = [
            [Cell(status), *self._cells(three, status=status)] for status, three in self.found.states.items()
        ]
        return Table("status", _("Menurut status"), (Column(_("Status"), "text"), *self._columns()), rows)

    def by_month(self) -> Table:
        """Each month beside the month before it and the same month of the year before."""
        rows = []
        for line in self.found.by_month:
            now, earlier, year = line.sums
            rows.append(
                [
                    Cell(line.name),
                    Cell(now.packages, lines_url(period=line.key, status=COMPLETED)),
                    Cell(now.value_rupiah, lines_url(period=line.key, status=COMPLETED)),
                    Cell(earlier.value_rupiah, lines_url(period=before(line.key), status=COMPLETED)),
                    Cell(change(now.value_rupiah, earlier.value_rupiah)),
                    Cell(year.value_rupiah, lines_url(period=year_before(line.key), status=COMPLETED)),
                    Cell(change(now.value_rupiah, year.value_rupiah)),
                ]
            )
        columns = (
            *(Column(_("Bulan"), "text"), Column(_("Paket")), Column(_("Omzet"), "rp")),
            *(Column(_("Bulan sebelumnya"), "rp"), Column(_("Perubahan"), "change")),
            *(Column(_("Setahun sebelumnya"), "rp"), Column(_("Perubahan"), "change")),
        )
        return Table("bulan", _("Menurut bulan"), columns, rows)

    def by_upt(self) -> Table:
        return self._of("upt", _("Menurut UPT penjual"), _("UPT"), self.found.by_upt, "upt")

    def by_group(self) -> Table:
        lines = self.found.by_group
        for line in lines:
            line.name = _(GROUPS[line.key]) if line.key in GROUPS else _("Belum dikelompokkan")
        return self._of("kelompok", _("Menurut kelompok barang"), _("Kelompok"), lines, "kelompok")

    def by_commodity(self) -> Table:
        return self._of(
            "komoditas", _("Menurut komoditas"), _("Komoditas"), self.found.by_commodity, "komoditas"
        )

    def buyers(self) -> Table:
        return self._of("upt-pembeli", _("UPT yang membeli"), _("UPT pembeli"), self.found.buyers, "dibeli")

    def trades(self) -> Table:
        rows = [
            [Cell(line.name), Cell(line.seller), *self._cells(line.sums, dibeli=line.key, upt=line.seller_id)]
            for line in self.found.trades
        ]
        columns = (Column(_("UPT pembeli"), "text"), Column(_("Membeli dari"), "text"), *self._columns())
        return Table("dari-siapa", _("UPT membeli dari siapa"), columns, rows)

    def institutions(self) -> Table:
        title = _("Instansi lain yang membeli")
        return self._of("instansi", title, _("Instansi"), self.found.institutions, "dibeli")

    def _of(self, key: str, title: str, first: str, lines: Sequence[Line], filtered: str) -> Table:
        rows = [
            [Cell(line.name), *self._cells(line.sums, **{filtered: line.key or UNNAMED})] for line in lines
        ]
        return Table(key, title, (Column(first, "text"), *self._columns()), rows)

    def _cells(self, three: Any, **narrowed: Any) -> list[Cell]:
        narrowed.setdefault("status", COMPLETED)
        urls = [lines_url(period=key, **narrowed) if key else None for key in self.found.keys]
        now, earlier, year = three
        return [
            Cell(now.packages, urls[0]),
            Cell(now.value_rupiah, urls[0]),
            Cell(earlier.value_rupiah, urls[1]),
            Cell(change(now.value_rupiah, earlier.value_rupiah)),
            Cell(year.value_rupiah, urls[2]),
            Cell(change(now.value_rupiah, year.value_rupiah)),
        ]

    def _columns(self) -> tuple[Column, ...]:
        return (
            *(Column(_("Paket")), Column(_("Nilai"), "rp")),
            *(Column(_("Periode sebelumnya"), "rp"), Column(_("Perubahan"), "change")),
            *(Column(_("Setahun sebelumnya"), "rp"), Column(_("Perubahan"), "change")),
        )


_BUILD = {
    "status": FigureTables.by_status,
    "bulan": FigureTables.by_month,
    "upt": FigureTables.by_upt,
    "kelompok": FigureTables.by_group,
    "komoditas": FigureTables.by_commodity,
    "upt-pembeli": FigureTables.buyers,
    "dari-siapa": FigureTables.trades,
    "instansi": FigureTables.institutions,
}


def achievement_table(found: Achievement) -> Table:
    """Targets and realisation of a year by UPT; the last row is the sum."""

    def row(name: str, one: Reached, **narrowed: Any) -> list[Cell]:
        url = lines_url(period=str(found.year), status=COMPLETED, **narrowed)
        before = lines_url(period=str(found.year - 1), status=COMPLETED, **narrowed)
        return [
            Cell(name),
            Cell(one.omzet_rupiah, url),
            Cell(one.omzet_target_rupiah or None),
            Cell(one.omzet_share),
            Cell(one.pnbp_rupiah, url, found.share_bp),
            Cell(one.pnbp_target_rupiah or None),
            Cell(one.pnbp_share),
            Cell(one.earlier_omzet_rupiah, before),
            Cell(change(one.omzet_rupiah, one.earlier_omzet_rupiah)),
        ]

    columns = (
        *(Column(_("UPT"), "text"), Column(_("Omzet"), "rp"), Column(_("Target omzet"), "rp")),
        *(Column(_("Capaian"), "share"), Column(_("PNBP"), "rp"), Column(_("Target PNBP"), "rp")),
        *(
            Column(_("Capaian"), "share"),
            Column(_("Omzet tahun lalu"), "rp"),
            Column(_("Perubahan"), "change"),
        ),
    )
    rows = [row(one.upt, one, upt=one.upt_id) for one in found.rows]
    rows.append(row(_("Jumlah"), found.total))
    return Table("capaian", _("Target dan realisasi"), columns, rows)
