"""Publication: an approved revision becomes what the public sees, in the transaction of the last approval.

And what pengendalian does after it: suspend, restore, withdraw, each with its reason; and the listing on
the e-Katalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import log10
from typing import Any

from sqlalchemy import bindparam, case, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from catalogue import renewing
from catalogue.drafts import locked
from catalogue.errors import ContentInvalid, NotYourProduct, ProductMoved, ReasonRequired
from catalogue.models import Product, PublishedProduct
from catalogue.stemming import indexed
from catalogue.stemming import words as plain_words
from catalogue.terms import CATEGORIES
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices
from workflows.models import Case

PUBLISHED, SUSPENDED, WITHDRAWN = "published", "suspended", "withdrawn"
LONGEST_REASON = 2000
STEPS = 40
PAPERS = ("pirt", "halal", "sni")
"""The licences that the public reads, each with a number and, where it is known, the day on which it ends."""

_product: Any = Product.__table__
_shelf: Any = PublishedProduct.__table__
_AWAY: Any = _product.c.public_state == SUSPENDED
_PUBLISH: Any = (
    update(_product)
    .where(_product.c.id == bindparam("which"), _product.c.public_state.is_distinct_from(WITHDRAWN))
    .values(
        state=case((_AWAY, SUSPENDED), else_=PUBLISHED),
        public_state=case((_AWAY, SUSPENDED), else_=PUBLISHED),
        published_revision_no=bindparam("revision"),
        published_at=func.coalesce(
            _product.c.published_at, bindparam("moment", type_=_product.c.updated_at.type)
        ),
        reason=case((_AWAY, _product.c.reason), else_=None),
        version=_product.c.version + 1,
        updated_at=bindparam("moment", type_=_product.c.updated_at.type),
    )
    .returning(_product.c.public_state, _product.c.name, _product.c.reason)
)


@dataclass(frozen=True)
class Move:
    """What may be done to a published product: from which public states, to which, and how it is said."""

    verb: str
    sources: tuple[str, ...]
    target: str
    action: str
    said: str


MOVES = {
    "suspend": Move("suspend", (PUBLISHED,), SUSPENDED, "product.suspended", N_("ditangguhkan")),
    "restore": Move("restore", (SUSPENDED,), PUBLISHED, "product.restored", N_("dipulihkan")),
    "withdraw": Move("withdraw", (PUBLISHED, SUSPENDED), WITHDRAWN, "product.withdrawn", N_("ditarik")),
}


def suspend(product_id: int, *, reason: str, by: Actor, now: datetime, key: str | None = None) -> Product:
    """Take a published product off the shelf for a while; its page says so, the reason is the offices' own."""
    return act_on(product_id, "suspend", reason=reason, by=by, now=now, key=key)


def restore(product_id: int, *, reason: str, by: Actor, now: datetime, key: str | None = None) -> Product:
    """Put a suspended product back on the shelf; what was withdrawn stays away."""
    return act_on(product_id, "restore", reason=reason, by=by, now=now, key=key)


def withdraw(product_id: int, *, reason: str, by: Actor, now: datetime, key: str | None = None) -> Product:
    """Take a product off the shelf for good; its page answers "gone" and says "ditarik", with the reason."""
    return act_on(product_id, "withdraw", reason=reason, by=by, now=now, key=key)


def act_on(
    product_id: int, verb: str, *, reason: str, by: Actor, now: datetime, key: str | None = None
) -> Product:
    """Suspend, restore or withdraw: product, public page, audit event and notice in one transaction.

    Raises:
        NotYourProduct: `by` is no pengendali.
        ReasonRequired: the reason is empty or longer than 2,000 letters.
        ProductNotFound: there is none within the scope.
        ProductMoved: its public state doesn't lead there.
    """
    if not by.has("pengendali"):
        raise NotYourProduct(N_("Hanya pengendali yang dapat menangguhkan, memulihkan, atau menarik produk."))
    why = reason.strip().replace("\x00", "") if isinstance(reason, str) else ""
    if not why or len(why) > LONGEST_REASON:
        words = (
            say(
                N_("Tulis alasannya: publik dan UPT akan membacanya.")
                if verb == "withdraw"
                else N_("Tulis alasannya: UPT akan membacanya.")
            )
            if not why
            else say(N_("Paling banyak 2.000 huruf."))
        )
        raise ReasonRequired(fields={"reason": words})

    def act() -> Product:
        with transaction() as session:
            return carry_out(session, product_id, verb, why, by=by, now=now)

    done, _ = once(
        key, f"product.{verb}:{product_id}", act, lambda product: product.id, _loaded, content={"reason": why}
    )
    return done


