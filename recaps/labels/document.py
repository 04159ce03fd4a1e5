"""Labels as HTML, from what a run froze alone: the same content gives the same document, byte for byte."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from PIL import Image

from catalogue.labels.content import Content, size_of
from catalogue.labels.design import FOLDER, OF_UPT, motif_of
from catalogue.labels.sizes import A4, Size
from catalogue.terms import GROUPS
from recaps.glyphs import printable
from recaps.labels.fit import LEADING, POINT_MM, size_for
from recaps.letter import Letter, environment, qr_of
from tenants.words import date_id, rupiah
from workflows.canonical import canonical

GAP: Final = 0.6
"""Millimetres between two rows of a label."""
PAPERS: Final = {"pirt_number": "P-IRT", "halal_number": "Halal", "sni_number": "SNI"}


@dataclass(frozen=True)
class Plan:
    """How a size is divided, in millimetres; text sizes in points, the largest that fits is taken."""

    band: float
    pad: float
    qr: float
    name: float
    """Height of the product's name."""
    names: tuple[float, ...]
    about: float
    abouts: tuple[float, ...]
    price: tuple[float, ...]
    line: tuple[float, ...]
    small: tuple[float, ...]
    foot: float


PLANS: Final[dict[str, Plan]] = {
    "small": Plan(
        *(6.0, 2.6, 17.5, 8.4, (9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0), 5.2),
        *((6.0, 5.5, 5.0, 4.6), (9.5, 8.5, 7.5, 6.5), (6.0, 5.5, 5.0, 4.6), (5.2, 4.8, 4.4), 3.2),
    ),
    "medium": Plan(
        *(6.4, 3.0, 19.5, 9.4, (11.0, 10.0, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0), 4.6),
        *((7.0, 6.5, 6.0, 5.5, 5.0), (11.0, 10.0, 9.0, 8.0), (7.0, 6.5, 6.0, 5.5), (6.0, 5.5, 5.0, 4.6), 3.6),
    ),
    "large": Plan(
        *(10.0, 4.0, 30.0, 17.0, (15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.5), 8.6),
        *(
            (9.0, 8.5, 8.0, 7.5, 7.0),
            (16.0, 15.0, 14.0, 12.0),
            (10.0, 9.0, 8.0, 7.0),
            (7.5, 7.0, 6.5, 6.0, 5.5),
            5.4,
        ),
    ),
}


def compose(content: Content, *, logo: bytes | None = None) -> Letter:
    """The labels of a run. `logo`: the design's stored picture.

    A text that does not fit at the smallest size is printed at that size and cut by its box; the lengths that the
    house allows fit.
    """
    size = size_of(content)
    design = content["design"]
    assets: dict[str, bytes] = {}
    if logo is not None:
        assets["logo.png"] = _png(logo)
    labels = [_label(one, at, size, design, assets) for at, one in enumerate(content["labels"])]
    html = (
        environment()
        .get_template("labels.html")
        .render(
            size=size,
            plan=PLANS[size.key],
            design=design,
            kinds=labels,
            pages=_pages(content, size),
            corners=[size.corner(at) for at in range(size.sheet.places)] if content["sheet"] else [(0, 0)],
            page=A4 if content["sheet"] else (size.width, size.height),
            has_logo=logo is not None,
            line=_line(design["line"], size, logo is not None),
            title=f"Label {', '.join(one['name'] for one in content['labels'][:3])}",
        )
    )
    digest = hashlib.sha256(canonical(content) + (logo or b"")).hexdigest()
    return Letter(
        html=printable(html),
        assets=assets,
        identifier=f"karya:label:{digest[:32]}",
        created=datetime.fromisoformat(content["as_of"]),
    )


def _pages(content: Content, size: Size) -> list[list[tuple[int, int]]]:
    """Every page's labels: which of the run's, and at which place."""
    every = [kind for kind, label in enumerate(content["labels"]) for _ in range(label["count"])]
    if not content["sheet"]:
        return [[(kind, 0)] for kind in every]
    pages: list[list[tuple[int, int]]] = [[] for _ in range(size.pages(len(every), content["start"]))]
    for kind, (page, place) in zip(every, size.places(len(every), content["start"]), strict=True):
        pages[page].append((kind, place))
    return pages


def _label(
    one: Mapping[str, Any], at: int, size: Size, design: Mapping[str, Any], assets: dict[str, bytes]
) -> dict[str, Any]:
    """What the template needs of one label: its words, each with the size at which it fits."""
    plan = PLANS[size.key]
    name = f"qr{at}.svg"
    assets[name] = qr_of(one["url"])
    motif = motif_of(one["upt_slug"]) if design["motif"] == OF_UPT else design["motif"]
    assets.setdefault(f"motif-{motif}.svg", _motif(motif, design["ink"]))
    text = size.width - 2 * plan.pad - plan.qr - 1.5
    room = size.height - plan.band - plan.foot - 1.1
    price = f"{rupiah(one['price_rupiah'])} / {one['unit']}"
    about = f"{one['upt']} · {GROUPS.get(one['group'], one['group'])}"
    papers = " · ".join(_paper(key, value) for key, value in one["papers"].items())
    net = f"Isi bersih {one['net']}" if one["net"] else ""
    found: dict[str, float] = {}
    for key, words, sizes, most, weight in (
        ("name_pt", one["name"], plan.names, plan.name, 700),
        ("about_pt", about, plan.abouts, plan.about, 400),
        ("price_pt", price, plan.price, plan.price[0] * 0.42, 700),
    ):
        found[key], lines = size_for(words, sizes, width=text, height=most, weight=weight)
        room -= lines * found[key] * LEADING * POINT_MM + GAP
    if net:
        room -= plan.small[0] * LEADING * POINT_MM + GAP
    # What is left is the papers': their numbers may be long.
    found["small_pt"], _ = size_for(papers, plan.small, width=text, height=max(room - GAP, 1.0))
    return {
        **found,
        "name": one["name"],
        "about": about,
        "price": price,
        "net": net,
        "net_pt": plan.small[0],
        "papers": papers,
        "expiry": _expiry(one["expiry"]),
        "qr": name,
        "motif": f"motif-{motif}.svg",
    }


def _paper(key: str, value: str) -> str:
    """A licence with its name, said once."""
    name = PAPERS.get(key, key)
    return value if value.lower().startswith(name.lower()) else f"{name} {value}"


def _expiry(text: str) -> str:
    """What the expiry field says; a line to write on is drawn by the template."""
    if text in ("", "blank"):
        return text
    return date_id(date.fromisoformat(text))


def _line(text: str, size: Size, has_logo: bool) -> dict[str, Any]:
    """The band's own line and its size."""
    plan = PLANS[size.key]
    room = size.width - 2 * plan.pad - (plan.band if has_logo else 0)
    return {"text": text, "pt": size_for(text, plan.line, width=room, height=plan.band - 1.0, weight=700)[0]}


def _motif(name: str, ink: str) -> bytes:
    """The motif's tile in the ink of the band, faint enough to write on."""
    drawn = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    drawn = drawn.replace('stroke="#000"', f'stroke="{ink}" stroke-opacity=".22"')
    return drawn.replace('fill="#000"', f'fill="{ink}" fill-opacity=".22"').encode()


def _png(data: bytes) -> bytes:
    """A stored picture (WebP) as the renderer takes it."""
    with Image.open(io.BytesIO(data)) as opened:
        out = io.BytesIO()
        opened.convert("RGBA").save(out, "PNG", optimize=True)
        return out.getvalue()
