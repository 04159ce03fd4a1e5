"""The pages of the admin and of the centre: officers, settings, UPT, targets, tenants, holidays, journal."""

from __future__ import annotations

import io
import re

from sqlalchemy import select

from tenants.database import session, transaction
from tenants.models import KanwilSettings, Officer, Upt
from tenants.scope import entered
from tests.catalogue.pictures import picture
from tests.support.worlds import NOW
from workflows.models import AuditEvent, Notice
from workflows.verifying import verify


def actions(world, username="admin.kalbar"):
    with entered(world.scope(username)):
        return list(session().scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_an_account_is_opened_and_its_password_shown_once(officer, world, sign_in):
    one = officer("admin.kalbar")
    one.get("/petugas/baru")
    refused = one.post("/petugas/baru", {"first_name": "Budi", "username": "B U D I", "role": "pembina"})
    assert refused.status_code == 422
    assert 'value="Budi"' in refused.text
    made = one.post("/petugas/baru", {"first_name": "Budi", "username": "budi.kalbar", "role": "pembina"})
    assert made.status_code == 201
    password = re.search(r"<code class=\"strong\">([^<]+)</code>", made.text).group(1)
    assert sign_in("budi.kalbar", password).get("/kotak-masuk").status_code == 200
    assert "officer.opened" in actions(world)


def test_a_closed_account_is_out_at_once(officer, world):
    inside, admin = officer("pemantau.kalbar"), officer("admin.kalbar")
    pk = world.officer["pemantau.kalbar"]
    admin.get(f"/petugas/{pk}")
    assert admin.post(f"/petugas/{pk}/tutup").status_code == 303
    assert inside.get("/beranda/").status_code == 302
    admin.get(f"/petugas/{pk}")
    assert admin.post(f"/petugas/{pk}/buka").status_code == 303
    assert actions(world)[-2:] == ["officer.closed", "officer.reopened"]


def test_roles_change_within_the_place_of_work(officer, world):
    admin = officer("admin.kalbar")
    pk = world.officer["pemantau.kalbar"]
    form = {"first_name": "Dedi", "last_name": "K", "office": "Kabid", "email": "dedi@karya.contoh.id"}
    admin.get(f"/petugas/{pk}")
    assert admin.post(f"/petugas/{pk}", {**form, "roles": ["operator_upt"]}).status_code == 422
    assert admin.post(f"/petugas/{pk}", {**form, "roles": ["pemantau", "pengendali"]}).status_code == 303
    assert {"pemantau", "pengendali"} == world.actor("pemantau.kalbar").roles
    own = world.officer["admin.kalbar"]
    form["email"] = "admin@karya.contoh.id"
    assert admin.post(f"/petugas/{own}", {**form, "roles": ["kadiv"]}).status_code == 403


def test_officers_of_another_kanwil_do_not_exist(officer, world):
    admin = officer("admin.kalbar")
    pk = world.officer["pembina.banten"]
    assert admin.get(f"/petugas/{pk}").status_code == 404
    admin.get("/petugas")
    assert admin.post(f"/petugas/{pk}/kata-sandi").status_code == 404
    assert admin.post(f"/petugas/{pk}/tutup").status_code == 404
    assert "banten" not in admin.get("/petugas?q=pembina").text.lower()


def test_the_letterhead_is_checked_kept_and_noted(officer, world):
    admin = officer("admin.kalbar")
    admin.get("/pengaturan")
    form = {
        "address": "Jalan KS Tubun 26, Pontianak",
        "phone": "0561-123",
        "email": "kanwil@kalbar.contoh.id",
        "number_pattern": "W16.PAS-{seq}/{kanwil}/{year}",
        "price_band": "30",
        "copies": "Sekretaris Ditjen\nArsip",
    }
    refused = admin.post(
        "/pengaturan", {**form, "number_pattern": "tanpa urut {lain}", "price_band": "banyak"}
    )
    assert refused.status_code == 422
    assert "tanpa urut {lain}" in refused.text
    assert admin.post("/pengaturan", form).status_code == 303
    with entered(world.scope("admin.kalbar")):
        kept = session().scalars(select(KanwilSettings)).one()
        assert (kept.price_band, kept.copies) == (30, ["Sekretaris Ditjen", "Arsip"])
    assert "/KALBAR/" in admin.get("/pengaturan").text
    assert actions(world)[-1] == "settings.changed"


def test_an_emblem_is_redrawn_and_a_program_refused(officer, world):
    admin = officer("admin.kalbar")
    admin.get("/pengaturan")
    svg = (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), "lambang.png")
    assert admin.post("/pengaturan/lambang", {"emblem": svg}).status_code == 422
    png = (io.BytesIO(picture("PNG", (800, 800))), "lambang.png")
    assert admin.post("/pengaturan/lambang", {"emblem": png}).status_code == 303
    shown = admin.get("/pengaturan/lambang.png")
    assert shown.data.startswith(b"\x89PNG")
    assert actions(world)[-1] == "settings.emblem"
    assert officer("admin.banten").get("/pengaturan/lambang.png").status_code == 404


def test_a_upt_is_added_and_listed(officer, world):
    admin = officer("admin.kalbar")
    admin.get("/pengaturan/upt/baru")
    form = {
        "name": "Lembaga Pemasyarakatan Kelas IIB Sintang",
        "type": "Lapas",
        "unit_class": "IIB",
        "city": "Sintang",
    }
    assert admin.post("/pengaturan/upt/baru", {**form, "type": "Hotel"}).status_code == 422
    assert admin.post("/pengaturan/upt/baru", form).status_code == 303
    assert "Lapas IIB Sintang" in admin.get("/pengaturan/upt").text
    with entered(world.scope("admin.kalbar")):
        pk = session().scalars(select(Upt.id).where(Upt.city == "Sintang")).one()
    assert officer("admin.banten").get(f"/pengaturan/upt/{pk}").status_code == 404
    assert actions(world)[-1] == "upt.added"


