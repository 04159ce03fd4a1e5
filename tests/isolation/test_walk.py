"""Every route of the application, by every method, as every role of two Kanwil and two UPT, with the numbers of others.

The routes are read from the URL map, so that a new one is walked the day it is written: without a rule in `rules.py` it
fails here by its name.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from tests.catalogue.pictures import picture
from tests.isolation.conftest import Walker, words_of
from tests.isolation.rules import RULES, Rule
from tests.isolation.scene import Scene

COMMON = {  # what some page says to everybody
    "Direktur Jenderal Pemasyarakatan",
    "Kepala Kantor Wilayah",
    "Kepala Divisi Pemasyarakatan",
    "Februari 2024",
    "pengendalian",
    "Kelompok barang memenuhi syarat",  # asked by the national default
    *("case.submitted", "case.decided", "product.suspended"),  # events, in the description of the API
    "2024-04-16T03:00:00+00:00",  # the instant at which everything of the scene happens
    "pembina.kalbar",  # the example beside a field, and the demonstration's accounts on its sign-in page
    "kakanwil.kalbar",
}
EACH = 5  # numbers tried of a route's others, spread over all of them
FIXED = {
    "no such unit": "tidak-ada-di-mana-pun",
    "no such code": "AAAA-BBBB-CCCC",
    "no such file": "tidak/ada.css",
    "no such number": "99999",
    "far number": "999",
    "subject": "product",
    "first version": "1",
    "language": "en",
    "photo size": "320",
    "export kind": "csv",
    "report table": "kembali-tempat",
    "figures table": "upt",
    "year": "2024",
    "readiness table": "upt",
    "assessment table": "jawaban",
    "ranking table": "kanwil",
    "dashboard table": "produk",
    "question key": "budget_1",
    "disposition kind": "kanwil",
    "control word": "tangguhkan",
    "officer word": "tutup",
    "switch word": "matikan",
}
FORM = {
    "outcome": "approve",
    "comment": "Percobaan dari luar.",
    "reason": "Percobaan dari luar.",
    "name": "Percobaan",
    "period": "2024-01",
}


def routes(app: Any) -> list[tuple[str, Any, str]]:
    """(endpoint, rule, method) of all there is."""
    return [
        (one.endpoint, one, method)
        for one in sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, r.endpoint))
        for method in sorted((one.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def addresses(app: Any, one: Any, rule: Rule, scene: Scene, walker: Walker, *, own: bool) -> Iterator[str]:
    """The address filled with numbers inside (`own`) or outside the walker's scope."""
    choices: dict[str, list[Any]] = {}
    for name, kind in rule.ids.items():
        if kind in FIXED:
            choices[name] = [FIXED[kind]]
        elif kind in ("photo hash", "product slug"):
            table, column = ("product_photo", "sha256") if kind == "photo hash" else ("product", "slug")
            found = scene.values(table, column, walker.scope, own=own)
            choices[name] = [value for value in found if value not in scene.open_texts]
        elif kind == "attachment":
            choices[name] = [
                key
                for table in ("comment_file", "note_file")
                for key in scene.values(table, "key", walker.scope, own=own)
            ]
        elif kind == "evidence":
            choices[name] = scene.values("readiness_evidence", "key", walker.scope, own=own)
        elif kind == "enclosure":
            answered = [
                row
                for row in scene.rows
                if row.table == "decision"
                and "permit" in row.values["checklist"]
                and (walker.scope is not None and scene.belongs(row, walker.scope)) == own
            ]
            choices |= {
                "case_id": [row.values["case_id"] for row in answered],
                "decision_id": [row.id for row in answered],
                name: ["permit"],
            }
        elif kind == "unsent recap" or (kind == "recap" and walker.role in ("dirjen", "admin_pusat")):
            choices[name] = scene.ids("recap", walker.scope, own=own, state="draft")
        else:
            choices[name] = scene.ids(kind, walker.scope, own=own)
    if not choices:
        yield one.build({})[1] if one.arguments == set() else one.rule
        return
    longest = max(len(values) for values in choices.values())
    for place in range(0, longest, max(1, -(-longest // EACH))):
        values = {name: found[place % len(found)] for name, found in choices.items() if found}
        if len(values) == len(choices):
            adapter = app.url_map.bind("localhost")
            yield adapter.build(one.endpoint, values, method=next(iter(one.methods - {"HEAD", "OPTIONS"})))


def test_every_route_has_a_rule(walked_app: Any) -> None:
    missing = sorted({endpoint for endpoint, _, _ in routes(walked_app)} - RULES.keys())
    assert not missing, f"routes without a rule in tests/isolation/rules.py: {missing}"
    gone = sorted(RULES.keys() - {endpoint for endpoint, _, _ in routes(walked_app)})
    assert not gone, f"rules for routes that are gone: {gone}"


def test_a_rule_names_every_number_of_its_route(walked_app: Any) -> None:
    for endpoint, one, _ in routes(walked_app):
        assert set(one.arguments) == set(RULES[endpoint].ids), endpoint


def test_nothing_of_another_kanwil_or_upt_is_shown_or_done(
    scene: Scene, walked_app: Any, walkers: list[Walker]
) -> None:
    wrong: list[str] = []
    for walker in walkers:
        secrets = scene.secrets(walker.scope) - COMMON
        for endpoint, one, method in routes(walked_app):
            rule = RULES.get(endpoint)
            if rule is None or endpoint == "SignInView.logout":
                continue
            numbered = any(kind not in FIXED for kind in rule.ids.values())
            tried = addresses(walked_app, one, rule, scene, walker, own=False)
            for path in (
                tried if _may(walker, rule) else islice(tried, 1)
            ):  # a role is refused before the number is read
                form = {**(rule.form or FORM), **_files(rule)}
                answer = walker.send(method, path, by_token=rule.api, form=form)
                said = (
                    f"{walker.username or 'a stranger'}: {method} {path} ({endpoint}) -> {answer.status_code}"
                )
                problem = judged(walker, rule, answer, numbered=numbered)
                if problem:
                    wrong.append(f"{said}: {problem}")
                if walker.role not in ("dirjen", "admin_pusat", "auditor"):
                    words = words_of(answer)
                    shown = [secret for secret in secrets if secret in words and secret not in path]
                    if shown:
                        wrong.append(f"{said}: shows {shown[:3]}")
    assert not wrong, f"{len(wrong)} answers:\n" + "\n".join(wrong[:60])


def _may(walker: Walker, rule: Rule) -> bool:
    """Whether the walker's role has any business there."""
    return rule.who is None or walker.role in rule.who


def _files(rule: Rule) -> dict[str, Any]:
    """A fresh file for a form that wants one."""
    return {} if not rule.file else {rule.file: (io.BytesIO(picture()), "foto.jpg")}


def judged(walker: Walker, rule: Rule, answer: Any, *, numbered: bool) -> str | None:
    """What is wrong with an answer to a request for what is not the walker's."""
    status = answer.status_code
    if status >= 500:
        return "broke"
    if rule.who is None:
        return "shown to anybody" if numbered and status < 400 else None
    if walker.role is None:
        if rule.api:
            return None if status == 401 else "a stranger wants 401"
        to_sign_in = status == 302 and "/login" in answer.headers["Location"]
        return None if to_sign_in else "a stranger wants the sign-in page"
    if walker.role in rule.elsewhere:
        there = status == 303 and answer.headers["Location"] == rule.there
        return None if there else "wants the way to the centre's own list"
    if walker.role not in rule.who:
        return None if status in (403, 404) else "not this role's: wants 403"
    if numbered:
        return None if status == 404 else "not yours: wants 404"
    return "this role may, and was refused" if status in (401, 403, 405) else None


def test_own_pages_answer_and_show_nothing_foreign(
    scene: Scene, walked_app: Any, walkers: list[Walker]
) -> None:
    """Reads alone, with own numbers: what is there is found, and no page mixes in what is another's."""
    wrong: list[str] = []
    found = 0
    for walker in walkers:
        if walker.scope is None:
            continue
        secrets = scene.secrets(walker.scope) - COMMON
        for endpoint, one, method in routes(walked_app):
            rule = RULES.get(endpoint)
            if rule is None or method != "GET" or endpoint == "SignInView.logout":
                continue
            tried = addresses(walked_app, one, rule, scene, walker, own=True)
            for path in tried if _may(walker, rule) else islice(tried, 1):
                answer = walker.send(method, path, by_token=rule.api)
                said = f"{walker.username}: {path} ({endpoint}) -> {answer.status_code}"
                if answer.status_code >= 500:
                    wrong.append(f"{said}: broke")
                if (
                    rule.who is not None
                    and walker.role not in rule.who
                    and answer.status_code not in (403, 404)
                ):
                    wrong.append(f"{said}: not this role's")
                found += answer.status_code == 200 and bool(rule.ids)
                words = words_of(answer)
                shown = [secret for secret in secrets if secret in words]
                if shown:
                    wrong.append(f"{said}: shows {shown[:3]}")
    assert not wrong, f"{len(wrong)} answers:\n" + "\n".join(wrong[:60])
    assert found > 200  # or the walk would have met nothing


@pytest.mark.parametrize(
    "path", ["/users/list/", "/roles/list/", "/userinfoeditview/form", "/registeruser/list/"]
)
def test_fabs_security_pages_are_not_there(walkers: list[Walker], path: str) -> None:
    for walker in walkers:
        assert walker.send("GET", path, by_token=False).status_code == 404