def carry_out(
    session: Session, product_id: int, verb: str, why: str, *, by: Actor | None, now: datetime
) -> Product:
    """Move a product between its public states in the caller's transaction; whether `by` may is the caller's affair.

    Without `by` the clock did it, and the audit and the notice say so.

    Raises:
        ProductNotFound: there is none within the scope.
        ProductMoved: its public state doesn't lead there.
    """
    move = MOVES[verb]
    product, _ = locked(session, product_id)
    if product.public_state not in move.sources:
        words = say(
            N_("Produk ini tidak dapat %(said)s: keadaannya sudah lain. Muat ulang halamannya."),
            said=say(move.said),
        )
        if product.public_state == WITHDRAWN:
            words = say(N_("Produk ini sudah ditarik dan tidak dapat %(said)s lagi."), said=say(move.said))
        raise ProductMoved(words, detail={"state": product.state, "public_state": product.public_state})
    if product.state == product.public_state:
        product.state = move.target
    product.public_state, product.reason = move.target, why
    product.version += 1
    product.updated_at = now
    session.execute(
        update(PublishedProduct)
        .where(PublishedProduct.product_id == product.id)
        .values(state=move.target, reason=public_reason(move.target, why), updated_at=now)
        .execution_options(synchronize_session=False)
    )
    payload = {"product_id": product.id, "reason": why, "public_state": move.target}
    if by is None:
        payload["automatic"] = True
    audit.record(f"case:{product.case_id}", move.action, payload, by=by, now=now)
    told = notices.draft(
        move.action,
        say("%(name)s: %(said)s", name=product.name, said=say(move.said)),
        f"{by.name}: {why}" if by else say(N_("Otomatis: %(why)s"), why=why),
        f"/produk-saya/{product.id}",
        role="operator_upt",
        upt_id=product.upt_id,
    )
    notices.tell(session, [told], now)
    session.flush()
    return product


def public_reason(state: str, why: str | None) -> str | None:
    """What the public reads of why a product is away: of a withdrawn one the reason, of a suspended one nothing.

    Why something is suspended may name people, a complaint or what an inspection found; that stays with the offices.
    """
    return why if state == WITHDRAWN else None


def list_on_ekatalog(
    product_id: int, *, ekatalog_id: str, url: str, registered_on: date, by: Actor, now: datetime
) -> Product:
    """Note the e-Katalog listing of a published product; its public page then links to it.

    Raises:
        NotYourProduct: `by` is no pengendali.
        ContentInvalid: the id is missing, or the link is no https address.
        ProductMoved: the product isn't published.
    """
    if not by.has("pengendali"):
        raise NotYourProduct(N_("Hanya pengendali yang dapat mencatat e-Katalog."))
    wrong = {}
    if not ekatalog_id.strip() or len(ekatalog_id) > 60:
        wrong["ekatalog_id"] = N_("Isi nomor produk di e-Katalog.")
    if url and (not url.startswith("https://") or len(url) > 300 or any(letter.isspace() for letter in url)):
        wrong["ekatalog_url"] = N_("Alamat e-Katalog dimulai dengan https://.")
    if wrong:
        raise ContentInvalid(fields=wrong)
    with transaction() as session:
        product, _ = locked(session, product_id)
        if product.public_state != PUBLISHED:
            raise ProductMoved(N_("Hanya produk yang terbit yang didaftarkan di e-Katalog."))
        product.ekatalog_id, product.ekatalog_url = ekatalog_id.strip(), url or None
        product.ekatalog_registered_on, product.ekatalog_delisted_on = registered_on, None
        product.version += 1
        product.updated_at = now
        session.execute(
            update(PublishedProduct)
            .where(PublishedProduct.product_id == product.id)
            .values(ekatalog_url=url or None, updated_at=now)
            .execution_options(synchronize_session=False)
        )
        payload = {"product_id": product.id, "ekatalog_id": ekatalog_id.strip(), "url": url}
        audit.record(f"case:{product.case_id}", "product.listed", payload, by=by, now=now)
        session.flush()
        return product


