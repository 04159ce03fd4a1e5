"""Products as officers read them: lists by state; one product with its draft, revisions and requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from catalogue import content as contents
from catalogue.checks import ANSWER_MISSING, completeness, needed_fields, problems, unanswered
from catalogue.difference import FieldChange, difference
from catalogue.errors import PhotoNotFound, ProductNotFound
from catalogue.models import Photo, Product, ProductFigure, Revision
from catalogue.people.consents import names_of
from catalogue.pricing import PriceStanding, standing
from catalogue.terms import STATES
from tenants import files
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.errors import Invalid
from tenants.models import Kanwil, Upt
from tenants.officers import Actor
from tenants.words import N_
from workflows.models import Case
from workflows.queries import Page, open_requests

__all__ = [
    "ProductRow",
    "ProductView",
    "counts",
    "difference",
    "one",
    "photo_file",
    "product_view",
    "products",
]

LIMIT = 24
MOST = 100


@dataclass(frozen=True)
class ProductRow:
    """One product as a list and the API show it."""

    id: int
    name: str
    state: str
    public_state: str | None
    upt: str
    upt_id: int
    upt_code: str
    kanwil: str
    price_rupiah: int | None
    category: str | None
    revision: int
    published_revision: int | None
    case_id: int | None
    slug: str
    cover: dict[str, Any] | None
    updated_at: datetime
    version: int
    reason: str | None


@dataclass(frozen=True)
class ProductView:
    """Everything the editor and the API say of one product."""

    row: ProductRow
    product: Product
    revision: Revision
    before: dict[str, Any] | None
    """What the returned case had, where the product was returned."""
    requests: list[dict[str, str]]
    returned_at: datetime | None
    timezone: str
    today: date

    @property
    def content(self) -> dict[str, Any]:
        return self.revision.content

    @property
    def is_submitted(self) -> bool:
        """Whether the newest revision is frozen: the next save begins another."""
        return self.revision.submitted_at is not None

    @property
    def next_no(self) -> int:
        """The number of the revision that a submission would have."""
        return self.revision.no + 1 if self.is_submitted else self.revision.no

    def problems(self) -> dict[str, str]:
        return problems(self.content, today=self.today)

    def completeness(self) -> float:
        """The share (0 to 1) of what a submission needs: its fields, and an answer to each request."""
        needed, asked = len(self.needed()), len(self.requests)
        done = completeness(self.content, today=self.today) * needed
        return (done + asked - len(self.unanswered(self.revision.answers))) / (needed + asked)

    def needed(self) -> list[str]:
        return needed_fields(self.content)

    def credits(self) -> list[str]:
        """The names under which its makers may be shown. One statement where there are any."""
        return names_of(scoped_session(), self.product.id, self.content.get("makers") or [])

    def standing(self) -> PriceStanding:
        return standing(self.content)

    def unanswered(self, answers: dict[str, str]) -> list[Any]:
        """The requests that neither `answers` nor a change of their field meets."""
        return list(unanswered(self.requests, answers, self.before or {}, self.content))

    def lacking(self) -> dict[str, str]:
        """All that stands between the draft and its submission, by field; an unanswered request as ``answers.<id>``."""
        asked = self.unanswered(self.revision.answers) if self.row.state == "returned" else []
        return self.problems() | {f"answers.{request['id']}": ANSWER_MISSING for request in asked}

    def as_typed(self, changes: Mapping[str, Any], answers: Mapping[str, str]) -> ProductView:
        """The same product as a form has it that isn't saved."""
        typed, _unreadable = contents.read(changes, self.content)
        form = Revision(
            no=self.revision.no,
            content=typed,
            answers={**self.revision.answers, **answers},
            submitted_at=self.revision.submitted_at,
        )
        return replace(self, revision=form)

    def changes(self) -> list[FieldChange]:
        """What changed since the revision that was returned."""
        return difference(self.before, self.content) if self.before else []


