"""A file as the answer to an item of a checklist.

Only `enclose` makes one from bytes, and only whoever holds the bytes, or our own seal over an earlier upload, can put
one into a verdict: a hash that somebody merely knows is never an answer.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tenants import files
from tenants.errors import KaryaError
from tenants.said import say
from tenants.words import N_
from workflows.talk.checking import MAX_BYTES, check

LONGEST_BASE64 = (MAX_BYTES + 2) // 3 * 4


@dataclass(frozen=True)
class Enclosure:
    """A checked file. `data` is empty where its bytes are kept already."""

    name: str
    sha256: str
    size: int
    kind: str
    data: bytes | None = field(default=None, repr=False, compare=False)

    def told(self) -> dict[str, Any]:
        """The answer as a decision keeps it."""
        return {"name": self.name, "sha256": self.sha256, "size": self.size, "kind": self.kind}


@dataclass(frozen=True)
class Refused:
    """A file that can't be accepted, and why in a sentence: the verdict names it beside its item."""

    reason: str


def enclose(data: bytes, name: str) -> Enclosure | Refused:
    """A file judged by its content, as an attachment is."""
    try:
        checked = check(data, name)
    except KaryaError as error:
        return Refused(error.message)
    return Enclosure(
        checked.name, sha256(checked.data).hexdigest(), len(checked.data), checked.kind, checked.data
    )


def from_base64(given: Mapping[str, Any]) -> Enclosure | Refused:
    """``{"name", "data_base64"}`` of the API as a file."""
    name, text = given.get("name"), given.get("data_base64")
    if not isinstance(name, str) or not isinstance(text, str) or set(given) != {"name", "data_base64"}:
        return Refused(say(N_("Kirim berkas sebagai name dan data_base64.")))
    if len(text) > LONGEST_BASE64:
        return Refused(say(N_("Berkas ini terlalu besar; paling besar 10 MB.")))
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return Refused("data_base64 bukan Base64 yang sah.")
    return enclose(data, name)


def keep(given: Mapping[str, Any]) -> None:
    """Store the bytes of the files among these answers."""
    for answer in given.values():
        if isinstance(answer, Enclosure) and answer.data is not None:
            files.put(answer.data)
