"""Addresses: a readable slug from a product's name, ended by five letters that keep it unique."""

from __future__ import annotations

import re
import secrets
import unicodedata

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LONGEST = 80


def plain(text: str) -> str:
    """Lower-case ASCII letters and digits of `text`, words joined by single hyphens."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def slug_for(name: str) -> str:
    """A slug for a product called `name`, unique without asking: nobody else's rows can be looked at."""
    stem = plain(name)[:_LONGEST].strip("-") or "produk"
    return f"{stem}-{''.join(secrets.choice(_ALPHABET) for _ in range(5))}"


def same_stem(slug: str, name: str) -> bool:
    """Whether `slug` was made from `name`, so that a saved draft keeps its address."""
    return slug.rsplit("-", 1)[0] == (plain(name)[:_LONGEST].strip("-") or "produk")
