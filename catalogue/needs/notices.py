"""Which message goes to whom when a need, an offer or an agreement moves: to the officers of the UPT concerned."""

from __future__ import annotations

from datetime import date

from catalogue.needs.models import Incoming, Need, Offer
from tenants.officers import UPT_ROLES
from tenants.said import Said, say
from tenants.words import N_, date_id, number_id, rupiah
from workflows.notices import Draft, draft

WHY = {
    "filled": N_("Jumlah yang dibutuhkan sudah terpenuhi oleh penawaran lain."),
    "expired": N_("Tanggal kebutuhannya sudah lewat."),
    "withdrawn": N_("UPT itu tidak mencarinya lagi."),
    "gone": N_("Kebutuhan itu sudah tidak ada."),
}
"""Why an offer is no longer open, in words."""


def page_of(need_id: int) -> str:
    """Where a need of one's own Kanwil is read."""
    return f"/kebutuhan/{need_id}"


def page_of_offer(offer_id: int) -> str:
    """Where an UPT reads an offer that it made."""
    return f"/kebutuhan/penawaran/{offer_id}"


def amount(quantity: int, unit: str) -> str:
    """ "120 buah"."""
    return f"{number_id(quantity)} {unit}"


def of_offer(need: Need, one: Incoming) -> list[Draft]:
    """An offer arrived. Its message is read on the page: notices lie open to the whole Kanwil."""
    title = say(N_("%(title)s: ada penawaran dari %(upt)s"), title=need.title, upt=one.from_upt_name)
    body = say(
        N_("%(amount)s, %(price)s tiap %(unit)s, diserahkan %(day)s."),
        amount=amount(one.quantity, need.unit),
        price=rupiah(one.price_rupiah),
        unit=need.unit,
        day=date_id(one.deliver_on),
    )
    return _to_officers(need.upt_id, "need.offered", title, body, page_of(need.id))


def of_taking_back(need: Need, one: Incoming) -> list[Draft]:
    """Who offered took it back."""
    title = say(N_("%(title)s: %(upt)s menarik penawarannya"), title=need.title, upt=one.from_upt_name)
    return _to_officers(need.upt_id, "need.offer_withdrawn", title, "", page_of(need.id))


def of_fulfilment(need: Need, one: Incoming) -> list[Draft]:
    """Purchases of the e-Katalog met an agreement, or all of the need."""
    words = (
        N_("%(title)s: terpenuhi seluruhnya")
        if need.fulfilled >= need.quantity
        else N_("%(title)s: %(amount)s sudah terpenuhi")
    )
    title = say(words, title=need.title, amount=amount(need.fulfilled, need.unit))
    body = say(N_("Pembelian e-Katalog dari %(upt)s tercatat selesai."), upt=one.from_upt_name)
    return _to_officers(need.upt_id, "need.fulfilled", title, body, page_of(need.id))


def of_expiry(need: Need) -> list[Draft]:
    """Its day passed with something still sought."""
    title = say(N_("%(title)s: tanggalnya lewat"), title=need.title)
    body = say(
        N_("Sampai %(day)s disepakati %(agreed)s dari %(amount)s. Pasang lagi bila masih dibutuhkan."),
        day=date_id(need.needed_by),
        agreed=number_id(need.agreed),
        amount=amount(need.quantity, need.unit),
    )
    return _to_officers(need.upt_id, "need.expired", title, body, page_of(need.id))


def of_acceptance(offer: Offer) -> list[Draft]:
    """The other UPT accepted."""
    title = say(N_("%(title)s: penawaran Anda diterima"), title=offer.title)
    body = say(
        N_(
            "%(upt)s menyepakati %(amount)s. Lanjutkan dengan paket e-Katalog, lalu catat nomor paketnya di sini."
        ),
        upt=offer.to_upt_name,
        amount=amount(offer.agreed_quantity, offer.unit),
    )
    return _to_maker(offer, "offer.accepted", title, body)


def of_ending(offer: Offer, kind: str, why: str) -> list[Draft]:
    """An offer or an agreement came to nothing: ``declined``, ``cancelled`` or ``lapsed``."""
    words = {
        "declined": N_("%(title)s: penawaran Anda ditolak"),
        "cancelled": N_("%(title)s: kesepakatan dibatalkan %(upt)s"),
        "lapsed": N_("%(title)s: penawaran Anda ditutup"),
    }[kind]
    title = say(words, title=offer.title, upt=offer.to_upt_name)
    return _to_maker(offer, f"offer.{kind}", title, why)


def of_contact(upt_id: int, title: str, who: str, given: bool, page: str) -> list[Draft]:
    """The other end is ready to share its contact, or has told it."""
    words = (
        N_("%(title)s: kontak %(upt)s sudah dapat dibaca")
        if given
        else N_("%(title)s: %(upt)s bersedia berbagi kontak")
    )
    body = "" if given else say(N_("Kontaknya terbuka setelah Anda juga bersedia."))
    return _to_officers(upt_id, "need.contact", say(words, title=title, upt=who), body, page)


def of_package(offer: Offer, package_id: str) -> list[Draft]:
    """The buyer named the package of the e-Katalog."""
    title = say(
        N_("%(title)s: %(upt)s menyebut paket %(package)s"),
        title=offer.title,
        upt=offer.to_upt_name,
        package=package_id,
    )
    return _to_maker(offer, "offer.package", title, "")


def of_invitation(
    upt_id: int, title: str, who: str, quantity: str, needed_by: date, page: str
) -> list[Draft]:
    """An UPT asks another one, whose product fits, for an offer."""
    said = say(N_("%(upt)s mengajak Anda menawarkan %(title)s"), upt=who, title=title)
    body = say(
        N_("Dibutuhkan %(amount)s sampai %(day)s; produk Anda tampaknya cocok."),
        amount=quantity,
        day=date_id(needed_by),
    )
    return _to_officers(upt_id, "need.invited", said, body, page)


def _to_maker(offer: Offer, kind: str, title: Said, body: str) -> list[Draft]:
    return _to_officers(offer.upt_id, kind, title, body, page_of_offer(offer.id))


def _to_officers(upt_id: int, kind: str, title: Said, body: str, page: str) -> list[Draft]:
    return [draft(kind, title, body, page, role=role, upt_id=upt_id) for role in UPT_ROLES]
