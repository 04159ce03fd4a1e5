"""What the centre sets for its letter, and by when the Kanwil send theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from recaps.national import events
from recaps.national.models import NUMBER_PATTERN, SUBJECT_PATTERN, NationalLetter
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.models import ministry_name
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_

OFFICE: Final = "Direktorat Jenderal Pemasyarakatan"
SIGNER_OFFICE: Final = "Direktur Jenderal Pemasyarakatan"
CHAIN: Final = "nasional:surat"
TEXTS: Final = {
    "address": (5, 300),
    "contact": (0, 200),
    "number_pattern": (5, 120),
    "addressee": (0, 160),
    "addressee_place": (2, 80),
    "classification": (2, 40),
    "enclosures": (2, 60),
    "subject_pattern": (10, 160),
}
"""Each text and how long it may be."""
MOST_WORKDAYS: Final = 15


def office_of(by: Actor) -> str:
    """The office in which somebody signs for the country: the holder's, or as the letter says that lends it to him."""
    return by.title("dirjen") if by.substitution("dirjen") else SIGNER_OFFICE


def own() -> NationalLetter:
    """The settings as they stand, or as they are before anybody has set them. One statement."""
    return session().scalars(select(NationalLetter).where(NationalLetter.id == 1)).first() or _usual()


def _usual() -> NationalLetter:
    return NationalLetter(
        id=1,
        address="Jalan Veteran Nomor 11, Jakarta Pusat",
        contact="",
        number_pattern=NUMBER_PATTERN,
        addressee="",
        addressee_place="Jakarta",
        classification="Biasa",
        enclosures="1 (satu) berkas",
        subject_pattern=SUBJECT_PATTERN,
        copies=[],
        due_workday=5,
    )


def minister(on: date) -> str:
    """To whom the letter goes where nothing else is set."""
    return f"Menteri {ministry_name(on).removeprefix('Kementerian ')}"


def save(values: Mapping[str, str], *, by: Actor, now: datetime) -> bool:
    """Save the settings; whether something changed. `copies` is one addressee a line.

    Raises:
        Invalid: by field. Forbidden: not Admin Pusat.
    """
    by.require("admin_pusat")
    typed: dict[str, Any] = {key: " ".join(str(values.get(key, "")).split()) for key in TEXTS}
    wrong: dict[str, str] = {
        key: say(N_("Panjangnya %(least)s sampai %(most)s huruf."), least=least, most=most)
        for key, (least, most) in TEXTS.items()
        if not least <= len(typed[key]) <= most
    }
    number = typed["number_pattern"].replace("{seq}", "").replace("{year}", "")
    if "{seq}" not in typed["number_pattern"] or "{" in number or "}" in number:
        wrong.setdefault(
            "number_pattern", say(N_("Pakai {seq}, dan bila perlu {year}; tidak ada kurung kurawal lain."))
        )
    if typed["subject_pattern"].count("{period}") != 1 or typed["subject_pattern"].count("{") != 1:
        wrong.setdefault(
            "subject_pattern", say(N_("Pakai {period} satu kali; tidak ada kurung kurawal lain."))
        )
    due = str(values.get("due_workday", "")).strip()
    if not (due.isascii() and due.isdigit() and len(due) < 3 and 1 <= int(due) <= MOST_WORKDAYS):
        wrong["due_workday"] = say(N_("Bilangan 1 sampai %(most_workdays)s."), most_workdays=MOST_WORKDAYS)
    copies = [" ".join(line.split()) for line in str(values.get("copies", "")).splitlines() if line.strip()]
    if len(copies) > 20 or any(len(line) > 200 for line in copies):
        wrong["copies"] = N_("Paling banyak 20 baris, masing-masing paling panjang 200 huruf.")
    if wrong:
        raise Invalid(fields=wrong)
    wanted = typed | {"due_workday": int(due), "copies": copies}
    with transaction() as here:
        row = here.scalars(select(NationalLetter).where(NationalLetter.id == 1).with_for_update()).first()
        if row is None:
            row = _usual()
            here.add(row)
        changed = {key: value for key, value in wanted.items() if getattr(row, key) != value}
        for key, value in changed.items():
            setattr(row, key, value)
        here.flush()
        if changed:
            events.record(CHAIN, "letter.changed", changed, by=by, now=now)
    return bool(changed)
