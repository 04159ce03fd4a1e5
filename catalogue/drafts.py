"""Drafting: a product is begun, its newest revision is filled field by field, photos come and go.

A draft never loses what was typed. A submitted revision never changes: the first save after a return, a
rejection or a publication begins the next revision on the content of the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue import content as contents
from catalogue import photos
from catalogue.checks import completeness, problems
from catalogue.errors import (
    ContentInvalid,
    NotYourProduct,
    PhotoNotFound,
    ProductMoved,
    ProductNotFound,
    TooManyPhotos,
)
from catalogue.models import Photo, Product, Revision
from catalogue.partners import naming
from catalogue.people import consents
from catalogue.slugs import same_stem, slug_for
from tenants import files
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_

__all__ = ["add_photo", "completeness", "create", "problems", "remove_photo", "save"]

IN_REVIEW = "in_review"
WITHDRAWN = "withdrawn"
DRAFTER = "operator_upt"


def create(
    content: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None, strict: bool = False
) -> Product:
    """Begin a product with what is known of it. The same `key` gives the same product. Two statements.

    Raises:
        NotYourProduct: `by` doesn't work at an UPT.
        ContentInvalid: with `strict`, a value can't be read; without, it is kept as typed.
    """
    _may_draft(by)
    kept, unreadable = contents.read(content)
    _look_up(content, kept, unreadable)
    if strict and unreadable:
        raise ContentInvalid(fields=unreadable)

    def act() -> Product:
        session = scoped_session()
        product = Product(
            slug=slug_for(kept.get("name") or ""),
            state="draft",
            revision_no=1,
            created_by=by.id,
            created_at=now,
            updated_at=now,
            version=1,
            upt_id=by.upt_id,
        )
        _repeat(product, kept)
        session.add(product)
        session.flush()
        session.add(_revision(product, 1, kept, by, now))
        session.flush()
        consents.credit(session, product.id, product.upt_id, kept, now)
        return product

    made, _ = once(key, "product.create", act, lambda product: product.id, _loaded, content=dict(content))
    return made


def save(
    product_id: int,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
    answers: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Product:
    """Read `changes` into the product's draft; fields that aren't named stay. Four statements.

    What can't be read is kept as typed (`problems` then names it), unless `strict`. `answers` to the requests of a
    return are kept with the draft until it is submitted.

    Raises:
        ProductNotFound: there is none within the scope.
        NotYourProduct: `by` doesn't work at the product's UPT.
        ProductMoved: it is being reviewed, or `version` isn't the one that stands.
        ContentInvalid: with `strict`, a value can't be read; nothing is changed then.
    """
    with transaction() as session:
        product, revision = opened(session, product_id, by=by, now=now, version=version)
        kept, unreadable = contents.read(changes, revision.content)
        _look_up(changes, kept, unreadable)
        if strict and unreadable:
            raise ContentInvalid(fields=unreadable)
        if kept == revision.content and not answers and revision in session.new:
            session.expunge(revision)  # nothing changed: no revision is begun
            product.revision_no -= 1
            return product
        if answers:
            revision.answers = {
                **revision.answers,
                **{key[:60]: text[:2000] for key, text in answers.items()},
            }
        if kept != revision.content:
            _keep(product, revision, kept, by, now)
        session.flush()
        if consents.MAKERS in changes:
            consents.credit(session, product.id, product.upt_id, kept, now)
        return product


def add_photo(
    product_id: int, data: bytes, name: str, *, by: Actor, now: datetime, key: str | None = None
) -> Photo:
    """Take a photo into the draft, made anew by `photos.process`. Five statements.

    Raises:
        PhotoEmpty, PhotoTooHeavy, PhotoNotAnImage, PhotoTooManyPixels, PhotoBroken: the file is refused.
        TooManyPhotos: the draft has eight.
        ProductNotFound, NotYourProduct, ProductMoved: as `save`.
    """
    _may_draft(by)
    made = photos.process(data, name)
    return keep_photo(product_id, made, name, by=by, now=now, key=key)


def keep_photo(
    product_id: int, made: photos.Processed, name: str, *, by: Actor, now: datetime, key: str | None = None
) -> Photo:
    """Take a photo that `photos.process` has made into the draft; as `add_photo`."""
    sha = files.put(made.data)
    thumbs = {str(side): files.put(small) for side, small in made.thumbs.items()}

    def act() -> Photo:
        session = scoped_session()
        product, revision = opened(session, product_id, by=by, now=now)
        taken = list(revision.content.get("photos") or [])
        if len(taken) >= photos.MAX_PHOTOS:
            shown = photos.shown_name(name)
            raise TooManyPhotos(
                say(
                    N_("“%(shown)s” tidak ditambahkan: sudah ada delapan foto. Hapus satu dahulu."),
                    shown=shown,
                )
            )
        photo = Photo(
            product_id=product.id,
            upt_id=product.upt_id,
            sha256=sha,
            width=made.width,
            height=made.height,
            bytes=len(made.data),
            thumbs=thumbs,
            name=photos.shown_name(name),
            created_at=now,
        )
        session.add(photo)
        session.flush()
        kept = {**revision.content, "photos": [*taken, photo.in_content()]}
        _keep(product, revision, kept, by, now, seen=False)
        session.flush()
        return photo

    photo, _ = once(
        key, f"product.photo:{product_id}", act, lambda one: one.id, _loaded_photo, content={"sha256": sha}
    )
    return photo


def remove_photo(product_id: int, photo_id: int, *, by: Actor, now: datetime) -> Product:
    """Take a photo out of the draft; revisions that were submitted keep it.

    Raises:
        PhotoNotFound: the draft doesn't hold it.
        ProductNotFound, NotYourProduct, ProductMoved: as `save`.
    """
    with transaction() as session:
        product, revision = opened(session, product_id, by=by, now=now)
        taken = list(revision.content.get("photos") or [])
        left = [photo for photo in taken if photo["photo_id"] != photo_id]
        if len(left) == len(taken):
            raise PhotoNotFound(N_("Foto ini sudah tidak ada di konsep."))
        _keep(product, revision, {**revision.content, "photos": left}, by, now, seen=False)
        session.flush()
        return product


def opened(
    session: Session, product_id: int, *, by: Actor, now: datetime, version: int | None = None
) -> tuple[Product, Revision]:
    """The product, locked, and the revision that may be changed: a new one where the last is submitted."""
    _may_draft(by)
    product, revision = locked(session, product_id)
    if by.upt_id != product.upt_id:
        raise NotYourProduct(N_("Hanya UPT pemilik produk yang dapat mengubahnya."))
    if product.state == IN_REVIEW:
        raise ProductMoved(
            N_("Produk ini sedang diperiksa, jadi belum dapat diubah."), detail={"state": product.state}
        )
    if product.public_state == WITHDRAWN:
        raise ProductMoved(
            N_("Produk ini sudah ditarik untuk seterusnya. Susun produk baru bila dibuat lagi."),
            detail={"state": product.state},
        )
    if version is not None and version != product.version:
        raise ProductMoved(
            N_("Produk ini sudah diubah di tempat lain. Muat ulang halaman untuk melihat isinya."),
            detail={"version": product.version},
        )
    if revision.submitted_at is not None:
        product.revision_no = revision.no + 1
        revision = _revision(product, revision.no + 1, dict(revision.content), by, now)
        session.add(revision)
    return product, revision


def locked(session: Session, product_id: int) -> tuple[Product, Revision]:
    """The product and its newest revision, both locked until the transaction ends. One statement.

    Both, because PostgreSQL reads only a locked row anew after it waited: a revision that wasn't would come as it
    stood before the wait, and what somebody else just kept in it (a photo beside this one) would be lost. Where
    that somebody began a new revision, the pair no longer fits and is asked for once more.

    Raises:
        ProductNotFound: there is none within the scope.
    """
    asked = (
        select(Product, Revision)
        .join(Revision, (Revision.product_id == Product.id) & (Revision.no == Product.revision_no))
        .where(Product.id == product_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.execute(asked).first() or session.execute(asked).first()
    if row is None:
        raise ProductNotFound(N_("Produk ini tidak ada."))
    return row[0], row[1]


def _revision(product: Product, no: int, content: dict[str, Any], by: Actor, now: datetime) -> Revision:
    return Revision(
        product_id=product.id,
        upt_id=product.upt_id,
        no=no,
        content=content,
        answers={},
        edited_by=[by.id],
        created_at=now,
    )


def _keep(
    product: Product,
    revision: Revision,
    content: dict[str, Any],
    by: Actor,
    now: datetime,
    *,
    seen: bool = True,
) -> None:
    """Keep a new content; `seen` counts the version up, which photos don't: they are never overwritten by a field."""
    revision.content = content
    if by.id not in revision.edited_by:
        revision.edited_by = [*revision.edited_by, by.id]
    if product.published_revision_no is None and not same_stem(product.slug, content.get("name") or ""):
        product.slug = slug_for(content.get("name") or "")
    _repeat(product, content)
    product.version += 1 if seen else 0
    product.updated_at = now


