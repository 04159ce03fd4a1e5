"""What a campaign's paper says, as one JSON value that travels inside it (`kampanye.json`).

Keys: ``schema, kind (report, certificate, national), of{code, name} or of{code, name, slug, upt, city}, figures`` — the
figures being the campaign's, as closing froze them (`sales.campaigns.closing`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sales.campaigns.closing import SCHEMA as FIGURES_SCHEMA
from workflows.canonical import canonical

SCHEMA: Final = "karya.campaign-paper/1"
FILE_NAME: Final = "kampanye.json"
NATIONAL: Final = "national"
KINDS: Final = {"report": "campaign", "certificate": "campaign_upt", NATIONAL: "campaign"}
"""What kind of document each is to the public register."""
LARGEST: Final = 8 * 1024 * 1024
Paper = dict[str, Any]


class NotAPaper(ValueError):
    """The bytes are not what a campaign's paper says."""


def paper(kind: str, of: Mapping[str, Any], figures: Mapping[str, Any]) -> Paper:
    """The value of a paper."""
    return {"schema": SCHEMA, "kind": kind, "of": dict(of), "figures": dict(figures)}


def freeze(value: Paper) -> bytes:
    """Its canonical bytes."""
    return canonical(value)


def thaw(data: bytes) -> Paper:
    """Read a paper's value back.

    Raises:
        NotAPaper: no JSON of ours, or too large to be.
    """
    if len(data) > LARGEST:
        raise NotAPaper("too large")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotAPaper("not JSON") from error
    if not isinstance(value, dict) or value.get("schema") != SCHEMA or value.get("kind") not in KINDS:
        raise NotAPaper("another schema")
    if not isinstance(value.get("figures"), dict) or value["figures"].get("schema") != FIGURES_SCHEMA:
        raise NotAPaper("no figures of a campaign")
    return value
