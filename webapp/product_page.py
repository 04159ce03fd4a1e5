"""What a product's public page shows beside its fields: licences with their ends, TKDN, ways to share it, its QR."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import segno
from flask_babel import gettext as _

from catalogue.content import shown_by_key
from catalogue.models import PublishedProduct
from tenants.clock import local_day
from tenants.words import N_, rupiah

PAPERS = {"pirt": N_("P-IRT"), "halal": N_("Sertifikat halal"), "sni": N_("SNI")}


def papers(product: PublishedProduct, now: datetime) -> list[dict[str, Any]]:
    """The licences: label, number, the day on which each ends, and whether that day is over."""
    found = []
    for key, label in PAPERS.items():
        number = product.papers.get(f"{key}_number")
        ends = product.papers.get(f"{key}_expires_on")
        if number:
            until = date.fromisoformat(ends) if ends else None
            over = until is not None and until < local_day(now, "Asia/Jakarta")
            found.append({"label": _(label), "number": number, "until": until, "over": over})
    return found


def tkdn(product: PublishedProduct) -> str:
    """The local content share in words: "62,5 %"; "" where it is not known."""
    return shown_by_key("tkdn_share", product.tkdn_share) if product.tkdn_share is not None else ""


def shares(product: PublishedProduct, address: str) -> list[tuple[str, str]]:
    """(label, address) of the ways to send a product on. Plain links: nothing of others is loaded by the page."""
    words = _("%(name)s, %(price)s", name=product.name, price=rupiah(product.price_rupiah))
    both = quote(f"{words}\n{address}")
    return [
        ("WhatsApp", f"https://wa.me/?text={both}"),
        ("Telegram", f"https://t.me/share/url?url={quote(address, safe='')}&text={quote(words)}"),
        ("Facebook", f"https://www.facebook.com/sharer/sharer.php?u={quote(address, safe='')}"),
        (_("Surel"), f"mailto:?subject={quote(product.name)}&body={both}"),
    ]


def qr(address: str) -> bytes:
    """The QR of an address as SVG."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False, title=address)
    return out.getvalue()
