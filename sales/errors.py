"""What can go wrong with purchases, in words a person can act on."""

from __future__ import annotations

from tenants.errors import Conflict, FileTooLarge, Forbidden, NotFound, UnreadableFile
from tenants.errors import NotASheet as NotAPurchaseFile
from tenants.words import N_

__all__ = [
    "FileTooLarge",
    "ImportNotFound",
    "ImportNotReady",
    "MayNotImport",
    "NotAPurchaseFile",
    "PurchaseMoved",
    "PurchaseNotFound",
    "UnknownColumns",
    "UnreadableFile",
]


class UnknownColumns(UnreadableFile):
    """A sheet with enough columns for purchases whose names are not known; somebody can say which is which.

    `detail` holds `header_line` and `columns`, the names as they stand.
    """

    code = "kolom-tidak-dikenal"
    title = N_("Nama kolom berkas ini belum dikenal")


class ImportNotFound(NotFound):
    title = N_("Impor tidak ditemukan")


class ImportNotReady(Conflict):
    """The import is not at the state that the act leads from."""

    code = "impor-belum-siap"
    title = N_("Impor ini belum dapat dijalankan")


class MayNotImport(Forbidden):
    title = N_("Impor pembelian dilakukan oleh Kepala Divisi atau admin Kanwil")


class PurchaseNotFound(NotFound):
    title = N_("Pembelian tidak ditemukan")


class PurchaseMoved(Conflict):
    """Somebody changed the purchase since the form was opened."""

    code = "pembelian-berubah"
    title = N_("Pembelian ini sudah berubah sejak Anda membukanya")
