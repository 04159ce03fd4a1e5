"""The editor's form: what it sends, read into changes of a product's content; and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from catalogue import prose
from catalogue.checks import label_of
from catalogue.content import BY_KEY, FIELDS, TYPED, shown, shown_by_key
from catalogue.difference import maker_words
from catalogue.queries import ProductView
from tenants.words import date_id, rupiah
from webapp.shell import again

EVIDENCE = (("source", "evidence_source"), ("observed_on", "evidence_on"), ("price_rupiah", "evidence_price"))
MAKERS = (("consent", "maker_consent"),)
_ANSWER = "answer."
TAKE = "take."
"""Which of two values of a field is kept: ``take.name`` is ``mine`` or ``stored``."""


@dataclass(frozen=True)
class Posted:
    """What a form brought: changes by field, answers by request, and what to do."""

    changes: dict[str, Any]
    answers: dict[str, str]
    action: str
    anchor: str | None = None
    version: int | None = None
    """The version that the form showed."""
    base: str | None = None
    """What each field was then (`product_meeting.base_of`)."""


def changes_in(form: MultiDict[str, str], *, whole: bool = True) -> Posted:
    """The changes that a form brings. `whole`: all rows of evidence and makers are in it; else only what changed."""
    changes: dict[str, Any] = {
        key: form[key]
        for key, spec in BY_KEY.items()
        if key in form and spec.kind not in ("evidence", "makers", "photos")
    }
    action, anchor = form.get("action", "save"), None
    for name, columns in (("price_evidence", EVIDENCE), ("makers", MAKERS)):
        if all(column in form for _key, column in columns) or (
            whole and any(column in form for _key, column in columns)
        ):
            changes[name] = _rows(form, columns)
    if action.startswith("remove_evidence:"):
        index = action.partition(":")[2]
        kept = changes.get("price_evidence", [])
        if index.isdigit() and int(index) < len(kept):
            del kept[int(index)]
        action, anchor = "remove_evidence", "bukti"
    if "remove_photo" in form:
        action, anchor = "remove_photo", "foto"
    answers = {key[len(_ANSWER) :]: value for key, value in form.items() if key.startswith(_ANSWER)}
    changes = {key: value for key, value in changes.items() if form.get(TAKE + key) != "stored"}
    version = form.get("version", "")
    shown_version = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None
    return Posted(changes, answers, action, anchor, shown_version, form.get("base"))


def _rows(form: MultiDict[str, str], columns: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    lists = [form.getlist(name) for _key, name in columns]
    length = max(map(len, lists))
    return [
        {
            key: values[at].strip() if at < len(values) else ""
            for (key, _name), values in zip(columns, lists, strict=True)
        }
        for at in range(length)
    ]


def unfinished(view: ProductView) -> dict[str, str]:
    """What is wrong with what was typed so far; an empty field is no mistake yet."""
    content = view.content
    typed = content.get(TYPED) or {}
    return {
        path: message
        for path, message in view.problems().items()
        if path in typed
        or "." in path
        or (path not in ("photos", "price_evidence") and content.get(path) not in (None, ""))
    }


def evidence_rows(view: ProductView, problems: Mapping[str, str], *, more: int = 0) -> list[dict[str, Any]]:
    """The rows of evidence as the form shows them, with each cell's error; empty ones for a page without script."""
    content = view.content
    typed = content.get(TYPED) or {}
    rows = []
    for number, row in enumerate(content.get("price_evidence") or []):
        cells: dict[str, Any] = {"number": number, "errors": []}
        for key, _name in EVIDENCE:
            path = f"price_evidence.{number}.{key}"
            value = row.get(key)
            cells[key] = (
                typed.get(path)
                or (shown_by_key("price_rupiah", value) if key == "price_rupiah" else value)
                or ""
            )
            if path in problems:
                cells["errors"].append((key, problems[path]))
        rows.append(cells)
    blank = {"source": "", "observed_on": "", "price_rupiah": "", "errors": []}
    rows += [{**blank, "number": len(rows) + extra} for extra in range(more)]
    return rows


