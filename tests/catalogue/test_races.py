"""Several windows at once on one draft: photos and fields that arrive together are all kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from catalogue import drafts, photos, queries
from tests.catalogue.conftest import CONTENT, NOW, House
from tests.catalogue.pictures import picture


def test_photos_and_a_field_that_arrive_together_are_all_kept(house: House) -> None:
    with house.as_(house.operator) as by:
        product = drafts.create(CONTENT, by=by, now=NOW)
    made = [photos.process(picture(colour=f"#{n:02x}4a1f"), f"{n}.jpg") for n in range(6)]

    def photo(one: photos.Processed) -> Callable[[], object]:
        return lambda: drafts.keep_photo(product.id, one, "foto.jpg", by=by, now=NOW)

    calls = [photo(one) for one in made]
    calls.append(lambda: drafts.save(product.id, {"materials": "Purun dari Sambas"}, by=by, now=NOW))
    gate = Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        gate.wait()
        with house.as_(by):
            call()

    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(run, calls))
    with house.as_(by):
        view = queries.product_view(product.id, now=NOW)
    assert len(view.content["photos"]) == len(made)
    assert view.content["materials"] == "Purun dari Sambas"
