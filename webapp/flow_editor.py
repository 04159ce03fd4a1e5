"""The editor of a workflow as pages show it: fields named by their place, faults beside them, the picture at the side.

Used by the Kanwil's pages (`views.definitions`) and the centre's (`views.national_definitions`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from tenants.errors import Invalid
from webapp.role_words import role_words
from workflows.design import tree
from workflows.design.diagram import picture
from workflows.design.queries import Opened
from workflows.documents import MAX_BYTES, ROLES, as_yaml
from workflows.subjects import SubjectType

TABS = ("isian", "yaml")
_LINE = re.compile(r" \(baris (\d+)\)$")
_INDEX = re.compile(r"([a-z_]+)\[(\d+)\]")


def tab() -> str:
    """Which side of the editor is asked for."""
    asked = request.values.get("bagian", "isian")
    return asked if asked in TABS else "isian"


def next_tab(act: str) -> str:
    """The side that comes after a button: ``tab:yaml`` turns to the other one."""
    asked = act.removeprefix("tab:")
    return asked if asked in TABS else tab()


def unchanged(opened: Opened, text: str) -> bool:
    """Whether what was typed says what is in force already."""
    return tree.same(opened.text, text)


def roles() -> list[tuple[str, str]]:
    """The roles that may decide a stage, with their names."""
    return [(key, words) for key, words in role_words().items() if key in ROLES]


def typed(subject_type: str) -> tuple[str, str, str]:
    """What the form says: the draft's text, the button, and the place to look at next.

    Raises:
        Invalid: the uploaded file is no text, or too large.
    """
    form = request.form
    act = form.get("do", "save")
    if tab() == "yaml":
        upload = request.files.get("file")
        if upload is not None and upload.filename:
            data = upload.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise Invalid(fields={"file": _("Berkas ini terlalu besar untuk sebuah alur.")})
            try:
                return data.decode("utf-8-sig"), act, ""
            except UnicodeDecodeError:
                raise Invalid(fields={"file": _("Berkas ini bukan teks UTF-8.")}) from None
        return form.get("text", ""), act, ""
    document, at = tree.changed(tree.document_of(form.items(multi=True), subject_type), act)
    return as_yaml(document), act, at


def locks(subject_type: str) -> list[str]:
    """The stages that the centre's form locks: ticks name a key (YAML) or a place (form)."""
    form = request.form
    if tab() == "yaml":
        return form.getlist("locked")
    document = tree.document_of(form.items(multi=True), subject_type)
    asked = set(form.getlist("locked"))
    found = []
    for at, step in enumerate(document["stages"]):
        for place, node in _stages(at, step):
            if place in asked and node.get("key"):
                found.append(str(node["key"]))
    return found


def context(
    opened: Opened, *, text: str | None = None, problems: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the editor's template needs. `text` is what was typed where it could not be kept."""
    shown = opened.text if text is None else text
    document = tree.document_in(shown)
    places = {_LINE.sub("", place): why for place, why in opened.faults.items()}
    return {
        "opened": opened,
        "subject": opened.subject,
        "text": shown,
        "document": document,
        "tab": tab() if document is not None else "yaml",
        "only_yaml": document is None,
        "faults": places,
        "fault_list": [
            (_LINE.sub("", place), spoken(place, document), line_of(place), why)
            for place, why in opened.faults.items()
        ],
        "problems": problems or {},
        "picture": picture(opened.definition, locked=opened.locked) if opened.definition else None,
        "roles": roles(),
        "role_names": dict(roles()),
        "has_kepala": document is not None and tree.has_kepala(document),
        "names": names_of(opened.subject),
        "locked": opened.locked,
        "opened_at": request.args.get("buka", "") or "-",
    }


def names_of(subject: SubjectType) -> list[tuple[str, str]]:
    """What a condition may ask for: name and words."""
    return list(subject.condition_fields.items())


def line_of(place: str) -> int | None:
    """The line that a fault's place names."""
    found = _LINE.search(place)
    return int(found.group(1)) if found else None


def spoken(place: str, document: Mapping[str, Any] | None) -> str:
    """A place as people say it: "Pemantauan, butir 3, jenis"."""
    words = {
        "key": _("kunci"),
        "name": _("nama"),
        "role": _("peran"),
        "question": _("pertanyaan"),
        "deadline_days": _("tenggat"),
        "remind_days": _("pengingat"),
        "escalate_to": _("eskalasi"),
        "decides": _("memutuskan atau memberi pendapat"),
        "when": _("syarat"),
        "checklist": _("daftar periksa"),
        "type": _("jenis"),
        "choices": _("pilihan"),
        "least": _("paling sedikit"),
        "most": _("paling banyak"),
        "fields": _("isian yang dinilai"),
        "must": _("wajib ya"),
        "quorum": _("kuorum"),
        "parallel": _("tahap sejajar"),
        "title": _("judul"),
        "stages": _("tahap"),
    }
    said: list[str] = []
    here: Any = document
    for part in _LINE.sub("", place).split("."):
        found = _INDEX.fullmatch(part)
        if found is None:
            said.append(words.get(part, part))
            continue
        name, at = found.group(1), int(found.group(2))
        rows = here.get(name) if isinstance(here, Mapping) else None
        here = rows[at] if isinstance(rows, list) and at < len(rows) else None
        own = here.get("name") if isinstance(here, Mapping) else None
        label = _("butir %(n)s", n=at + 1) if name == "checklist" else _("tahap %(n)s", n=at + 1)
        said.append(str(own) if own and name != "checklist" else label)
    return ", ".join(said)


def _stages(at: int, step: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    place = f"stages[{at}]"
    if "parallel" not in step:
        return [(place, step)]
    return [(f"{place}.parallel[{n}]", one) for n, one in enumerate(step["parallel"])]


def back_to(endpoint: str, subject_type: str, act: str, place: str) -> str:
    """The editor again, on the side that the button asks for, open at the place that was changed."""
    address = url_for(endpoint, subject_type=subject_type, bagian=next_tab(act), buka=place or None)
    return f"{address}#p-{place}" if place else address