@dataclass
class Editing:
    """What the template asks of one field: its value as typed, its error, what was asked of it, its answer."""

    view: ProductView
    problems: Mapping[str, Any]
    _asked: dict[str, list[dict[str, str]]] = field(init=False)

    def __post_init__(self) -> None:
        self._asked = {}
        for request in self.view.requests:
            self._asked.setdefault(request["field"], []).append(request)

    def value(self, key: str) -> str:
        content = self.view.content
        typed = (content.get(TYPED) or {}).get(key)
        if typed is not None:
            return str(typed)
        value = content.get(key)
        if BY_KEY[key].kind in ("choice", "date"):
            return value or ""
        if BY_KEY[key].kind == "partner":
            return str(value["id"]) if value else ""
        return shown_by_key(key, value)

    def error(self, key: str) -> str | None:
        """What is wrong with the field, an unanswered request of it included."""
        unanswered = (self.problems.get(f"answers.{one['id']}") for one in self.asked(key))
        return self.problems.get(key) or next((message for message in unanswered if message), None)

    def asked(self, key: str) -> list[dict[str, str]]:
        """What the last return asks of this field."""
        return self._asked.get(key, [])

    def request_text(self, key: str) -> str | None:
        return " ".join(one["text"] for one in self.asked(key)) or None

    def answer_name(self, key: str) -> str | None:
        asked = self.asked(key)
        return f"{_ANSWER}{asked[0]['id']}" if asked else None

    def answer(self, key: str) -> str:
        asked = self.asked(key)
        return self.view.revision.answers.get(asked[0]["id"], "") if asked else ""

    def unanswered(self) -> int:
        return len(self.view.unanswered(dict(self.view.revision.answers)))


def add_words(app: Flask) -> None:
    """What the templates of products say with: all fields in words, problems by name, a description as safe HTML."""
    app.jinja_env.filters["simple_markdown"] = lambda text: Markup(prose.rendered(text))  # noqa: S704 - cleaned there
    app.jinja_env.globals.update(
        all_fields=all_fields,
        problem_words=problem_words,
        said_problems=said_problems,
        problem_names=problem_names,
    )


def all_fields(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, value in words) of every field that has one, rows written out."""
    said = []
    for spec in FIELDS:
        value = content.get(spec.key)
        if spec.kind == "evidence":
            said += [(spec.label, _evidence(row)) for row in value or []]
        elif spec.kind == "makers":
            said += [(spec.label, maker_words(row)) for row in value or []]
        elif spec.kind == "choice" and value:
            said.append((spec.label, _(shown(spec, value))))
        elif spec.kind not in ("photos", "text") and (text := shown(spec, value)):
            said.append((spec.label, text))
    return said


def problem_words(problems: Mapping[str, Any]) -> str:
    """The labels of the fields that have a problem, once each."""
    return ", ".join(dict.fromkeys(_(label_of(path)).lower() for path in problems))


def said_problems(problems: Mapping[str, Any]) -> dict[str, str]:
    """Each problem in the reader's language, by the name of the box that mends it."""
    return {_box(path): again(message) for path, message in problems.items()}


def problem_names(problems: Mapping[str, Any], requests: list[dict[str, str]]) -> dict[str, str]:
    """The label of each problem's field; of a request, the field that it is about."""
    fields = {f"answers.{one['id']}": one["field"] for one in requests}
    return {_box(path): _(label_of(fields.get(path, path))) for path in problems}


def _box(path: str) -> str:
    """The form's name for what `path` names: an answer's box is called as it is sent."""
    return path.replace("answers.", _ANSWER, 1) if path.startswith("answers.") else path


def _evidence(row: Mapping[str, Any]) -> str:
    parts = [str(row.get("source") or "")]
    if row.get("observed_on"):
        parts.append(date_id(date.fromisoformat(row["observed_on"])))
    if row.get("price_rupiah"):
        parts.append(rupiah(row["price_rupiah"]))
    return ", ".join(part for part in parts if part)
