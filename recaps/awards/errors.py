"""What can go wrong with a certificate or a work record."""

from __future__ import annotations

from tenants.errors import Conflict, Invalid, NotFound
from tenants.words import N_


class NoSuchAward(NotFound):
    """There is no such certificate in this UPT, or its file is gone with the person it was for."""

    code = "sertifikat-tidak-ditemukan"
    title = N_("Sertifikat tidak ditemukan")


class AwardMoved(Conflict):
    """The training's or the certificate's state does not allow this."""

    code = "sertifikat-sudah-berubah"
    title = N_("Sertifikat ini sudah berubah")


class RecordInvalid(Invalid):
    """Why a work record is printed, or for whom, is missing; `fields` says which."""

    code = "catatan-kerja-tidak-sah"
    title = N_("Lengkapi tujuan pencetakannya")
