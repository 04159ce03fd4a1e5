"""What can go wrong with a need or an offer."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.words import N_


class NeedNotFound(NotFound):
    """There is no such need within the scope, or on the national board."""

    code = "kebutuhan-tidak-ditemukan"
    title = N_("Kebutuhan tidak ditemukan")


class OfferNotFound(NotFound):
    """There is no such offer within the scope."""

    code = "penawaran-tidak-ditemukan"
    title = N_("Penawaran tidak ditemukan")


class NotYourNeed(Forbidden):
    """Needs and offers are written by the officers of the UPT that they belong to."""

    code = "bukan-kebutuhan-anda"
    title = N_("Kebutuhan dan penawaran ditulis oleh petugas UPT pemiliknya")


class NeedInvalid(Invalid):
    """Fields of a need, an offer, a contact or a package are missing or can't be accepted; `fields` says which."""

    code = "kebutuhan-belum-benar"
    title = N_("Isian belum benar")


class NeedMoved(Conflict):
    """The need or the offer is not in a state that allows this, or somebody was faster."""

    code = "kebutuhan-sudah-berubah"
    title = N_("Keadaan kebutuhan sudah lain")
