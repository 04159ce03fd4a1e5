"""The stage that gives an opinion, as officers and programs meet it."""

from __future__ import annotations

import re
from typing import Any

from tenants.scope import entered
from tests.support.worlds import World
from tests.webapp.test_design_pages import PAGE, press
from tests.workflows.conftest import NOW
from tests.workflows.test_advice import BEFORE, BESIDE
from tests.workflows.test_pages import UPT, bearer, form_of, submitted
from workflows.definitions import parse, publish

__all__ = ["submitted"]
SAID = "Izin edarnya <b>perlu</b> dicek."


def under(world: World, text: str) -> None:
    with entered(world.scope("admin.kalbar")):
        publish(parse(text), by=None, now=NOW)


def test_an_opinion_is_written_on_the_page_and_read_by_who_decides(
    submitted: Any, sign_in: Any, world: World
) -> None:
    under(world, BEFORE)
    case = submitted()[0]
    client = sign_in("pemantau.kalbar")
    inbox = client.get("/kotak-masuk").get_data(as_text=True)
    assert "Telaah hukum" in inbox
    assert ">pendapat<" in inbox
    assert "Beri pendapat …" in client.get(f"/kotak-masuk/{case.id}/ringkas").get_data(as_text=True)
    page = client.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert 'value="opinion"' in page
    for other in ('value="approve"', 'value="return"', 'value="reject"', 'id="kembalikan"'):
        assert other not in page
    form = form_of(page)
    address = f"/kasus/{case.id}/putuskan"
    silent = client.post(address, data={**form, "outcome": "opinion", "checklist.aman": "no", "comment": " "})
    assert silent.status_code == 422
    assert "Tulis pendapat Anda" in silent.text
    assert re.search(r'value="no"[^>]* checked', silent.text), "what was answered is kept"
    forged = client.post(
        address, data={**form, "outcome": "approve", "checklist.aman": "yes", "comment": SAID}
    )
    assert forged.status_code == 422
    assert "&lt;b&gt;perlu&lt;/b&gt;" in forged.text, "what was typed is kept"
    picked = client.post(
        "/kotak-masuk/banyak",
        data={"csrf_token": form["csrf_token"], "item": f"{case.id}:1:hukum", "outcome": "approve"},
    )
    assert "Tahap ini meminta pendapat" in picked.text
    assert "Tidak ada yang dapat diputuskan" in picked.text
    told = {**form, "outcome": "opinion", "checklist.aman": "no", "comment": SAID}
    assert client.post(address, data=told).status_code == 303
    assert client.post(address, data=told).status_code == 303, "a second click says nothing twice"
    assert "Anda memberi pendapat atas" in client.get("/kotak-masuk").get_data(as_text=True)
    for reader in ("pembina.kalbar", f"operator.{UPT}"):
        page = sign_in(reader).get(f"/kasus/{case.id}").get_data(as_text=True)
        assert page.count("perlu&lt;/b&gt; dicek") == 2, "in its card and in the history"
        assert "memberi pendapat pada telaah hukum" in page
        assert "hanya pendapat" in page
    assert 'value="approve"' in sign_in("pembina.kalbar").get(f"/kasus/{case.id}").get_data(as_text=True)


def test_programs_give_an_opinion_where_one_is_asked_and_nowhere_else(
    submitted: Any, client: Any, world: World
) -> None:
    under(world, BESIDE)
    case = submitted()[0]
    address = f"/api/v1/cases/{case.id}/decisions"
    kadiv, pembina = bearer(client, "kadiv.kalbar"), bearer(client, "pembina.kalbar")
    (row,) = client.get("/api/v1/inbox", headers=kadiv).json["items"]
    assert (row["stage"], row["decides"]) == ("hukum", False)
    shown = client.get(f"/api/v1/cases/{case.id}", headers=kadiv).json
    assert [one["decides"] for one in shown["open_stages"]] == [False, True, True, True]
    assert shown["approvals_needed"] == 2
    for body, field in (({"outcome": "approve"}, "outcome"), ({"outcome": "opinion"}, "comment")):
        refused = client.post(address, json=body, headers=kadiv)
        assert (refused.status_code, list(refused.json["errors"])) == (422, [field])
    wrong = client.post(address, json={"outcome": "opinion", "comment": "x"}, headers=pembina)
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["outcome"])
    verdict = {"outcome": "opinion", "comment": "Boleh."}
    sent = {**kadiv, "Idempotency-Key": "sekali"}
    made = client.post(address, json=verdict, headers=sent)
    assert (made.status_code, made.json["outcome"], made.json["case"]["state"]) == (201, "opinion", "open")
    assert made.json["case"]["stage"] == "kajian"
    again = client.post(address, json=verdict, headers=sent)
    assert (again.json["id"], again.headers["Idempotency-Replayed"]) == (made.json["id"], "true")
    for who in ("pembina.kalbar", "pemantau.kalbar"):
        done = client.post(address, json={"outcome": "approve"}, headers=bearer(client, who))
        assert done.status_code == 201, done.text
    assert done.json["case"]["state"] == "approved"


def test_the_editor_makes_a_stage_that_gives_an_opinion(sign_in: Any) -> None:
    client = sign_in("kadiv.kalbar")
    page = client.get(PAGE).get_data(as_text=True)
    assert page.count('name="stages[0].decides"') == 1
    press(client, PAGE, "save", **{"stages[0].decides": "no"})
    page = client.get(PAGE).get_data(as_text=True)
    assert "hanya pendapat" in page
    assert "Pendapat dari" in page
    assert "decides: false" in client.get(f"{PAGE}?bagian=yaml").get_data(as_text=True)
    answer = press(client, PAGE, "publish", **{"stages[2].decides": "no"})
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "dikunci Pusat: harus tetap memutuskan" in text or "tanpa syarat (when) yang memutuskan" in text
    assert "memutuskan atau memberi pendapat" in text
    assert press(client, PAGE, "publish", **{"stages[2].decides": "yes"}).status_code == 303
