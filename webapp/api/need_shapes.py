"""Needs, offers and proposals as the API answers them."""

from __future__ import annotations

from typing import Any

from flask import request

from catalogue.needs import counting, queries
from catalogue.needs.country import NationalRow
from catalogue.needs.matching import Proposal
from catalogue.needs.models import Incoming, Offer
from catalogue.needs.queries import NeedRow
from catalogue.needs.rows import Filters
from tenants.errors import Invalid
from tenants.words import N_
from webapp.access import actor, may
from webapp.forms import whole
from webapp.views.needs import today_here


def row_json(row: NeedRow) -> dict[str, Any]:
    """A need as lists answer it."""
    return {
        "id": row.id,
        "title": row.title,
        "category": row.category,
        "group": row.group,
        "quantity": row.quantity,
        "remaining": row.remaining,
        "agreed": row.agreed,
        "fulfilled": row.fulfilled,
        "unit": row.unit,
        "needed_by": row.needed_by.isoformat(),
        "ceiling_rupiah": row.ceiling_rupiah,
        "state": row.state,
        "audience": row.audience,
        "upt": row.upt,
        "upt_id": row.upt_id,
        "late": row.late,
        "fits": row.fits,
        "offers_waiting": row.offers,
        "posted_at": row.posted_at.isoformat(),
    }


def view_json(need_id: int) -> dict[str, Any]:
    """One need with the offers that its reader may see."""
    view = queries.need_view(need_id, actor(), today=today_here())
    return {
        **row_json(view.row),
        "note": view.need.note,
        "reason": view.need.reason,
        "version": view.need.version,
        "offers": [incoming_json(one, km) for one, km in view.incoming],
        "own_offers": [offer_json(one) for one in view.own_offers],
    }


def national_json(row: NationalRow) -> dict[str, Any]:
    """A need of the national board."""
    return {
        "id": row.id,
        "title": row.title,
        "category": row.category,
        "group": row.group,
        "quantity": row.quantity,
        "unit": row.unit,
        "needed_by": row.needed_by.isoformat(),
        "upt": row.upt,
        "kanwil": row.kanwil,
        "state": "open" if row.is_open else "closed",
        "distance_km": row.distance_km,
        "fits": row.fits,
    }


def terms_json(one: Offer | Incoming) -> dict[str, Any]:
    """What both ends of an offer say; the contacts to the UPT's own officers alone."""
    mine = may("write_needs")
    return {
        "id": one.id,
        "product": one.product_name and {"name": one.product_name, "slug": one.product_slug},
        "quantity": one.quantity,
        "partial": one.partial,
        "price_rupiah": one.price_rupiah,
        "deliver_on": one.deliver_on.isoformat(),
        "message": one.message,
        "state": one.state,
        "reason": one.reason,
        "agreed_quantity": one.agreed_quantity,
        "fulfilled": one.fulfilled,
        "packages": one.packages,
        "contact": {
            "shared": one.contact_at is not None,
            "other_ready": one.other_ready_at is not None,
            "other": one.other_contact if mine else None,
        },
        "updated_at": one.updated_at.isoformat(),
    }


def offer_json(one: Offer) -> dict[str, Any]:
    """An offer as its maker has it."""
    return {
        **terms_json(one),
        "need": {"title": one.title, "unit": one.unit, "needed_by": one.needed_by.isoformat()},
        "to": {"upt": one.to_upt_name, "kanwil": one.to_kanwil_name},
        "sent_at": one.sent_at.isoformat(),
    }


def incoming_json(one: Incoming, distance_km: int | None = None) -> dict[str, Any]:
    """An offer as it arrived."""
    return {
        **terms_json(one),
        "need_id": one.need_id,
        "from": {"upt": one.from_upt_name, "kanwil": one.from_kanwil_name, "distance_km": distance_km},
        "received_at": one.received_at.isoformat(),
    }


def proposal_json(one: Proposal) -> dict[str, Any]:
    """A product that fits."""
    product = one.product
    return {
        "product": {
            "slug": product.slug,
            "name": product.name,
            "unit": product.unit,
            "price_rupiah": product.price_rupiah,
            "stock": product.stock,
            "capacity_per_month": product.capacity_per_month,
            "upt": product.upt_name,
            "kanwil": product.kanwil_name,
        },
        "by_the_day": one.by_the_day,
        "enough": one.enough,
        "within_ceiling": one.within_ceiling,
        "distance_km": one.distance_km,
        "invited": one.invited,
    }


def counted_json(rows: list[counting.Counts]) -> dict[str, Any]:
    """Counts of the year that the address asks for."""
    items = [{"name": row.name, **{name: getattr(row, name) for name in counting.AMOUNTS}} for row in rows]
    return {"year": year_in(), "items": items}


def filters_in() -> Filters:
    """What the address narrows a board to."""
    asked = request.args
    upt = asked.get("upt", "")
    if upt and whole(upt) is None:
        raise Invalid(fields={"upt": N_("Nomor UPT.")})
    return Filters(
        q=" ".join(asked.get("q", "").split())[:100],
        category=asked.get("category", ""),
        group=asked.get("group", ""),
        state=asked.get("state", ""),
        upt_id=whole(upt),
        kanwil=asked.get("kanwil", "")[:40],
    )


def year_in() -> int:
    """The year that the address asks for; this one by default."""
    asked = request.args.get("year", "")
    year = whole(asked) if asked else today_here().year
    if year is None or not 2000 <= year <= 2099:
        raise Invalid(fields={"year": N_("Tahun empat angka.")})
    return year
