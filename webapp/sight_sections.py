"""The report of the approval as a page tells it: a question, a sentence that answers it, a picture, its tables."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from recaps import charts
from tenants.words import number_id
from webapp.sight_tables import Table, Tables, share_words
from workflows.sight.counting import KANWIL
from workflows.sight.report import Line, Report

SHOWN = 12
"""Bars of one picture; the table has every row."""
WIDTH = 340


@dataclass(frozen=True)
class Picture:
    """A sentence that says what a chart shows, and the chart ("" where there is nothing to draw)."""

    sentence: str
    svg: Markup


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    pictures: list[Picture]
    tables: list[Table]


def sections_of(report: Report) -> list[Section]:
    """The five parts of the report, in order."""
    tables = Tables(report)

    def section(key: str, title: str, pictures: list[Picture], *names: str) -> Section:
        found = [tables.get(name) for name in names]
        return Section(key, title, pictures, [one for one in found if one is not None])

    found = [
        section(
            "waktu",
            _("Berapa lama"),
            [_trend(report), _at_stages(report), _at_places(report, tables.place)],
            "waktu-bulan",
            "waktu-tahap",
            "waktu-tempat",
        ),
        section(
            "menunggu",
            _("Yang menunggu sekarang"),
            [_waiting(report.stages, report.total, _("tahap")), _waiting_places(report, tables.place)],
            "menunggu-tahap",
            "menunggu-tempat",
        ),
        section(
            "kembali",
            _("Yang dikembalikan"),
            [_returns(report), _reasons(report)],
            "kembali-tahap",
            "kembali-tempat",
            "isian",
        ),
    ]
    if report.kind == KANWIL:
        found.append(section("petugas", _("Beban petugas"), [_officers(report)], "petugas"))
    late = section(
        "lewat",
        _("Diputus lewat tenggat"),
        [_late_trend(report), _late_stages(report)],
        "lewat-bulan",
        "lewat-tahap",
    )
    return [*found, late]


def _picture(sentence: str, svg: str = "") -> Picture:
    return Picture(sentence, Markup(svg))  # noqa: S704 - drawn by recaps.charts, which escapes every text


def _bars(
    rows: list[tuple[str, int, str]],
    sentence: str,
    *,
    highlight: int | None = None,
    parts: tuple[int, ...] = (),
) -> Picture:
    svg = (
        charts.bars(rows, title=sentence, width=WIDTH, highlight=highlight, parts=parts, above=True)
        if rows
        else ""
    )
    return _picture(sentence, svg)


def _columns(rows: list[tuple[str, int | None, str]], sentence: str) -> Picture:
    """A trend by month; of many months the short names stand below, and values without their unit."""
    if len(rows) > 4:
        rows = [(label[:3], value, printed.split(" ")[0]) for label, value, printed in rows]
    return _picture(sentence, charts.columns(rows, title=sentence, width=WIDTH))


def _days(days: int | None) -> str:
    return "–" if days is None else _("%(n)s hari", n=number_id(days))


def _trend(report: Report) -> Picture:
    office = report.total.office.days
    if not office.n:
        return _picture(_("Belum ada kasus yang selesai dalam periode ini."))
    sentence = _(
        "Dari %(n)s kasus yang selesai, separuhnya selesai dalam %(median)s hari kerja di kantor; "
        "sembilan dari sepuluh dalam %(p90)s. Median per bulan:",
        n=number_id(office.n),
        median=office.median,
        p90=office.p90,
    )
    rows = [
        (one.name, one.office.days.median, _days(one.office.days.median) if one.office.days.n else "")
        for one in report.months
    ]
    return _columns(rows, sentence)


def _at_stages(report: Report) -> Picture:
    rows = [(one, one.waited.median) for one in report.stages if one.waited.n]
    if not rows:
        return _picture(_("Belum ada putusan dalam periode ini."))
    slowest = max(range(len(rows)), key=lambda at: rows[at][1] or 0)
    sentence = _(
        "Paling lama menunggu di %(stage)s: separuh putusannya dalam %(median)s hari kerja.",
        stage=rows[slowest][0].name,
        median=rows[slowest][1],
    )
    return _bars([(one.name, days or 0, _days(days)) for one, days in rows], sentence, highlight=slowest)


def _at_places(report: Report, place: str) -> Picture:
    rows = [one for one in report.places if one.office.days.n]
    if not rows:
        return _picture(_("Belum ada kasus yang selesai per %(place)s.", place=place))
    rows.sort(key=lambda one: (-(one.office.days.median or 0), one.name))
    upt = report.total.upt.days
    sentence = _("Waktu kantor per %(place)s, yang terlama di atas.", place=place)
    if len(rows) > SHOWN:
        sentence = _(
            "Waktu kantor per %(place)s: %(n)s yang terlama, selebihnya di tabel.", place=place, n=SHOWN
        )
    if upt.n:
        sentence += " " + _(
            "Waktu UPT tidak ikut di sini: UPT memegang kasus yang dikembalikan selama %(median)s hari kerja (median).",
            median=upt.median,
        )
    return _bars(
        [(one.name, one.office.days.median or 0, _days(one.office.days.median)) for one in rows[:SHOWN]],
        sentence,
    )


def _waiting(lines: list[Line], total: Line, what: str) -> Picture:
    if not total.waiting:
        return _picture(_("Tidak ada kasus yang menunggu."))
    sentence = _(
        "%(n)s kasus menunggu, %(late)s di antaranya lewat tenggat (bagian kuning).",
        n=number_id(total.waiting),
        late=number_id(total.overdue),
    )
    return _piles(lines, sentence)


def _waiting_places(report: Report, place: str) -> Picture:
    rows = sorted((one for one in report.places if one.waiting), key=lambda one: (-one.waiting, one.name))
    if not rows:
        return _picture("")
    sentence = _("Terbanyak dari %(name)s: %(n)s kasus.", name=rows[0].name, n=number_id(rows[0].waiting))
    return _piles(rows[:SHOWN], sentence)


def _piles(lines: list[Line], sentence: str) -> Picture:
    def printed(line: Line) -> str:
        if not line.overdue:
            return number_id(line.waiting)
        return _("%(n)s · %(late)s lewat", n=number_id(line.waiting), late=number_id(line.overdue))

    rows = [(one.name, one.waiting, printed(one)) for one in lines]
    return _bars(rows, sentence, parts=tuple(one.overdue for one in lines))


def _returns(report: Report) -> Picture:
    total = report.total
    if not total.decided:
        return _picture(_("Belum ada putusan dalam periode ini."))
    sentence = _(
        "%(n)s dari %(all)s putusan mengembalikan kasus (%(share)s). Bagian per tahap:",
        n=number_id(total.returned),
        all=number_id(total.decided),
        share=share_words(total.return_share),
    )
    return _shares([(one.name, one.return_share) for one in report.stages if one.decided], sentence)


def _reasons(report: Report) -> Picture:
    if not report.reasons:
        return _picture(_("Tidak ada isian yang diminta diperbaiki."))
    _name, label, n = report.reasons[0]
    sentence = _("Paling sering diminta diperbaiki: %(label)s, %(n)s kali.", label=label, n=number_id(n))
    rows = [(label, n, number_id(n)) for _name, label, n in report.reasons[:SHOWN]]
    return _bars(rows, sentence, highlight=0)


def _officers(report: Report) -> Picture:
    if not report.officers:
        return _picture(_("Belum ada putusan dalam periode ini."))
    sentence = _(
        "Putusan dalam periode ini menurut petugas, diurutkan menurut tahap dan nama. Banyaknya bergantung pada "
        "giliran dan cuti, jadi bukan ukuran mutu."
    )
    rows = [(one.name, one.decided, number_id(one.decided)) for one in report.officers[: 2 * SHOWN]]
    return _bars(rows, sentence)


def _late_trend(report: Report) -> Picture:
    total = report.total
    if not total.timed:
        return _picture(_("Belum ada putusan dengan tenggat dalam periode ini."))
    if not total.late:
        return _picture(
            _("Tidak satu pun dari %(n)s putusan datang setelah tenggatnya.", n=number_id(total.timed))
        )
    sentence = _(
        "%(n)s dari %(all)s putusan datang setelah tenggatnya (%(share)s). Per bulan:",
        n=number_id(total.late),
        all=number_id(total.timed),
        share=share_words(total.late_share),
    )
    rows = [
        (one.name, _percent(one.late_share), share_words(one.late_share) if one.timed else "")
        for one in report.months
    ]
    return _columns(rows, sentence)


def _late_stages(report: Report) -> Picture:
    rows = [(one.name, one.late_share) for one in report.stages if one.timed]
    if not rows or not report.total.late:
        return _picture("")
    name, share = max(rows, key=lambda one: one[1] or 0)
    sentence = _("Paling sering lewat di %(stage)s: %(share)s.", stage=name, share=share_words(share))
    return _shares(rows, sentence)


def _shares(rows: list[tuple[str, float | None]], sentence: str) -> Picture:
    most = max(range(len(rows)), key=lambda at: rows[at][1] or 0, default=None)
    highlight = most if most is not None and rows[most][1] else None
    return _bars(
        [(name, _percent(share) or 0, share_words(share)) for name, share in rows],
        sentence,
        highlight=highlight,
    )


def _percent(share: float | None) -> int | None:
    """In tenths of a percent: what the length of a bar is drawn from."""
    return None if share is None else round(share * 1000)
