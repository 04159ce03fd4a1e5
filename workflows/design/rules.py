"""What a definition must hold beside its shape: names that the subject knows, the subject's own rules, the locks.

Every way of publishing asks the same question (`checker`); the answer is faults by place, as a reading gives them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from tenants.said import say
from tenants.words import N_
from workflows.design.defaults import Default, national_default
from workflows.documents import Check
from workflows.errors import DefinitionInvalid
from workflows.stages import Definition, Item, Stage, Step
from workflows.subjects import SubjectType, subject_type


def checker(session: Session, key: str) -> Check:
    """What a Kanwil's definition of this subject must hold. One statement.

    Raises:
        NoSuchDefinition: no such subject.
    """
    subject = subject_type(key)
    default = national_default(session, key)
    return lambda definition: faults(definition, subject, default)


def national_checker(key: str, locked: tuple[str, ...]) -> Check:
    """What the national default itself must hold: its locked stages are there, one by one and without condition."""
    subject = subject_type(key)

    def check(definition: Definition) -> dict[str, str]:
        found = faults(definition, subject, None)
        for name in locked:
            if definition.stage(name) is None:
                found.setdefault(
                    "stages", say(N_("Tahap %(name)s terkunci, tetapi tidak ada pada alur ini."), name=name)
                )
        return found

    return check


def require(definition: Definition, session: Session) -> None:
    """Raises:
    DefinitionInvalid: the definition may not be published, with every reason under its place. One statement.
    """
    found = checker(session, definition.subject_type)(definition)
    if found:
        first = next(iter(found.values()))
        raise DefinitionInvalid(
            first
            if len(found) == 1
            else say(N_("%(first)s Ada %(count)s kesalahan."), first=first, count=len(found)),
            fields=found,
        )


def faults(definition: Definition, subject: SubjectType, default: Default | None) -> dict[str, str]:
    """Everything that is wrong, by place."""
    found: dict[str, str] = {}
    if definition.subject_type and definition.subject_type != subject.key:
        found["subject_type"] = say(
            N_("Harus %(subject)s: konsep ini untuk %(label)s."), subject=subject.key, label=subject.label
        )
    if subject.condition_fields:
        found |= _names(definition, subject)
    if subject.check is not None:
        for place, why in subject.check(definition).items():
            found.setdefault(place, why)
    if default is not None:
        for place, why in _locks(definition, default):
            found.setdefault(place, why)
    return found


def places(definition: Definition) -> Iterator[tuple[str, str, Step, Stage]]:
    """Every stage with its place, after the place of its step: ``stages[1]`` and ``stages[1].parallel[0]``."""
    raw = definition.document.get("stages")
    written: list[Any] = raw if isinstance(raw, list) else []
    for at, step in enumerate(definition.steps):
        outer = f"stages[{at}]"
        block = at < len(written) and isinstance(written[at], Mapping) and "parallel" in written[at]
        for within, stage in enumerate(step.stages):
            yield outer, f"{outer}.parallel[{within}]" if block else outer, step, stage


def _names(definition: Definition, subject: SubjectType) -> dict[str, str]:
    """Names in conditions and checklists that the subject's revisions don't have."""
    found: dict[str, str] = {}
    known = subject.condition_fields

    def ask(condition: Any, place: str) -> None:
        unknown = sorted(condition.names - known.keys()) if condition is not None else []
        if unknown:
            found[place] = say(
                N_("Isian tidak dikenal: %(unknown)s. Yang ada: %(known)s."),
                unknown=", ".join(unknown),
                known=", ".join(sorted(known)),
            )

    for outer, place, step, stage in places(definition):
        ask(step.when, f"{outer}.when")
        ask(stage.when, f"{place}.when")
        for at, item in enumerate(stage.checklist):
            within = f"{place}.checklist[{at}]"
            ask(item.when, f"{within}.when")
            missing = [name for name in item.fields if name not in {**subject.field_labels, **known}]
            if missing:
                found[f"{within}.fields"] = say(
                    N_("Isian tidak dikenal: %(missing)s."), missing=", ".join(missing)
                )
    return found


def _locks(definition: Definition, default: Default) -> Iterator[tuple[str, str]]:
    """How the definition weakens a stage that the centre locked."""
    here = {stage.key: (outer, place, step, stage) for outer, place, step, stage in places(definition)}
    for key in default.locked:
        wanted = default.definition.stage(key)
        if wanted is None:
            continue
        said = say(N_("Tahap %(name)s dikunci Pusat"), name=wanted.name)
        if key not in here:
            yield "stages", say(N_("%(said)s dan tidak boleh dihapus."), said=said)
            continue
        outer, place, step, stage = here[key]
        if stage.role != wanted.role:
            yield (
                f"{place}.role",
                say(N_("%(said)s: pemutusnya tetap %(role)s."), said=said, role=wanted.role),
            )
        if wanted.decides and not stage.decides:
            yield f"{place}.decides", say(N_("%(said)s: harus tetap memutuskan."), said=said)
        if wanted.four_eyes and not stage.four_eyes:
            yield f"{place}.four_eyes", say(N_("%(said)s: empat mata harus tetap berlaku."), said=said)
        national = default.definition.step(key)
        allowed = {wanted.when, national.when if national else None}
        if stage.when is not None and stage.when not in allowed:
            yield f"{place}.when", say(N_("%(said)s dan tidak boleh bersyarat."), said=said)
        elif step.when is not None and step.when not in allowed:
            yield f"{outer}.when", say(N_("%(said)s dan tidak boleh bersyarat."), said=said)
        deciding = sum(one.decides for one in step.stages)
        if wanted.decides and deciding > 1 and step.need is not None and step.need < deciding:
            yield (
                f"{outer}.quorum",
                say(N_("%(said)s: kuorum bloknya harus all, agar tahap ini tidak terlewati."), said=said),
            )
        kept = {item.key: item for item in stage.checklist}
        lost = [item for item in wanted.checklist if item.must and not _keeps(item, kept.get(item.key))]
        if lost:
            words = "; ".join(item.question for item in lost)
            yield (
                f"{place}.checklist",
                say(N_("%(said)s: butir wajib ini harus tetap ada: %(words)s."), said=said, words=words),
            )


def _keeps(wanted: Item, found: Item | None) -> bool:
    """Whether a required question still stands: asked as often, and still needing a yes."""
    return found is not None and found.must and found.required and found.when in (None, wanted.when)
