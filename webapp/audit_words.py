"""The journal's actions in words."""

from __future__ import annotations

from flask_babel import gettext as _


def kind_words() -> list[tuple[str, str]]:
    """What the journal can be narrowed to."""
    return [
        ("case", _("Kasus")),
        ("product", _("Produk")),
        ("inspection", _("Pengawasan")),
        ("finding", _("Temuan pengawasan")),
        ("purchases", _("Pembelian")),
        ("recap", _("Rekap")),
        ("minutes", _("Berita acara")),
        ("officer", _("Petugas")),
        ("settings", _("Pengaturan")),
        ("upt", _("UPT")),
        ("closure", _("Hari tutup")),
        ("alias", _("Nama lain UPT")),
        ("targets", _("Target")),
        ("definition", _("Alur kerja")),
        ("webhook", _("Webhook")),
        ("kanwil", _("Kanwil")),
        ("holiday", _("Hari libur")),
    ]


def table_words() -> dict[str, str]:
    """Table -> what one of its rows is called. What is missing here is shown as it is written."""
    return {
        "case_file": _("Kasus"),
        "decision": _("Putusan"),
        "audit_event": _("Peristiwa"),
        "audit_chain": _("Ujung rantai"),
        "definition_version": _("Alur kerja"),
        "product": _("Produk"),
        "product_revision": _("Revisi produk"),
        "published_product": _("Salinan publik"),
        "published_verification": _("Dokumen bertanda tangan"),
        "recap": _("Rekap"),
    }


def action_words() -> dict[str, str]:
    """Action -> what happened. What is missing here is shown as it is written."""
    return {
        "case.submitted": _("Kasus diajukan"),
        "case.decided": _("Kasus diputuskan"),
        "case.withdrawn": _("Pengajuan ditarik"),
        "case.overdue": _("Kasus lewat tenggat"),
        "case.commented": _("Komentar ditulis"),
        "case.comment_struck": _("Komentar ditarik"),
        "case.noted": _("Catatan internal ditulis"),
        "case.note_struck": _("Catatan internal ditarik"),
        "case.opinion_asked": _("Pendapat rekan diminta"),
        "case.opinion_given": _("Pendapat rekan diberikan"),
        "case.expert_invited": _("Ahli dari luar diundang"),
        "case.expert_revoked": _("Undangan ahli dicabut"),
        "case.expert_answered": _("Ahli dari luar menjawab"),
        "product.published": _("Produk terbit"),
        "product.suspended": _("Produk ditangguhkan"),
        "product.restored": _("Produk dipulihkan"),
        "product.withdrawn": _("Produk ditarik"),
        "product.listed": _("Tautan e-Katalog dicatat"),
        "inspection.planned": _("Pemeriksaan berkala dijadwalkan"),
        "inspection.opened": _("Pemeriksaan sewaktu-waktu dibuka"),
        "inspection.begun": _("Pemeriksaan dikerjakan"),
        "inspection.concluded": _("Hasil pemeriksaan dicatat"),
        "inspection.closed": _("Pemeriksaan ditutup karena produk ditarik"),
        "finding.answered": _("Temuan dijawab UPT"),
        "finding.settled": _("Temuan dinyatakan selesai"),
        "finding.extended": _("Batas temuan diperpanjang"),
        "finding.lapsed": _("Batas temuan lewat"),
        "product.imported": _("Konsep produk diimpor"),
        "webhook.added": _("Webhook didaftarkan"),
        "webhook.enabled": _("Webhook dinyalakan"),
        "webhook.disabled": _("Webhook dimatikan"),
        "webhook.rotated": _("Rahasia webhook diganti"),
        "webhook.removed": _("Webhook dihapus"),
        "webhook.pinged": _("Uji kirim webhook"),
        "webhook.replayed": _("Kiriman webhook diulang"),
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
        "recap.drafted": _("Rekap disusun"),
        "recap.redrafted": _("Rekap disusun ulang"),
        "recap.frozen": _("Angka rekap dibekukan"),
        "recap.signed": _("Rekap ditandatangani"),
        "recap.delivered": _("Rekap terkirim"),
        "recap.acknowledged": _("Rekap diterima Direktur Jenderal"),
        "minutes.issued": _("Berita acara terbit"),
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
