"""The journal's actions in words."""

from __future__ import annotations

from flask_babel import gettext as _


def kind_words() -> list[tuple[str, str]]:
    """What the journal can be narrowed to."""
    return [
        ("case", _("Kasus")),
        ("product", _("Produk")),
        ("purchases", _("Pembelian")),
        ("recap", _("Rekap")),
        ("officer", _("Petugas")),
        ("settings", _("Pengaturan")),
        ("upt", _("UPT")),
        ("closure", _("Hari tutup")),
        ("alias", _("Nama lain UPT")),
        ("targets", _("Target")),
        ("definition", _("Alur kerja")),
        ("kanwil", _("Kanwil")),
        ("holiday", _("Hari libur")),
    ]


def action_words() -> dict[str, str]:
    """Action -> what happened. What is missing here is shown as it is written."""
    return {
        "case.submitted": _("Kasus diajukan"),
        "case.decided": _("Kasus diputuskan"),
        "case.withdrawn": _("Pengajuan ditarik"),
        "case.overdue": _("Kasus lewat tenggat"),
        "product.published": _("Produk terbit"),
        "product.suspended": _("Produk ditangguhkan"),
        "product.restored": _("Produk dipulihkan"),
        "product.withdrawn": _("Produk ditarik"),
        "product.listed": _("Tautan e-Katalog dicatat"),
        "purchases.uploaded": _("Berkas pembelian diunggah"),
        "purchases.imported": _("Pembelian diimpor"),
        "pnbp.set": _("Bagian PNBP ditetapkan"),
        "targets.set": _("Target ditetapkan"),
        "alias.added": _("Nama lain UPT dicatat"),
        "alias.changed": _("Nama lain UPT diubah"),
        "alias.removed": _("Nama lain UPT dihapus"),
        "closure.added": _("Hari tutup dicatat"),
        "closure.changed": _("Hari tutup diubah"),
        "closure.removed": _("Hari tutup dihapus"),
        "definition.published": _("Alur kerja diterbitkan"),
        "definition.national": _("Bawaan nasional alur kerja berubah"),
        "recap.drafted": _("Rekap disusun"),
        "recap.redrafted": _("Rekap disusun ulang"),
        "recap.frozen": _("Angka rekap dibekukan"),
        "recap.signed": _("Rekap ditandatangani"),
        "recap.delivered": _("Rekap terkirim"),
        "recap.acknowledged": _("Rekap diterima Direktur Jenderal"),
        "officer.signed_in": _("Petugas masuk"),
        "officer.locked": _("Akun terkunci sementara"),
        "officer.opened": _("Akun dibuka"),
        "officer.changed": _("Akun diubah"),
        "officer.closed": _("Akun ditutup"),
        "officer.reopened": _("Akun dibuka kembali"),
        "officer.password_reset": _("Kata sandi baru diberikan"),
        "officer.password_changed": _("Kata sandi diganti sendiri"),
        "upt.added": _("UPT ditambahkan"),
        "upt.changed": _("UPT diubah"),
        "settings.changed": _("Kop surat dan pengaturan diubah"),
        "settings.emblem": _("Lambang diganti"),
        "kanwil.suspended": _("Kanwil ditangguhkan"),
        "kanwil.resumed": _("Kanwil dipulihkan"),
        "holiday.added": _("Hari libur ditambahkan"),
        "holiday.removed": _("Hari libur dihapus"),
    }
