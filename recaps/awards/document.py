"""The certificate and the work record as HTML. Nothing is read here: what is printed comes in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from recaps.glyphs import printable
from recaps.letter import FOLDER, Issue, Letter, environment, qr_of
from tenants.words import instant_id

_MARK: Final = (FOLDER / "mark.svg").read_bytes()


@dataclass(frozen=True)
class Paper:
    """What stands on top of everything that a UPT prints: letterhead, place, emblem, its own name and clock."""

    kop: Mapping[str, Any]
    place: Mapping[str, str]
    mark: bytes | None
    upt: str
    city: str
    timezone: str


@dataclass(frozen=True)
class Certified:
    """What a certificate says of a training."""

    name: str
    title: str
    skill: str
    hours: int
    from_on: date
    until_on: date
    instructor: str
    partner: str | None


@dataclass(frozen=True)
class Line:
    """A line of a work record: what, when, and how much of it."""

    what: str
    when: str
    much: str
    more: str = ""


@dataclass(frozen=True)
class Printed:
    """Who printed a work record, when, for whom and why."""

    by: str
    office: str
    at: datetime
    purpose: str
    recipient: str


def certificate(given: Certified, paper: Paper, issue: Issue) -> Letter:
    """The certificate of one person."""
    assets = _assets(paper) | {"qr.svg": qr_of(issue.verify_url)}
    zone = ZoneInfo(paper.timezone)
    html = (
        environment()
        .get_template("award.html")
        .render(
            f={"kop_surat": paper.kop, "kanwil": paper.place},
            own_mark=bool(paper.mark),
            c=given,
            paper=paper,
            issue=issue,
            signed=instant_id(issue.signed_at, zone),
            created=issue.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    )
    return Letter(printable(html), assets, f"karya:{issue.code}", issue.signed_at)


def work_record(
    person: Mapping[str, str],
    work: Sequence[Line],
    trainings: Sequence[Line],
    products: Sequence[Line],
    certificates: Sequence[Line],
    printed: Printed,
    paper: Paper,
    *,
    hours: int,
) -> Letter:
    """The work record of one person. `person`: name, number, kind, code; `hours`: of all that stands in `work`."""
    at = instant_id(printed.at, ZoneInfo(paper.timezone))
    html = (
        environment()
        .get_template("work_record.html")
        .render(
            f={"kop_surat": paper.kop, "kanwil": paper.place},
            own_mark=bool(paper.mark),
            person=person,
            parts=(
                ("A. Kegiatan kerja", work, "Kegiatan", "Jam"),
                ("B. Pelatihan", trainings, "Pelatihan", "Jam"),
                ("C. Produk yang dibuat, dengan persetujuan disebut", products, "Produk", "Sejak"),
                ("D. Sertifikat", certificates, "Keterampilan", "Nomor"),
            ),
            hours=hours,
            printed=printed,
            paper=paper,
            at=at,
            created=printed.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    )
    seal = f"{printed.by} · {at}"
    identity = hashlib.sha256(f"{person['code']}:{printed.at.isoformat()}:{printed.by}".encode()).hexdigest()
    assets = _assets(paper) | {"stamp.svg": watermark(printable(seal)).encode()}
    return Letter(printable(html), assets, f"karya:{identity}", printed.at)


def watermark(text: str) -> str:
    """Who printed and when, pale and aslant over the whole page, as a picture behind it."""
    words = escape(text)
    rows = "".join(
        f'<text x="-60" y="{y}" font-family="Arimo" font-size="11" fill="#e9dfd3" transform="rotate(-28 0 {y})">'
        f"{' · '.join([words] * 4)}</text>"
        for y in range(60, 1100, 110)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 595 842" width="595" height="842">{rows}</svg>'
    )


def _assets(paper: Paper) -> dict[str, bytes]:
    return {"mark.svg": _MARK, **({"mark.png": paper.mark} if paper.mark else {})}
