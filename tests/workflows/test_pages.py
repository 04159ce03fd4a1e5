"""The pages and the API of approval, as officers and programs use them."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest

from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.support.worlds import World
from tests.workflows.conftest import FIELDS, GOOD, NOW, SUBJECT
from tests.workflows.office_files import a_pdf
from workflows.decisions import Verdict, decide
from workflows.definitions import default_text, parse, publish
from workflows.models import Case
from workflows.queries import case_view
from workflows.subjects import SubjectType, register
from workflows.submission import submit

UPT = "lapas-iia-pontianak"
ASK = [{"field": "name", "text": "Sebut bahannya."}]


@pytest.fixture
def submitted(world: World) -> Any:
    """`submitted(3)` -> cases of the UPT in Pontianak, at the pembina's."""
    register(
        SubjectType(
            key=SUBJECT,
            label="Produk",
            field_labels={"name": "Nama", "price_rupiah": "Harga"},
            facet=lambda fields: fields.get("category"),
            summary=lambda case: [("Nama", case.fields["name"])],
        )
    )
    with entered(world.scope("admin.kalbar")):
        text = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
        publish(parse(text), by=None, now=NOW)
    by = world.actor(f"operator.{UPT}")

    def make(count: int = 1, **changed: Any) -> list[Case]:
        made = []
        for number in range(count):
            given: dict[str, Any] = {
                "subject_id": 100 + number,
                "revision_no": 1,
                "title": f"Tas <b>anyaman</b> {number}",
                "fields": FIELDS,
                "upt_id": by.upt_id,
                "editor_ids": [by.id],
                "by": by,
                "now": NOW,
            } | changed
            with entered(world.scope(f"operator.{UPT}")):
                made.append(submit(SUBJECT, given.pop("subject_id"), **given))
        return made

    return make


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of a case's decision form."""
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', page).group(1)  # type: ignore[union-attr]
        for name in ("csrf_token", "key", "stage", "version")
    }


def ticked(stage: str) -> dict[str, str]:
    return {f"checklist.{key}": "yes" if one is True else str(one) for key, one in GOOD[stage].items()}


def test_the_inbox_shows_what_waits_within_twelve_statements(submitted: Any, sign_in: Any) -> None:
    submitted(8)
    client = sign_in("pembina.kalbar")
    client.get("/kotak-masuk")
    with counted_statements() as seen:
        answer = client.get("/kotak-masuk")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert len(seen) <= 12, "\n".join(seen)
    assert page.count('class="case-row"') == 8
    assert "Tas &lt;b&gt;anyaman&lt;/b&gt; 1" in page
    assert "<b>anyaman" not in page
    assert "lewat " in page


def test_the_preview_is_a_fragment_for_the_kanwil_alone(submitted: Any, sign_in: Any) -> None:
    case = submitted()[0]
    page = sign_in("pembina.kalbar").get(f"/kotak-masuk/{case.id}/ringkas").get_data(as_text=True)
    assert "<html" not in page
    assert f"/kasus/{case.id}#keputusan" in page
    for stranger in ("pembina.banten", "kepala.rutan-iia-pontianak"):
        assert sign_in(stranger).get(f"/kotak-masuk/{case.id}/ringkas").status_code == 404


def test_filters_stand_in_the_address(submitted: Any, sign_in: Any, world: World) -> None:
    submitted(2)
    client = sign_in("pembina.kalbar")
    assert client.get("/kotak-masuk?kategori=craft").get_data(as_text=True).count('class="case-row"') == 2
    empty = client.get(f"/kotak-masuk?tab=tim&upt={world.upt['rutan-iia-pontianak']}").get_data(as_text=True)
    assert "Tidak ada kasus dengan saringan ini" in empty
    assert client.get("/kotak-masuk?tab=zz&upt=abc").status_code == 200
    assert client.get("/kotak-masuk?upt=%C2%B2").status_code == 200
    assert client.get("/kasus/99999999999999999999").status_code == 404
    assert client.get("/kotak-masuk?cursor=zz").status_code == 422


