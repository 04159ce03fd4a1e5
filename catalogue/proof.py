"""What the catalogue keeps of a case, for verifying: the frozen revision, the product's standing, the public copy.

An approved case says what the public may see; whoever changes the copy on the shelf, or the revision behind it, is
named here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from catalogue.content import TYPED
from catalogue.models import Product, PublishedProduct, Revision
from catalogue.publication import MOVES, PUBLISHED, public_reason, public_row
from catalogue.renewing import REPLACED
from catalogue.tenancy import REASON
from tenants.lifecycle import SUSPENDED
from tenants.models import Kanwil
from tenants.scope import current
from workflows.chains import Problem
from workflows.models import AuditEvent, Case
from workflows.proof.reading import rows
from workflows.proof.registry import check_cases, check_kanwil
from workflows.proof.rules import said_by
from workflows.submission import answers_kept

SUBJECT = "product"
ADDED = ("price_within", "price_standing", "public")
"""What a case's fields hold beside the revision's content: see `submission._snapshot`."""
FREE = ("slug", "state", "reason", "published_at", "updated_at", "search")
"""Columns of the public copy that its case alone doesn't give; the first four are checked against the product and its
events, `search` is an index, `updated_at` a cache's."""
DECIDED = "case.decided"
_MOVED = {REPLACED, *(move.action for move in MOVES.values())}


@check_cases
def revisions(session: Session, cases: Sequence[Case]) -> Iterator[Problem]:
    """Each case's revision is still the one it froze, and what is on the shelf the last approved one. Seven
    statements a batch."""
    own = {(case.subject_id, case.revision_no): case for case in cases if case.subject_type == SUBJECT}
    ids = sorted({product_id for product_id, _ in own})
    if not ids:
        return
    found: list[Problem] = []
    kept = {
        (row.product_id, row.no): row for row in rows(session, Revision, Revision.product_id.in_(ids), found)
    }
    for key, case in own.items():
        yield from _revision(case, kept.get(key))
    yield from _shelf(session, ids, found)
    yield from found


def _revision(case: Case, row: Revision | None) -> Iterator[Problem]:
    if row is None:
        yield Problem(
            case.chain, "product_revision", None, f"Revisi {case.revision_no} dari kasus ini hilang."
        )
        return
    changed = []
    fields = case.fields if isinstance(case.fields, dict) else {}
    content = row.content if isinstance(row.content, dict) else {}
    frozen = {name: value for name, value in fields.items() if name not in ADDED}
    if frozen != {name: value for name, value in content.items() if name != TYPED} or TYPED in content:
        changed.append("content")
    if (row.submitted_at, row.submitted_by) != (case.submitted_at, case.submitted_by):
        changed.append("submitted_at" if row.submitted_at != case.submitted_at else "submitted_by")
    if row.upt_id != case.upt_id:
        changed.append("upt_id")
    if not isinstance(row.edited_by, list) or sorted(set(row.edited_by)) != case.editor_ids:
        changed.append("edited_by")
    if not isinstance(row.answers, dict) or answers_kept(row.answers) != case.answers:
        changed.append("answers")
    if changed:
        yield Problem(
            case.chain,
            "product_revision",
            row.id,
            f"Revisi {row.no} diubah setelah diajukan: {', '.join(changed)}.",
        )


def _shelf(session: Session, ids: Sequence[int], found: list[Problem]) -> Iterator[Problem]:
    """The products of these ids and their public copies, against their approved cases and what was done since."""
    history: dict[int, list[Case]] = defaultdict(list)
    ours = and_(Case.subject_type == SUBJECT, Case.subject_id.in_(ids))
    for case in rows(session, Case, ours, found):
        history[case.subject_id].append(case)
    chains = {case.chain: case for cases in history.values() for case in cases}
    events: dict[int, list[AuditEvent]] = defaultdict(list)
    moved = and_(AuditEvent.chain.in_(chains), AuditEvent.action.in_({*_MOVED, "product.listed", DECIDED}))
    for event in sorted(
        rows(session, AuditEvent, moved, found), key=lambda one: (one.at, chains[one.chain].id, one.seq)
    ):
        events[chains[event.chain].subject_id].append(event)
    products = {one.id: one for one in rows(session, Product, Product.id.in_(ids), found)}
    on_shelf = PublishedProduct.product_id.in_(ids)
    copies = {one.product_id: one for one in rows(session, PublishedProduct, on_shelf, found)}
    away = session.get_one(Kanwil, current().tenant_id).state == SUSPENDED
    for product_id in ids:
        yield from _product(
            products.get(product_id), copies.get(product_id), history[product_id], events[product_id], away
        )


