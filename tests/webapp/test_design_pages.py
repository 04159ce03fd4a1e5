"""The workflow's editor, the centre's locks and the API, as officers and programs use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import Settings
from tests.support import worlds
from tests.support.servers import Server
from tests.support.statements import counted_statements
from workflows.definitions import default_text

PAGE = "/pengaturan/alur/product"
LOCKED = "Tahap Pengendalian dikunci Pusat dan tidak boleh dihapus."
REVIEW: dict[str, str] = {
    "name": "Kajian harga",
    "quorum": "2",
    "when": "price_rupiah >= 5_000_000",
    **{
        f"parallel[{at}].{name}": value
        for at, (stage, role) in enumerate(
            (("Pasar", "kadiv"), ("Mutu", "kakanwil"), ("Biaya", "admin_kanwil"))
        )
        for name, value in {"name": stage, "role": role, "deadline_days": "2", "four_eyes": "yes"}.items()
    },
}


def form_of(page: str) -> dict[str, Any]:
    """What a browser without JavaScript would send: every field of the editor's form as it stands."""
    found: dict[str, Any] = {}
    main = page.split('class="page"', 1)[1]
    for tag in re.findall(r"<input[^>]*>", main):
        name, kind = re.search(r' name="([^"]*)"', tag), re.search(r' type="([^"]*)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if not name or (kind and kind.group(1) in ("checkbox", "radio") and " checked" not in tag):
            continue
        if kind is None or kind.group(1) != "file":
            found.setdefault(name.group(1), []).append(_plain(value.group(1) if value else ""))
    for name_, body in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', body)
        found[name_] = [_plain(chosen.group(1) if chosen else "")]
    for name_, body in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>', main, re.DOTALL):
        found[name_] = [_plain(body)]
    return found


def _plain(text: str) -> str:
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#34;", '"'), ("&amp;", "&")):
        text = text.replace(mark, sign)
    return text


def press(client: Any, path: str, button: str, **changed: Any) -> Any:
    """Press a button of the editor with some fields changed; None takes a field out."""
    form = form_of(client.get(path).get_data(as_text=True)) | {"do": button} | changed
    return client.post(
        path.split("?")[0], data={name: value for name, value in form.items() if value is not None}
    )


def test_a_fourth_parallel_step_is_added_and_published_without_javascript(
    sign_in: Callable[..., Any],
) -> None:
    kadiv = sign_in("kadiv.kalbar")
    assert press(kadiv, PAGE, "add-block").status_code == 303
    assert press(kadiv, PAGE, "add-branch:stages[3]").status_code == 303
    place = {f"stages[3].{name}": value for name, value in REVIEW.items()}
    saved = press(kadiv, PAGE, "up:stages[3]", **place)
    assert saved.headers["Location"].endswith("#p-stages%5B2%5D")
    page = kadiv.get(PAGE).get_data(as_text=True)
    assert "sejajar, 2 dari 3 setuju" in page
    assert "<svg" in page
    assert "style=" not in page.split('class="page"', 1)[1]
    published = press(kadiv, PAGE, "publish")
    assert published.status_code == 303, published.get_data(as_text=True)[:2000]
    index = kadiv.get("/pengaturan/alur").get_data(as_text=True)
    assert "versi 2 berlaku" in index
    document = yaml.safe_load(kadiv.get(f"{PAGE}/versi/2.yaml").get_data(as_text=True))
    block = document["stages"][2]
    assert (block["key"], block["quorum"], block["when"]) == ("kajian_harga", 2, "price_rupiah >= 5_000_000")
    assert [one["role"] for one in block["parallel"]] == ["kadiv", "kakanwil", "admin_kanwil"]
    shown = kadiv.get(f"{PAGE}/versi/2").get_data(as_text=True)
    assert "key: kajian_harga" in shown
    assert "diff__line--removed" not in shown


def test_faults_stand_at_their_field_and_nothing_typed_is_lost(sign_in: Callable[..., Any]) -> None:
    admin = sign_in("admin.kalbar")
    wrong = {
        "stages[0].deadline_days": "tiga",
        "stages[0].when": "harga >= 5",
        "stages[1].checklist[0].most": "<banyak>",
        "title": "",
    }
    answer = press(admin, PAGE, "publish", **wrong)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    kept = form_of(page)
    assert {name: kept[name] for name in wrong} == {name: [value] for name, value in wrong.items()}
    for name in wrong:
        error = re.search(rf'id="f-{re.escape(name)}-error" >(.*?)</span></span>', page, re.DOTALL)
        assert error, name
    assert "Isian tidak dikenal: harga." in page
    assert form_of(admin.get(PAGE).get_data(as_text=True))["stages[0].deadline_days"] == ["tiga"]
    lines = admin.get(f"{PAGE}?bagian=yaml").get_data(as_text=True)
    assert re.search(r"stages\[0\]\.deadline_days</code> <strong>baris \d+</strong>", lines)


def test_yaml_is_imported_from_a_file_and_exported_again(sign_in: Callable[..., Any]) -> None:
    import io

    kadiv = sign_in("kadiv.kalbar")
    text = default_text("product").replace("deadline_days: 3", "deadline_days: 4")
    form = form_of(kadiv.get(f"{PAGE}?bagian=yaml").get_data(as_text=True)) | {"do": "save"}
    answer = kadiv.post(PAGE, data={**form, "file": (io.BytesIO(text.encode()), "alur.yaml")})
    assert answer.status_code == 303
    exported = kadiv.get(f"{PAGE}/konsep.yaml")
    assert exported.get_data(as_text=True) == text
    assert "attachment" in exported.headers["Content-Disposition"]
    bad = kadiv.post(
        PAGE,
        data={
            **form_of(kadiv.get(f"{PAGE}?bagian=yaml").get_data(as_text=True)),
            "file": (io.BytesIO(b"\xff\xfe\x00"), "x"),
        },
    )
    assert bad.status_code == 422
    broken = press(kadiv, f"{PAGE}?bagian=yaml", "save", text="title: [rusak")
    assert broken.status_code == 303
    page = kadiv.get(PAGE).get_data(as_text=True)
    assert form_of(page)["text"] == ["title: [rusak\n"]


def test_looking_at_the_other_side_of_the_editor_makes_no_draft(sign_in: Callable[..., Any]) -> None:
    kadiv = sign_in("kadiv.kalbar")
    assert press(kadiv, PAGE, "tab:yaml").headers["Location"].endswith("bagian=yaml")
    assert press(kadiv, f"{PAGE}?bagian=yaml", "tab:isian").headers["Location"].endswith("bagian=isian")
    assert "ada konsep" not in kadiv.get("/pengaturan/alur").get_data(as_text=True)


def test_a_second_editor_is_told_and_keeps_what_he_typed(sign_in: Callable[..., Any]) -> None:
    kadiv, admin = sign_in("kadiv.kalbar"), sign_in("admin.kalbar")
    stale = form_of(admin.get(PAGE).get_data(as_text=True)) | {"do": "save", "title": "Judul admin"}
    assert press(kadiv, PAGE, "save", title="Judul kadiv").status_code == 303
    answer = admin.post(PAGE, data=stale)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "mengubah konsep ini sesudah Anda membukanya" in page
    assert form_of(page)["title"] == ["Judul admin"]


def test_an_old_version_comes_back_as_a_draft(sign_in: Callable[..., Any]) -> None:
    kadiv = sign_in("kadiv.kalbar")
    assert press(kadiv, PAGE, "publish", title="Judul baru").status_code == 303
    page = kadiv.get(f"{PAGE}/versi/1").get_data(as_text=True)
    assert kadiv.post(f"{PAGE}/versi/1/kembalikan", data=form_of(page)).status_code == 303
    assert form_of(kadiv.get(PAGE).get_data(as_text=True))["title"] == ["Persetujuan produk"]
    assert press(kadiv, PAGE, "discard").status_code == 303
    assert "ada konsep" not in kadiv.get("/pengaturan/alur").get_data(as_text=True)


def test_the_locked_stage_is_not_removed_by_page_api_or_command(
    app: Any, sign_in: Callable[..., Any], settings: Settings, tmp_path: Path
) -> None:
    kadiv = sign_in("kadiv.kalbar")
    assert press(kadiv, PAGE, "remove:stages[2]").status_code == 303
    answer = press(kadiv, PAGE, "publish")
    assert answer.status_code == 422
    assert LOCKED in answer.get_data(as_text=True)

    send = _api(app, "admin.kalbar")
    draft = send("GET", "/api/v1/definitions/product/draft").get_json()
    assert list(draft["faults"].values()) == [LOCKED]
    refused = send("POST", "/api/v1/definitions/product/publish", {"version": draft["version"]}, key="k1")
    assert refused.status_code == 422
    assert list(refused.get_json()["errors"].values()) == [LOCKED]

    file = tmp_path / "alur.yaml"
    file.write_text(draft["yaml"], encoding="utf-8")
    done = Server(settings).run("workflow", "publish", str(file), "--as", "kadiv.kalbar")
    assert done.returncode == 1
    assert LOCKED in done.stderr
    checked = Server(settings).run("workflow", "import", str(file), "--check", "--as", "kadiv.kalbar")
    assert checked.returncode == 1
    assert LOCKED in checked.stdout
    assert send("GET", "/api/v1/definitions").get_json()["items"][0]["version"] == 1


def test_the_command_exports_publishes_and_simulates(settings: Settings, tmp_path: Path) -> None:
    run = Server(settings).run
    file = tmp_path / "alur.yaml"
    assert run("workflow", "export", "--tenant", "kalbar", "--to", str(file)).returncode == 0
    file.write_text(
        file.read_text(encoding="utf-8").replace("deadline_days: 3", "deadline_days: 2"), encoding="utf-8"
    )
    imported = run("workflow", "import", str(file), "--as", "kadiv.kalbar")
    assert (imported.returncode, "Sah." in imported.stdout) == (0, True), imported.stderr
    tried = run("workflow", "simulate", "--as", "kadiv.kalbar", "--cases", "10")
    assert (tried.returncode, "0 dari 0 kasus" in tried.stdout) == (0, True), tried.stderr
    published = run("workflow", "publish", "--as", "kadiv.kalbar")
    assert (published.returncode, published.stdout.strip()) == (0, "Versi 2 berlaku sekarang."), (
        published.stderr
    )


def test_programs_draft_publish_and_simulate_once_a_key(app: Any) -> None:
    send = _api(app, "kadiv.kalbar")
    listed = send("GET", "/api/v1/definitions").get_json()["items"]
    assert [one["subject_type"] for one in listed] == ["product", "recap"]
    assert listed[0]["national"] == {"version": 0, "locked": ["pengendalian"], "differs": False}
    text = default_text("product").replace("deadline_days: 3", "deadline_days: 5")
    assert send("GET", "/api/v1/definitions/product/draft").status_code == 404
    put = send("PUT", "/api/v1/definitions/product/draft", {"yaml": text})
    assert (put.status_code, put.get_json()["valid"], put.get_json()["version"]) == (200, True, 1)
    stale = send("PUT", "/api/v1/definitions/product/draft", {"yaml": "title: lain", "version": 0})
    assert (stale.status_code, stale.get_json()["version"]) == (409, 1)
    tried = send("POST", "/api/v1/definitions/product/simulate", {"cases": 10}, key="s")
    again = send("POST", "/api/v1/definitions/product/simulate", {"cases": 10}, key="s")
    assert (tried.status_code, tried.get_json()["result"]["cases"]) == (200, 0)
    assert (again.get_json()["id"], again.headers["Idempotency-Replayed"]) == (tried.get_json()["id"], "true")
    assert send("GET", tried.headers["Location"]).get_json() == tried.get_json()
    many = send("POST", "/api/v1/definitions/product/simulate", {"cases": 5000})
    assert (many.status_code, many.get_json()["state"]) == (202, "running")
    made = send("POST", "/api/v1/definitions/product/publish", {"version": 1}, key="p")
    repeated = send("POST", "/api/v1/definitions/product/publish", {"version": 1}, key="p")
    assert (made.status_code, made.get_json()["version"]) == (201, 2)
    assert (repeated.status_code, repeated.get_json()["version"]) == (201, 2)
    assert repeated.headers["Idempotency-Replayed"] == "true"
    version = send("GET", made.headers["Location"]).get_json()
    assert version["document"]["stages"][0]["deadline_days"] == 5
    document = version["document"] | {"title": "Dari objek"}
    put = send("PUT", "/api/v1/definitions/product/draft", {"document": document})
    assert put.get_json()["valid"] is True


@pytest.mark.parametrize(
    "body",
    [{}, {"yaml": 5}, {"yaml": "a", "document": {}}, {"yaml": "a", "version": "x"}, {"yaml": "a", "lain": 1}],
)
def test_a_draft_of_the_wrong_kind_is_named(app: Any, body: dict[str, Any]) -> None:
    assert _api(app, "kadiv.kalbar")("PUT", "/api/v1/definitions/product/draft", body).status_code == 422


def test_the_centre_locks_a_stage_and_the_kanwil_is_offered_the_new_default(
    sign_in: Callable[..., Any],
) -> None:
    centre = sign_in("admin.pusat")
    page = "/pusat/alur/product"
    answer = press(
        centre,
        page,
        "publish",
        title="Persetujuan produk, nasional",
        locked=["stages[0]", "stages[2]"],
        note="Pembinaan kini terkunci.",
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    index = centre.get("/pusat/alur").get_data(as_text=True)
    assert "Terkunci: pembinaan, pengendalian" in index
    assert centre.get("/pusat/alur/product/versi/1").status_code == 200
    kadiv = sign_in("kadiv.kalbar")
    assert "Bawaan nasional alur Produk berubah" in kadiv.get("/pemberitahuan").get_data(as_text=True)
    assert "Bandingkan / pakai" in kadiv.get("/pengaturan/alur").get_data(as_text=True)
    compare = kadiv.get(f"{PAGE}/nasional").get_data(as_text=True)
    assert "Persetujuan produk, nasional" in compare
    assert "Pembinaan kini terkunci." in compare
    assert kadiv.post(f"{PAGE}/nasional/pakai", data=form_of(compare)).status_code == 303
    assert press(kadiv, PAGE, "publish").status_code == 303
    assert "Bandingkan / pakai" not in kadiv.get("/pengaturan/alur").get_data(as_text=True)
    assert press(kadiv, PAGE, "remove:stages[0]").status_code == 303
    refused = press(kadiv, PAGE, "publish")
    assert "Tahap Pembinaan dikunci Pusat dan tidak boleh dihapus." in refused.get_data(as_text=True)
    assert press(centre, page, "save", title="").status_code == 303
    assert press(centre, page, "publish").status_code == 422
    back = centre.get("/pusat/alur/product/versi/1").get_data(as_text=True)
    assert centre.post("/pusat/alur/product/versi/1/kembalikan", data=form_of(back)).status_code == 303
    assert press(centre, page, "discard").status_code == 303


def test_the_pages_cost_few_statements(sign_in: Callable[..., Any]) -> None:
    kadiv = sign_in("kadiv.kalbar")
    for path, most in (("/pengaturan/alur", 14), (PAGE, 18), (f"{PAGE}/versi/1", 16)):
        kadiv.get(path)
        with counted_statements() as seen:
            assert kadiv.get(path).status_code == 200
        assert len(seen) <= most, f"{path}: {len(seen)}\n" + "\n".join(seen)


def test_a_simulation_page_shows_its_progress_or_its_result(sign_in: Callable[..., Any]) -> None:
    kadiv = sign_in("kadiv.kalbar")
    done = press(kadiv, PAGE, "simulate", cases="10")
    page = kadiv.get(done.headers["Location"]).get_data(as_text=True)
    assert "Belum ada kasus yang diputus" in page
    running = press(kadiv, PAGE, "simulate", cases="5000")
    page = kadiv.get(running.headers["Location"]).get_data(as_text=True)
    assert "<progress" in page
    wrong = press(kadiv, PAGE, "simulate", cases="banyak")
    assert wrong.status_code == 422


def _api(app: Any, username: str) -> Callable[..., Any]:
    body = {"username": username, "password": worlds.PASSWORD, "provider": "db"}
    token = app.test_client().post("/api/v1/security/login", json=body).get_json()["access_token"]

    def send(method: str, path: str, json: Any = None, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        return app.test_client().open(path, method=method, json=json, headers=headers)

    return send
