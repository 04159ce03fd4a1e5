"""A Kanwil suspended and resumed; taken out whole and brought back with a history that still verifies."""

from __future__ import annotations

import dataclasses
import json
import zipfile

import pytest
from sqlalchemy import NullPool, create_engine, make_url, select, text

import rooms
from catalogue.models import PublishedProduct
from tenants import database, files, lifecycle, register, schema
from tenants.database import session
from tenants.errors import Conflict, Invalid
from tenants.models import Kanwil, KanwilSettings, Officer, Upt
from tenants.scope import Scope, entered
from tenants.settings import read_emblem
from tests.support.worlds import NOW
from webapp.security.sync import sync_permissions
from workflows import audit
from workflows.models import AuditEvent
from workflows.verifying import verify


@pytest.fixture
def elsewhere(settings, tmp_path):
    """Settings of an empty database of the same kind; this test's own one is open again afterwards."""
    folder = tmp_path / "elsewhere"
    if settings.dialect == "sqlite":
        yield dataclasses.replace(settings, data=folder, database_url=f"sqlite:///{folder}/k.sqlite")
        database.configure(settings)
        return
    address = make_url(settings.database_url)
    name = f"{address.database}_else"
    server = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    there = address.set(database=name).render_as_string(hide_password=False)
    yield dataclasses.replace(settings, data=folder, database_url=there)
    database.configure(settings)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_a_suspended_kanwil_is_out_at_once_and_back_when_resumed(world, sign_in, app):
    inside = sign_in("pembina.kalbar")
    neighbour = sign_in("pembina.banten")
    kanwil = lifecycle.suspend(world.kanwil["kalbar"], reason="Pemeriksaan Itjen", now=NOW)
    assert kanwil.state == "suspended"
    assert inside.get("/beranda/").status_code == 302
    assert neighbour.get("/beranda/").status_code == 200
    body = {"username": "pembina.kalbar", "password": world.password}
    assert app.test_client().post("/api/v1/security/login", json=body).status_code == 401
    with pytest.raises(Conflict):
        lifecycle.suspend(kanwil.id, reason="Lagi", now=NOW)
    lifecycle.resume(kanwil.id, now=NOW)
    assert sign_in("pembina.kalbar").get("/beranda/").status_code == 200
    with entered(Scope(kanwil.id)):
        actions = (
            session().scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("kanwil."))).all()
        )
        assert actions == ["kanwil.suspended", "kanwil.resumed"]
        assert verify() == []


def test_what_a_suspended_kanwil_made_leaves_the_shelf_until_it_is_back(world):
    def shelf():
        with database.public() as reader:
            return dict(reader.execute(select(PublishedProduct.slug, PublishedProduct.state)).all())

    with entered(None), database.transaction() as db:
        for number, (code, state) in enumerate(
            [("kalbar", "published"), ("kalbar", "withdrawn"), ("banten", "published")]
        ):
            db.add(_published(number + 1, code, state))
    lifecycle.suspend(world.kanwil["kalbar"], reason="Pemeriksaan", now=NOW)
    assert shelf() == {"p1": "suspended", "p2": "withdrawn", "p3": "published"}
    lifecycle.resume(world.kanwil["kalbar"], now=NOW)
    assert shelf() == {"p1": "published", "p2": "withdrawn", "p3": "published"}


def _published(number, kanwil, state):
    words = dict.fromkeys(
        ("name", "description", "market_level", "unit", "kanwil_name", "upt_slug", "upt_name", "search"), "-"
    )
    return PublishedProduct(
        product_id=number,
        slug=f"p{number}",
        state=state,
        category="craft",
        goods_group="craft",
        price_rupiah=1000,
        stock=1,
        capacity_per_month=1,
        lead_time_days=1,
        papers={},
        makers=[],
        photos=[],
        kanwil_code=kanwil,
        revision_no=1,
        published_at=NOW,
        updated_at=NOW,
        **words,
    )


def test_a_suspension_needs_its_reason(world):
    with pytest.raises(Invalid):
        lifecycle.suspend(world.kanwil["kalbar"], reason="  ", now=NOW)


def test_a_kanwil_goes_out_and_comes_back_whole(world, elsewhere, tmp_path):
    kalbar = world.kanwil["kalbar"]
    admin = world.actor("admin.kalbar")
    picture = files.put(b"RIFF a picture of the goods")
    with entered(Scope(kalbar)):
        audit.record(audit.KANWIL, "settings.changed", {"photo": picture}, by=admin, now=NOW)
        row = _published(1, "kalbar", "published")
        row.makers = ["Pak Terkredit"]
        session().add(row)
        session().commit()
    target = tmp_path / "kalbar.zip"
    exported = lifecycle.export(kalbar, target)
    with zipfile.ZipFile(target) as packed:
        assert json.loads(packed.read("karya.json"))["kanwil"] == "kalbar"
        assert packed.read(f"files/{picture}") == b"RIFF a picture of the goods"
        assert b"banten" not in packed.read("tables/upt.jsonl")
        left_out = json.loads(packed.read("karya.json"))["left_out"]
        assert {"person", "person_access", "maker_consent", "award", "product_credit"} <= set(left_out)
        assert not {f"tables/{name}.jsonl" for name in left_out} & set(packed.namelist())
        everything = b"".join(packed.read(name) for name in packed.namelist())
        assert b"Pak Terkredit" not in everything
    with pytest.raises(Conflict):
        lifecycle.restore(target)
    with database.public() as reader:
        assert reader.scalars(select(PublishedProduct.makers)).one() == [
            "Pak Terkredit"
        ]  # here he stays named

    rooms.load()
    database.configure(elsewhere)
    schema.migrate(elsewhere)
    sync_permissions()
    database.db.release()
    assert lifecycle.restore(target) == exported
    assert files.get(picture) == b"RIFF a picture of the goods"
    with entered(Scope(kalbar)):
        assert session().scalars(select(Kanwil.code)).all() == ["kalbar"]
        assert len(session().scalars(select(Upt)).all()) == 3
        assert session().scalars(select(KanwilSettings)).one().price_band == 25
        operator = (
            session().scalars(select(Officer).where(Officer.username == "operator.rutan-iia-pontianak")).one()
        )
        assert [role.name for role in operator.roles] == ["operator_upt"]
        assert verify() == []
        register.save_upt(
            None, {"name": "Rumah Tahanan Negara Kelas IIB Mempawah", "type": "Rutan", "city": "Mempawah"}
        )
        audit.record(audit.KANWIL, "upt.added", {}, by=admin, now=NOW)
        assert verify() == []


def test_a_file_that_is_no_export_is_refused(world, tmp_path):
    other = tmp_path / "x.zip"
    other.write_bytes(b"PK not really")
    with pytest.raises(Invalid):
        lifecycle.restore(other)


def test_an_emblem_is_judged_by_its_content():
    from tenants.errors import Unsupported
    from tests.catalogue.pictures import picture

    kept = read_emblem(picture("PNG", (900, 700)))
    assert kept.data.startswith(b"\x89PNG")
    assert max(kept.width, kept.height) == 600
    for bad in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\nbroken", b"GIF89a...."):
        with pytest.raises(Unsupported):
            read_emblem(bad)