def _product(
    product: Product | None,
    copy: PublishedProduct | None,
    cases: Sequence[Case],
    events: Sequence[AuditEvent],
    away: bool,
) -> Iterator[Problem]:
    approved = [case for case in cases if case.state == "approved"]
    last = approved[-1] if approved else None
    chain = (last or cases[-1]).chain if cases else "kanwil"
    if product is None:
        yield Problem(chain, "product", None, "Produk dari kasus ini hilang.")
        return
    if last is None:
        if copy is not None or product.public_state is not None:
            table = "published_product" if copy is not None else "product"
            yield Problem(chain, table, product.id, "Produk ini tampil di publik tanpa kasus yang disetujui.")
        return
    named = partial(Problem, chain, "published_product", product.id)
    if copy is None:
        yield named(message="Salinan publik produk yang disetujui ini hilang.")
        return
    state, reason = _standing(last, events)
    yield from _kept(product, last, approved[0].closed_at, state)
    changed = _copied(copy, last)
    listed = [said_by(event).get("url") or None for event in events if event.action == "product.listed"]
    # A Kanwil that is suspended has nothing on the shelf: `catalogue.tenancy`.
    suspended = away and (copy.state, copy.reason) == ("suspended", REASON)
    for name, value in (
        ("slug", product.slug),
        ("published_at", approved[0].closed_at),
        ("ekatalog_url", listed[-1] if listed else None),
        *([] if suspended else [("state", state), ("reason", public_reason(state, reason))]),
    ):
        if getattr(copy, name) != value:
            changed.append(name)
    if changed:
        yield named(
            message=f"Salinan publik tidak sama dengan revisi {last.revision_no} yang disetujui: "
            f"{', '.join(changed)}."
        )


def _copied(copy: PublishedProduct, case: Case) -> list[str]:
    try:
        wanted = public_row(case.subject_id, case.revision_no, case.fields, case.submitted_at)
    except (KeyError, TypeError, AttributeError):
        return ["isi kasus yang tidak terbaca"]
    return [name for name, value in wanted.items() if name not in FREE and getattr(copy, name) != value]


def _standing(approved: Case, events: Sequence[AuditEvent]) -> tuple[str, str | None]:
    """What was done to a product since its last approval: its public state and the reason for it.

    On the approved case's own chain that is what stands behind the approval; what was done to the product while this
    revision was on its way ended with it, unless the chain says behind the approval that it goes on.
    """
    state, reason = PUBLISHED, None
    sealed = max(
        (one.seq for one in events if one.chain == approved.chain and one.action == DECIDED), default=0
    )
    for event in events:
        number = int(event.chain.removeprefix("case:"))
        later = approved.closed_at is None or event.at > approved.closed_at or number > approved.id
        if event.action in _MOVED and (event.seq > sealed if number == approved.id else later):
            said = said_by(event)
            state = str(said.get("public_state"))
            reason = None if state == PUBLISHED else said.get("reason")
    return state, reason


def _kept(product: Product, last: Case, first_at: datetime | None, state: str) -> Iterator[Problem]:
    changed = []
    if product.published_revision_no != last.revision_no:
        changed.append("published_revision_no")
    if product.public_state != state:
        changed.append("public_state")
    if product.published_at != first_at:
        changed.append("published_at")
    if product.upt_id != last.upt_id:
        changed.append("upt_id")
    if changed:
        yield Problem(
            last.chain,
            "product",
            product.id,
            f"Produk tidak sesuai dengan putusan terakhirnya: {', '.join(changed)}.",
        )


@check_kanwil
def strays(session: Session) -> Iterator[Problem]:
    """Submitted revisions and public copies that no case of this Kanwil stands behind. Four statements."""
    known: set[tuple[int, int]] = {
        (product_id, no)
        for product_id, no in session.execute(
            select(Case.subject_id, Case.revision_no).where(Case.subject_type == SUBJECT)
        )
    }
    sent = select(Revision.id, Revision.product_id, Revision.no).where(Revision.submitted_at.is_not(None))
    for one, product_id, no in session.execute(sent):
        if (product_id, no) not in known:
            yield Problem("kanwil", "product_revision", one, f"Revisi {no} diajukan tanpa kasus.")
    approved = set(
        session.scalars(select(Case.subject_id).where(Case.subject_type == SUBJECT, Case.state == "approved"))
    )
    code = session.get_one(Kanwil, current().tenant_id).code
    shelf: Iterable[int] = session.scalars(
        select(PublishedProduct.product_id).where(PublishedProduct.kanwil_code == code)
    )
    for product_id in sorted(set(shelf) - approved):
        yield Problem(
            "kanwil",
            "published_product",
            product_id,
            "Produk ini tampil di publik tanpa kasus yang disetujui.",
        )
