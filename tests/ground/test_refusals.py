"""What the house refuses with can be said in English: an error's words are marked for translation where they stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
ROOMS = ("tenants", "workflows", "catalogue", "sales", "recaps")
FAULTS = ("wrong", "faults", "found", "problems")
"""Names under which the house collects what is wrong, by field."""
FOR_ENGINEERS = ("ScopeError", "NoScope")
"""Raised where a defect of ours is; nobody reads their words on a page."""
FINDINGS = ("Problem", "named")
"""What makes a finding of `audit verify`, a page of which shows it."""
PLACES = re.compile(r"%\(\w+\)s|[\s.,;:()“”-]+")


@cache
def modules() -> list[tuple[str, ast.Module]]:
    files = [path for room in ROOMS for path in sorted((HOUSE / room).rglob("*.py"))]
    return [(str(path.relative_to(HOUSE)), ast.parse(path.read_text(encoding="utf-8"))) for path in files]


@cache
def errors() -> dict[str, ast.ClassDef]:
    """The error classes of the house, by name."""
    classes = {
        node.name: node
        for _, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
    }

    def is_error(name: str) -> bool:
        bases = [base.id for base in classes[name].bases if isinstance(base, ast.Name)]
        return name == "KaryaError" or any(is_error(base) for base in bases if base in classes)

    return {name: node for name, node in classes.items() if is_error(name)}


def bare(value: ast.expr | None) -> Iterator[ast.expr]:
    """The words within `value` that nobody marked: literals in the places from which an error takes its text."""
    if isinstance(value, ast.IfExp):
        yield from bare(value.body)
        yield from bare(value.orelse)
    elif isinstance(value, ast.BoolOp | ast.Dict):
        for one in value.values:
            yield from bare(one)
    elif isinstance(value, ast.DictComp):
        yield from bare(value.value)
    elif isinstance(value, ast.JoinedStr):
        if any(
            isinstance(one, ast.Constant) and re.search(r"[a-z]{2}", str(one.value)) for one in value.values
        ):
            yield value
    elif isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value:
        yield value


def unmarked(module: ast.Module) -> Iterator[ast.expr]:
    known = errors()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in known and node.func.id not in FOR_ENGINEERS:
                yield from bare(node.args[0] if node.args else None)
                yield from bare(next((one.value for one in node.keywords if one.arg == "fields"), None))
            elif node.func.id in FINDINGS:
                yield from bare(node.args[3] if len(node.args) > 3 else None)
                yield from bare(next((one.value for one in node.keywords if one.arg == "message"), None))
            elif node.func.id == "say" and PLACES.sub("", str(getattr(node.args[0], "value", ""))):
                yield from bare(node.args[0])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            within = node.targets[0].value
            if isinstance(within, ast.Name) and within.id in FAULTS:
                yield from bare(node.value)
        elif isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == ["wrong"]:
            yield from bare(node.value if not isinstance(node.value, ast.Constant) else None)


@pytest.mark.parametrize("room", ROOMS)
def test_every_refusal_is_marked_for_translation(room: str) -> None:
    found = [
        f"{path}:{one.lineno}: {ast.unparse(one)}"
        for path, module in modules()
        if path.startswith(f"{room}/")
        for one in unmarked(module)
    ]
    assert found == []


def test_every_error_says_its_title_marked_for_translation() -> None:
    known = errors()
    assert len(known) > 60
    titles = [
        (name, one.value)
        for name, node in known.items()
        for one in node.body
        if isinstance(one, ast.Assign | ast.AnnAssign) and "title" in ast.unparse(one).split("=")[0]
    ]
    assert [name for name, value in titles if not ast.unparse(value).startswith("N_(")] == []  # type: ignore[arg-type]


def test_a_bare_text_would_be_found() -> None:
    source = 'def go(x):\n    wrong["a"] = "Isi ini."\n    raise Invalid(f"Bukan {x}.", fields={"a": "Tidak ada."})\n'
    assert len(list(unmarked(ast.parse(source)))) == 3
    marked = 'raise Invalid(say(N_("Bukan %(x)s."), x=x), fields={"a": N_("Tidak ada.")})'
    assert list(unmarked(ast.parse(marked))) == []