def test_after_a_decision_the_next_case_comes_by_itself(submitted: Any, sign_in: Any) -> None:
    first, second = submitted(2)
    client = sign_in("pembina.kalbar")
    form = form_of(client.get(f"/kasus/{first.id}").get_data(as_text=True))
    done = client.post(
        f"/kasus/{first.id}/putuskan", data={**form, **ticked("pembinaan"), "outcome": "approve"}
    )
    assert (done.status_code, done.location) == (303, f"/kasus/{second.id}#isi")
    page = client.get(done.location).get_data(as_text=True)
    assert f'Anda menyetujui <a href="/kasus/{first.id}">Tas &lt;b&gt;anyaman' in page
    again = client.post(
        f"/kasus/{first.id}/putuskan", data={**form, **ticked("pembinaan"), "outcome": "approve"}
    )
    assert again.status_code == 303
    form = form_of(page)
    last = client.post(
        f"/kasus/{second.id}/putuskan", data={**form, **ticked("pembinaan"), "outcome": "approve"}
    )
    assert last.location == "/kotak-masuk#isi"
    assert "Tidak ada yang menunggu Anda" in client.get(last.location).get_data(as_text=True)


def test_what_is_missing_is_said_and_what_was_typed_is_kept(submitted: Any, sign_in: Any) -> None:
    case = submitted()[0]
    client = sign_in("pembina.kalbar")
    form = form_of(client.get(f"/kasus/{case.id}").get_data(as_text=True))
    bad = client.post(
        f"/kasus/{case.id}/putuskan",
        data={**form, "outcome": "approve", "checklist.group_eligible": "yes", "comment": "Bagus & rapi"},
    )
    page = bad.get_data(as_text=True)
    assert bad.status_code == 422
    assert page.count("Belum dijawab.") == 4
    assert "Bagus &amp; rapi" in page
    assert re.search(r'name="checklist.group_eligible"[^>]* checked', page)
    assert form["key"] in page
    refused = client.post(
        f"/kasus/{case.id}/putuskan",
        data={**form, "outcome": "return", "request_field": "price_rupiah", "request_text": "Turunkan"},
    )
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Tulis alasannya" in page
    assert 'value="Turunkan"' in page
    assert re.search(r'<option value="price_rupiah" selected>', page)


def test_a_return_reaches_the_next_revision_with_what_changed(
    submitted: Any, sign_in: Any, world: World
) -> None:
    case = submitted()[0]
    client = sign_in("pembina.kalbar")
    form = form_of(client.get(f"/kasus/{case.id}").get_data(as_text=True))
    data = {
        **form,
        "outcome": "return",
        "comment_return": "Perjelas.",
        "request_field": "name",
        "request_text": "Bahan?",
    }
    assert client.post(f"/kasus/{case.id}/putuskan", data=data).status_code == 303
    again = submitted(
        subject_id=case.subject_id,
        revision_no=2,
        previous_case_id=case.id,
        answers={f"{case.id}-1-1": "Purun danau."},
        fields={**FIELDS, "name": "Tas purun"},
    )[0]
    page = client.get(f"/kasus/{again.id}").get_data(as_text=True)
    for said in (
        "Permintaan dan jawaban",
        "Purun danau.",
        "Yang berubah sejak revisi 1",
        "mengembalikan pada pembinaan",
    ):
        assert said in page
    assert "tidak berubah sejak revisi 1" in page
    operator = sign_in(f"operator.{UPT}")
    seen = operator.get(f"/kasus/{again.id}").get_data(as_text=True)
    assert "Menunggu Pembina" in seen
    assert "data-decision" not in seen


def test_a_case_is_read_where_it_belongs_and_decided_by_whom_it_awaits(submitted: Any, sign_in: Any) -> None:
    case = submitted()[0]
    for stranger in ("pembina.banten", "operator.rutan-iia-pontianak"):
        assert sign_in(stranger).get(f"/kasus/{case.id}").status_code == 404
    pemantau = sign_in("pemantau.kalbar")
    page = pemantau.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert "data-decision" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    data = {"csrf_token": token, "key": "k", "outcome": "approve"}
    assert pemantau.post(f"/kasus/{case.id}/putuskan", data=data).status_code == 403
    assert sign_in("pembina.kalbar").post(f"/kasus/{case.id}/putuskan", data={"key": "k"}).status_code == 400


