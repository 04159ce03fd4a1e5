"""The closed lists of the needs board, with their words."""

from __future__ import annotations

from typing import Final

from tenants.words import N_

OPEN, PARTLY, AGREED, FULFILLED = "open", "partly_agreed", "agreed", "fulfilled"
EXPIRED, WITHDRAWN = "expired", "withdrawn"
STATES: Final[dict[str, str]] = {
    OPEN: N_("Terbuka"),
    PARTLY: N_("Disepakati sebagian"),
    AGREED: N_("Disepakati"),
    FULFILLED: N_("Terpenuhi"),
    EXPIRED: N_("Lewat tanggal"),
    WITHDRAWN: N_("Ditarik"),
}
SEEKING: Final = (OPEN, PARTLY)
"""The states in which an offer is welcome."""
ENDED: Final = (EXPIRED, WITHDRAWN)
"""What stays as it is, whatever becomes of the agreements made before."""

KANWIL, NATIONAL = "kanwil", "national"
AUDIENCES: Final[dict[str, str]] = {
    KANWIL: N_("UPT di Kanwil kita"),
    NATIONAL: N_("UPT seluruh Indonesia"),
}

SENT, WITHDRAWING, TAKEN_BACK = "sent", "withdrawing", "withdrawn"
DECLINED, ACCEPTED, CANCELLED, LAPSED = "declined", "agreed", "cancelled", "lapsed"
OFFER_STATES: Final[dict[str, str]] = {
    SENT: N_("Menunggu jawaban"),
    WITHDRAWING: N_("Sedang ditarik"),
    TAKEN_BACK: N_("Ditarik"),
    DECLINED: N_("Ditolak"),
    ACCEPTED: N_("Disepakati"),
    CANCELLED: N_("Kesepakatan dibatalkan"),
    LAPSED: N_("Kebutuhan sudah ditutup"),
}
LIVE: Final = (SENT, WITHDRAWING)
"""An offer that may still be accepted."""

PACKAGE_STATES: Final[dict[str, str]] = {
    "waiting": N_("belum ada di daftar pembelian"),
    "in_process": N_("masih diproses"),
    "counted": N_("terpenuhi"),
    "surplus": N_("melebihi yang disepakati"),
    "cancelled": N_("paketnya batal"),
    "other_buyer": N_("pembelinya UPT lain"),
}

LONGEST_TITLE: Final = 150
LONGEST_UNIT: Final = 30
LONGEST_TEXT: Final = 2000
LARGEST: Final = 10_000_000
"""Pieces, kilograms or whatever the unit is; in whole numbers."""
FURTHEST_DAYS: Final = 731
