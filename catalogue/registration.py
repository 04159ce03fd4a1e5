"""What this room registers elsewhere: the product as a subject of the workflow, and what a case leads to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from catalogue import proof, tenancy
from catalogue.content import FIELDS, LABELS, shown_by_key
from catalogue.difference import FieldChange, difference
from catalogue.models import Product
from catalogue.oversight import held, lapsing, planning
from catalogue.publication import publish
from catalogue.renewing import aftermath
from catalogue.terms import CATEGORIES
from catalogue.window import modern
from tenants.errors import Conflict
from tenants.words import N_
from workflows.models import Case
from workflows.subjects import SubjectType, register
from workflows.webhooks import events

__all__ = ["PRODUCT", "held", "lapsing", "modern", "planning", "proof", "tenancy"]


def moved_to(state: str) -> Any:
    """A hook that moves the product with its case; what was published stays public."""

    def hook(session: Session, case: Case, now: datetime) -> None:
        session.execute(
            update(Product)
            .where(Product.id == case.subject_id)
            .values(state=state, version=Product.version + 1, updated_at=now)
            .execution_options(synchronize_session=False)
        )

    return hook


def taken_back(session: Session, case: Case, now: datetime) -> None:
    """The UPT took its submission back: the product is what it was to the public, or a draft again."""
    session.execute(
        update(Product)
        .where(Product.id == case.subject_id)
        .values(
            state=sql_case((Product.public_state.is_not(None), Product.public_state), else_="draft"),
            version=func.coalesce(Product.version, 0) + 1,
            updated_at=now,
        )
        .execution_options(synchronize_session=False)
    )


def reopened(session: Session, case: Case, now: datetime) -> None:
    """A rejected revision is examined again, unless the UPT has begun to change the product since.

    Raises:
        Conflict: it has.
    """
    done = session.execute(
        update(Product)
        .where(
            Product.id == case.subject_id,
            Product.state == "rejected",
            Product.revision_no == case.revision_no,
        )
        .values(state="in_review", version=Product.version + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(N_("Produk ini sudah diubah UPT sejak ditolak; minta UPT mengajukannya lagi."))


def changes_between(before: Case, after: Case) -> list[FieldChange]:
    """What changed from one case's revision to the next."""
    return difference(before.fields, after.fields)


def public_view(case: Case) -> tuple[str, dict[str, Any]]:
    """The template that shows a case's revision as the public will see it, with its context."""
    return "products/public_card.html", {"fields": case.fields, "private": True}


def summary(case: Case) -> list[tuple[str, str]]:
    """The few fields that a preview shows."""
    keys = ("price_rupiah", "capacity_per_month", "stock", "lead_time_days")
    return [(LABELS[key], shown_by_key(key, case.fields.get(key))) for key in keys]


def picture(case: Any) -> dict[str, Any] | None:
    """The small picture of a case's product for a list: address, size in pixels and words."""
    photos = case.fields.get("photos") or []
    if not photos:
        return None
    return {
        "src": f"/foto-produk/{photos[0]['photo_id']}/320.webp",
        "width": photos[0]["width"],
        "height": photos[0]["height"],
        "alt": case.title,
    }


def outside(case: Case) -> dict[str, Any]:
    """What an expert from outside sees: the revision, its makers only where they consented in writing."""
    fields = {key: case.fields.get(key) for key in LABELS}
    fields["makers"] = [row for row in fields.get("makers") or [] if row.get("consented_on")]
    return fields


_COMPARABLE = {
    **{spec.key: spec.label for spec in FIELDS if spec.kind not in ("photos", "evidence", "makers")},
    "price_within": N_("Harga di dalam rentang wajar"),
}
"""What a condition of a workflow may ask of a product: the fields that hold one value."""

PRODUCT = register(
    SubjectType(
        key="product",
        label=N_("Produk"),
        field_labels=LABELS,
        on_approved=publish,
        aftermath=aftermath,
        on_returned=moved_to("returned"),
        on_rejected=moved_to("rejected"),
        on_withdrawn=taken_back,
        on_reopened=reopened,
        facet=lambda fields: fields.get("category"),
        facets=CATEGORIES,
        condition_fields=_COMPARABLE,
        locked_stages=("pengendalian",),
        approved_word=N_("Terbit"),
        page=lambda case: f"/kasus/{case.id}",
        changes=changes_between,
        public_view=public_view,
        summary=summary,
        picture=picture,
        outside=outside,
    )
)

for _name, _label in (
    ("product.suspended", N_("Produk ditangguhkan")),
    ("product.restored", N_("Produk dipulihkan")),
    ("product.withdrawn", N_("Produk ditarik dari katalog")),
):
    events.offer(_name, _label)