def products(
    by: Actor,
    *,
    state: str | None = None,
    upt_id: int | None = None,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Page[ProductRow]:
    """The products of the scope, newest first: an UPT's own, or the whole Kanwil's. One statement a page.

    Raises:
        Invalid: the cursor or the state isn't one.
    """
    if state is not None and state not in STATES:
        raise Invalid(fields={"state": N_("Keadaan ini tidak dikenal.")})
    asked = _asked().order_by(Product.id.desc()).limit(bounded(limit) + 1)
    if state is not None:
        asked = asked.where(Product.state == state)
    if upt_id is not None:
        asked = asked.where(Product.upt_id == upt_id)
    if cursor:
        asked = asked.where(Product.id < position(cursor))
    rows = scoped_session().execute(asked).all()
    shown = [_row(*row) for row in rows[: bounded(limit)]]
    return Page(shown, str(shown[-1].id) if len(rows) > len(shown) else None)


def counts() -> dict[str, int]:
    """How many products the scope has in each state. One statement on the rollup."""
    asked = select(ProductFigure.state, func.sum(ProductFigure.products)).group_by(ProductFigure.state)
    found = {state: int(products) for state, products in scoped_session().execute(asked)}
    return {state: found.get(state, 0) for state in STATES}


def one(product_id: int) -> ProductRow:
    """One product of the scope. One statement.

    Raises:
        ProductNotFound: there is none.
    """
    row = scoped_session().execute(_asked().where(Product.id == product_id)).first()
    if row is None:
        raise ProductNotFound(N_("Produk ini tidak ada."))
    return _row(*row[:4])


def product_view(product_id: int, *, now: datetime) -> ProductView:
    """One product with its newest revision and what the last return asks. One to three statements.

    Raises:
        ProductNotFound: there is none within the scope.
    """
    session = scoped_session()
    found = session.execute(
        _asked()
        .add_columns(Revision, Kanwil.timezone)
        .join(Revision, (Revision.product_id == Product.id) & (Revision.no == Product.revision_no))
        .where(Product.id == product_id)
    ).first()
    if found is None:
        raise ProductNotFound(N_("Produk ini tidak ada."))
    product, short_name, code, kanwil, revision, timezone = found
    requests: list[dict[str, str]] = []
    before: dict[str, Any] | None = None
    returned_at: datetime | None = None
    if product.state == "returned" and product.case_id is not None:
        requests = open_requests(product.case_id)
        case = session.execute(select(Case.fields, Case.closed_at).where(Case.id == product.case_id)).one()
        before, returned_at = case.fields, case.closed_at
    return ProductView(
        row=_row(product, short_name, code, kanwil),
        product=product,
        revision=revision,
        before=before,
        requests=requests,
        returned_at=returned_at,
        timezone=timezone,
        today=local_day(now, timezone),
    )


def photo_file(photo_id: int, size: str) -> tuple[bytes, str]:
    """A photo of the scope as WebP, with its SHA-256; `size` is "320", "960" or "asli". One statement.

    Raises:
        PhotoNotFound: there is none within the scope.
    """
    photo = scoped_session().scalars(select(Photo).where(Photo.id == photo_id)).first()
    sha = None if photo is None else photo.sha256 if size == "asli" else photo.thumbs.get(size)
    if sha is None:
        raise PhotoNotFound(N_("Foto ini tidak ada."))
    return files.get(sha), sha


def position(cursor: str) -> int:
    """The product id that a cursor stands for.

    Raises:
        Invalid: it isn't one that we gave.
    """
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 12:
        raise Invalid(fields={"cursor": N_("Penanda halaman ini tidak dikenal.")})
    return int(cursor)


def bounded(limit: int) -> int:
    """A page's size within 1 to 100."""
    return max(1, min(limit, MOST))


def _asked() -> Any:
    return (
        select(Product, Upt.short_name, Upt.code, Kanwil.code.label("kanwil"))
        .join(Upt, Upt.id == Product.upt_id)
        .join(Kanwil, Kanwil.id == Product.tenant_id)
    )


def _row(product: Product, upt: str, upt_code: str, kanwil: str) -> ProductRow:
    return ProductRow(
        id=product.id,
        name=product.name,
        state=product.state,
        public_state=product.public_state,
        upt=upt,
        upt_id=product.upt_id,
        upt_code=upt_code,
        kanwil=kanwil,
        price_rupiah=product.price_rupiah,
        category=product.category,
        revision=product.revision_no,
        published_revision=product.published_revision_no,
        case_id=product.case_id,
        slug=product.slug,
        cover=product.cover,
        updated_at=product.updated_at,
        version=product.version,
        reason=product.reason,
    )


def units() -> list[tuple[int, str]]:
    """(id, short name) of the UPT of the scope, by name. One statement."""
    rows = scoped_session().execute(select(Upt.id, Upt.short_name).order_by(Upt.short_name))
    return [(row.id, row.short_name) for row in rows]
