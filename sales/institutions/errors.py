"""What can go wrong with the register of institutions."""

from __future__ import annotations

from tenants.errors import Conflict, Invalid, NotFound
from tenants.words import N_


class InstitutionNotFound(NotFound):
    """There is no such institution in the register."""

    code = "instansi-tidak-ditemukan"
    title = N_("Instansi tidak ditemukan")


class InstitutionInvalid(Invalid):
    """A name, kind or basis that can't be accepted; `fields` says which."""

    code = "instansi-tidak-sah"
    title = N_("Instansi ini belum dapat dicatat")


class InstitutionMoved(Conflict):
    """Somebody else changed it meanwhile."""

    code = "instansi-sudah-berubah"
    title = N_("Instansi ini baru saja diubah orang lain")
