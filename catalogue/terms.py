"""The closed lists of a product: categories, groups, market levels and states, each with its Indonesian word.

Source: SE PAS-08.OT.02.02 Tahun 2024 (groups), One Day One Prison's Product (categories, markets).
"""

from __future__ import annotations

from typing import Final

from tenants.words import N_

CATEGORIES: Final[dict[str, str]] = {
    "craft": N_("Kriya"),
    "culinary": N_("Kuliner"),
    "fashion": N_("Fesyen"),
    "manufacture": N_("Manufaktur"),
    "agribusiness": N_("Agribisnis"),
    "services": N_("Jasa"),
    "art": N_("Seni"),
}
GROUPS: Final[dict[str, str]] = {
    "basic_needs": N_("Kebutuhan dasar WBP"),
    "office_supplies": N_("Keperluan perkantoran"),
    "craft": N_("Kerajinan"),
}
MARKET_LEVELS: Final[dict[str, str]] = {
    "local": N_("Lokal"),
    "national": N_("Nasional"),
    "export": N_("Ekspor"),
}
STATES: Final[dict[str, str]] = {
    "draft": N_("Konsep"),
    "in_review": N_("Diajukan"),
    "returned": N_("Dikembalikan"),
    "rejected": N_("Ditolak"),
    "published": N_("Terbit"),
    "suspended": N_("Ditangguhkan"),
    "withdrawn": N_("Ditarik"),
}
# What people and older files write for the same thing, read by the demonstration set and by imports.
ALIASES: Final[dict[str, str]] = {
    "kriya": "craft",
    "kuliner": "culinary",
    "fesyen": "fashion",
    "manufaktur": "manufacture",
    "agribisnis": "agribusiness",
    "jasa": "services",
    "seni": "art",
    "kebutuhan dasar wbp": "basic_needs",
    "keperluan perkantoran": "office_supplies",
    "kerajinan": "craft",
    "lokal": "local",
    "nasional": "national",
    "ekspor": "export",
}
FOOD: Final = "culinary"
