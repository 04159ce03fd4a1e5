"""The report of the approval as tables: the same rows on the page, as CSV and as XLSX, each number with its cases.

A column's kind says how a cell is written: ``text``, ``n`` (a count), ``days`` or ``share`` (a fraction).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tenants.words import number_id
from workflows.sight.counting import KANWIL
from workflows.sight.report import Line, Report

REASONS = 3
"""Fields named beside a stage or a UPT; all of them stand in a table of their own."""


@dataclass(frozen=True)
class Cell:
    """One value, and the page with what is behind it where there is one; `share` (basis points) says that it is this
    share of their sum. `anchor`, of a row's first cell, is what a map's link leads to."""

    value: Any
    url: str | None = None
    share: int | None = None
    anchor: str | None = None


@dataclass(frozen=True)
class Column:
    label: str
    kind: str = "n"


@dataclass(frozen=True)
class Table:
    key: str
    title: str
    columns: tuple[Column, ...]
    rows: list[list[Cell]]

    def plain(self) -> list[list[Any]]:
        """The rows for a file: numbers as numbers, shares as fractions, nothing where there is nothing."""
        return [
            [round(cell.value, 4) if isinstance(cell.value, float) else cell.value for cell in row]
            for row in self.rows
        ]


class Tables:
    """The tables of one report, made when they are asked for."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.place = _("UPT") if report.kind == KANWIL else _("Kanwil")

    @property
    def keys(self) -> list[str]:
        return [key for key in _BUILD if key != "petugas" or self.report.kind == KANWIL]

    def get(self, key: str) -> Table | None:
        """The table of this key, or None."""
        return _BUILD[key](self, key) if key in self.keys else None

    def link(self, which: str, **narrowed: Any) -> str | None:
        """The list of these cases; the centre has counts alone."""
        if self.report.kind != KANWIL:
            return None
        given = {"jenis": self.report.subject, **narrowed}
        if which != "menunggu":
            given.setdefault("periode", self.report.window.key)
        kept = {name: value for name, value in given.items() if value}
        return url_for("reports.cases", daftar=which, **kept)

    def of_place(self, which: str, line: Line, **narrowed: Any) -> str | None:
        return self.link(which, upt=line.id, **narrowed) if line.id else None

    def of_month(self, which: str, line: Line, **narrowed: Any) -> str | None:
        """None for a month of which the window holds only the end."""
        first = self.report.window.first
        cut = first.day != 1 and line.key == f"{first:%Y-%m}"
        return None if cut else self.link(which, periode=line.key, **narrowed)

    def reasons(self, line: Line) -> str:
        """The commonest fields, as "Harga (4), Nama (2)"."""
        labels = self.report.labels
        return ", ".join(f"{labels.get(key, key)} ({n})" for key, n in line.reasons.most_common(REASONS))

    # -- how long --

    def by_month(self, key: str) -> Table:
        rows = [
            [Cell(line.name), *self._held(line, self.of_month("selesai", line))]
            for line in self.report.months
        ]
        rows.append([Cell(_("Seluruh periode")), *self._held(self.report.total, self.link("selesai"))])
        return Table(key, _("Waktu per bulan"), (Column(_("Bulan"), "text"), *_held_columns()), rows)

    def by_place(self, key: str) -> Table:
        rows = [
            [Cell(line.name), *self._held(line, self.of_place("selesai", line))]
            for line in self.report.places
        ]
        title = _("Waktu per %(place)s", place=self.place)
        return Table(key, title, (Column(self.place, "text"), *_held_columns()), rows)

    def _held(self, line: Line, url: str | None) -> list[Cell]:
        office, upt = line.office, line.upt
        return [
            Cell(office.days.n, url),
            Cell(office.days.median),
            Cell(office.days.p90),
            Cell(office.calendar.median),
            Cell(office.calendar.p90),
            Cell(upt.days.n),
            Cell(upt.days.median),
            Cell(upt.days.p90),
            Cell(upt.calendar.median),
        ]

    def by_stage(self, key: str) -> Table:
        columns = (
            Column(_("Tahap"), "text"),
            Column(_("Putusan")),
            *self._opinion_column(),
            Column(_("Menunggu, median (hari kerja)"), "days"),
            Column(_("Menunggu, 9 dari 10 (hari kerja)"), "days"),
        )
        rows = [
            [
                Cell(line.name),
                Cell(line.decided, self.link("putusan", tahap=line.key)),
                *self._opinions(line.opinions, tahap=line.key),
                Cell(line.waited.median),
                Cell(line.waited.p90),
            ]
            for line in self.report.stages
        ]
        return Table(key, _("Waktu menunggu per tahap"), columns, rows)

    def _opinion_column(self) -> tuple[Column, ...]:
        """Opinions have a column of their own, beside decisions, where some were given."""
        return (Column(_("Pendapat")),) if self.report.total.opinions else ()

    def _opinions(self, n: int, **narrowed: Any) -> tuple[Cell, ...]:
        if not self.report.total.opinions:
            return ()
        return (Cell(n, self.link("putusan", hasil="opinion", **narrowed)),)

    # -- what waits --

    def waiting_by_stage(self, key: str) -> Table:
        rows = [
            [
                Cell(line.name),
                Cell(line.waiting, self.link("menunggu", tahap=line.key)),
                Cell(line.overdue, self.link("menunggu", tahap=line.key, lewat=1)),
            ]
            for line in self.report.stages
        ]
        return Table(
            key, _("Yang menunggu per tahap"), (Column(_("Tahap"), "text"), *_waiting_columns()), rows
        )

    def waiting_by_place(self, key: str) -> Table:
        rows = [
            [
                Cell(line.name),
                Cell(line.waiting, self.of_place("menunggu", line)),
                Cell(line.overdue, self.of_place("menunggu", line, lewat=1)),
            ]
            for line in self.report.places
            if line.waiting
        ]
        title = _("Yang menunggu per %(place)s", place=self.place)
        return Table(key, title, (Column(self.place, "text"), *_waiting_columns()), rows)

    # -- what comes back --

    def returned_by_stage(self, key: str) -> Table:
        rows = [
            [
                Cell(line.name),
                Cell(line.decided, self.link("putusan", tahap=line.key)),
                Cell(line.returned, self.link("putusan", tahap=line.key, hasil="return")),
                Cell(line.return_share),
                Cell(self.reasons(line)),
            ]
            for line in self.report.stages
        ]
        columns = (Column(_("Tahap"), "text"), *_returned_columns())
        return Table(key, _("Pengembalian per tahap"), columns, rows)

    def returned_by_place(self, key: str) -> Table:
        rows = [
            [
                Cell(line.name),
                Cell(line.decided, self.of_place("putusan", line)),
                Cell(line.returned, self.of_place("putusan", line, hasil="return")),
                Cell(line.return_share),
                Cell(self.reasons(line)),
            ]
            for line in self.report.places
            if line.decided
        ]
        title = _("Pengembalian per %(place)s", place=self.place)
        return Table(key, title, (Column(self.place, "text"), *_returned_columns()), rows)

    def fields(self, key: str) -> Table:
        returned = self.report.total.returned or 1
        rows = [
            [Cell(label), Cell(n, self.link("putusan", hasil="return", isian=name)), Cell(n / returned)]
            for name, label, n in self.report.reasons
        ]
        columns = (
            Column(_("Isian"), "text"),
            Column(_("Pengembalian yang memintanya")),
            Column(_("Dari semua pengembalian"), "share"),
        )
        return Table(key, _("Isian yang diminta diperbaiki"), columns, rows)

    # -- who --

    def officers(self, key: str) -> Table:
        rows = [
            [
                Cell(load.name),
                Cell(load.stage_name),
                Cell(load.decided, self.link("putusan", petugas=load.officer_id, tahap=load.stage)),
                *self._opinions(load.opinions, petugas=load.officer_id, tahap=load.stage),
                Cell(load.waited.median),
                Cell(load.open_of_role, self.link("menunggu", tahap=load.stage)),
            ]
            for load in self.report.officers
        ]
        columns = (
            Column(_("Petugas"), "text"),
            Column(_("Tahap"), "text"),
            Column(_("Putusan")),
            *self._opinion_column(),
            Column(_("Menunggu, median (hari kerja)"), "days"),
            Column(_("Terbuka pada perannya sekarang")),
        )
        return Table(key, _("Beban per petugas"), columns, rows)

    # -- late --

    def late_by_month(self, key: str) -> Table:
        rows = [self._late(line, self.of_month("putusan", line, lewat=1)) for line in self.report.months]
        columns = (Column(_("Bulan"), "text"), *_late_columns())
        return Table(key, _("Lewat tenggat per bulan"), columns, rows)

    def late_by_stage(self, key: str) -> Table:
        rows = [
            self._late(line, self.link("putusan", tahap=line.key, lewat=1)) for line in self.report.stages
        ]
        columns = (Column(_("Tahap"), "text"), *_late_columns())
        return Table(key, _("Lewat tenggat per tahap"), columns, rows)

    @staticmethod
    def _late(line: Line, url: str | None) -> list[Cell]:
        return [Cell(line.name), Cell(line.timed), Cell(line.late, url), Cell(line.late_share)]


