"""What a Kanwil sets for itself: letterhead, number, price band, copies, emblem. Its audit stands in `workflows`."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError
from sqlalchemy import select

from tenants import files
from tenants.database import session, transaction
from tenants.errors import Invalid, NotFound, TooLarge, Unsupported
from tenants.models import KanwilSettings
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_

EMBLEM_BYTES = 4 * 1024 * 1024
LONGEST_INTERVAL = 24
"""Months at most from one inspection of a published product to the next."""
LONGEST_YEARS = 30
"""Years at most that a person's record is kept after his release or his last participation."""
EMBLEM_SIDE = 600
"""Pixels of the longer side as it is kept."""
_MOST_PIXELS = 40_000_000
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"))
_FIELD = re.compile(r"\{(\w*)\}")
_LETTER = {"classification": 40, "enclosures": 60, "subject_pattern": 160}
"""Sifat, lampiran and hal of a recap's letter, and how long each may be."""
LONGER = "QSY"
"""Periods longer than a month whose recaps may be drafted by themselves: quarters, halves, years."""
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def own() -> KanwilSettings:
    """The settings of the Kanwil in scope. One statement.

    Raises:
        NotFound: the Kanwil was opened without them.
    """
    found = session().scalars(select(KanwilSettings)).first()
    if found is None:
        raise NotFound(N_("Pengaturan Kanwil ini belum ada."))
    return found


def preview_number(pattern: str, kanwil_code: str, year: int, sequence: int = 1) -> str:
    """The letter number that a pattern makes.

    Raises:
        Invalid: the pattern names something else than seq, year and kanwil, or lacks the sequence.
    """
    named = set(_FIELD.findall(pattern))
    if (
        "seq" not in named
        or not named <= {"seq", "year", "kanwil"}
        or pattern.count("{") != pattern.count("}")
    ):
        raise Invalid(
            fields={
                "number_pattern": N_(
                    "Pakai {seq}, dan bila perlu {year} dan {kanwil}; tidak ada kurung kurawal lain."
                )
            }
        )
    if not 5 <= len(pattern) <= 120:
        raise Invalid(fields={"number_pattern": N_("Panjangnya 5 sampai 120 huruf.")})
    return pattern.format(seq=sequence, year=year, kanwil=kanwil_code.upper())


def save(values: dict[str, str], *, by: Actor) -> tuple[KanwilSettings, dict[str, Any]]:
    """Save the letterhead; the row and what changed come back. `copies` is one addressee a line.

    Raises:
        Invalid: by field. Forbidden: `by` doesn't keep the Kanwil.
    """
    by.require("admin_kanwil")
    typed = {key: str(values.get(key, "")).strip() for key in ("address", "phone", "email", "number_pattern")}
    wrong: dict[str, str] = {}
    if not 5 <= len(typed["address"]) <= 300:
        wrong["address"] = N_("Tulis alamat lengkap, paling panjang 300 huruf.")
    if len(typed["phone"]) > 60:
        wrong["phone"] = N_("Paling panjang 60 huruf.")
    if typed["email"] and (len(typed["email"]) > 120 or not _EMAIL.match(typed["email"])):
        wrong["email"] = N_("Alamat surel ini tidak lengkap.")
    try:
        preview_number(typed["number_pattern"], "kalbar", 2024)
    except Invalid as error:
        wrong |= error.fields
    band = str(values.get("price_band", "")).strip()
    if not band.isdigit() or not 1 <= int(band) <= 100:
        wrong["price_band"] = N_("Persen, bilangan 1 sampai 100.")
    months = str(values.get("inspection_months", "")).strip()
    if "inspection_months" in values and not (
        months.isascii() and months.isdigit() and 1 <= int(months[:3]) <= LONGEST_INTERVAL
    ):
        wrong["inspection_months"] = N_("Bulan, bilangan 1 sampai 24.")
    years = str(values.get("person_years", "")).strip()
    if "person_years" in values and not (
        years.isascii() and years.isdigit() and 1 <= int(years[:3]) <= LONGEST_YEARS
    ):
        wrong["person_years"] = N_("Tahun, bilangan 1 sampai 30.")
    letter = {key: " ".join(str(values[key]).split()) for key in _LETTER if key in values}
    wrong |= _letter_problems(letter)
    auto = str(values.get("auto_draft", "")).strip()
    if auto not in ("", "yes", "no"):
        wrong["auto_draft"] = N_("Pilih ya atau tidak.")
    longer = "".join(sorted(str(values.get("auto_draft_longer", "")).strip()))
    if not set(longer) <= set(LONGER) or len(set(longer)) != len(longer):
        wrong["auto_draft_longer"] = N_("Pilih triwulan, semester, atau tahun.")
    copies = [" ".join(line.split()) for line in str(values.get("copies", "")).splitlines() if line.strip()]
    if len(copies) > 20 or any(len(line) > 200 for line in copies):
        wrong["copies"] = N_("Paling banyak 20 baris, masing-masing paling panjang 200 huruf.")
    if wrong:
        raise Invalid(fields=wrong)
    wanted: dict[str, Any] = {**typed, **letter, "price_band": int(band), "copies": copies}
    if months:
        wanted["inspection_months"] = int(months)
    if years:
        wanted["person_years"] = int(years)
    if auto:
        wanted["auto_draft"] = auto == "yes"
    if "auto_draft_longer" in values:
        wanted["auto_draft_longer"] = longer
    with transaction() as db:
        row = db.scalars(select(KanwilSettings).with_for_update()).first()
        if row is None:
            row = KanwilSettings()
            db.add(row)
        changed = {key: value for key, value in wanted.items() if getattr(row, key) != value}
        for key, value in changed.items():
            setattr(row, key, value)
        db.flush()
    return row, changed


