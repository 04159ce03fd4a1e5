"""Frozen figures as a Kanwil has them: Kalbar's March 2024 of the article, and what tests change of it."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, date, datetime
from typing import Any

from recaps.figures_json import freeze, history_file
from recaps.letter import Issue, subject
from recaps.rendering import recap_attachments
from recaps.workbook import workbook
from workflows.merkle import merkle_root

HEADS = [(f"case:{n}", n % 7 + 1, hashlib.sha256(str(n).encode()).hexdigest()) for n in range(1, 65)]
UPT = [
    ("Lapas IIA Pontianak", 14_200_000),
    ("Lapas IIB Singkawang", 10_100_000),
    ("Rutan IIB Sambas", 6_300_000),
    ("Lapas IIB Ketapang", 5_250_000),
    ("LPKA II Sungai Raya", 4_600_000),
    ("Lapas IIB Sintang", 3_400_000),
    ("Cabang Rutan Entikong", 2_500_000),
    ("Rutan IIB Putussibau", 1_500_000),
]


def purchases() -> bytes:
    """The purchases of the month as they travel inside the PDF."""
    rows = [
        (f"EP-2403-{n:05}", name, date(2024, 3, 1 + n), 3, value) for n, (name, value) in enumerate(UPT, 1)
    ]
    return workbook("Pembelian", ["id_paket", "penyedia", "tanggal", "kuantitas", "total"], rows)


def figures(**changes: Any) -> dict[str, Any]:
    """Kalbar, March 2024: Rp47.850.000 of completed transactions."""
    total = sum(value for _, value in UPT)
    by_upt = [
        {
            "upt": name,
            "packages": 3 + n,
            "quantity": 20 + n,
            "value_rupiah": value,
            "in_process": n % 2,
            "cancelled": 0,
        }
        for n, (name, value) in enumerate(UPT)
    ]
    packages, quantity = sum(r["packages"] for r in by_upt), sum(r["quantity"] for r in by_upt)
    value: dict[str, Any] = {
        "schema": "karya.recap/1",
        "kanwil": {
            "code": "kalbar",
            "office": "Kantor Wilayah Kementerian Hukum dan HAM Kalimantan Barat",
            "short": "Kanwil Kalimantan Barat",
            "province": "Kalimantan Barat",
            "capital": "Pontianak",
            "timezone": "Asia/Pontianak",
        },
        "period": {"key": "2024-03", "label": "Maret 2024", "from": "2024-03-01", "until": "2024-03-31"},
        "kop_surat": {
            "ministry": "Kementerian Hukum dan Hak Asasi Manusia Republik Indonesia",
            "office": "Kantor Wilayah Kementerian Hukum dan HAM Kalimantan Barat",
            "address": "Jalan K.S. Tubun Nomor 26, Pontianak 78121",
            "contact": "Telepon (0561) 732242 · kanwil.kalbar@example.go.id",
            "mark_sha256": None,
        },
        "letter": {
            "classification": "Biasa",
            "enclosures": "1 (satu) berkas",
            "subject": subject("Maret 2024"),
            "addressee": "Direktur Jenderal Pemasyarakatan",
            "addressee_place": "Jakarta",
            "basis": "Surat Edaran Direktur Jenderal Pemasyarakatan Nomor PAS-08.OT.02.02 Tahun 2024",
            "copies": ["Sekretaris Direktorat Jenderal Pemasyarakatan", "Kepala Divisi Pemasyarakatan"],
            "replaces": None,
        },
        "frozen_at": "2024-04-02T01:14:00Z",
        "products": {
            "total": 64,
            "added": 7,
            "by_upt": [{"upt": name, "total": 8, "added": n % 2} for n, (name, _) in enumerate(UPT)],
            "by_category": [
                {"key": "craft", "label": "Kriya", "total": 28},
                {"key": "culinary", "label": "Kuliner", "total": 21},
                {"key": "fashion", "label": "Fesyen", "total": 9},
                {"key": "manufacture", "label": "Manufaktur", "total": 6},
            ],
            "by_group": [
                {"key": "basic_needs", "label": "Kebutuhan dasar WBP", "total": 20},
                {"key": "office_supplies", "label": "Perlengkapan kantor", "total": 14},
                {"key": "craft", "label": "Kerajinan", "total": 30},
            ],
            "names": [
                {"name": name, "upt": UPT[n % 8][0], "category": "Kriya", "on": f"2024-03-{n + 1:02}"}
                for n, name in enumerate(
                    ["Miniatur kapal kayu", "Tas anyaman rotan", "Kain tenun", "Kopi bubuk", "Meja lipat"]
                )
            ],
        },
        "buyers": {
            "total": 3,
            "packages": 21,
            "value_rupiah": 21_350_000,
            "by_upt": [
                {"upt": "Lapas IIB Sintang", "packages": 9, "value_rupiah": 9_850_000},
                {"upt": "Bapas II Sanggau", "packages": 8, "value_rupiah": 8_000_000},
                {"upt": "Rutan IIA Pontianak", "packages": 4, "value_rupiah": 3_500_000},
            ],
            "other": {"packages": packages - 21, "value_rupiah": total - 21_350_000},
        },
        "transactions": {
            "completed": {"packages": packages, "quantity": quantity, "value_rupiah": total},
            "in_process": {"packages": 4, "quantity": 31, "value_rupiah": 3_125_000},
            "cancelled": {"packages": 2, "quantity": 12, "value_rupiah": 900_000},
            "by_upt": by_upt,
            "by_commodity": [
                {"label": "Alat musik", "packages": 20, "quantity": 90, "value_rupiah": 27_850_000},
                {
                    "label": "Pakaian",
                    "packages": packages - 20,
                    "quantity": quantity - 90,
                    "value_rupiah": 20_000_000,
                },
            ],
        },
        "obstacles": {
            "open": 2,
            "done": 1,
            "items": [
                {
                    "category": "Bahan baku",
                    "upt": "Lapas IIA Pontianak",
                    "description": "Pasokan rotan terhenti selama musim hujan.",
                    "action": "Kerja sama dengan koperasi perajin Sambas; stok dua bulan.",
                    "who": "Kasi Giatja",
                    "due_on": "2024-05-31",
                    "state": "terbuka",
                },
                {
                    "category": "e-Katalog",
                    "upt": "Kanwil",
                    "description": "Satker belum memiliki akun PPK pada e-Katalog.",
                    "action": "Pendampingan pembuatan akun bersama LPSE.",
                    "who": "Divisi Pemasyarakatan",
                    "due_on": None,
                    "state": "terbuka",
                },
                {
                    "category": "Mutu",
                    "upt": "Rutan IIB Sambas",
                    "description": "Ukuran produk tidak seragam.",
                    "action": "Pola baku dan pemeriksaan sebelum kirim.",
                    "who": "Kasubsi Bimker",
                    "due_on": None,
                    "state": "selesai",
                },
            ],
        },
        "pnbp": {
            "share_bp": 1000,
            "basis": "PP Nomor 28 Tahun 2019",
            "realisation_rupiah": total // 10,
            "year_rupiah": 7_403_800,
            "target_rupiah": 12_000_000,
        },
        "history": {"root": merkle_root(HEADS), "chains": len(HEADS)},
        "attachments": {
            "pembelian.xlsx": {"sha256": hashlib.sha256(purchases()).hexdigest(), "lines": len(UPT)},
            "riwayat.json": {"sha256": hashlib.sha256(history_file(HEADS)).hexdigest()},
        },
    }
    value = copy.deepcopy(value)
    value.update(changes)
    return value


def issue(**changes: Any) -> Issue:
    """What signing adds."""
    signed_at = datetime(2024, 4, 5, 2, 12, tzinfo=UTC)
    values: dict[str, Any] = {
        "number": "W.16-PAS-41.OT.02.02 Tahun 2024",
        "day": date(2024, 4, 5),
        "signed_at": signed_at,
        "code": "KRY-7F3A-C91E-5D20",
        "verify_url": "https://karya.example/verifikasi/KRY-7F3A-C91E-5D20",
        "signer": "Dr. H. Ahmad Fauzi",
        "office": "Kepala Kantor Wilayah",
        "rank": "Pembina Utama Madya",
        "nip": "197001011995031001",
        "development": True,
    }
    return Issue(**{**values, **changes})


def attachments(value: dict[str, Any]) -> list[Any]:
    """The files inside the recap of these figures."""
    return recap_attachments(freeze(value), purchases(), history_file(HEADS))
