"""Readiness as tables, and the radar over them: the same rows on the page, as CSV and as XLSX.

Means are shown as scores from 0 to 4; in a file they are numbers with two decimals.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from catalogue.readiness import national, queries
from catalogue.readiness.profile import Axis, axes, weakest
from catalogue.readiness.terms import DIMENSIONS, GAP_STATES, LABELS, STATES, WHOLE, shown
from recaps import readiness as drawing
from webapp.shell import spoken
from webapp.sight_sections import Picture
from webapp.sight_tables import Cell, Column, Table


def points(hundredths: int | None) -> float | None:
    """A mean as a number that a file holds: 3.12."""
    return None if hundredths is None else hundredths / WHOLE


def radar(found: Sequence[Axis], sentence: str, *, verified: bool) -> Picture:
    """The radar of the five dimensions under the sentence that says what it shows; nothing without a value."""
    if weakest(list(found)) is None:
        return Picture(sentence, Markup(""))
    svg = drawing.picture(found, title=sentence, counts=drawing.COUNTS if verified else drawing.OWN, say=_)
    return Picture(sentence, Markup(svg))  # noqa: S704 - recaps.radar escapes every text it draws


def of_view(view: queries.View) -> list[Axis]:
    """The dimensions of one assessment; what the UPT said of itself stands beside what was verified."""
    verified = view.row.verified_scores
    return axes(
        view.scores,
        own=view.row.self_scores if verified else None,
        before=view.before.by_dimension() if view.before is not None else None,
    )


def sentence_of(view: queries.View) -> str:
    """What the radar of an assessment shows."""
    lowest = weakest(of_view(view))
    if lowest is None or view.total is None:
        return _("Diagramnya muncul setelah semua pertanyaan sebuah dimensi dijawab.")
    words = (
        _("Rata-rata terverifikasi %(total)s dari 4; paling lemah %(dimension)s (%(score)s).")
        if view.row.verified_scores
        else _("Menurut UPT sendiri %(total)s dari 4; paling lemah %(dimension)s (%(score)s).")
    )
    said = words % {
        "total": shown(view.total), "dimension": _(lowest.label), "score": shown(lowest.value),
    }  # fmt: skip
    if view.before is not None:
        said += " " + _("Tahun %(year)s: %(total)s.", year=view.row.year - 1, total=shown(view.before.total))
    return said


def dimension_table(found: Sequence[Axis]) -> Table:
    """One row a dimension: what counts, what the UPT said, the year before."""
    columns = (
        *(Column(_("Dimensi"), "text"), Column(_("Nilai"), "score"), Column(_("Penilaian sendiri"), "score")),
        *(Column(_("Tahun sebelumnya"), "score"), Column(_("Perubahan"), "points")),
    )
    rows = [
        [
            *(Cell(_(axis.label)), Cell(points(axis.value)), Cell(points(axis.own))),
            *(Cell(points(axis.before)), Cell(points(axis.change))),
        ]
        for axis in found
    ]
    return Table("dimensi", _("Nilai per dimensi"), columns, rows)


def answer_table(view: queries.View) -> Table:
    """Every question with its answer and what was verified."""
    columns = (
        *(Column(_("Dimensi"), "text"), Column(_("Pertanyaan"), "text"), Column(_("Nilai UPT"))),
        *(Column(_("Nilai verifikasi")), Column(_("Bukti"), "text"), Column(_("Alasan"), "text")),
    )
    rows = [
        [
            *(
                Cell(_(DIMENSIONS[line.question.dimension])),
                Cell(line.question.text),
                Cell(line.answer.score),
            ),
            *(Cell(line.answer.verified_score), Cell(line.answer.evidence), Cell(line.answer.reason)),
        ]
        for line in view.lines
    ]
    return Table("jawaban", _("Jawaban dan verifikasi"), columns, rows)


def year_table(found: queries.Year) -> Table:
    """A year of the Kanwil by UPT; what is not verified stands there as the UPT said it."""
    columns = (
        *(Column(_("UPT"), "text"), Column(_("Keadaan"), "text")),
        *(Column(_(label), "score") for label in DIMENSIONS.values()),
        *(Column(_("Rata-rata"), "score"), Column(_("Tahun sebelumnya"), "score")),
        *(Column(_("Tindakan terbuka")), Column(_("Lewat tanggal"))),
    )
    rows = [
        [
            Cell(
                row.upt,
                url_for("readiness.show", readiness_id=row.readiness_id) if row.readiness_id else None,
            ),
            Cell(_(STATES[row.state]) if row.state else _("Belum mulai")),
            *(Cell(points(row.scores.get(key))) for key in DIMENSIONS),
            *(Cell(points(row.total)), Cell(points(row.before))),
            *(Cell(row.gaps_open), Cell(row.gaps_late)),
        ]
        for row in found.rows
    ]
    return Table("upt", _("Kesiapan %(year)s menurut UPT", year=found.year), columns, rows)


def gap_table(rows: Sequence[queries.GapRow]) -> Table:
    """What is open, the earliest date first."""
    columns = (
        *(Column(_("UPT"), "text"), Column(_("Pertanyaan"), "text"), Column(_("Tindakan"), "text")),
        *(Column(_("Penanggung jawab"), "text"), Column(_("Sampai"), "text"), Column(_("Keadaan"), "text")),
    )
    found = [
        [
            *(Cell(one.upt), Cell(spoken(LABELS[one.gap.question])), Cell(one.gap.action), Cell(one.gap.who)),
            Cell(one.gap.due_on.isoformat()),
            Cell(_("lewat tanggal") if one.late else _(GAP_STATES[one.gap.state])),
        ]
        for one in rows
    ]
    return Table("kesenjangan", _("Kesenjangan yang terbuka"), columns, found)


def kanwil_table(found: national.Country) -> Table:
    """The ranking of the Kanwil: means of their verified UPT."""
    columns = (
        *(Column(_("Kanwil"), "text"), Column(_("Peringkat")), Column(_("Rata-rata"), "score")),
        *(Column(_(label), "score") for label in DIMENSIONS.values()),
        *(Column(_("Tahun sebelumnya"), "score"), Column(_("UPT terverifikasi")), Column(_("Semua UPT"))),
    )
    rows = [
        [
            *(Cell(row.kanwil, anchor=f"kanwil-{row.code}"), Cell(row.rank), Cell(points(row.total))),
            *(Cell(points(row.means[key])) for key in DIMENSIONS),
            *(Cell(points(row.before)), Cell(row.verified), Cell(row.upts)),
        ]
        for row in found.kanwil
    ]
    return Table("kanwil", _("Peringkat Kanwil %(year)s", year=found.year), columns, rows)


def upt_table(found: national.Country) -> Table:
    """The ranking of the verified UPT."""
    columns = (
        *(Column(_("UPT"), "text"), Column(_("Kanwil"), "text"), Column(_("Peringkat"))),
        *(Column(_("Rata-rata"), "score"), *(Column(_(label), "score") for label in DIMENSIONS.values())),
        Column(_("Tahun sebelumnya"), "score"),
    )
    rows = [
        [
            *(Cell(row.upt), Cell(row.kanwil), Cell(row.rank), Cell(points(row.total))),
            *(Cell(points(row.scores[key])) for key in DIMENSIONS),
            Cell(points(row.before)),
        ]
        for row in found.upts
    ]
    return Table("upt", _("Peringkat UPT %(year)s", year=found.year), columns, rows)


def shown_cell(cell: Cell, kind: str) -> str:
    """A cell as a page writes it; a change of points with its sign."""
    from webapp.figure_tables import shown as usual

    if kind == "points":
        if cell.value is None:
            return "–"
        sign = "+" if cell.value > 0 else "−" if cell.value < 0 else ""
        return f"{sign}{shown(round(abs(cell.value) * WHOLE))}"
    return usual(cell, kind)
