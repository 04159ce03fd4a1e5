"""A revision that is approved while its product is suspended: its content takes the place of the old one, the product
stays away until the pengendali restores it.

The chain says so beside the approval, so that verifying tells such a product from one that an approval brought back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.models import Product
from tenants.database import session as scoped_session
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices
from workflows.models import AuditEvent, Case

REPLACED: Final = "product.replaced"
_SUSPENDED: Final = "suspended"
_STANDING: Final = (REPLACED, "product.suspended", "product.restored")


def keep_away(session: Session, case: Case, name: str, reason: str | None, now: datetime) -> None:
    """Record that an approved revision lies behind a suspension, and tell the pengendali and the UPT. The caller holds
    case and product locked. Three statements."""
    payload = {
        "product_id": case.subject_id,
        "revision_no": case.revision_no,
        "reason": reason,
        "public_state": _SUSPENDED,
    }
    audit.link_case(session, case, REPLACED, payload, by=None, now=now)
    session.flush()
    title = say(N_("%(name)s: revisi disetujui, dapat dipulihkan"), name=name)
    body = say(
        N_("Revisi %(no)s sudah menggantikan isinya; produknya masih ditangguhkan."), no=case.revision_no
    )
    waits = say(N_("%(name)s: revisi disetujui, masih ditangguhkan"), name=name)
    later = say(N_("Revisi %(no)s tampil setelah pengendali memulihkan produknya."), no=case.revision_no)
    notices.tell(
        session,
        [
            notices.draft(
                "product.replaced", title, body, f"/produk/kelola/{case.subject_id}", role="pengendali"
            ),
            notices.draft(
                "product.replaced",
                waits,
                later,
                f"/produk-saya/{case.subject_id}",
                role="operator_upt",
                upt_id=case.upt_id,
            ),
        ],
        now,
    )


def awaits_restoring(product: Product) -> bool:
    """Whether a suspended product's content was replaced by an approved revision since it was suspended. None or two
    statements."""
    if product.public_state != _SUSPENDED:
        return False
    session = scoped_session()
    ids = session.scalars(
        select(Case.id).where(Case.subject_type == "product", Case.subject_id == product.id)
    )
    last = (
        select(AuditEvent.action)
        .where(AuditEvent.chain.in_([f"case:{one}" for one in ids]), AuditEvent.action.in_(_STANDING))
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return session.scalar(last) == REPLACED


def aftermath(case: Case) -> tuple[str, str] | None:
    """What the page of an approved case says of its product where it is not on the shelf: the words, and the page on
    which it is restored. One or three statements."""
    product = (
        scoped_session()
        .scalars(
            select(Product)
            .where(Product.id == case.subject_id, Product.published_revision_no == case.revision_no)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if product is None or not awaits_restoring(product):
        return None
    words = N_("Revisi ini sudah menggantikan isinya, tetapi produknya masih ditangguhkan.")
    return words, f"/produk/kelola/{product.id}"