def publish(session: Session, approved: Case, now: datetime) -> str | None:
    """Copy an approved case's frozen revision into the public tables. Two statements, the caller commits.

    A suspended product gets the new content and stays suspended, with the reason that stood: only `restore` brings it
    back. What it then is comes back, in words; five statements.

    Raises:
        ProductMoved: the product was withdrawn while its revision was on its way; withdrawn is final.
    """
    run = session.connection().execute
    given = {"which": approved.subject_id, "revision": approved.revision_no, "moment": now}
    moved = run(_PUBLISH, given).first()
    if moved is None:
        raise ProductMoved(N_("Produk ini sudah ditarik, jadi revisinya tidak dapat terbit. Tolak kasusnya."))
    run(
        _SHELVE[session.get_bind().dialect.name],
        public_row(approved.subject_id, approved.revision_no, approved.fields, now),
    )
    if moved.public_state == PUBLISHED:
        return None
    renewing.keep_away(session, approved, moved.name, moved.reason, now)
    return N_("ditangguhkan")


def _shelve(insert: Any) -> Any:
    """The statement that puts a product's row on the shelf, or in the place of the one that is there."""
    statement = insert(PublishedProduct.__table__)
    kept = {"product_id", "slug", "published_at"}
    changed: dict[str, Any] = {column.key: column for column in statement.excluded if column.key not in kept}
    for name in ("state", "reason"):  # what is suspended stays so, whatever its content
        changed[name] = case((_shelf.c.state == SUSPENDED, _shelf.c[name]), else_=statement.excluded[name])
    return statement.on_conflict_do_update(index_elements=["product_id"], set_=changed)


_SHELVE = {"postgresql": _shelve(postgresql.insert), "sqlite": _shelve(sqlite.insert)}


def public_row(product_id: int, revision_no: int, fields: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A published product's row, from the frozen fields of its case."""
    public = fields["public"]
    category = fields["category"]
    papers = {
        key: fields[key]
        for paper in PAPERS
        for key in (f"{paper}_number", f"{paper}_expires_on")
        if fields.get(f"{paper}_number") and fields.get(key)
    }
    return {
        "product_id": product_id,
        "slug": public["slug"],
        "state": PUBLISHED,
        "reason": None,
        "name": fields["name"],
        "description": fields["description"],
        "category": category,
        "goods_group": fields["group"],
        "market_level": fields["market_level"],
        "unit": fields["unit"],
        "price_rupiah": fields["price_rupiah"],
        "stock": fields["stock"],
        "capacity_per_month": fields["capacity_per_month"],
        "lead_time_days": fields["lead_time_days"],
        "materials": fields.get("materials"),
        "weight_gram": fields.get("weight_gram"),
        "size": fields.get("size"),
        "tkdn_share": fields.get("tkdn_share"),
        "papers": papers,
        "makers": [row["name"] for row in fields.get("makers") or [] if row.get("consented_on")],
        "photos": fields["photos"],
        "kanwil_code": public["kanwil_code"],
        "kanwil_name": public["kanwil_name"],
        "upt_slug": public["upt_slug"],
        "upt_name": public["upt_name"],
        "revision_no": revision_no,
        "published_at": now,
        "updated_at": now,
        "search": search_text(fields),
        "words": known_words(fields),
    }


def search_text(fields: Mapping[str, Any]) -> str:
    """What a published product is found by; the last words are marks that the filters ask for."""
    public = fields["public"]
    words = indexed(
        fields["name"],
        CATEGORIES[fields["category"]],
        fields.get("materials"),
        public["upt_name"],
        public.get("upt_short_name"),
        public.get("city"),
        public["kanwil_name"],
        fields["description"][:600],
    )
    marks = (
        mark("c", fields["category"]),
        mark("k", public["kanwil_code"]),
        mark("u", public["upt_slug"]),
        mark("p", str(price_step(fields["price_rupiah"]))),
        mark("g", fields["group"]),
        mark("m", fields["market_level"]),
        *([mark("r", "1")] if fields["stock"] else []),
    )
    return " ".join((words, *marks))


def known_words(fields: Mapping[str, Any]) -> str:
    """The words that a mistyped one may have meant: of the name, the category, the materials and the place."""
    public = fields["public"]
    texts = (
        fields["name"],
        CATEGORIES[fields["category"]],
        fields.get("materials"),
        public["upt_name"],
        public.get("city"),
        public["kanwil_name"],
    )
    return " ".join(dict.fromkeys(word for text in texts for word in plain_words(text or "")))


def price_step(price_rupiah: int) -> int:
    """The step of a price: four to a power of ten, so that a range is a few words of the index."""
    return min(STEPS, int(4 * log10(max(1, price_rupiah))))


def mark(kind: str, value: str) -> str:
    """A filter's value as a word of the index: kind c (category), g (group), m (market level), k (kanwil), u (upt),
    p (price step), r (ready)."""
    return f"x{kind}x" + "".join(letter for letter in value if letter.isalnum())


def _loaded(product_id: int) -> Product:
    with transaction() as session:
        return locked(session, product_id)[0]
