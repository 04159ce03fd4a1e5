"""Every route of the application, by every method, as every role of two Kanwil and two UPT, with the numbers of others.

The routes are read from the URL map, so that a new one is walked the day it is written: without a rule in `rules.py` it
fails here by its name.
"""

from __future__ import annotations

import io
from itertools import islice
from typing import Any

import pytest
from werkzeug.routing import IntegerConverter

from tests.catalogue.pictures import picture
from tests.isolation.conftest import Walker, words_of
from tests.isolation.routes import FIXED, FORM, addresses, routes
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


def test_every_route_has_a_rule(walked_app: Any) -> None:
    missing = sorted({endpoint for endpoint, _, _ in routes(walked_app)} - RULES.keys())
    assert not missing, f"routes without a rule in tests/isolation/rules.py: {missing}"
    gone = sorted(RULES.keys() - {endpoint for endpoint, _, _ in routes(walked_app)})
    assert not gone, f"rules for routes that are gone: {gone}"


def test_a_rule_names_every_number_of_its_route(walked_app: Any) -> None:
    for endpoint, one, _ in routes(walked_app):
        assert set(one.arguments) == set(RULES[endpoint].ids), endpoint


def test_a_number_in_an_address_fits_the_column_that_it_is_looked_up_in(walked_app: Any) -> None:
    for one in walked_app.url_map.iter_rules():
        for name, converter in one._converters.items():
            if isinstance(converter, IntegerConverter):
                assert converter.max is not None, (one.rule, name)
                assert converter.max < 2**31, (one.rule, name)


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