def _repeat(product: Product, content: Mapping[str, Any]) -> None:
    """Repeat in the product what lists show of its newest revision."""
    product.name = content.get("name") or ""
    product.category, product.goods_group = content.get("category"), content.get("group")
    product.price_rupiah = content.get("price_rupiah")
    taken = content.get("photos") or []
    product.cover = taken[0] if taken else None


def _look_up(changes: Mapping[str, Any], content: dict[str, Any], problems: dict[str, str]) -> None:
    """Look up what a change chose from a list. A statement for the makers and one for the partner, where changed."""
    if consents.MAKERS in changes:
        consents.settle(content, problems)
    if naming.PARTNER in changes:
        naming.settle(content, problems)


def _may_draft(by: Actor) -> None:
    if by.upt_id is None or not by.has(DRAFTER):
        raise NotYourProduct(N_("Produk disusun oleh operator UPT."))


def _loaded(product_id: int) -> Product:
    product = scoped_session().scalars(select(Product).where(Product.id == product_id)).first()
    if product is None:
        raise ProductNotFound(N_("Produk ini tidak ada."))
    return product


def _loaded_photo(photo_id: int) -> Photo:
    photo = scoped_session().scalars(select(Photo).where(Photo.id == photo_id)).first()
    if photo is None:
        raise PhotoNotFound(N_("Foto ini tidak ada."))
    return photo
