"""A definition's document as a form: every field is named by its place, ``stages[1].checklist[0].type``.

`fields_of` spells a document out for the form, `document_of` reads the form back, `changed` adds, removes and moves
parts of it. Nothing is judged here: what was typed goes into the document as it is, and the reading names its faults
by the same places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from workflows.documents import MAX_BYTES

Node = dict[str, Any]
_PART = re.compile(r"\.?([a-z_]+)|\[(\d{1,3})\]")
_SECTION = re.compile(r"^[\w.\[\]]*$")
_WHOLE = re.compile(r"^-?\d{1,15}$")
_NUMBER = re.compile(r"^-?\d{1,15}[.,]\d{1,6}$")
_FLAGS = {"four_eyes", "required", "must"}
_NUMBERS = {"deadline_days", "remind_days", "least", "most", "need", "of"}
_LISTS = {"choices", "fields"}
_TEXTS = {"title", "key", "name", "role", "question", "escalate_to", "when", "type", "unit", "quorum"}
_OPINION = "no"
"""How the form says that a stage does not decide; anything else that it offers is left unsaid in the document."""
_BRANCHES = ("stages", "parallel", "checklist")
KEPALA = "persetujuan_kepala"


def document_in(text: str) -> Node | None:
    """The document of a draft's text where a form can show it; None where only the YAML can."""
    if len(text) > MAX_BYTES:
        return None
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            return None
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return raw if _shown(raw) else None


def document_of(form: Iterable[tuple[str, str]], subject_type: str) -> Node:
    """The document that a form holds. An empty field is left out; a tick that is absent is a no."""
    document: Node = {"subject_type": subject_type, "title": "", "stages": []}
    for place, text in form:
        parts = _parts(place)
        if parts and (parts == ["title"] or parts[0] == "stages"):
            _put(document, parts, text.strip())
    document["stages"] = [_complete(one, False) for one in _packed(document["stages"])]
    _name_keys(document)
    return document


