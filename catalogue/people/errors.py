"""What can go wrong with the records of persons, in words that name nobody."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, KaryaError, NotFound
from tenants.words import N_


class NoSuchPerson(NotFound):
    """There is no such person in this UPT, or he was erased."""

    code = "peserta-tidak-ditemukan"
    title = N_("Peserta tidak ditemukan")


class NoSuchConsent(NotFound):
    """There is no such consent in this UPT."""

    code = "persetujuan-tidak-ditemukan"
    title = N_("Persetujuan tidak ditemukan")


class NoSuchWork(NotFound):
    """There is no such entry of work in this UPT."""

    code = "kegiatan-tidak-ditemukan"
    title = N_("Kegiatan tidak ditemukan")


class PersonInvalid(Invalid):
    """A field is missing or wrong; `fields` says which."""

    code = "peserta-tidak-sah"
    title = N_("Data peserta perlu diperbaiki")


class PersonMoved(Conflict):
    """Somebody changed the record meanwhile, or its state does not allow this."""

    code = "peserta-sudah-berubah"
    title = N_("Data peserta sudah berubah")


class NotInThisUpt(Forbidden):
    """Records of persons are opened within their UPT alone."""

    code = "bukan-upt"
    title = N_("Data peserta hanya dibuka di UPT-nya")


class SealBroken(KaryaError):
    """It was sealed under another KARYA_SECRET_KEY and can't be opened any more."""

    status = 503
    code = "segel-tidak-terbuka"
    title = N_("Data peserta tidak dapat dibuka: kunci server sudah lain. Hubungi pengelola server.")
