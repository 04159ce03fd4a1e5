"""The Merkle tree over the chain heads of a period, as RFC 6962 (section 2.1) builds it.

Leaves and inner nodes are hashed under different prefixes, so that no inner node can be passed off as a leaf.
A signed recap carries the root: whoever holds the PDF can prove that the history behind it has not changed
since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from workflows.canonical import canonical

Head = tuple[str, int, str]
"""A chain's name, the number of its last event in the period, that event's hash (hex)."""


def leaf(data: bytes) -> bytes:
    """The hash of one leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """The tree hash of leaf hashes in order; of none, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node(tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def merkle_root(heads: Iterable[Head]) -> str:
    """The root over chain heads, in hex. Their order does not matter: they are sorted by chain."""
    return tree_hash([leaf(canonical([chain, seq, head])) for chain, seq, head in sorted(heads)]).hex()
