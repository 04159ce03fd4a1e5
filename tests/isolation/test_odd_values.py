"""Whatever a person or a program sends, no route breaks: every field that a route's module names, filled with a value
that nobody expects, by somebody who may go there, with numbers of his own."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.isolation.conftest import Walker
from tests.isolation.routes import addresses, routes
from tests.isolation.rules import RULES, Rule
from tests.isolation.scene import Scene

TYPED = ["1" + "0" * 30, "2024-99-99"]
SENT: list[Any] = [10**12, {"a": [1]}, "2024-99-99", -1]
BODIES: list[Any] = [[]]
LEFT_ALONE = {  # they end the sessions and the accounts that the walk goes by
    "SignInView.logout",
    "PasswordView.change",
    "officers.set_active",
    "officers.reset_password",
    "centre.suspend",
}


@cache
def names_in(source: str) -> list[str]:
    """What a module calls fields, and a few things that it doesn't."""
    return sorted(set(re.findall(r'"([a-z][a-z_]{1,30})"', Path(source).read_text())))


def fields_of(app: Any, endpoint: str, rule: Rule) -> list[str]:
    source = inspect.getsourcefile(inspect.unwrap(app.view_functions[endpoint])) or ""
    return sorted({*names_in(source), *rule.form, "cursor", "limit", "q", "version"} - {"csrf_token"})


def who_may(walkers: list[Walker], rule: Rule) -> Walker:
    return next(one for one in walkers if rule.who is None or one.role in rule.who)


def requests(endpoint: str, method: str, rule: Rule, names: list[str]) -> list[dict[str, Any]]:
    """The arguments of each odd request."""
    if method in ("GET", "DELETE"):
        return [{"query_string": urlencode(dict.fromkeys(names, value))} for value in TYPED]
    if not rule.api:
        return [{"data": dict.fromkeys(names, value)} for value in TYPED]
    return [*({"json": dict.fromkeys(names, value)} for value in SENT), *({"json": one} for one in BODIES)]


def test_no_route_breaks_on_odd_values(
    scene: Scene, walked_app: Any, walkers: list[Walker], dialect: str
) -> None:
    broke: list[str] = []
    answers: Counter[int] = Counter()
    for place, (endpoint, one, method) in enumerate(routes(walked_app)):
        rule = RULES.get(endpoint)
        if rule is None or endpoint in LEFT_ALONE:
            continue
        walker = who_may(walkers, rule)
        path = next(addresses(walked_app, one, rule, scene, walker, own=True), None)
        if path is None or "<" in path:
            continue
        odd = requests(endpoint, method, rule, fields_of(walked_app, endpoint, rule))
        if dialect == "sqlite":  # its own trouble is with numbers; the rest is the same code
            odd = odd[:1]
        for number, given in enumerate(odd):
            headers = {"Authorization": f"Bearer {walker.token}"} if rule.api and walker.token else {}
            headers["Idempotency-Key"] = f"odd-{place}-{number}"
            browser = walked_app.test_client() if rule.api else walker.browser
            answer = browser.open(path, method=method, headers=headers, **given)
            answers[answer.status_code] += 1
            if answer.status_code >= 500:
                broke.append(f"{walker.username}: {method} {path} ({endpoint}) {str(given)[:60]}")
    assert not broke, f"{len(broke)} answers:\n" + "\n".join(broke[:60])
    assert answers.total() > (300 if dialect == "sqlite" else 900)
    assert answers[400] + answers[422] > answers.total() / 10
