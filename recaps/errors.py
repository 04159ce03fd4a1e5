"""What can go wrong with a recap, in words a person can act on."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, KaryaError, NotFound, TooLarge
from tenants.words import N_


class NoSuchRecap(NotFound):
    """There is no such recap in this office."""

    title = N_("Rekap tidak ditemukan")


class NoSuchObstacle(NotFound):
    title = N_("Kendala tidak ditemukan")


class NoSuchDisposition(NotFound):
    title = N_("Disposisi tidak ditemukan")


class NoSuchBundle(NotFound):
    title = N_("Unduhan arsip tidak ditemukan")


class NoSuchDocument(NotFound):
    """No signed document has that code."""

    title = N_("Kode pemeriksaan ini tidak dikenal")


class NoSuchMinutes(NotFound):
    """There are no such minutes in this office, or not of this case."""

    title = N_("Berita acara tidak ditemukan")


class BadPeriod(Invalid):
    """The period is not a month, quarter, semester or year, or has not begun."""

    code = "periode-tidak-sah"
    title = N_("Periode tidak dikenal")


class RecapExists(Conflict):
    """The period has a recap on its way already."""

    code = "rekap-sudah-ada"
    title = N_("Rekap periode ini sudah ada")


class NotThisState(Conflict):
    """The recap's state does not allow the act."""

    code = "keadaan-rekap"
    title = N_("Rekap ini tidak dalam keadaan yang memungkinkan tindakan itu")


class NotYourOffice(Forbidden):
    title = N_("Bukan wewenang Anda")


class WrongPin(Invalid):
    """The certificate's PIN is missing or wrong."""

    code = "pin-salah"
    title = N_("PIN sertifikat salah")


class SignerUnavailable(KaryaError):
    """The signing service or its keys can't be used now."""

    status = 503
    code = "tanda-tangan-tidak-tersedia"
    title = N_("Layanan tanda tangan tidak tersedia")


class FileTooLarge(TooLarge):
    title = N_("Berkas terlalu besar untuk diperiksa")


class CertificateRefused(Conflict):
    """The certificate may not sign: ended, revoked, somebody else's."""

    code = "sertifikat-ditolak"
    title = N_("Sertifikat ini tidak dapat dipakai menandatangani")
