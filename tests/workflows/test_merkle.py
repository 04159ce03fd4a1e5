"""Canonical JSON and the Merkle tree against published vectors."""

from __future__ import annotations

import hashlib

import pytest

from workflows.canonical import canonical, digest
from workflows.merkle import leaf, merkle_root, node, tree_hash

# The inputs and roots of the certificate transparency reference implementation (RFC 6962, section 2.1).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_tree_is_that_of_rfc_6962(size: int) -> None:
    assert tree_hash([leaf(bytes.fromhex(one)) for one in INPUTS[:size]]).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle_root([]) == hashlib.sha256(b"").hexdigest()


def test_a_leaf_is_never_an_inner_node() -> None:
    left, right = leaf(b"a"), leaf(b"b")
    assert leaf(left + right) != node(left, right)


def test_the_order_of_heads_does_not_matter_and_every_head_does() -> None:
    heads = [("case:2", 3, "bb"), ("case:10", 1, "aa"), ("kanwil", 9, "cc")]
    assert merkle_root(heads) == merkle_root(heads[::-1])
    assert merkle_root(heads) != merkle_root(heads[:2])
    assert merkle_root(heads) != merkle_root([*heads[:2], ("kanwil", 9, "cd")])


def test_json_is_canonical_as_rfc_8785_says() -> None:
    assert canonical({"b": 1.0, "a": "€", "\u20ac": [True, None, 333333333.33333329]}) == (
        '{"a":"€","b":1,"€":[true,null,333333333.3333333]}'.encode()
    )
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


@pytest.mark.parametrize("value", [float("nan"), 2**53 + 1, {1: 2}, object(), "\ud800"])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        canonical(value)
