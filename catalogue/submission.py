"""Submitting: the newest revision is frozen and goes on its way through the Kanwil's workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.checks import ANSWER_MISSING, label_of, problems, unanswered
from catalogue.content import TYPED
from catalogue.drafts import DRAFTER, IN_REVIEW, WITHDRAWN, locked
from catalogue.errors import ContentInvalid, NotYourProduct, ProductMoved
from catalogue.models import PublishedProduct, Revision
from catalogue.people import consents
from catalogue.pricing import DEFAULT_BAND, standing
from catalogue.publication import SUSPENDED
from tenants.clock import local_day
from tenants.database import session, transaction
from tenants.idempotency import once
from tenants.models import Kanwil, KanwilSettings, Upt
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import submission
from workflows.models import Case
from workflows.queries import open_requests

MOST_LIKES = 200


def submit(
    product_id: int,
    *,
    by: Actor,
    now: datetime,
    answers: Mapping[str, str] | None = None,
    key: str | None = None,
) -> Case:
    """Freeze the newest revision of a product and open its case; the same `key` gives the same case.

    `answers` maps the id of each request of the last return to what the UPT answers; a request whose field
    was changed needs none. What the public will see travels frozen in the case, so that publishing reads
    nothing more.

    Raises:
        ProductNotFound: there is none within the scope.
        NotYourProduct: `by` doesn't work at the product's UPT.
        ProductMoved: it is being reviewed already, or nothing changed since the revision that was decided.
        ContentInvalid: fields are missing or wrong; `fields` names each, the draft stays as it is.
    """
    if by.upt_id is None or not by.has(DRAFTER):
        raise NotYourProduct(N_("Produk diajukan oleh operator UPT."))
    given = {str(name)[:60]: str(text)[:2000] for name, text in (answers or {}).items()}
    case, _ = once(
        key,
        f"product.submit:{product_id}",
        lambda: _submitted(product_id, given, by, now),
        lambda case: case.id,
        lambda case_id: session().scalars(select(Case).where(Case.id == case_id)).one(),
        content=given,
    )
    return case


def _submitted(product_id: int, answers: Mapping[str, str], by: Actor, now: datetime) -> Case:
    with transaction() as open_session:
        product, revision = locked(open_session, product_id)
        if product.upt_id != by.upt_id:
            raise NotYourProduct(N_("Hanya UPT pemilik produk yang dapat mengajukannya."))
        if product.state == IN_REVIEW:
            raise ProductMoved(
                N_("Produk ini sudah diajukan dan sedang diperiksa."), detail={"state": product.state}
            )
        if product.public_state == WITHDRAWN:
            raise ProductMoved(
                N_("Produk ini sudah ditarik untuk seterusnya. Susun produk baru bila dibuat lagi.")
            )
        if revision.submitted_at is not None:
            raise ProductMoved(
                N_("Belum ada yang diubah sejak revisi terakhir. Perbaiki dahulu, lalu ajukan lagi.")
            )
        upt, kanwil, settings = open_session.execute(
            select(Upt, Kanwil, KanwilSettings)
            .join(Kanwil, Kanwil.id == Upt.tenant_id)
            .outerjoin(KanwilSettings, KanwilSettings.tenant_id == Upt.tenant_id)
            .where(Upt.id == product.upt_id)
        ).one()
        given = {**revision.answers, **answers}
        today = local_day(now, kanwil.timezone)
        _check(open_session, product.case_id, product.state, revision, given, today)
        fields = _snapshot(open_session, revision.content, upt, kanwil, settings, product.slug)
        revision.submitted_at, revision.submitted_by, revision.answers = now, by.id, given
        product.state = IN_REVIEW
        if product.public_state != SUSPENDED:  # why it is suspended stands until it is restored
            product.reason = None
        product.version += 1
        product.updated_at = now
        open_session.flush()
        case = submission.submit(
            "product",
            product.id,
            revision_no=revision.no,
            title=product.name,
            fields=fields,
            upt_id=product.upt_id,
            editor_ids=revision.edited_by,
            by=by,
            now=now,
            previous_case_id=product.case_id,
            answers=given,
        )
        product.case_id = case.id
        open_session.flush()
        return case


def _check(
    open_session: Session,
    case_id: int | None,
    state: str,
    revision: Revision,
    answers: Mapping[str, str],
    today: date,
) -> None:
    found = {**problems(revision.content, today=today), **consents.withdrawn_in(revision.content)}
    if state == "returned" and case_id is not None:
        before = open_session.scalars(select(Case.fields).where(Case.id == case_id)).one()
        for request in unanswered(open_requests(case_id), answers, before, revision.content):
            found[f"answers.{request['id']}"] = ANSWER_MISSING
    if found:
        labels = list(dict.fromkeys(label_of(path) for path in found if not path.startswith("answers.")))
        message = (
            "Lengkapi dahulu: " + ", ".join(labels) + "."
            if labels
            else say(N_("Jawab dahulu permintaan pembina."))
        )
        raise ContentInvalid(message, fields=found)


def _snapshot(
    open_session: Session,
    content: Mapping[str, Any],
    upt: Upt,
    kanwil: Kanwil,
    settings: KanwilSettings | None,
    slug: str,
) -> dict[str, Any]:
    """The revision as the case keeps it: its content, where its price stands, and whose it is."""
    band = settings.price_band / 100 if settings is not None else DEFAULT_BAND
    price = standing(content, likes=_likes(open_session, content), band=band)
    return {
        **{key: value for key, value in content.items() if key != TYPED},
        "price_within": price.within,
        "price_standing": asdict(price),
        "public": {
            "slug": slug,
            "upt_slug": upt.slug,
            "upt_name": upt.name,
            "upt_short_name": upt.short_name,
            "city": upt.city,
            "kanwil_code": kanwil.code,
            "kanwil_name": kanwil.short_name,
        },
    }


def _likes(open_session: Session, content: Mapping[str, Any]) -> list[int]:
    """The prices of the newest published products of the same category, unit and leading word."""
    first = str(content["name"]).split()[0].lower()
    rows = open_session.execute(
        select(PublishedProduct.name, PublishedProduct.unit, PublishedProduct.price_rupiah)
        .where(PublishedProduct.state == "published", PublishedProduct.category == content["category"])
        .order_by(PublishedProduct.product_id.desc())
        .limit(MOST_LIKES)
    )
    return [
        row.price_rupiah
        for row in rows
        if row.unit == content["unit"] and row.name.split()[:1] and row.name.split()[0].lower() == first
    ]
