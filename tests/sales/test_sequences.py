"""Imports, undoings, corrections, entries and settlements in any order: every package says what the last of them left,
and the rollups are the sums of the purchases.

A few sequences in every run; `KARYA_SEQUENCES=500` plays more.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sales import buyers, entering, figures, imports, reading, undoing
from sales.columns import KEYS
from sales.models import Purchase
from tenants import database
from tenants.database import session
from tests.sales.conftest import NOW, Sales, opened
from tests.sales.test_layouts import written
from tests.support.databases import Template

EXAMPLES = int(os.environ.get("KARYA_SEQUENCES", "6"))
BUYERS = (
    ("Pengadilan Negeri Serang", "Mahkamah Agung"),
    ("Toko di Pasar", ""),
    ("Pak Badu", ""),
    ("Lapas Bangkau", "KemenHAM"),
)
GUESS = ("government", "other", "other", "government")
UPTS = ("Lembaga Pemasyarakatan Kelas IIA Serang", "Rumah Tahanan Negara Kelas IIB Pandeglang")
STATES = ("Selesai", "Proses", "Batal")
PRICE = 10_000

content = st.fixed_dictionaries(
    {
        "quantity": st.integers(1, 3),
        "status": st.sampled_from(STATES),
        "month": st.integers(1, 3),
        "buyer": st.integers(0, len(BUYERS) - 1),
        "upt": st.integers(0, len(UPTS) - 1),
    }
)
package = st.integers(0, 4)
step = st.one_of(
    st.tuples(st.just("import"), st.dictionaries(package, content, min_size=1, max_size=4)),
    st.tuples(st.just("import"), st.dictionaries(package, content, min_size=1, max_size=4)),
    st.tuples(st.just("undo"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("correct"), package, content),
    st.tuples(st.just("enter"), package, content),
    st.tuples(
        st.just("settle"), st.integers(1, len(BUYERS) - 1), st.sampled_from(("upt", "government", "other"))
    ),
)


@dataclass
class Model:
    """What should be there: package -> (content, whose it is), what each import found, and what was said of buyers."""

    there: dict[int, tuple[dict[str, Any], int | None]] = field(default_factory=dict)
    found: list[tuple[int, dict[int, tuple[dict[str, Any], int | None] | None]]] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=lambda: dict(enumerate(GUESS)))
    undone: set[int] = field(default_factory=set)

    def bring_in(self, import_id: int, rows: dict[int, dict[str, Any]]) -> None:
        before = {}
        for number, said in rows.items():
            if number not in self.there or self.there[number][0] != said:
                before[number] = self.there.get(number)
                self.there[number] = (said, import_id)
        self.found.append((import_id, before))

    def take_back(self, import_id: int, before: dict[int, Any]) -> None:
        for number, old in before.items():
            if number in self.there and self.there[number][1] == import_id:
                if old is None:
                    del self.there[number]
                else:
                    self.there[number] = old
        self.undone.add(import_id)

    def changed(self, import_id: int, before: dict[int, Any]) -> bool:
        return any(n not in self.there or self.there[n][1] != import_id for n in before)

    def expected(self) -> list[tuple[Any, ...]]:
        return sorted(
            (
                f"EP-{n}",
                c["quantity"],
                c["status"],
                f"2024-{c['month']:02}",
                BUYERS[c["buyer"]][0],
                UPTS[c["upt"]],
                self.kinds[c["buyer"]],
            )
            for n, (c, _) in self.there.items()
        )


def as_row(number: int, said: dict[str, Any]) -> dict[str, str]:
    unit, institution = BUYERS[said["buyer"]]
    return {
        "id_paket": f"EP-{number}",
        "penyedia": UPTS[said["upt"]],
        "satker_pembeli": unit,
        "instansi_pembeli": institution,
        "tanggal": f"2024-{said['month']:02}-05",
        "kuantitas": str(said["quantity"]),
        "harga_satuan": str(PRICE),
        "ongkir": "0",
        "total": str(PRICE * said["quantity"]),
        "status": said["status"],
    }


def as_form(house: Sales, number: int, said: dict[str, Any]) -> dict[str, Any]:
    named = {column: name for name, column in entering.FIELDS.items()}
    row = {named[key]: value for key, value in as_row(number, said).items() if key in named}
    return {
        **row,
        "commodity": "Batik",
        "product_name": "Batik ecoprint 2 m",
        "upt_id": house.upt(UPTS[said["upt"]]),
    }


def play(house: Sales, model: Model, what: str, *told: Any) -> None:
    by = house.by()
    if what == "import":
        file = written({key: key for key in KEYS}, *(as_row(n, said) for n, said in told[0].items()))
        begun = imports.begin(file, "a.csv", by=by, now=NOW, accept=True)
        assert reading.read(begun.id, now=NOW).state == "done"
        model.bring_in(begun.id, told[0])
    elif what == "undo" and model.found:
        import_id, before = model.found[told[0] % len(model.found)]
        if import_id in model.undone or not before:
            return
        try:
            undoing.undo(import_id, by=by, now=NOW, keep_changed=told[1])
        except undoing.ChangedSince:
            assert not told[1]
            assert model.changed(import_id, before)
            return
        model.take_back(import_id, before)
    elif what == "enter" and told[0] not in model.there:
        entering.enter(as_form(house, *told), by=by, now=NOW)
        model.there[told[0]] = (told[1], None)
    elif what == "correct" and told[0] in model.there and model.there[told[0]][0] != told[1]:
        asked = select(Purchase).where(Purchase.package_id == f"EP-{told[0]}")
        row = session().scalars(asked.execution_options(populate_existing=True)).one()
        entering.correct(
            row.id, as_form(house, *told), version=row.version, reason="Salah ketik", by=by, now=NOW
        )
        model.there[told[0]] = (told[1], None)
    elif what == "settle":
        upt = house.upt(UPTS[0]) if told[1] == "upt" else None
        buyers.settle(*BUYERS[told[0]], told[1], upt, by=by, now=NOW)
        model.kinds[told[0]] = told[1]


def state(house: Sales) -> list[tuple[Any, ...]]:
    upts = {house.upt(name): name for name in UPTS}
    rows = session().scalars(select(Purchase).execution_options(populate_existing=True))
    return sorted(
        (r.package_id, r.quantity, r.status, r.month, r.buyer_unit, upts[r.upt_id], r.buyer_kind)
        for r in rows
    )


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(step, min_size=4, max_size=12))
def test_whatever_happens_every_package_says_the_last_word_and_the_sums_are_right(
    sales_template: Template, tmp_path_factory: Any, steps: list[tuple[Any, ...]]
) -> None:
    with sales_template.copied(tmp_path_factory.mktemp("urutan") / "data") as copy:
        house, model = opened(copy), Model()
        try:
            with house.inside():
                for told in steps:
                    play(house, model, *told)
                    assert state(house) == model.expected()
                    assert figures.recount() == []
        finally:
            database.db.dispose()
