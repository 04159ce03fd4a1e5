"""A product's way: drafted, submitted, returned, mended, published, taken off the shelf."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from catalogue import drafts, publication, queries, renewing, shop
from catalogue.errors import (
    ContentInvalid,
    NotYourProduct,
    PhotoNotAnImage,
    PhotoNotFound,
    ProductMoved,
    ProductNotFound,
    ReasonRequired,
    TooManyPhotos,
)
from catalogue.models import Product, PublishedProduct, PublishedTally, Revision
from tenants import database
from tenants.database import public, session, transaction
from tests.catalogue.conftest import CONTENT, NOW, House, statements
from tests.catalogue.pictures import SVG, picture
from workflows import audit
from workflows.models import AuditEvent, Case, Notice
from workflows.submission import withdraw as take_back

ASK = [{"field": "price_rupiah", "text": "Di atas harga pasar. Sesuaikan atau tambahkan bukti."}]


def test_a_draft_keeps_what_was_typed_and_repeats_it_for_lists(house: House) -> None:
    with house.as_(house.operator) as by:
        product = drafts.create({"name": "Tas", "price_rupiah": "mahal"}, by=by, now=NOW)
        assert (product.state, product.revision_no, product.name, product.price_rupiah) == (
            "draft",
            1,
            "Tas",
            None,
        )
        drafts.save(product.id, {"name": "Tas purun", "price_rupiah": "Rp95.000"}, by=by, now=NOW)
        view = queries.product_view(product.id, now=NOW)
        assert view.content["price_rupiah"] == 95_000
        assert view.row.name == "Tas purun"
        assert view.product.slug.startswith("tas-purun-")
        assert view.problems()["photos"]
        assert 0 < view.completeness() < 1


def test_the_api_refuses_what_it_cannot_read_and_changes_nothing(house: House) -> None:
    with house.as_(house.operator) as by:
        with pytest.raises(ContentInvalid) as refused:
            drafts.create(
                {"name": "Tas", "price_rupiah": "mahal", "category": "x"}, by=by, now=NOW, strict=True
            )
        assert set(refused.value.fields) == {"price_rupiah", "category"}
        product = drafts.create({"name": "Tas"}, by=by, now=NOW)
        with pytest.raises(ContentInvalid):
            drafts.save(product.id, {"stock": -1}, by=by, now=NOW, strict=True)
        assert queries.product_view(product.id, now=NOW).content == {"name": "Tas"}


def test_the_same_key_makes_one_product(house: House) -> None:
    with house.as_(house.operator) as by:
        first = drafts.create({"name": "Tas"}, by=by, now=NOW, key="abc")
        again = drafts.create({"name": "Tas"}, by=by, now=NOW, key="abc")
        assert first.id == again.id


def test_two_windows_do_not_overwrite_each_other(house: House) -> None:
    with house.as_(house.operator) as by:
        product = drafts.create({"name": "Tas"}, by=by, now=NOW)
        seen = product.version
        drafts.save(product.id, {"name": "Tas purun"}, by=by, now=NOW, version=seen)
        with pytest.raises(ProductMoved):
            drafts.save(product.id, {"name": "Tas rotan"}, by=by, now=NOW, version=seen)


def test_a_neighbour_and_another_kanwil_find_nothing(house: House) -> None:
    product = house.draft()
    with house.as_(house.other_operator) as by:
        with pytest.raises(ProductNotFound):
            drafts.save(product.id, {"name": "Rebut"}, by=by, now=NOW)
        with pytest.raises(ProductNotFound):
            queries.product_view(product.id, now=NOW)
    with house.as_(house.pengendali, house.other_kanwil), pytest.raises(ProductNotFound):
        queries.one(product.id)
    with house.as_(house.pengendali) as by, pytest.raises(NotYourProduct):
        drafts.save(product.id, {"name": "Rebut"}, by=by, now=NOW)


def test_photos_come_go_and_are_at_most_eight(house: House) -> None:
    with house.as_(house.operator) as by:
        product = drafts.create(CONTENT, by=by, now=NOW)
        with pytest.raises(PhotoNotAnImage):
            drafts.add_photo(product.id, SVG, "foto.jpg", by=by, now=NOW)
        made = [drafts.add_photo(product.id, picture(), f"{n}.jpg", by=by, now=NOW) for n in range(8)]
        with pytest.raises(TooManyPhotos):
            drafts.add_photo(product.id, picture(), "9.jpg", by=by, now=NOW)
        drafts.remove_photo(product.id, made[0].id, by=by, now=NOW)
        with pytest.raises(PhotoNotFound):
            drafts.remove_photo(product.id, made[0].id, by=by, now=NOW)
        view = queries.product_view(product.id, now=NOW)
        assert [photo["photo_id"] for photo in view.content["photos"]] == [one.id for one in made[1:]]
        data, sha = queries.photo_file(made[1].id, "320")
        assert data[8:12] == b"WEBP"
        assert sha == made[1].thumbs["320"]


def test_an_incomplete_draft_is_not_submitted_and_stays(house: House) -> None:
    with house.as_(house.operator) as by:
        product = drafts.create({"name": "Tas"}, by=by, now=NOW)
    with pytest.raises(ContentInvalid) as refused:
        house.submit(product.id)
    assert {"photos", "price_rupiah", "price_evidence", "description"} <= set(refused.value.fields)
    with house.as_(house.operator):
        assert queries.one(product.id).state == "draft"


def test_the_whole_way_with_a_return(house: House) -> None:
    product = house.draft(price_rupiah=130_000)
    first = house.submit(product.id)
    assert first.fields["price_within"] is False
    with house.as_(house.operator) as by:
        with pytest.raises(ProductMoved):
            drafts.save(product.id, {"name": "Lain"}, by=by, now=NOW)
        with pytest.raises(ProductMoved):
            house.submit(product.id)
    house.decide(first.id, "pembina", "return", requests=ASK)
    with house.as_(house.operator) as by:
        view = queries.product_view(product.id, now=NOW)
        assert (view.row.state, view.next_no) == ("returned", 2)
        assert [request["field"] for request in view.requests] == ["price_rupiah"]
        assert len(view.unanswered({})) == 1
        drafts.save(product.id, {"description": CONTENT["description"] + " Dipernis."}, by=by, now=NOW)
        with pytest.raises(ContentInvalid) as refused:
            house.submit(product.id)
        assert list(refused.value.fields) == [f"answers.{view.requests[0]['id']}"]
        drafts.save(product.id, {"price_rupiah": "95.000"}, by=by, now=NOW)
        assert [change.key for change in queries.product_view(product.id, now=NOW).changes()] == [
            "price_rupiah",
            "description",
        ]
    second = house.submit(product.id)
    assert (second.revision_no, second.previous_case_id) == (2, first.id)
    house.decide(second.id, "pembina", settled=[f"{first.id}-1-1"])
    for role in ("pemantau", "pengendali"):
        house.decide(second.id, role)
    with house.as_(house.operator):
        row = queries.one(product.id)
        assert (row.state, row.published_revision) == ("published", 2)
    with public() as reader:
        found = shop.by_slug(reader, row.slug)
        assert found is not None
        assert (found.state, found.price_rupiah, found.kanwil_code) == ("published", 95_000, house.code)
        photo = found.photos[0]
        assert shop.is_published_photo(reader, photo["sha256"])
        assert shop.is_published_photo(reader, photo["thumbs"]["320"])
    with house.as_(house.pengendali):
        assert audit.verify(None) == []


def test_the_last_approval_publishes_within_eight_statements(house: House) -> None:
    product = house.draft()
    case = house.submit(product.id)
    house.decide(case.id, "pembina")
    house.decide(case.id, "pemantau")
    with statements() as seen:
        house.decide(case.id, "pengendali")
    assert len(seen) <= 8, "\n".join(one[:90] for one in seen)


def test_the_published_revision_stays_public_while_the_next_is_reviewed(house: House) -> None:
    product = house.published()
    with house.as_(house.operator) as by:
        drafts.save(product.id, {"price_rupiah": 99_000}, by=by, now=NOW)
        assert queries.one(product.id).state == "published"
    case = house.submit(product.id)
    with public() as reader:
        assert shop.by_slug(reader, product.slug).price_rupiah == 95_000  # type: ignore[union-attr]
    house.decide(case.id, "pembina", "reject")
    with house.as_(house.operator):
        row = queries.one(product.id)
        assert (row.state, row.public_state) == ("rejected", "published")
    with public() as reader:
        assert shop.by_slug(reader, product.slug).state == "published"  # type: ignore[union-attr]


def test_an_operator_takes_a_submission_back(house: House) -> None:
    product = house.draft()
    case = house.submit(product.id)
    with house.as_(house.operator) as by:
        take_back(case.id, reason="Salah harga", by=by, now=NOW)
        assert queries.one(product.id).state == "draft"
        drafts.save(product.id, {"price_rupiah": 90_000}, by=by, now=NOW)
        assert queries.one(product.id).revision == 2


def test_pengendali_suspends_restores_and_withdraws_with_a_reason(house: House) -> None:
    product = house.published()
    sha = _photo(product)
    with house.as_(house.operator) as by, pytest.raises(NotYourProduct):
        publication.suspend(product.id, reason="coba", by=by, now=NOW)
    with house.as_(house.pengendali) as by:
        with pytest.raises(ReasonRequired):
            publication.suspend(product.id, reason="  ", by=by, now=NOW)
        publication.suspend(product.id, reason="Keluhan jahitan", by=by, now=NOW, key="s1")
        publication.suspend(product.id, reason="Keluhan jahitan", by=by, now=NOW, key="s1")
        assert queries.one(product.id).state == "suspended"
        with pytest.raises(ProductMoved):
            publication.suspend(product.id, reason="lagi", by=by, now=NOW)
    with public() as reader:
        page = shop.by_slug(reader, product.slug)
        assert (page.state, page.reason) == ("suspended", None)  # type: ignore[union-attr] # the offices' own
        assert not shop.is_published_photo(reader, sha)
        assert shop.search(reader, "purun", shop.Filters(kanwil=house.code)).items == []
        assert house.upt_slug not in shop.products_by_upt(reader)
    with house.as_(house.pengendali) as by:
        publication.restore(product.id, reason="Sudah diperbaiki", by=by, now=NOW)
        publication.withdraw(product.id, reason="Tidak dibuat lagi", by=by, now=NOW)
        assert queries.one(product.id).state == "withdrawn"
        actions = session().scalars(
            select(AuditEvent.action)
            .where(AuditEvent.chain == f"case:{_case(product.id)}")
            .order_by(AuditEvent.seq)
        )
        assert list(actions)[-3:] == ["product.suspended", "product.restored", "product.withdrawn"]
        assert audit.verify(None) == []


def approved_again(house: House, product: Product, price: int = 105_000) -> Case:
    """A later revision of the product, approved."""
    with house.as_(house.operator) as by:
        drafts.save(product.id, {"price_rupiah": price}, by=by, now=NOW)
    case = house.submit(product.id)
    for role in ("pembina", "pemantau", "pengendali"):
        house.decide(case.id, role)
    return case


def test_an_approved_revision_of_a_suspended_product_replaces_it_and_stays_suspended(house: House) -> None:
    product = house.published()
    with house.as_(house.pengendali) as by:
        publication.suspend(product.id, reason="Keluhan jahitan", by=by, now=NOW)
    case = approved_again(house, product)
    shop.forget()
    with public() as reader:
        page = shop.by_slug(reader, product.slug)
        assert page is not None
        assert (page.state, page.reason, page.price_rupiah) == ("suspended", None, 105_000)
        assert shop.search(reader, "purun", shop.Filters(kanwil=house.code)).items == []
    with house.as_(house.pengendali) as by:
        row = queries.one(product.id)
        assert (row.state, row.public_state, row.reason) == ("suspended", "suspended", "Keluhan jahitan")
        assert row.published_revision == 2
        told = session().scalars(select(Notice).where(Notice.kind == "product.replaced")).all()
        assert {one.to_role for one in told} == {"pengendali", "operator_upt"}
        assert [one.link for one in told if one.to_role == "pengendali"] == [f"/produk/kelola/{product.id}"]
        ended = session().scalars(select(Notice).where(Notice.kind == "case.approved").order_by(Notice.id))
        assert ["kini ditangguhkan" in one.title for one in ended] == [False, True]
        said = renewing.aftermath(_loaded(case.id))
        assert said is not None
        assert said[1] == f"/produk/kelola/{product.id}"
        assert renewing.awaits_restoring(queries.product_view(product.id, now=NOW).product)
        assert audit.verify(None) == []
        publication.restore(product.id, reason="Sudah diperbaiki", by=by, now=NOW)
        assert queries.one(product.id).state == "published"
        assert renewing.aftermath(_loaded(case.id)) is None
        assert audit.verify(None) == []
    shop.forget()
    with public() as reader:
        page = shop.by_slug(reader, product.slug)
        assert (page.state, page.reason, page.price_rupiah) == ("published", None, 105_000)  # type: ignore[union-attr]


def test_a_revision_sent_in_before_the_suspension_does_not_end_it_either(house: House) -> None:
    product = house.published()
    with house.as_(house.operator) as by:
        drafts.save(product.id, {"price_rupiah": 105_000}, by=by, now=NOW)
    case = house.submit(product.id)
    house.decide(case.id, "pembina")
    with house.as_(house.pengendali) as by:
        publication.suspend(product.id, reason="Keluhan jahitan", by=by, now=NOW)
    house.decide(case.id, "pemantau")
    house.decide(case.id, "pengendali")
    with house.as_(house.pengendali) as by:
        row = queries.one(product.id)
        assert (row.public_state, row.reason) == ("suspended", "Keluhan jahitan")
        assert audit.verify(None) == []
        publication.restore(product.id, reason="Sudah diperbaiki", by=by, now=NOW)
    approved_again(house, product, 99_000)
    with house.as_(house.pengendali):
        assert queries.one(product.id).public_state == "published"
        assert audit.verify(None) == []


def test_the_ekatalog_listing_shows_on_the_public_page(house: House) -> None:
    product = house.published()
    with house.as_(house.pengendali) as by:
        with pytest.raises(ContentInvalid):
            publication.list_on_ekatalog(
                product.id, ekatalog_id="", url="javascript:1", registered_on=NOW.date(), by=by, now=NOW
            )
        publication.list_on_ekatalog(
            product.id,
            ekatalog_id="EK-1",
            url="https://e-katalog.contoh.id/1",
            registered_on=NOW.date(),
            by=by,
            now=NOW,
        )
    with public() as reader:
        assert shop.by_slug(reader, product.slug).ekatalog_url == "https://e-katalog.contoh.id/1"  # type: ignore[union-attr]


def test_a_submitted_revision_cannot_be_changed_even_by_sql(house: House) -> None:
    product = house.published()
    with house.as_(house.operator):
        for change in ({"content": {}}, {"submitted_at": None}):
            with pytest.raises(DBAPIError, match="immutable"), transaction() as open_:
                open_.execute(update(Revision).where(Revision.product_id == product.id).values(**change))
        with pytest.raises(DBAPIError, match="immutable"), transaction() as open_:
            open_.execute(delete(Revision).where(Revision.product_id == product.id))


def test_the_shop_finds_words_in_their_forms_and_pages_by_key(house: House) -> None:
    made = [house.published(name=f"Tas anyaman purun {n}") for n in range(3)]
    house.published(
        name="Sepatu kulit", category="fashion", materials="Kulit sapi", description="Sepatu " * 10
    )
    mine = shop.Filters(kanwil=house.code)
    with public() as reader:
        for q in ("menganyam", "anya", "PURUN tas", "kriya tas"):
            assert len(shop.search(reader, q, mine).items) == 3, q
        assert [one.name for one in shop.search(reader, "", shop.Filters("fashion", house.code)).items] == [
            "Sepatu kulit"
        ]
        assert shop.search(reader, "xyzzy", mine).items == []
        near = shop.search(reader, "sepattu", mine)
        assert (near.meant, len(near.items)) == ("sepatu", 1)
        first = shop.search(reader, "tas", mine, limit=2)
        second = shop.search(reader, "tas", mine, limit=2, cursor=first.next_cursor)
        assert [one.product_id for one in [*first.items, *second.items]] == [one.id for one in reversed(made)]
        assert second.next_cursor is None
        cheap = shop.Filters(kanwil=house.code, price_from=95_000, price_to=95_000)
        assert len(shop.search(reader, "", cheap).items) == 4
        for odd in ("'\" OR 1=1 --", "NEAR(", "*", "a:b", "-tas", "x" * 5000, "\x00"):
            shop.search(reader, odd, mine)
        facts = {entry[0]: entry for entry in shop.facts(reader).kanwil}
        assert facts[house.code][2:] == (4, 1)
        assert shop.products_by_upt(reader)[house.upt_slug] == 4


def test_a_renamed_product_is_found_by_its_new_name_only(house: House) -> None:
    product = house.published()
    with house.as_(house.operator) as by:
        changes = {
            "name": "Keranjang rotan",
            "materials": "Rotan",
            "category": "fashion",
            "description": "Keranjang rotan yang kuat untuk di rumah.",
        }
        drafts.save(product.id, changes, by=by, now=NOW)
    case = house.submit(product.id)
    for role in ("pembina", "pemantau", "pengendali"):
        house.decide(case.id, role)
    mine = shop.Filters(kanwil=house.code)
    with public() as reader:
        assert shop.search(reader, "purun", mine).items == []
        assert [one.slug for one in shop.search(reader, "keranjang", mine).items] == [product.slug]
        counted = reader.execute(
            select(PublishedTally.category, PublishedTally.products).where(
                PublishedTally.kanwil_code == house.code
            )
        )
        assert {row.category: row.products for row in counted} == {"craft": 0, "fashion": 1}


def test_the_public_connection_reads_no_tenant_table(house: House) -> None:
    house.published()
    with public() as reader:
        for table in ("product", "product_revision", "product_photo", "case_file", "ab_user"):
            with pytest.raises(DBAPIError):
                reader.execute(text(f"SELECT * FROM {table}"))
            reader.rollback()


def test_lists_are_one_statement_a_page(house: House) -> None:
    made = [house.draft(name=f"Tas {n}") for n in range(3)]
    with house.as_(house.operator) as by:
        with statements() as seen:
            first = queries.products(by, state="draft", limit=2)
        assert len([one for one in seen if "set_config" not in one]) == 1
        second = queries.products(by, state="draft", limit=2, cursor=first.next_cursor)
        assert [row.id for row in [*first.items, *second.items]] == [one.id for one in reversed(made)]
        with statements() as seen:
            assert queries.counts()["draft"] == 3
        assert len([one for one in seen if "set_config" not in one]) <= 1
    with house.as_(house.other_operator):
        assert queries.counts()["draft"] == 0


def _photo(product: Product) -> str:
    with public() as reader:
        row: Any = reader.scalars(
            select(PublishedProduct).where(PublishedProduct.product_id == product.id)
        ).one()
        return str(row.photos[0]["sha256"])


def _case(product_id: int) -> int:
    return database.session().scalars(select(Case.id).where(Case.subject_id == product_id)).one()


def _loaded(case_id: int) -> Case:
    return database.session().scalars(select(Case).where(Case.id == case_id)).one()
