"""What people type for a need, an offer, a contact or a package, in its types; what is wrong, by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from catalogue.content import Unreadable, count, line, money
from catalogue.content import day as read_day
from catalogue.content import text as read_text
from catalogue.needs.errors import NeedInvalid
from catalogue.needs.terms import (
    AUDIENCES,
    FURTHEST_DAYS,
    KANWIL,
    LARGEST,
    LONGEST_TEXT,
    LONGEST_TITLE,
    LONGEST_UNIT,
)
from catalogue.terms import CATEGORIES, GROUPS
from tenants.said import say
from tenants.words import N_, date_id

Entered = Mapping[str, Any]
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{5,28}[0-9]")
_MAIL = re.compile(r"[^\s@<>\"',;:]{1,64}@[^\s@<>\"',;:]{1,90}\.[a-zA-Z]{2,20}")
_SAID_PHONE = re.compile(r"(?<![\w.,])(?:\+62[ .-]?[1-9]|62[ .-]?8|0[1-9])[0-9](?:[ .()-]?[0-9]){5,11}(?!\w)")
_SAID_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,90}\.[a-zA-Z]{2,20}")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{2,63}")


class Reader:
    """Reads one field after the other and keeps what is wrong with each."""

    def __init__(self, entered: Entered) -> None:
        self.entered = entered
        self.wrong: dict[str, str] = {}

    def take(self, name: str, read: Callable[[Any], Any], missing: str = "") -> Any:
        """The field in its type; None, with a fault where it is `missing`, if nothing was typed."""
        value = self.entered.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if missing:
                self.wrong[name] = missing
            return None
        try:
            return read(value)
        except Unreadable as unreadable:
            self.wrong[name] = str(unreadable)
            return None

    def choose(self, name: str, known: Mapping[str, str], missing: str, otherwise: str | None = None) -> str:
        value = self.entered.get(name) or otherwise
        if not isinstance(value, str) or value not in known:
            self.wrong[name] = missing
            return ""
        return value

    def done(self) -> None:
        """Raises:
        NeedInvalid: something was wrong.
        """
        if self.wrong:
            raise NeedInvalid(fields=self.wrong)


def words(longest: int, *, one_line: bool = False) -> Callable[[Any], str | None]:
    """Text that others read: without telephone numbers and addresses of mail, which are shared by consent alone."""

    def read(value: Any) -> str | None:
        found = line(value, longest) if one_line else read_text(value, longest)
        if found and (_SAID_PHONE.search(found) or _SAID_MAIL.search(found)):
            raise Unreadable(
                say(N_("Jangan menulis nomor telepon atau surel di sini; kontak dibagikan setelah sepakat."))
            )
        return found

    return read


def amount(value: Any) -> int:
    """A whole amount from 1."""
    return count(value, 1, LARGEST)


def days_ahead(today: date, words: str) -> Callable[[Any], date]:
    """A day from today up to two years on; `words` say that it lies before."""

    def read(value: Any) -> date:
        found = read_day(value)
        if found < today:
            raise Unreadable(say(words, day=date_id(today)))
        if found > today + timedelta(days=FURTHEST_DAYS):
            raise Unreadable(say(N_("Paling jauh dua tahun ke depan.")))
        return found

    return read


def need_in(entered: Entered, today: date) -> dict[str, Any]:
    """A need's fields.

    Raises:
        NeedInvalid: what is missing or wrong, by field.
    """
    asked = Reader(entered)
    found = {
        "title": asked.take(
            "title", words(LONGEST_TITLE, one_line=True), N_("Tulis barang atau jasa yang dibutuhkan.")
        ),
        "category": asked.choose("category", CATEGORIES, N_("Pilih kategorinya.")),
        "goods_group": asked.choose("group", GROUPS, N_("Pilih kelompok barangnya.")),
        "quantity": asked.take("quantity", amount, N_("Tulis jumlah yang dibutuhkan.")),
        "unit": asked.take(
            "unit", lambda v: line(v, LONGEST_UNIT), N_("Tulis satuannya, misalnya buah, kg, atau stel.")
        ),
        **_changing(asked, today),
    }
    if found["title"] and len(found["title"]) < 3:
        asked.wrong["title"] = N_("Sedikitnya 3 huruf.")
    asked.done()
    return found


def change_in(entered: Entered, today: date, agreed: int) -> dict[str, Any]:
    """What may still be changed of a need that was posted.

    Raises:
        NeedInvalid: what is missing or wrong, by field.
    """
    asked = Reader(entered)
    found = {
        "quantity": asked.take("quantity", amount, N_("Tulis jumlah yang dibutuhkan.")),
        **_changing(asked, today),
    }
    if found["quantity"] and found["quantity"] < agreed:
        asked.wrong["quantity"] = say(N_("Sudah disepakati %(n)s; tidak dapat kurang dari itu."), n=agreed)
    asked.done()
    return found


def _changing(asked: Reader, today: date) -> dict[str, Any]:
    return {
        "needed_by": asked.take(
            "needed_by",
            days_ahead(today, N_("Paling awal hari ini, %(day)s.")),
            N_("Pilih tanggal paling lambat barang dibutuhkan."),
        ),
        "ceiling_rupiah": asked.take("ceiling_rupiah", money),
        "note": asked.take("note", words(LONGEST_TEXT)) or "",
        "audience": asked.choose("audience", AUDIENCES, N_("Pilih siapa yang melihatnya."), KANWIL),
    }


def offer_in(entered: Entered, today: date, remaining: int) -> dict[str, Any]:
    """An offer's fields.

    Raises:
        NeedInvalid: what is missing or wrong, by field.
    """
    asked = Reader(entered)
    found = {
        "quantity": asked.take("quantity", amount, N_("Tulis jumlah yang ditawarkan.")),
        "price_rupiah": asked.take("price_rupiah", money, N_("Tulis harga satu satuan.")),
        "deliver_on": asked.take(
            "deliver_on",
            days_ahead(today, N_("Paling awal hari ini, %(day)s.")),
            N_("Pilih tanggal penyerahan."),
        ),
        "message": asked.take("message", words(LONGEST_TEXT)) or "",
        "partial": entered.get("partial") in (True, "yes", "1", "on"),
        "product_id": asked.take("product_id", lambda v: count(v, 1, 2**31 - 1)),
    }
    if found["quantity"] and found["quantity"] > remaining:
        asked.wrong["quantity"] = say(N_("Yang masih dicari %(n)s."), n=remaining)
    asked.done()
    return found


def reason_in(reason: Any, *, required: bool) -> str:
    """A reason as it is kept.

    Raises:
        NeedInvalid: it is missing where it is `required`, or too long.
    """
    asked = Reader({"reason": reason})
    found = asked.take("reason", words(LONGEST_TEXT), N_("Tulis alasannya.") if required else "")
    asked.done()
    return str(found or "")


def contact_in(entered: Entered) -> dict[str, str]:
    """Whom to ring or write to.

    Raises:
        NeedInvalid: no name, or neither a telephone number nor an address of mail.
    """
    asked = Reader(entered)

    def like(form: re.Pattern[str], words: str) -> Callable[[Any], str]:
        def read(value: Any) -> str:
            found = line(value, 120) or ""
            if not form.fullmatch(found):
                raise Unreadable(say(words))
            return found

        return read

    found = {
        "name": asked.take("name", lambda v: line(v, 120), N_("Tulis nama yang dapat dihubungi.")),
        "phone": asked.take("phone", like(_PHONE, N_("Tulis nomor telepon, misalnya 0812 3456 7890."))),
        "email": asked.take("email", like(_MAIL, N_("Tulis alamat surel, misalnya nama@contoh.go.id."))),
    }
    if not asked.wrong and not (found["phone"] or found["email"]):
        asked.wrong["phone"] = N_("Tulis nomor telepon atau alamat surel.")
    asked.done()
    return {name: value or "" for name, value in found.items()}


def package_in(package_id: Any) -> str:
    """The id of a package of the e-Katalog.

    Raises:
        NeedInvalid: it is missing, or none.
    """
    asked = Reader({"package_id": package_id})

    def read(value: Any) -> str:
        found = line(str(value) if isinstance(value, int) else value, 64) or ""
        if not _PACKAGE.fullmatch(found):
            raise Unreadable(say(N_("Nomor paket terdiri dari huruf, angka, titik, atau garis.")))
        return found

    found = asked.take("package_id", read, N_("Tulis nomor paket e-Katalog."))
    asked.done()
    return str(found)
