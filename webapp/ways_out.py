"""What a page that says no offers next: the thing itself, the case that follows, whose role it is, the home page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import g, request
from flask_babel import gettext as _

from tenants import clock
from webapp.access import actor, may
from webapp.role_words import role_words
from workflows import queries


@dataclass(frozen=True)
class Way:
    """A link out of an error."""

    label: str
    href: str
    icon: str


def ways_out(status: int) -> list[Way]:
    """The ways on, the likeliest first. Up to two statements, where a case was decided by somebody else."""
    if getattr(g, "karya_officer", None) is None:
        return [Way(_("Ke beranda"), "/", "house")]
    found = []
    if status in (HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN):
        found += [way for way in _things() if way.href != request.path or request.method != "GET"]
    if status == HTTPStatus.CONFLICT and "case_id" in (request.view_args or {}) and may("decide_cases"):
        following = queries.next_case(actor(), clock.now())
        if following:
            found.append(Way(_("Kasus berikutnya"), following[1], "arrow-right"))
        else:
            found.append(Way(_("Ke kotak masuk"), "/kotak-masuk", "inbox"))
    return [*found, Way(_("Ke beranda"), "/beranda", "house")]


def _things() -> list[Way]:
    """The case, product or recap that the address names, where the officer's roles have a page for it."""
    named = request.view_args or {}
    if "case_id" in named and may("read_cases"):
        return [Way(_("Buka kasus ini"), f"/kasus/{named['case_id']}", "eye")]
    if "product_id" in named and may("write_products"):
        return [Way(_("Buka produk ini"), f"/produk-saya/{named['product_id']}", "package")]
    if "product_id" in named and may("read_products"):
        return [Way(_("Buka produk ini"), f"/produk/kelola/{named['product_id']}", "package")]
    if "recap_id" in named and may("open_recaps"):
        return [Way(_("Buka rekap ini"), f"/rekap/{named['recap_id']}", "file-text")]
    return []


def whose(roles: Sequence[str]) -> str:
    """Whose role may do what was refused, as whom one is here, and who can change that."""
    labels = role_words()
    theirs = ", ".join(label for name, label in labels.items() if name in roles)
    said = [_("Ini wewenang: %(roles)s.", roles=theirs)] if theirs else []
    if getattr(g, "karya_officer", None) is not None:
        by = actor()
        mine = ", ".join(label for name, label in labels.items() if name in by.roles)
        if mine:
            said.append(_("Anda masuk sebagai %(roles)s.", roles=mine))
        said.append(
            _("Bila ini seharusnya tugas Anda, mintalah Admin Kanwil menambahkan perannya.")
            if by.tenant_id is not None
            else _("Bila ini seharusnya tugas Anda, mintalah Admin Pusat menambahkan perannya.")
        )
    return " ".join(said)
