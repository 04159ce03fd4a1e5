"""Reading what an address or a form says: numbers, days and addresses with one part changed. No rule lives here."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request, url_for


def whole(text: str | None) -> int | None:
    """A whole number of at most nine digits, or None."""
    return int(text) if text and text.isdigit() and len(text) < 10 else None


def day(text: str | None) -> date | None:
    """A day as a date field sends it, or None."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def same_page(**changed: Any) -> str:
    """The address of this page with some of its query changed; None and "" leave a part out."""
    asked = {**request.args.to_dict(), **changed}
    kept = {key: value for key, value in asked.items() if value not in (None, "")}
    return url_for(request.endpoint or "", **(request.view_args or {}), **kept)
