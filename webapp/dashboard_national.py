"""The dashboard of the country, by Kanwil: the map by the measure that was chosen, and the parts of a Kanwil's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue import capacity, standing
from catalogue.readiness import national as readiness
from catalogue.readiness.terms import shown
from sales.institutions.matching import Buyers
from sales.sight import selling
from sales.sight.selling import KanwilReached
from tenants.models import Kanwil
from tenants.words import number_id, rupiah
from webapp.country_map import CountryMap, Valued, country_map
from webapp.dashboard import (
    SHOWN,
    SUBJECT,
    Place,
    against,
    bars,
    best,
    idle,
    institutions,
    months_begun,
    picture,
    products,
    publication,
    target_sentence,
)
from webapp.figure_tables import change
from webapp.readiness_tables import points
from webapp.sight_sections import Section
from webapp.sight_tables import Cell, Column, Table, share_words
from workflows.sight import report

MEASURES: Final = ("omzet", "capaian", "produk", "menganggur", "kesiapan")


@dataclass(frozen=True)
class Measured:
    """One Kanwil on the map: every measure that the map can show."""

    code: str
    name: str
    reached: KanwilReached
    products: int
    idle_per_month: int
    readiness: int | None


@dataclass(frozen=True)
class Country:
    """What the national dashboard says of a year."""

    year: int
    measured: list[Measured]
    sections: list[Section]


def of_country(
    year: int, *, session: Session, buyers: Callable[[Session], Buyers], now: datetime, today: date
) -> Country:
    """The parts of the country's dashboard; `session` has the national reach, `buyers` reads who buys with it."""
    kanwils = session.execute(select(Kanwil.id, Kanwil.code, Kanwil.province).order_by(Kanwil.province)).all()
    names = {row.id: f"Kanwil {row.province}" for row in kanwils}
    counted = standing.by_kanwil(session, list(names))
    able: dict[str, tuple[int, int]] = {}
    for (code, _slug), (n, capable) in capacity.of_upts(session).items():
        before = able.get(code, (0, 0))
        able[code] = (before[0] + n, before[1] + capable)
    sold = selling.quantities(year, session=session, by_kanwil=True)
    places = [
        Place(
            *(row.id, names[row.id], *able.get(row.code, (0, 0))),
            *(sold.get(row.id, 0), months_begun(year, today)),
        )
        for row in kanwils
    ]
    reached = selling.reached_by_kanwil(year, session=session)
    scores = {row.kanwil_id: row.total for row in readiness.country(year, session).kanwil}
    by_id = {row.kanwil_id: row for row in reached}
    measured = [
        Measured(
            row.code, names[row.id], by_id[row.id], place.products, place.idle_per_month, scores.get(row.id)
        )
        for row, place in zip(kanwils, places, strict=True)
    ]
    return Country(
        year,
        measured,
        [
            products(counted, names, _("Kanwil")),
            publication(report.of_country(SUBJECT, str(year), session=session, now=now)),
            _targets(reached),
            best(selling.best(year, session=session), year, linked=False),
            idle(places, _("Kanwil")),
            institutions(buyers(session), linked=False),
        ],
    )


def measures() -> dict[str, str]:
    """What the map can show, in words."""
    return {
        "omzet": _("Omzet"),
        "capaian": _("Capaian target omzet"),
        "produk": _("Produk terbit"),
        "menganggur": _("Kapasitas menganggur"),
        "kesiapan": _("Kesiapan terverifikasi"),
    }


def map_of(found: Country, measure: str) -> CountryMap:
    """The map by one measure."""
    rows = [
        Valued(one.code, one.name, *_value(one, measure), f"#kanwil-{one.code}") for one in found.measured
    ]
    title = _(
        "Peta %(measure)s %(year)s menurut Kanwil", measure=measures()[measure].lower(), year=found.year
    )
    return country_map(title, rows)


def map_sentence(found: Country, measure: str) -> str:
    """Where it is most, and where there is none."""
    valued = [(one.name, *_value(one, measure)) for one in found.measured]
    known = sorted((row for row in valued if row[1]), key=lambda row: (-(row[1] or 0), row[0]))
    if not known:
        return _(
            "%(measure)s: belum ada angka pada tahun %(year)s.", measure=measures()[measure], year=found.year
        )
    return _(
        "%(measure)s tertinggi di %(first)s (%(value)s); %(n)s dari %(all)s Kanwil punya angka.",
        measure=measures()[measure],
        first=known[0][0],
        value=known[0][2],
        n=len(known),
        all=len(valued),
    )