_BUILD: dict[str, Callable[[Tables, str], Table]] = {
    "waktu-bulan": Tables.by_month,
    "waktu-tahap": Tables.by_stage,
    "waktu-tempat": Tables.by_place,
    "menunggu-tahap": Tables.waiting_by_stage,
    "menunggu-tempat": Tables.waiting_by_place,
    "kembali-tahap": Tables.returned_by_stage,
    "kembali-tempat": Tables.returned_by_place,
    "isian": Tables.fields,
    "petugas": Tables.officers,
    "lewat-bulan": Tables.late_by_month,
    "lewat-tahap": Tables.late_by_stage,
}


def _held_columns() -> tuple[Column, ...]:
    return (
        Column(_("Kasus selesai")),
        Column(_("Waktu kantor, median (hari kerja)"), "days"),
        Column(_("Waktu kantor, 9 dari 10 (hari kerja)"), "days"),
        Column(_("Waktu kantor, median (hari kalender)"), "days"),
        Column(_("Waktu kantor, 9 dari 10 (hari kalender)"), "days"),
        Column(_("Diajukan kembali")),
        Column(_("Waktu UPT, median (hari kerja)"), "days"),
        Column(_("Waktu UPT, 9 dari 10 (hari kerja)"), "days"),
        Column(_("Waktu UPT, median (hari kalender)"), "days"),
    )


def _waiting_columns() -> tuple[Column, ...]:
    return Column(_("Menunggu")), Column(_("Lewat tenggat"))


def _returned_columns() -> tuple[Column, ...]:
    return (
        Column(_("Putusan")),
        Column(_("Dikembalikan")),
        Column(_("Bagian"), "share"),
        Column(_("Paling sering diminta"), "text"),
    )


def _late_columns() -> tuple[Column, ...]:
    return Column(_("Putusan dengan tenggat")), Column(_("Lewat tenggat")), Column(_("Bagian"), "share")


def share_words(share: float | None) -> str:
    """A fraction as a percentage: "33%", "0,4%"; a dash of nothing."""
    if share is None:
        return "–"
    percent = share * 100
    if 0 < percent < 1:
        return f"{percent:.1f}%".replace(".", ",")
    return f"{number_id(round(percent))}%"


def shown(cell: Cell, kind: str) -> str:
    """A cell as the page writes it."""
    if cell.value is None or cell.value == "":
        return "–"
    if kind == "share":
        return share_words(cell.value)
    return number_id(cell.value) if kind in ("n", "days") else str(cell.value)
