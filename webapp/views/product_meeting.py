"""Two windows on one draft: what was changed elsewhere since a form was shown, and both values of it.

A form carries the version that it showed and a short fingerprint of each field then (its base). A field clashes when
it is no longer what the form showed and not what the form brings either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from catalogue import content as contents
from catalogue.content import BY_KEY, TYPED, shown
from catalogue.queries import ProductView
from tenants.words import date_id, rupiah
from webapp.views.product_form import Posted

_COMPARED = [key for key, spec in BY_KEY.items() if spec.kind != "photos"]
_LONGEST = 400


@dataclass(frozen=True)
class Clash:
    """A field with two values: the one that was kept elsewhere, and the form's."""

    key: str
    label: str
    stored: str
    mine: str
    touched: bool
    """Whether the form changed it too; else it only shows what was there before."""


def base_of(view: ProductView) -> str:
    """The fingerprints of all fields as they stand: ``name:1f3a9c02 unit:…``."""
    return _written({key: _fingerprint(view.content, key) for key in _COMPARED})


def merged_base(base: str | None, view: ProductView, changes: Mapping[str, Any]) -> str:
    """The base of a page after some of its fields were saved: those are new, the others are still as it shows them."""
    now = {key: _fingerprint(view.content, key) for key in _COMPARED}
    return _written({**now, **_read(base), **{key: now[key] for key in changes if key in now}})


def clashes_of(view: ProductView, form: Posted) -> list[Clash]:
    """What the form would overwrite unseen. Without a base and a version it comes from no page: nothing clashes."""
    if form.base is None and form.version in (None, view.row.version):
        return []
    before = _read(form.base)
    brought, _unreadable = contents.read(form.changes, view.content)
    found = []
    for key in _COMPARED:
        if key not in form.changes:
            continue
        stands, typed = _fingerprint(view.content, key), _fingerprint(brought, key)
        if stands not in (typed, before.get(key)):
            stored, mine = _words(view.content, key), _words(brought, key)
            found.append(Clash(key, BY_KEY[key].label, stored, mine, typed != before.get(key)))
    return found


def _fingerprint(content: Mapping[str, Any], key: str) -> str:
    typed = content.get(TYPED) or {}
    own = {path: text for path, text in typed.items() if path == key or path.startswith(f"{key}.")}
    value = json.dumps([content.get(key) or None, own], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(value.encode()).hexdigest()[:8]


def _written(prints: Mapping[str, str]) -> str:
    return " ".join(f"{key}:{value}" for key, value in prints.items())


def _read(base: str | None) -> dict[str, str]:
    pairs = (one.partition(":") for one in (base or "")[:2000].split())
    return {key: value for key, _colon, value in pairs if key in BY_KEY}


def _words(content: Mapping[str, Any], key: str) -> str:
    """A value of a field as its form would say it, unreadable text as it was typed."""
    spec, value = BY_KEY[key], content.get(key)
    typed = content.get(TYPED) or {}
    if key in typed:
        return str(typed[key])[:_LONGEST]
    if spec.kind in ("evidence", "makers"):
        return "; ".join(_row(row, f"{key}.{at}", typed) for at, row in enumerate(value or []))[:_LONGEST]
    said = shown(spec, value)
    return str(_(said) if spec.kind == "choice" and said else said)[:_LONGEST]


def _row(row: Mapping[str, Any], path: str, typed: Mapping[str, Any]) -> str:
    parts = []
    for column, value in row.items():
        text = typed.get(f"{path}.{column}") or value
        if text and value and column == "price_rupiah":
            text = rupiah(value)
        elif text and value and column.endswith("_on"):
            text = date_id(date.fromisoformat(value))
        if text:
            parts.append(str(text))
    return ", ".join(parts)
