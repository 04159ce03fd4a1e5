"""Every route of the application, and addresses of it filled with numbers of the scene."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.isolation.conftest import Walker
from tests.isolation.rules import Rule
from tests.isolation.scene import Scene

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
    "country table": "kanwil",
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
