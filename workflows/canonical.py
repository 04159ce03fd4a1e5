"""Canonical JSON (RFC 8785) and its SHA-256: the same value always gives the same bytes."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value.

    Raises:
        ValueError: something JSON can't hold: NaN, an integer beyond 2**53, a lone surrogate, another type.
    """
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"not canonical JSON: {error}") from error
    except UnicodeEncodeError as error:
        raise ValueError("not canonical JSON: lone surrogate") from error


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
