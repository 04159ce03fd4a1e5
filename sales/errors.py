"""What can go wrong with purchases, in words a person can act on."""

from __future__ import annotations

from tenants.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unsupported


class UnreadableFile(Invalid):
    """The file as a whole can't be read: empty, damaged, or without the columns that a purchase needs."""

    code = "berkas-tidak-terbaca"
    title = "Berkas tidak dapat dibaca"


class FileTooLarge(TooLarge):
    """The file, or what a compressed file unfolds to, is beyond the bounds of an import."""

    title = "Berkas pembelian terlalu besar"


class NotAPurchaseFile(Unsupported):
    """By its content the file is neither CSV nor XLSX."""

    title = "Bukan berkas CSV atau XLSX"


class ImportNotFound(NotFound):
    title = "Impor tidak ditemukan"


class ImportNotReady(Conflict):
    """The import is not at the state that the act leads from."""

    code = "impor-belum-siap"
    title = "Impor ini belum dapat dijalankan"


class MayNotImport(Forbidden):
    title = "Impor pembelian dilakukan oleh Kepala Divisi atau admin Kanwil"


class PurchaseNotFound(NotFound):
    title = "Pembelian tidak ditemukan"
