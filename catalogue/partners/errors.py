"""What can go wrong with a partner or an agreement."""

from __future__ import annotations

from tenants.errors import Conflict, Invalid, NotFound
from tenants.words import N_


class NoSuchPartner(NotFound):
    """There is no such partner within the scope."""

    code = "mitra-tidak-ditemukan"
    title = N_("Mitra tidak ditemukan")


class NoSuchAgreement(NotFound):
    """There is no such agreement within the scope."""

    code = "perjanjian-tidak-ditemukan"
    title = N_("Perjanjian tidak ditemukan")


class PartnerInvalid(Invalid):
    """A field is missing or wrong; `fields` says which."""

    code = "mitra-tidak-sah"
    title = N_("Data mitra perlu diperbaiki")


class PartnerMoved(Conflict):
    """Somebody changed it meanwhile, or its state does not allow this."""

    code = "mitra-sudah-berubah"
    title = N_("Data mitra sudah berubah")