def test_targets_of_a_year_are_set_together(officer, world):
    kadiv = officer("kadiv.kalbar")
    kadiv.get("/pengaturan/target?year=2024")
    upt = world.upt["lapas-iia-pontianak"]
    form = {
        "year": "2024",
        "share": "12,5",
        "basis": "PP 28/2019",
        f"omzet_{upt}": "250.000.000",
        f"pnbp_{upt}": "31.250.000",
    }
    assert kadiv.post("/pengaturan/target", {**form, f"omzet_{upt}": "banyak"}).status_code == 422
    assert kadiv.post("/pengaturan/target", form).status_code == 303
    page = kadiv.get("/pengaturan/target?year=2024").text
    assert "250.000.000" in page
    assert 'value="12,5"' in page


def test_the_centre_suspends_and_resumes_with_a_reason(officer, world):
    centre, inside = officer("admin.pusat"), officer("pembina.sumbar")
    pk = world.kanwil["sumbar"]
    centre.get("/kanwil")
    assert centre.post(f"/kanwil/{pk}/tangguhkan", {"reason": " "}).status_code == 422
    assert centre.post(f"/kanwil/{pk}/tangguhkan", {"reason": "Pemeriksaan"}).status_code == 303
    assert inside.get("/beranda/").status_code == 302
    centre.get("/kanwil")
    assert centre.post(f"/kanwil/{pk}/pulihkan").status_code == 303
    assert "kanwil.suspended" in actions(world, "admin.sumbar")
    assert "admin.pusat" not in officer("auditor").get("/beranda/").text
    assert "kanwil.suspended" in officer("auditor").get("/beranda/").text


def test_a_holiday_reaches_every_journal(officer, world):
    centre = officer("admin.pusat")
    centre.get("/hari-libur?year=2031")
    assert (
        centre.post("/hari-libur", {"day": "2031-02-30", "name": "X", "kind": "national"}).status_code == 422
    )
    assert (
        centre.post("/hari-libur", {"day": "2031-03-03", "name": "Nyepi", "kind": "national"}).status_code
        == 303
    )
    assert "Nyepi" in centre.get("/hari-libur?year=2031").text
    for admin in ("admin.kalbar", "admin.banten", "admin.sumbar"):
        assert "holiday.added" in actions(world, admin)
    assert centre.post("/hari-libur/hapus", {"day": "2031-03-03"}).status_code == 303


def test_the_journal_verifies_itself_and_the_auditor_reads_any(officer, world):
    admin = officer("kadiv.kalbar")
    admin.get("/audit")
    assert "Semuanya cocok" in admin.post("/audit/verifikasi").text
    auditor = officer("auditor")
    pk = world.kanwil["banten"]
    page = auditor.get(f"/audit?kanwil={pk}")
    assert "Alur kerja diterbitkan" in page.text
    assert "Semuanya cocok" in auditor.post("/audit/verifikasi", {"kanwil": str(pk)}).text
    assert auditor.get("/audit?kanwil=99999").status_code == 404
    with entered(world.scope("admin.kalbar")):
        assert verify() == []


def test_notices_are_ones_own_and_lead_within_the_site(officer, world):
    with entered(world.scope("admin.kalbar")), transaction() as db:
        common = {"kind": "x", "body": "", "created_at": NOW}
        db.add(Notice(to_role="pembina", title="Untuk pembina", link="/kotak-masuk", **common))
        db.add(Notice(to_role="kadiv", title="Untuk kadiv", link="//lain.example/x", **common))
        db.flush()
        ids = list(db.scalars(select(Notice.id).order_by(Notice.id)))
    one = officer("pembina.kalbar")
    page = one.get("/pemberitahuan").text
    assert "Untuk pembina" in page
    assert "Untuk kadiv" not in page
    assert one.get(f"/pemberitahuan/{ids[0]}").headers["Location"] == "/kotak-masuk"
    assert one.get(f"/pemberitahuan/{ids[1]}").status_code == 404
    assert "Semua sudah dibaca" in one.get("/pemberitahuan?unread=1").text
    kadiv = officer("kadiv.kalbar")
    assert kadiv.get(f"/pemberitahuan/{ids[1]}").headers["Location"] == "/pemberitahuan"
    kadiv.get("/pemberitahuan")
    assert kadiv.post("/pemberitahuan/semua-dibaca").status_code == 303
    assert officer("pembina.banten").get(f"/pemberitahuan/{ids[0]}").status_code == 404


def test_a_search_stays_within_the_scope(officer):
    kalbar = officer("kadiv.kalbar")
    assert "Lapas IIA Pontianak" in kalbar.get("/cari?q=pontianak").text
    assert "Lapas I Tangerang" not in kalbar.get("/cari?q=tangerang").text
    assert "Tidak ada yang cocok" in kalbar.get("/cari?q=100%25_nothing").text
    assert officer("dirjen").get("/cari?q=x").status_code == 403


def test_an_officer_is_a_row_of_his_kanwil(world):
    with entered(world.scope("admin.banten")):
        assert all(o.tenant_id == world.kanwil["banten"] for o in session().scalars(select(Officer)))
