"""Every page of the house's own rooms answers for its role, and the home of each role costs few statements."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from tenants.database import session, transaction
from tenants.scope import entered
from tests.support.statements import counted_statements
from webapp.fab.views import ClosureInterface
from workflows.models import Closure
from workflows.verifying import verify

HOMES = [
    "operator.lapas-iia-pontianak",
    "kepala.lapas-iia-pontianak",
    "pembina.kalbar",
    "pemantau.kalbar",
    "pengendali.kalbar",
    "kadiv.kalbar",
    "kakanwil.kalbar",
    "admin.kalbar",
    "dirjen",
    "admin.pusat",
    "auditor",
]
PAGES = {
    "admin.kalbar": [
        "/pemberitahuan",
        "/cari?q=pontianak",
        "/petugas",
        "/petugas?role=pembina&active=1&q=pem",
        "/petugas/baru",
        "/pengaturan",
        "/pengaturan/nomor?number_pattern=W.{seq}",
        "/pengaturan/upt",
        "/pengaturan/upt/baru",
        "/pengaturan/target?year=2024",
        "/audit",
        "/audit?kind=case&since=2024-01-01&until=2024-12-31&chain=kanwil&officer=1&before=2024-01-01T00:00:00%2B00:00~10",
        "/kata-sandi/",
    ],
    "kadiv.kalbar": ["/pengaturan/target", "/audit", "/cari?q=tas&jenis=recap"],
    "operator.lapas-iia-pontianak": [
        "/cari",
        "/cari?q=tas",
        "/cari?q=tas&jenis=product",
        "/pemberitahuan?unread=1",
    ],
    "admin.pusat": ["/kanwil", "/hari-libur", "/hari-libur?year=2031", "/pemberitahuan"],
    "auditor": ["/audit", "/audit?kanwil=1"],
}


@pytest.mark.parametrize("username", HOMES)
def test_a_home_costs_at_most_twelve_statements(officer, username):
    one = officer(username)
    with counted_statements() as sent:
        answer = one.get("/beranda/")
    assert answer.status_code == 200
    assert len(sent) <= 12, "\n".join(sent)


@pytest.mark.parametrize(
    ("username", "path"), [(who, path) for who, paths in PAGES.items() for path in paths]
)
def test_a_page_answers_its_role(officer, username, path):
    one = officer(username)
    with counted_statements() as sent:
        answer = one.get(path)
    assert answer.status_code == 200, answer.text
    assert len(sent) <= 12, "\n".join(sent)


def test_a_closure_is_kept_with_its_event_and_moves_the_calendar(officer, world):
    one = officer("admin.kalbar")
    page = one.get("/closureview/add")
    assert page.status_code == 200, page.text
    one.post("/closureview/add", {"day": "2024-05-17", "reason": "Banjir di kantor"})
    listed = one.get("/closureview/list/")
    assert "Banjir di kantor" in listed.text
    assert "17 Mei 2024" in listed.text
    assert "Hari tutup dicatat" in one.get("/audit?kind=closure").text
    with entered(world.scope("admin.kalbar")):
        pk = session().scalars(select(Closure.id)).one()
    one.get(f"/closureview/edit/{pk}")
    one.post(f"/closureview/edit/{pk}", {"day": "2024-05-18", "reason": "Banjir surut"})
    assert "Hari tutup diubah" in one.get("/audit?kind=closure").text
    assert "Banjir surut" in one.get("/closureview/list/").text
    one.post(f"/closureview/delete/{pk}")
    assert "Banjir surut" not in one.get("/closureview/list/").text
    with entered(world.scope("admin.kalbar")):
        assert verify() == []


def test_what_is_already_there_is_said_beside_its_field_and_never_in_sql(officer, world):
    one = officer("admin.kalbar")
    for path, values in {
        "/closureview/add": {"day": "2024-06-03", "reason": "Cuti setempat"},
        "/uptaliasview/add": {"name": "Lapas Kapuas", "upt": str(world.upt["lapas-iia-pontianak"])},
    }.items():
        one.get(path)
        assert one.post(path, values).status_code == 303
        one.get(path)
        again = one.post(path, values)
        assert again.status_code == 200
        assert re.search(r'class="field__error">.*?sudah', again.text, re.DOTALL), again.text
        assert next(iter(values.values())) in again.text, "what was typed stays"
        assert "IntegrityError" not in again.text
    one.get("/closureview/add")
    long = one.post("/closureview/add", {"day": "2024-06-04", "reason": "x" * 300})
    assert long.text.count("Paling banyak 200 huruf.") == 1
    assert "longer than" not in long.text


def test_two_closures_at_once_are_told_apart_in_words(app, world):
    """The form's own check has passed in both; the table refuses the second."""
    with entered(world.scope("admin.kalbar")), app.test_request_context():
        interface = ClosureInterface(Closure)
        with transaction() as db:
            db.add(Closure(day=date(2024, 6, 10), reason="Satu"))
        with pytest.raises(ValueError, match="baru saja dicatat"):
            interface.add(Closure(day=date(2024, 6, 10), reason="Dua"))


def test_master_data_is_for_its_role_and_its_kanwil(officer, visitor):
    assert visitor.get("/closureview/list/").headers["Location"].startswith("/login/")
    assert officer("pembina.kalbar").get("/closureview/list/").status_code == 403
    one = officer("admin.kalbar")
    one.get("/closureview/add")
    one.post("/closureview/add", {"day": "2024-05-17", "reason": "Milik Kalbar"})
    other = officer("admin.banten")
    assert "Milik Kalbar" not in other.get("/closureview/list/").text
    assert other.get("/closureview/show/1").status_code == 404
    assert other.get("/closureview/show/abc").status_code == 404


def test_another_name_of_a_upt_goes_through_its_use_case(officer, world):
    one = officer("kadiv.kalbar")
    page = one.get("/uptaliasview/add")
    assert "Rutan IIA Pontianak" in page.text
    one.post("/uptaliasview/add", {"name": "RUTAN PTK", "upt": str(world.upt["rutan-iia-pontianak"])})
    assert "RUTAN PTK" in one.get("/uptaliasview/list/").text
    assert "Nama lain UPT dicatat" in one.get("/audit?kind=alias").text
