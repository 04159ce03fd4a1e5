"""Where a message may go: to the public internet by https, and to nothing inside.

A name is resolved once, every address behind it is judged, and the connection goes to one that was judged: what the
name says a moment later changes nothing. An origin listed in KARYA_WEBHOOK_ALLOW is exempt; only the keeper of the
machine can list one.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tenants import database
from tenants.said import say
from tenants.words import N_
from workflows.webhooks.errors import AddressRefused

LONGEST: Final = 500
_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_OF_CLOUDS: Final = frozenset({"168.63.129.16", "100.100.100.200", "169.254.169.254", "fd00:ec2::254"})
"""Addresses under which clouds tell a machine its secrets; one of them looks public."""
_NEVER: Final = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        *("::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16"),
        *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
"""RFC 6890 and its successors, written out: what Python calls global differs by its version."""
_LOOKS_RIGHT: Final = re.compile(r"[\x21-\x7e]+\Z")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """An address taken apart. `path` holds the query too."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self._bracketed}:{self.port}"

    @property
    def host_header(self) -> str:
        return self._bracketed if self.port == _PORTS[self.scheme] else f"{self._bracketed}:{self.port}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def read(address: str) -> Target:
    """Take an address apart.

    Raises:
        AddressRefused: not https (or a listed origin), with a name and password, or by a port that isn't allowed.
    """
    text = address.strip()
    if len(text) > LONGEST:
        raise _refused(say(N_("Alamat paling panjang %(longest)s huruf."), longest=LONGEST))
    if not _LOOKS_RIGHT.match(text) or "\\" in text:
        raise _refused(N_("Tulis alamat lengkap, misalnya https://sistem.contoh.go.id/karya."))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(N_("Alamat ini tidak dapat dibaca.")) from None
    if parts.scheme not in _PORTS or not host:
        raise _refused(N_("Tulis alamat lengkap, misalnya https://sistem.contoh.go.id/karya."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused(N_("Alamat tidak boleh berisi nama pengguna, kata sandi, atau tanda #."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(parts.scheme, host.rstrip("."), port or _PORTS[parts.scheme], path)
    if is_listed(target):
        return target
    if parts.scheme != "https":
        raise _refused(N_("Alamat harus dimulai dengan https://."))
    if target.port not in (80, 443) and target.port < 8000:
        raise _refused(N_("Porta yang boleh dipakai: 443, 80, atau 8000 ke atas."))
    return target


def is_listed(target: Target) -> bool:
    """Whether the keeper of the machine lets messages go there, wherever it is."""
    return target.origin in database.db.settings.webhook_allow


def resolve(target: Target) -> list[str]:
    """The addresses behind the target's name, each of them judged.

    Raises:
        AddressRefused: there is none, or one of them isn't on the public internet.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refused(N_("Nama di alamat ini tidak ditemukan.")) from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses:
        raise _refused(N_("Nama di alamat ini tidak ditemukan."))
    if not is_listed(target) and not all(is_public(one) for one in addresses):
        raise _refused(N_("Alamat ini mengarah ke jaringan dalam, jadi tidak dapat dipakai."))
    return addresses


def is_public(text: str) -> bool:
    """Whether an IP address lies on the public internet, the one that it wraps included."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if text in _OF_CLOUDS:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None or address.is_site_local:
            return False
        inside = address.ipv4_mapped or address.sixtofour or _nat64(address)
        if inside is not None:
            return is_public(str(inside))
        if address.teredo is not None:
            return False
    if any(address in one for one in _NEVER):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _refused(why: str) -> AddressRefused:
    return AddressRefused(why, fields={"address": why})