def fields_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The document as its form sends it: place -> text; ticks that are not set are left out."""
    found = {"title": _text(document.get("title"))}
    for at, node in enumerate(document.get("stages") or []):
        _spell(node, f"stages[{at}]", found)
    return found


def same(one: str, other: str) -> bool:
    """Whether two texts are the same document, whatever their spaces, comments and defaults left unsaid."""
    first, second = document_in(one), document_in(other)
    if first is None or second is None:
        return one == other
    return document_of(fields_of(first).items(), "") == document_of(fields_of(second).items(), "")


def _spell(node: Mapping[str, Any], place: str, found: dict[str, str]) -> None:
    unsaid = (
        {"required": True} if ".checklist[" in place else {} if "parallel" in node else {"four_eyes": True}
    )
    values: dict[str, Any] = {**unsaid, **node}
    for name, value in values.items():
        within = f"{place}.{name}"
        if name in _BRANCHES and isinstance(value, list):
            for at, one in enumerate(value):
                _spell(one, f"{within}[{at}]", found)
        elif isinstance(value, Mapping):
            found |= {f"{within}.{part}": _text(number) for part, number in value.items()}
        elif name in _LISTS and isinstance(value, list):
            found[within] = "\n".join(value)
        elif name in _FLAGS:
            if value is True:
                found[within] = "yes"
        elif name == "decides" and isinstance(value, bool):
            if not value:
                found[within] = _OPINION
        else:
            found[within] = _text(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def changed(document: Node, act: str) -> tuple[Node, str]:
    """The document after a button of the form: ``add-stage``, ``add-block``, ``kepala``, ``remove:PLACE``,
    ``up:PLACE``, ``down:PLACE``, ``add-item:PLACE``, ``add-branch:PLACE``; and the place to look at next. Anything
    else changes nothing."""
    word, _, place = act.partition(":")
    stages: list[Any] = document.setdefault("stages", [])
    if word == "add-stage":
        stages.append(_new_stage(""))
        return document, f"stages[{len(stages) - 1}]"
    if word == "add-block":
        stages.append({"name": "", "quorum": "all", "parallel": [_new_stage(""), _new_stage("")]})
        return document, f"stages[{len(stages) - 1}]"
    if word == "kepala":
        _switch_kepala(stages)
        return document, "stages[0]"
    parts = _parts(place)
    found = _found(document, parts)
    if found is None:
        return document, ""
    if word == "add-item" and isinstance(found, dict):
        items = found.setdefault("checklist", [])
        items.append({"question": "", "type": "yes_no", "required": True, "must": True})
        return document, f"{place}.checklist[{len(items) - 1}]"
    if word == "add-branch" and isinstance(found, dict) and "parallel" in found:
        found["parallel"].append(_new_stage(""))
        return document, f"{place}.parallel[{len(found['parallel']) - 1}]"
    at = parts[-1]
    around = _found(document, parts[:-1])
    if not isinstance(at, int) or not isinstance(around, list):
        return document, ""
    outer = place.rsplit("[", 1)[0]
    if word == "remove":
        del around[at]
        return document, outer.rsplit(".", 1)[0] if "." in outer else ""
    to = at + {"up": -1, "down": 1}.get(word, 0)
    if 0 <= to < len(around):
        around.insert(to, around.pop(at))
        return document, f"{outer}[{to}]"
    return document, place


def has_kepala(document: Mapping[str, Any]) -> bool:
    """Whether the head of the UPT approves first."""
    stages = document.get("stages") or []
    return bool(stages) and stages[0].get("role") == "kepala_upt"


def _switch_kepala(stages: list[Any]) -> None:
    if stages and stages[0].get("role") == "kepala_upt":
        del stages[0]
        return
    taken = {one.get("key") for one in stages}
    key = next(name for name in (KEPALA, *(f"{KEPALA}_{n}" for n in range(2, 99))) if name not in taken)
    first = _new_stage("kepala_upt") | {
        "key": key,
        "name": "Persetujuan Kepala UPT",
        "question": "Siap diajukan kepada Kanwil?",
        "deadline_days": 2,
    }
    stages.insert(0, first)


def _new_stage(role: str) -> Node:
    return {
        "key": "",
        "name": "",
        "role": role,
        "question": "",
        "deadline_days": 3,
        "four_eyes": True,
        "checklist": [],
    }


def _shown(raw: Any) -> bool:
    """Whether every part of a document has a field in the form."""
    if not isinstance(raw, dict) or not raw.keys() <= {"subject_type", "title", "stages"}:
        return False
    stages = raw.get("stages", [])
    return isinstance(stages, list) and all(_shown_step(one) for one in stages)


def _shown_step(raw: Any) -> bool:
    if not isinstance(raw, dict):
        return False
    if "parallel" not in raw:
        return _shown_stage(raw, quorum=True)
    inner = raw["parallel"]
    plain = {name: value for name, value in raw.items() if name != "parallel"}
    return (
        isinstance(inner, list)
        and plain.keys() <= {"key", "name", "when", "quorum"}
        and all(_scalar(value) for value in plain.values())
        and all(isinstance(one, dict) and _shown_stage(one, quorum=False) for one in inner)
    )


def _shown_stage(raw: Node, *, quorum: bool) -> bool:
    known = {
        "key",
        "name",
        "role",
        "question",
        "deadline_days",
        "remind_days",
        "escalate_to",
        "four_eyes",
        "decides",
        "when",
    }
    rest = {name: value for name, value in raw.items() if name not in ("checklist", "quorum")}
    asked, items = raw.get("quorum"), raw.get("checklist") or []
    if asked is not None and not (
        quorum
        and isinstance(asked, dict)
        and asked.keys() <= {"need", "of"}
        and all(_scalar(value) for value in asked.values())
    ):
        return False
    return (
        rest.keys() <= known
        and all(_scalar(value) for value in rest.values())
        and isinstance(items, list)
        and all(isinstance(one, dict) and _shown_item(one) for one in items)
    )


def _shown_item(raw: Node) -> bool:
    known = {"key", "question", "type", "required", "must", "least", "most", "unit", "when"}
    rest = {name: value for name, value in raw.items() if name not in _LISTS}
    return (
        rest.keys() <= known
        and all(_scalar(value) for value in rest.values())
        and all(isinstance(raw.get(name, []), list) for name in _LISTS)
        and all(isinstance(text, str) for name in _LISTS for text in raw.get(name, []))
    )


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _parts(place: str) -> list[str | int]:
    """A place in its parts: ``stages[1].name`` -> ["stages", 1, "name"]."""
    if not _SECTION.match(place) or len(place) > 120:
        return []
    return [int(number) if number else name for name, number in _PART.findall(place)]


def _found(document: Any, parts: list[str | int]) -> Any:
    for part in parts:
        listed = isinstance(part, int) and isinstance(document, list) and part < len(document)
        named = isinstance(part, str) and isinstance(document, dict) and part in document
        if not (listed or named):
            return None
        document = document[part]
    return document if parts else None


def _put(document: Node, parts: list[str | int], text: str) -> None:
    """Put one field of the form into the document. Lists are dictionaries by number until they are packed."""
    here: Any = document
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        if following is None:
            if isinstance(part, str) and isinstance(here, dict):
                _put_value(here, part, text)
            return
        if isinstance(part, str) and part not in (*_BRANCHES, "quorum"):
            return
        if not isinstance(here, dict):
            return
        kept = here.get(part)
        if not isinstance(kept, dict):
            here[part] = kept = {}
        here = kept


def _put_value(here: Node, name: str, text: str) -> None:
    if name in _FLAGS:
        here[name] = here.get(name) is True or text == "yes"
    elif name == "decides":
        if text and text != "yes":
            here[name] = False if text == _OPINION else text
    elif name in _LISTS:
        pieces = text.split("\n") if name == "choices" else re.split(r"[\n,]", text)
        listed = [one.strip() for one in pieces if one.strip()]
        if listed:
            here[name] = listed
    elif name in _NUMBERS or (name == "quorum" and _WHOLE.match(text)):
        if text:
            here[name] = _number(text)
    elif name in _TEXTS and (text or name in ("title", "name", "key", "role", "question")):
        here[name] = text


def _number(text: str) -> int | float | str:
    if _WHOLE.match(text):
        return int(text)
    return float(text.replace(",", ".")) if _NUMBER.match(text) else text


def _packed(numbered: Any) -> list[Any]:
    """Lists by number as lists, the whole way down."""
    if not isinstance(numbered, dict):
        return []
    packed = []
    for _at, node in sorted((at, node) for at, node in numbered.items() if isinstance(at, int)):
        if isinstance(node, dict):
            packed.append(
                {
                    name: _packed(value) if name in _BRANCHES else value
                    for name, value in node.items()
                    if isinstance(name, str)
                }
            )
    return packed


def _complete(node: Node, inner: bool) -> Node:
    """A step in the order in which people write one; what is as it would be without a word is left unsaid."""
    if "parallel" in node and not inner:
        order = ("key", "name", "when", "quorum")
        step = {name: node[name] for name in order if name in node}
        return step | {"parallel": [_complete(one, True) for one in node["parallel"]]}
    written = ("key", "name", "role", "question", "quorum", "deadline_days", "remind_days", "escalate_to")
    stage = {name: node[name] for name in written if name in node}
    for name in ("question", "quorum"):  # left empty in the form
        if not stage.get(name):
            stage.pop(name, None)
    stage["four_eyes"] = node.get("four_eyes", False)
    for name in ("decides", "when"):
        if name in node:
            stage[name] = node[name]
    stage["checklist"] = [_complete_item(one) for one in node.get("checklist", [])]
    return stage


def _complete_item(node: Node) -> Node:
    order = ("key", "question", "type")
    item = {name: node[name] for name in order if name in node}
    if not node.get("required", False):
        item["required"] = False
    if node.get("must", False):
        item["must"] = True
    more = ("choices", "least", "most", "unit", "fields", "when")
    return item | {name: node[name] for name in more if name in node}


def _name_keys(document: Node) -> None:
    """Keys that were left empty are made from the name, once."""
    steps = document["stages"]
    nodes = [*steps, *(one for step in steps for one in step.get("parallel", []))]
    taken = {str(node.get("key")) for node in nodes}
    for node in nodes:
        _name_key(node, "name", taken)
        items = node.get("checklist", [])
        within = {str(item.get("key")) for item in items}
        for item in items:
            _name_key(item, "question", within)


def _name_key(node: Node, source: str, taken: set[str]) -> None:
    key = node.get("key") or ""
    if not key:
        words = re.sub(r"[^a-z0-9]+", "_", str(node.get(source) or "").lower()).strip("_")[:40].strip("_")
        key = words if words[:1].isalpha() else f"butir_{words}" if words else ""
        base, number = key, 2
        while key and key in taken:
            key, number = f"{base}_{number}", number + 1
        taken.add(key)
    ordered = {"key": key} | {name: value for name, value in node.items() if name != "key"}
    node.clear()
    node.update(ordered)
