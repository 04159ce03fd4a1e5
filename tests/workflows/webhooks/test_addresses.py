"""Where a message may go."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.workflows.conftest import House
from workflows.webhooks import addresses, posting
from workflows.webhooks.errors import AddressRefused

INSIDE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.1", "10.0.0.8", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.254", "100.100.100.200", "168.63.129.16"),
    *("224.0.0.1", "224.0.1.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.0.0.192"),
    *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::"),
    *("2001:0:7f00:1::", "100::1", "not an address"),
]
OUTSIDE = ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("http://contoh.go.id/", "ftp://contoh.go.id/", "contoh.go.id", "https://", "https:///x", ""),
        *(
            "https://a:b@contoh.go.id/",
            "https://a@contoh.go.id/",
            "https://contoh.go.id/#x",
            "javascript:alert(1)",
        ),
        *(
            "https://contoh.go.id:22/",
            "https://contoh.go.id:5432/",
            "https://contoh.go.id:99999/",
            "https://x y/",
        ),
        *(
            "https://contoh.go.id/\r\nHost: lain",
            "https://contoh.go.id\\@10.0.0.1/",
            "https://contoh.go.id/" + "a" * 500,
        ),
        "https://[::1/",
    ],
)
def test_an_address_that_is_no_public_https_is_refused(house: House, address: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        addresses.read(address)
    assert refused.value.fields["address"]


@pytest.mark.parametrize(
    "address",
    [
        *(
            "https://127.0.0.1/",
            "https://localhost/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://017700000001/",
        ),
        *(
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest",
            "https://10.0.0.1:8443/",
        ),
    ],
)
def test_every_way_to_write_an_inner_address_is_refused(house: House, address: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.resolve(addresses.read(address))


def test_a_name_with_one_inner_address_among_its_own_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _names({"contoh.go.id": ["1.1.1.1", "10.0.0.1"]}))
    with pytest.raises(AddressRefused, match="jaringan dalam"):
        addresses.resolve(addresses.read("https://contoh.go.id/"))


def test_a_name_that_turns_inward_after_the_check_is_not_followed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is asked once; the connection goes to what was judged, with the name in SNI and Host."""
    asked: list[str] = []
    answers = iter([["1.1.1.1"], ["127.0.0.1"], ["127.0.0.1"]])

    def resolving(host: str, port: Any, *args: Any, **more: Any) -> Any:
        asked.append(host)
        return _names({host: next(answers)})(host, port)

    connected: list[Any] = []

    def connecting(address: Any, *args: Any, **more: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    monkeypatch.setattr(socket, "create_connection", connecting)
    outcome = posting.post("https://berganti.contoh.go.id/x", b"{}", {})
    assert outcome.status is None
    assert (asked, connected) == (["berganti.contoh.go.id"], [("1.1.1.1", 443)])


def test_a_name_that_turned_inward_since_it_was_registered_gets_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _names({"contoh.go.id": ["127.0.0.1"]}))
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    outcome = posting.post("https://contoh.go.id/x", b"{}", {})
    assert outcome.status is None
    assert "jaringan dalam" in outcome.answer


def _names(known: dict[str, list[str]]) -> Any:
    def getaddrinfo(host: str, port: Any, *args: Any, **more: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in known[host]]

    return getaddrinfo