def map_table(found: Country) -> Table:
    """Every measure of every Kanwil: the table beside the map."""
    columns = (
        *(Column(_("Kanwil"), "text"), Column(_("Omzet"), "rp"), Column(_("Capaian"), "share")),
        *(Column(_("Produk terbit")), Column(_("Menganggur sebulan")), Column(_("Kesiapan"), "score")),
    )
    rows = [
        [
            *(Cell(one.name, anchor=f"kanwil-{one.code}"), Cell(one.reached.omzet_rupiah)),
            *(Cell(one.reached.omzet_share), Cell(one.products), Cell(one.idle_per_month)),
            Cell(points(one.readiness)),
        ]
        for one in found.measured
    ]
    return Table("peta", _("Kanwil pada peta"), columns, rows)


def _value(one: Measured, measure: str) -> tuple[int | float | None, str]:
    if measure == "omzet":
        return one.reached.omzet_rupiah or None, short_rupiah(one.reached.omzet_rupiah)
    if measure == "capaian":
        return one.reached.omzet_share, share_words(one.reached.omzet_share)
    if measure == "produk":
        return one.products or None, number_id(one.products)
    if measure == "menganggur":
        return one.idle_per_month or None, number_id(one.idle_per_month)
    return one.readiness, shown(one.readiness)


def short_rupiah(amount: int) -> str:
    """An amount in few letters: "48 jt", "1,2 M"; a dash for nothing."""
    if not amount:
        return "–"
    if amount >= 1_000_000_000:
        return _("%(n)s M", n=number_id(amount / 1_000_000_000, 1))
    if amount >= 1_000_000:
        return _("%(n)s jt", n=number_id(amount / 1_000_000))
    return _("%(n)s rb", n=number_id(amount / 1000))


def _targets(rows: Sequence[KanwilReached]) -> Section:
    done, target = sum(one.omzet_rupiah for one in rows), sum(one.omzet_target_rupiah for one in rows)
    pnbp, pnbp_target = sum(one.pnbp_rupiah for one in rows), sum(one.pnbp_target_rupiah for one in rows)
    share = done / target if target else None
    drawn = [
        (one.kanwil, round(1000 * one.omzet_share), share_words(one.omzet_share))
        for one in sorted(rows, key=lambda one: (-(one.omzet_share or 0), one.kanwil))
        if one.omzet_share
    ][:SHOWN]
    columns = (
        *(
            Column(_("Kanwil"), "text"),
            Column(_("Paket")),
            Column(_("Omzet"), "rp"),
            Column(_("Target omzet"), "rp"),
        ),
        *(Column(_("Capaian"), "share"), Column(_("PNBP"), "rp"), Column(_("Target PNBP"), "rp")),
        *(
            Column(_("Capaian"), "share"),
            Column(_("Omzet tahun lalu"), "rp"),
            Column(_("Perubahan"), "change"),
        ),
    )
    table = Table(
        "capaian",
        _("Target dan realisasi"),
        columns,
        [
            [
                *(Cell(one.kanwil), Cell(one.packages), Cell(one.omzet_rupiah)),
                *(Cell(one.omzet_target_rupiah or None), Cell(one.omzet_share), Cell(one.pnbp_rupiah)),
                *(Cell(one.pnbp_target_rupiah or None), Cell(one.pnbp_share), Cell(one.earlier_omzet_rupiah)),
                Cell(change(one.omzet_rupiah, one.earlier_omzet_rupiah)),
            ]
            for one in rows
        ],
    )
    return Section(
        "target",
        _("Omzet dan PNBP terhadap target"),
        [
            picture(target_sentence(done, target, share), against(done, target, _("Omzet terhadap target"))),
            picture(
                _(
                    "PNBP %(done)s dari target %(target)s (%(share)s).",
                    done=rupiah(pnbp),
                    target=rupiah(pnbp_target),
                    share=share_words(pnbp / pnbp_target if pnbp_target else None),
                ),
                against(pnbp, pnbp_target, _("PNBP terhadap target")),
            ),
            *([bars(drawn, _("Capaian target omzet menurut Kanwil:"))] if drawn else []),
        ],
        [table],
    )
