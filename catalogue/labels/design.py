"""How a label may look: inks and grounds of the house's dyes, a batik motif, a logo, one line of text.

Whatever is chosen must be readable: an ink on a ground needs the contrast of small text. The QR code is always black on
white, and what the label says of the product always dark on white.
Source: WCAG 2.2, 1.4.3 (contrast 4.5:1).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from catalogue import photos
from catalogue.content import Unreadable
from catalogue.content import text as clean_text
from catalogue.labels.errors import DesignMoved
from catalogue.labels.models import LabelDesign
from tenants import files
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, number_id
from workflows import audit

KEEPER: Final = "admin_kanwil"
LONGEST_LINE: Final = 60
LEAST_CONTRAST: Final = 4.5
LOGO_SIDE: Final = 320
FOLDER: Final = Path(__file__).parent / "motifs"
OF_UPT: Final = "upt"

INKS: Final[dict[str, tuple[str, str]]] = {
    "white": (N_("putih"), "#ffffff"),
    "ink": (N_("hitam tinta"), "#201d1a"),
    "nila": (N_("nila tua"), "#162a4d"),
    "soga": (N_("soga"), "#6b3716"),
    "daun": (N_("daun tua"), "#155a38"),
    "bata": (N_("bata tua"), "#9c2a1b"),
    "kunyit": (N_("kunyit"), "#e3a72f"),
}
"""Key -> name and colour of what is written on the band."""
GROUNDS: Final[dict[str, tuple[str, str]]] = {
    "nila": (N_("nila tua"), "#162a4d"),
    "soga": (N_("soga"), "#6b3716"),
    "daun": (N_("daun tua"), "#155a38"),
    "bata": (N_("bata tua"), "#9c2a1b"),
    "ink": (N_("hitam tinta"), "#201d1a"),
    "paper": (N_("kertas"), "#f3eee6"),
    "kunyit": (N_("kunyit"), "#e3a72f"),
    "white": (N_("putih"), "#ffffff"),
}
MOTIFS: Final[dict[str, str]] = {
    OF_UPT: N_("menurut UPT"),
    "kawung": "kawung",
    "parang": "parang",
    "truntum": "truntum",
}
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789-"
USUAL: Final = {
    "ink": "white",
    "ground": "nila",
    "motif": OF_UPT,
    "line": "Karya warga binaan Pemasyarakatan",
}
"""The house's own design."""
Design = dict[str, Any]
"""ink and ground as colours, motif, line, logo_sha256: what a label run freezes."""


def contrast(first: str, second: str) -> float:
    """The contrast of two colours ("#rrggbb"), from 1 to 21."""
    dark, light = sorted((_luminance(first), _luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def motif_of(upt_slug: str) -> str:
    """The motif of a UPT: the same that its products without a photo wear on the page."""
    seen = 7
    for letter in (upt_slug or "karya").lower():
        seen = (seen * 31 + _LETTERS.find(letter) + 2) % 65521
    return ("kawung", "parang", "truntum")[seen % 3]


def own() -> LabelDesign | None:
    """The design of the Kanwil in scope; None while the house's holds. One statement."""
    return session().scalars(select(LabelDesign).execution_options(populate_existing=True)).first()


def chosen(row: LabelDesign | None) -> dict[str, Any]:
    """The keys that are chosen, or the house's."""
    if row is None:
        return {**USUAL, "logo_sha256": None, "version": 0}
    names = ("ink", "ground", "motif", "line", "logo_sha256", "version")
    return {name: getattr(row, name) for name in names}


def frozen(row: LabelDesign | None) -> Design:
    """What a label run keeps of the design: colours themselves, so that a later palette changes no old label."""
    keys = chosen(row)
    return {
        "ink": INKS[keys["ink"]][1],
        "ground": GROUNDS[keys["ground"]][1],
        "motif": keys["motif"],
        "line": keys["line"],
        "logo_sha256": keys["logo_sha256"],
    }


def save(
    values: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    logo: tuple[bytes, str] | None = None,
    without_logo: bool = False,
    version: int | None = None,
    key: str | None = None,
) -> LabelDesign:
    """Keep the Kanwil's design. `logo`: an uploaded picture and its name; without one the standing logo stays, unless
    `without_logo`. Where all stays as it was, nothing is written.

    Raises:
        Forbidden: not the Kanwil's admin. DesignMoved: somebody changed it since `version`.
        Invalid: by field; too little contrast is said of `ink`. PhotoBroken and the like: of the logo.
    """
    by.require(KEEPER)

    def act() -> LabelDesign:
        with transaction() as here:
            row = here.scalars(
                select(LabelDesign).with_for_update().execution_options(populate_existing=True)
            ).first()
            if version is not None and version != (row.version if row else 0):
                raise DesignMoved(N_("Muat ulang halamannya, lalu ubah sekali lagi."))
            before = chosen(row)
            read = _read(values, before)
            if logo is not None and logo[0]:
                read["logo_sha256"] = files.put(photos.process(*logo).thumbs[LOGO_SIDE])
            elif without_logo:
                read["logo_sha256"] = None
            changed = {name: value for name, value in read.items() if value != before[name]}
            if not changed and row is not None:
                return row
            if row is None:
                row = LabelDesign(version=0)
                here.add(row)
            for name, value in read.items():
                setattr(row, name, value)
            row.version += 1
            row.changed_by_name, row.changed_at = by.name[:160], now
            here.flush()
            audit.record(audit.KANWIL, "label.designed", {"changes": changed}, by=by, now=now)
            return row

    content = [{name: str(value) for name, value in values.items()}, without_logo, version]
    made, _ = once(key, "label.design", act, lambda row: row.id, lambda _id: own_or_fail(), content=content)
    return made


def own_or_fail() -> LabelDesign:
    """The design that was just kept."""
    return session().scalars(select(LabelDesign)).one()


def _read(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    read = {name: before[name] for name in ("ink", "ground", "motif", "line", "logo_sha256")}
    wrong: dict[str, str] = {}
    for name, known in (("ink", INKS), ("ground", GROUNDS), ("motif", MOTIFS)):
        if name in values:
            if values[name] in known:
                read[name] = values[name]
            else:
                wrong[name] = N_("Pilih salah satu dari daftar.")
    if "line" in values:
        try:
            words = clean_text(values["line"] if values["line"] is not None else "", LONGEST_LINE) or ""
            read["line"] = " ".join(words.split())
        except Unreadable as unreadable:
            wrong["line"] = unreadable.args[0]
    if not wrong.keys() & {"ink", "ground"}:
        found = contrast(INKS[read["ink"]][1], GROUNDS[read["ground"]][1])
        if found < LEAST_CONTRAST:
            wrong["ink"] = say(
                N_(
                    "Tulisannya sulit dibaca di atas warna dasar ini: kontras %(found)s, paling sedikit %(least)s."
                ),
                found=number_id(found, 1),
                least=number_id(LEAST_CONTRAST, 1),
            )
    if wrong:
        raise Invalid(fields=wrong)
    return read