def _letter_problems(letter: dict[str, str]) -> dict[str, str]:
    """What is wrong with sifat, lampiran and hal, by field."""
    wrong: dict[str, str] = {}
    for key, most in _LETTER.items():
        if key in letter and not 2 <= len(letter[key]) <= most:
            wrong[key] = say(N_("Panjangnya 2 sampai %(most)s huruf."), most=most)
    pattern = letter.get("subject_pattern")
    if pattern is not None and (_FIELD.findall(pattern) != ["period"] or pattern.count("{") != 1):
        wrong["subject_pattern"] = N_("Pakai {period} satu kali; tidak ada kurung kurawal lain.")
    return wrong


@dataclass(frozen=True)
class Emblem:
    """An emblem as it is kept: our own PNG."""

    data: bytes
    width: int
    height: int


def read_emblem(data: bytes) -> Emblem:
    """An uploaded picture as our own PNG: judged by content, decoded, drawn anew, at most `EMBLEM_SIDE` pixels a side.

    Raises:
        TooLarge: more than 4 MB. Unsupported: neither PNG nor JPEG (SVG is a program, not a picture), or broken.
    """
    if len(data) > EMBLEM_BYTES:
        raise TooLarge(N_("Lambang paling besar 4 MB."))
    kind = next((name for magic, name in _MAGIC if data.startswith(magic)), None)
    if kind is None:
        raise Unsupported(N_("Unggah PNG atau JPEG; SVG dan berkas lain tidak diterima."))
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise TooLarge(N_("Gambar ini terlalu lebar atau tinggi."))
            drawn = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise Unsupported(N_("Gambar ini rusak atau tidak lengkap.")) from None
    if min(drawn.size) < 64:
        raise Unsupported(N_("Gambar ini terlalu kecil untuk dicetak: paling sedikit 64 piksel."))
    drawn.thumbnail((EMBLEM_SIDE, EMBLEM_SIDE))
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return Emblem(out.getvalue(), drawn.width, drawn.height)


def set_emblem(data: bytes | None, *, by: Actor) -> str | None:
    """Keep an emblem, or with None take it away; its SHA-256 comes back."""
    by.require("admin_kanwil")
    digest = None if data is None else files.put(read_emblem(data).data)
    with transaction() as db:
        row = db.scalars(select(KanwilSettings).with_for_update()).first()
        if row is None:
            raise NotFound()
        row.emblem_sha256 = digest
        db.flush()
    return digest
