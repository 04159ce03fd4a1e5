"""What an inspection asks, read once from `data/inspection.yaml`, and what is known beforehand of each item."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from catalogue.content import LABELS, shown_by_key
from workflows.definitions import parse
from workflows.stages import Item, Stage

SOURCE = Path(__file__).parent / "data" / "inspection.yaml"
_TOLD = {
    "price_right": ("price_rupiah",),
    "supply_true": ("stock", "capacity_per_month"),
    "papers_valid": ("pirt_number", "pirt_expires_on", "halal_number", "halal_expires_on"),
}


@cache
def questions() -> Stage:
    """The checklist, as the stage of a workflow holds one."""
    return parse(SOURCE.read_text(encoding="utf-8")).stages[0]


def items(fields: Mapping[str, Any]) -> list[Item]:
    """What is asked of a product with these fields, in order."""
    return questions().items(fields)


def told(item: Item, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, value in words) of what the published revision says about an item."""
    return [
        (LABELS[key], shown_by_key(key, fields.get(key)))
        for key in _TOLD.get(item.key, ())
        if fields.get(key) not in (None, "")
    ]