def test_whoever_comes_too_late_is_offered_the_case_and_the_next_one(submitted: Any, sign_in: Any) -> None:
    first, second = submitted(2)
    pembina = sign_in("pembina.kalbar")
    form = form_of(pembina.get(f"/kasus/{first.id}").get_data(as_text=True))
    returned = {
        "outcome": "return",
        "comment_return": "Perjelas.",
        "request_field": "name",
        "request_text": "Bahan?",
    }
    assert pembina.post(f"/kasus/{first.id}/putuskan", data={**form, **returned}).status_code == 303
    late = pembina.post(f"/kasus/{first.id}/putuskan", data={**form, **returned, "key": "lain"})
    assert late.status_code == 409
    ways = re.findall(r'<a class="btn[^"]*" href="([^"]+)"', late.get_data(as_text=True))
    assert ways == [f"/kasus/{first.id}", f"/kasus/{second.id}", "/beranda"]


def bearer(client: Any, username: str) -> dict[str, str]:
    body = {"username": username, "password": "karya-demo-2024", "provider": "db"}
    token = client.post("/api/v1/security/login", json=body).json["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_the_api_lists_shows_and_decides(submitted: Any, client: Any, world: World) -> None:
    first, second = submitted(2)
    me = bearer(client, "pembina.kalbar")
    listed = client.get("/api/v1/inbox?limit=1", headers=me).json
    assert [one["id"] for one in listed["items"]] == [first.id]
    rest = client.get(f"/api/v1/inbox?limit=1&cursor={listed['next_cursor']}", headers=me).json
    assert [one["id"] for one in rest["items"]] == [second.id]
    assert rest["next_cursor"] is None
    case = client.get(f"/api/v1/cases/{first.id}", headers=me).json
    assert (case["stage"], case["state"], case["due_on"]) == ("pembinaan", "open", "2024-03-08")
    assert {"key", "question", "type", "required"} <= case["checklist"][0].keys()
    verdict = {"outcome": "approve", "checklist": GOOD["pembinaan"]}
    headers = {**me, "Idempotency-Key": "sekali"}
    made = client.post(f"/api/v1/cases/{first.id}/decisions", json=verdict, headers=headers)
    assert made.status_code == 201
    assert (made.json["outcome"], made.json["case"]["stage"]) == ("approve", "pemantauan")
    again = client.post(f"/api/v1/cases/{first.id}/decisions", json=verdict, headers=headers)
    assert (again.status_code, again.json["id"]) == (201, made.json["id"])
    assert again.headers["Idempotency-Replayed"] == "true"
    moved = client.post(f"/api/v1/cases/{first.id}/decisions", json=verdict, headers=me)
    assert moved.status_code == 409
    assert moved.content_type == "application/problem+json"
    assert "sudah menyetujui tahap Pembinaan" in moved.json["detail"]


def test_the_api_refuses_by_name(submitted: Any, client: Any, world: World) -> None:
    case = submitted()[0]
    address = f"/api/v1/cases/{case.id}/decisions"
    me = bearer(client, "pembina.kalbar")
    missing = client.post(address, json={"outcome": "approve", "checklist": {}}, headers=me)
    assert missing.status_code == 422
    assert missing.json["errors"]["checklist.group_eligible"] == "Belum dijawab."
    assert client.post(address, json={"outcome": "setuju"}, headers=me).status_code == 422
    assert client.post(address, json={"outcome": "approve", "checklist": []}, headers=me).status_code == 422
    assert client.post(address, json={"outcome": "return", "comment": "x"}, headers=me).status_code == 422
    assert client.post(address, json={"outcome": "approve"}).status_code == 401
    assert client.get(f"/api/v1/cases/{case.id}", headers=bearer(client, "pembina.banten")).status_code == 404
    operator = bearer(client, f"operator.{UPT}")
    assert client.get(f"/api/v1/cases/{case.id}", headers=operator).status_code == 200
    assert client.post(address, json={"outcome": "approve"}, headers=operator).status_code == 403


def test_the_second_officer_sees_who_decided(submitted: Any, sign_in: Any, world: World) -> None:
    case = submitted()[0]
    client = sign_in("pembina.kalbar")
    form = form_of(client.get(f"/kasus/{case.id}").get_data(as_text=True))
    other = world.actor("pembina.kalbar")
    from dataclasses import replace

    with entered(world.scope("kadiv.kalbar")):
        decide(
            case.id,
            Verdict("approve", checklist=GOOD["pembinaan"]),
            by=replace(other, id=1, name="Dedi"),
            key="x",
            now=NOW,
        )
    moved = client.post(
        f"/kasus/{case.id}/putuskan", data={**form, **ticked("pembinaan"), "outcome": "approve"}
    )
    assert moved.status_code == 409
    assert "Dedi (Pembina) sudah menyetujui tahap Pembinaan" in moved.get_data(as_text=True)


def test_a_products_case_shows_its_price_and_what_the_public_will_see(world: World, sign_in: Any) -> None:
    from catalogue import drafts, submission
    from tests.catalogue import conftest as products
    from tests.catalogue.pictures import picture

    by = world.actor(f"operator.{UPT}")
    with entered(world.scope(f"operator.{UPT}")):
        product = drafts.create(
            {**products.CONTENT, "description": "Tas <script>alert(1)</script> " * 3}, by=by, now=products.NOW
        )
        drafts.add_photo(product.id, picture(), "tas.jpg", by=by, now=products.NOW)
        case = submission.submit(product.id, by=by, now=products.NOW)
    client = sign_in("pembina.kalbar")
    with counted_statements() as seen:
        page = client.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert len(seen) <= 12, "\n".join(seen)
    for said in ("Tampilan publik", "median 96.500", "Rp95.000", "Semua isian", "Purun danau dan kulit sapi"):
        assert said in page
    assert "<script>alert" not in page
    listed = client.get("/kotak-masuk").get_data(as_text=True)
    assert "/320.webp" in listed
    assert sign_in(f"operator.{UPT}").get(f"/kasus/{case.id}").status_code == 200


def test_the_api_describes_its_addresses(client: Any) -> None:
    paths = client.get("/api/v1/_openapi").json["paths"]
    assert {"/api/v1/inbox", "/api/v1/cases/{case_id}", "/api/v1/cases/{case_id}/decisions"} <= paths.keys()


def test_a_request_is_ticked_off_on_the_page_and_nothing_typed_is_lost(
    submitted: Any, sign_in: Any, world: World
) -> None:
    first = submitted()[0]
    with entered(world.scope("pembina.kalbar")):
        asked = [*ASK, {"field": "price_rupiah", "text": "Turunkan."}]
        verdict = Verdict("return", comment="Perbaiki.", requests=asked)
        decide(first.id, verdict, by=world.actor("pembina.kalbar"), key="r", now=NOW)
    again = {"subject_id": first.subject_id, "revision_no": 2, "previous_case_id": first.id}
    case = submitted(**again, answers={f"{first.id}-1-1": "Purun danau."})[0]
    client = sign_in("pembina.kalbar")
    page = client.get(f"/kasus/{case.id}").get_data(as_text=True)
    one, other = (f"settled.{first.id}-1-{n}" for n in (1, 2))
    assert f'name="{one}"' in page
    form = form_of(page) | ticked("pembinaan") | {"outcome": "approve", "comment": "Bagus.", one: "yes"}
    refused = client.post(f"/kasus/{case.id}/putuskan", data=form)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert re.search(rf'name="{one}"[^>]* checked', page)
    assert not re.search(rf'name="{other}"[^>]* checked', page)
    beside = page[page.index(f'data-field="{other}"') :][:900]
    assert "Centang bila sudah dipenuhi, atau kembalikan lagi." in beside
    assert not re.search(r"-error. +hidden", beside)
    assert "Bagus." in page
    done = client.post(f"/kasus/{case.id}/putuskan", data={**form, other: "yes"})
    assert done.status_code == 303
    assert f'data-decided="{case.id}"' in client.get(done.location).get_data(as_text=True)
    seen = sign_in("pemantau.kalbar").get(f"/kasus/{case.id}").get_data(as_text=True)
    assert seen.count("Sudah dipenuhi") == 2
    assert f'name="{one}"' not in seen


def test_the_api_ticks_requests_off_and_sends_files(submitted: Any, client: Any, world: World) -> None:
    _with_a_permit(world)
    first = submitted()[0]
    me = bearer(client, "pembina.kalbar")
    path = f"/api/v1/cases/{first.id}/decisions"
    assert (
        client.post(path, headers=me, json={"outcome": "return", "comment": "x", "requests": ASK}).status_code
        == 201
    )
    case = submitted(subject_id=first.subject_id, revision_no=2, previous_case_id=first.id)[0]
    path = f"/api/v1/cases/{case.id}/decisions"
    permit = {"name": "izin.pdf", "data_base64": base64.b64encode(a_pdf()).decode()}
    body: dict[str, Any] = {"outcome": "approve", "checklist": {**GOOD["pembinaan"], "permit": permit}}
    refused = client.post(path, headers=me, json=body)
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == [f"settled.{first.id}-1-1"]
    assert client.post(path, headers=me, json={**body, "settled": "x"}).status_code == 422
    body["settled"] = [f"{first.id}-1-1"]
    keyed = {**me, "Idempotency-Key": "izin-1"}
    made = client.post(path, headers=keyed, json=body)
    assert made.status_code == 201
    assert made.json["settled"] == body["settled"]
    assert made.json["checklist"]["permit"]["kind"] == "pdf"
    assert [(one["settled"], one["settled_by"] is not None) for one in made.json["case"]["answers"]] == [
        (True, True)
    ]
    same = client.post(path, headers=keyed, json=body)
    assert (same.status_code, same.json["id"]) == (201, made.json["id"])
    assert client.post(path, headers=keyed, json={**body, "settled": []}).status_code in (409, 422)
    other = {**permit, "data_base64": base64.b64encode(a_pdf("lain")).decode()}
    changed = {**body, "checklist": {**body["checklist"], "permit": other}}
    assert client.post(path, headers=keyed, json=changed).status_code in (409, 422)
    file = client.get(f"/api/v1/cases/{case.id}/decisions/{made.json['id']}/files/permit", headers=me)
    assert (file.status_code, file.data) == (200, a_pdf())


def test_a_file_survives_a_try_that_failed_for_another_reason(
    submitted: Any, sign_in: Any, world: World
) -> None:
    _with_a_permit(world)
    case, another = submitted(2)
    client = sign_in("pembina.kalbar")
    page = client.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert 'enctype="multipart/form-data"' in page
    form = form_of(page) | ticked("pembinaan") | {"outcome": "approve"}
    lacking = {name: value for name, value in form.items() if name != "checklist.price_fair"}
    bad = client.post(
        f"/kasus/{case.id}/putuskan",
        data={**lacking, "checklist.permit": (io.BytesIO(b"MZ"), "izin.pdf")},
    )
    assert bad.status_code == 422
    assert "tidak diterima" in bad.get_data(as_text=True)
    refused = client.post(
        f"/kasus/{case.id}/putuskan",
        data={**lacking, "checklist.permit": (io.BytesIO(a_pdf()), "izin.pdf")},
    )
    page = refused.get_data(as_text=True)
    seal = re.search(r'name="kept.permit" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    assert "izin.pdf" in page
    for stranger, token in ((another.id, seal), (case.id, seal + "x"), (case.id, "")):
        wrong = form_of(client.get(f"/kasus/{stranger}").get_data(as_text=True))
        answer = client.post(f"/kasus/{stranger}/putuskan", data={**form, **wrong, "kept.permit": token})
        assert answer.status_code == 422, token
    done = client.post(f"/kasus/{case.id}/putuskan", data={**form, "kept.permit": seal})
    assert done.status_code == 303
    with entered(world.scope("pembina.kalbar")):
        view = case_view(case.id)
    link = f"/kasus/{case.id}/putusan/{view.decisions[0].id}/permit"
    assert link in client.get(f"/kasus/{case.id}").get_data(as_text=True)
    saved = client.get(link)
    assert saved.data == a_pdf()
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    for stranger_, status in (("pembina.banten", 404), (f"operator.{UPT}", 200)):
        assert sign_in(stranger_).get(link).status_code == status
    assert sign_in("operator.rutan-iia-pontianak").get(link).status_code == 404


def _with_a_permit(world: World) -> None:
    """The workflow of the tests, with a file among the pembina's questions."""
    text = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
    permit = "    checklist:\n      - {key: permit, question: Surat izin, type: file, fields: [name]}\n"
    with entered(world.scope("admin.kalbar")):
        publish(parse(text.replace("    checklist:\n", permit, 1)), by=None, now=NOW)
