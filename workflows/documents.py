"""Reading a definition: YAML that people write, JSON as it was published.

Every fault is named with its place, in the words of the document: ``stages[1].checklist[0].type (baris 23)``.
All of them are reported at once. Aliases are refused (a small document can unfold into gigabytes), as are
keys that nobody reads: a misspelt `deadline_day` must not pass for a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import yaml

from tenants.said import say
from tenants.words import N_
from workflows.canonical import digest
from workflows.conditions import Condition, ConditionError
from workflows.errors import DefinitionInvalid
from workflows.stages import ITEM_TYPES, Definition, Item, Stage, Step

ROLES = frozenset(
    {"operator_upt", "kepala_upt", "pembina", "pemantau", "pengendali", "kadiv", "kakanwil", "admin_kanwil"}
)
"""Roles of a Kanwil and its UPT (design §3): those that may decide a stage."""
MAX_BYTES = 100_000
_KEY = re.compile(r"^[a-z][a-z0-9_]{0,49}$")
_TOP = {"subject_type", "title", "stages"}
_STAGE = {
    *("key", "name", "role", "question", "deadline_days", "four_eyes", "when", "checklist"),
    *("quorum", "remind_days", "escalate_to", "decides"),
}
_BLOCK = {"key", "name", "when", "quorum", "parallel"}
MAX_VOTES = 9
_ITEM = {"key", "question", "type", "required", "must", "choices", "least", "most", "unit", "fields", "when"}


Check = Callable[[Definition], dict[str, str]]
"""What else a definition must hold: faults by place, as a reading finds them."""


class _Reader:
    """One reading of one document; collects faults under their places."""

    def __init__(self, lines: dict[str, int] | None = None, also: Check | None = None) -> None:
        self.lines = lines or {}
        self.also = also
        self.faults: dict[str, str] = {}

    def fault(self, place: str, why: str) -> None:
        where = place
        line = self.lines.get(place)
        if line is None and "." in place:
            line = self.lines.get(place.rsplit(".", 1)[0])
        if line is not None:
            where = f"{place} (baris {line})"
        self.faults.setdefault(where, why)

    def only(self, value: Any, place: str, known: Iterable[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.fault(place or "dokumen", say(N_("Harus berupa pasangan nama dan nilai.")))
            return {}
        for name in value:
            if name not in known:
                self.fault(
                    f"{place}.{name}" if place else str(name),
                    say(N_("Tidak dikenal. Yang ada: %(known)s."), known=", ".join(sorted(known))),
                )
        return value

    def text(
        self, value: dict[str, Any], name: str, place: str, longest: int = 300, needed: bool = True
    ) -> str:
        found = value.get(name)
        if found is None and not needed:
            return ""
        if not isinstance(found, str) or (needed and not found.strip()):
            self.fault(
                f"{place}.{name}" if place else name,
                say(N_("Wajib diisi dengan teks.")) if needed else say(N_("Harus teks.")),
            )
            return ""
        if len(found) > longest:
            self.fault(
                f"{place}.{name}" if place else name,
                say(N_("Paling banyak %(longest)s karakter."), longest=longest),
            )
        return found.strip()

    def key(self, value: dict[str, Any], place: str, taken: set[str]) -> str:
        found = self.text(value, "key", place, 50)
        if found and not _KEY.match(found):
            self.fault(
                f"{place}.key", say(N_("Huruf kecil, angka dan garis bawah saja, mulai dengan huruf."))
            )
        if found in taken:
            self.fault(f"{place}.key", say(N_("Sudah dipakai: %(found)s."), found=found))
        taken.add(found)
        return found

    def flag(self, value: dict[str, Any], name: str, place: str, default: bool) -> bool:
        found = value.get(name, default)
        if not isinstance(found, bool):
            self.fault(f"{place}.{name}", say(N_("Isi true atau false.")))
            return default
        return found

    def number(self, value: dict[str, Any], name: str, place: str) -> float | None:
        found = value.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < 2**53:
            self.fault(f"{place}.{name}", say(N_("Isi dengan angka.")))
            return None
        return found

    def texts(self, value: dict[str, Any], name: str, place: str) -> tuple[str, ...]:
        found = value.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, str) and one.strip() for one in found):
            self.fault(f"{place}.{name}", say(N_("Harus daftar teks.")))
            return ()
        if len(set(found)) != len(found):
            self.fault(f"{place}.{name}", say(N_("Ada yang tertulis dua kali.")))
        return tuple(found)

    def condition(self, value: dict[str, Any], place: str) -> Condition | None:
        found = value.get("when")
        if found is None:
            return None
        try:
            return Condition(found if isinstance(found, str) else repr(found))
        except ConditionError as error:
            self.fault(f"{place}.when", say(N_("Syarat %(error)s."), error=error))
            return None

    def item(self, raw: Any, place: str, taken: set[str]) -> Item:
        value = self.only(raw, place, _ITEM)
        kind = value.get("type", "yes_no")
        if kind not in ITEM_TYPES:
            self.fault(
                f"{place}.type", say(N_("Salah satu dari %(item_types)s."), item_types=", ".join(ITEM_TYPES))
            )
            kind = "yes_no"
        choices = self.texts(value, "choices", place)
        if kind == "choice" and len(choices) < 2:
            self.fault(f"{place}.choices", say(N_("Pilihan perlu paling sedikit dua.")))
        if kind != "choice" and choices:
            self.fault(f"{place}.choices", say(N_("Hanya untuk jenis choice.")))
        least, most = self.number(value, "least", place), self.number(value, "most", place)
        if kind != "number" and (least is not None or most is not None):
            self.fault(
                f"{place}.{'least' if least is not None else 'most'}", say(N_("Hanya untuk jenis number."))
            )
        if least is not None and most is not None and least > most:
            self.fault(f"{place}.least", say(N_("Lebih besar daripada most.")))
        must = self.flag(value, "must", place, False)
        if must and kind != "yes_no":
            self.fault(f"{place}.must", say(N_("Hanya untuk jenis yes_no.")))
        return Item(
            key=self.key(value, place, taken),
            question=self.text(value, "question", place),
            type=kind,
            required=self.flag(value, "required", place, True),
            must=must,
            choices=choices,
            least=least,
            most=most,
            unit=self.text(value, "unit", place, 50, needed=False),
            fields=self.texts(value, "fields", place),
            when=self.condition(value, place),
        )

    def stage(self, raw: Any, place: str, taken: set[str]) -> Stage:
        value = self.only(raw, place, _STAGE)
        role = self.text(value, "role", place, 50)
        if role and role not in ROLES:
            self.fault(
                f"{place}.role",
                say(
                    N_("Peran tidak dikenal: %(role)s. Yang ada: %(roles)s."),
                    role=role,
                    roles=", ".join(sorted(ROLES)),
                ),
            )
        decides = self.flag(value, "decides", place, True)
        if not decides and "quorum" in value:
            self.fault(f"{place}.quorum", say(N_("Pendapat tidak dihitung dalam kuorum.")))
        days = self.whole(value, "deadline_days", place, 1, 60, 3)
        above = self.text(value, "escalate_to", place, 50, needed=False) or "kadiv"
        if above not in ROLES:
            self.fault(f"{place}.escalate_to", say(N_("Peran tidak dikenal: %(above)s."), above=above))
        items = value.get("checklist") or []
        if not isinstance(items, list) or len(items) > 50:
            self.fault(f"{place}.checklist", say(N_("Harus daftar, paling banyak 50 butir.")))
            items = []
        keys: set[str] = set()
        return Stage(
            key=self.key(value, place, taken),
            name=self.text(value, "name", place, 80),
            role=role,
            question=self.text(value, "question", place, needed=False),
            checklist=tuple(self.item(one, f"{place}.checklist[{at}]", keys) for at, one in enumerate(items)),
            deadline_days=days,
            four_eyes=self.flag(value, "four_eyes", place, True),
            when=self.condition(value, place),
            votes=self.votes(value, place),
            remind_days=self.whole(value, "remind_days", place, 0, 30, 1),
            escalate_to=above,
            decides=decides,
        )

    def votes(self, value: dict[str, Any], place: str) -> int:
        """How many officers decide a stage: ``quorum: {need: 2, of: 3}``."""
        quorum = value.get("quorum")
        if quorum is None:
            return 1
        if isinstance(quorum, dict):
            self.only(quorum, f"{place}.quorum", ("need", "of"))
            of = self.whole(quorum, "of", f"{place}.quorum", 2, MAX_VOTES, 2)
            self.whole(quorum, "need", f"{place}.quorum", 1, of, 1)
            return of
        self.fault(
            f"{place}.quorum",
            say(N_("Tulis {need: berapa setuju, of: berapa pemutus}, contoh {need: 2, of: 3}.")),
        )
        return 1

    def step(self, raw: Any, place: str, taken: set[str]) -> Step:
        """A stage that stands alone, or a block of stages that are open at the same time (``parallel``)."""
        if not isinstance(raw, dict) or "parallel" not in raw:
            stage = self.stage(raw, place, taken)
            quorum = raw.get("quorum") if isinstance(raw, dict) else None
            need = quorum.get("need") if isinstance(quorum, dict) else None
            return Step(stage.key, stage.name, (stage,), need if isinstance(need, int) else None)
        value = self.only(raw, place, _BLOCK)
        key, name = self.key(value, place, taken), self.text(value, "name", place, 80)
        inner = value.get("parallel")
        if not isinstance(inner, list) or not 2 <= len(inner) <= MAX_VOTES:
            self.fault(
                f"{place}.parallel",
                say(N_("Harus daftar berisi 2 sampai %(max_votes)s tahap."), max_votes=MAX_VOTES),
            )
            inner = []
        stages = []
        for at, one in enumerate(inner):
            within = f"{place}.parallel[{at}]"
            if isinstance(one, dict) and ("quorum" in one or "parallel" in one):
                self.fault(f"{within}.quorum", say(N_("Kuorum tahap sejajar ditulis pada bloknya.")))
            stages.append(self.stage(one, within, taken))
        if stages and all(stage.when is not None for stage in stages):
            self.fault(f"{place}.parallel", say(N_("Paling sedikit satu tahap harus tanpa syarat (when).")))
        seats = sum(stage.decides for stage in stages)
        return Step(key, name, tuple(stages), self.need(value, place, seats), self.condition(value, place))

    def need(self, value: dict[str, Any], place: str, seats: int) -> int | None:
        """How many approvals carry a block: ``all`` (as where nothing is said), ``any``, or a number. Opinions are not
        counted."""
        quorum = value.get("quorum", "all")
        if quorum == "all":
            return None
        if not seats and value.get("parallel"):
            self.fault(f"{place}.quorum", say(N_("Pendapat tidak dihitung dalam kuorum.")))
            return None
        if quorum == "any":
            return 1
        if isinstance(quorum, bool) or not isinstance(quorum, int) or not 1 <= quorum <= max(seats, 1):
            self.fault(
                f"{place}.quorum",
                say(N_("Salah satu dari all, any, atau bilangan 1 sampai %(seats)s."), seats=max(seats, 1)),
            )
            return None
        return quorum

    def whole(self, value: dict[str, Any], name: str, place: str, least: int, most: int, default: int) -> int:
        found = value.get(name, default)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            unit = "Hari kerja, bilangan" if name.endswith("days") else "Bilangan"
            self.fault(
                f"{place}.{name}",
                say(N_("%(unit)s bulat %(least)s sampai %(most)s."), unit=unit, least=least, most=most),
            )
            return default
        return found

    def opinions(self, raw: list[Any], steps: tuple[Step, ...]) -> None:
        """A way ends with a decision, whichever conditions hold: after a step that may be one of opinions alone comes
        one that always decides."""
        decided_after = False
        for at in range(len(steps) - 1, -1, -1):
            step = steps[at]
            always = any(stage.decides and stage.when is None for stage in step.stages)
            if not always and not decided_after and any(not stage.decides for stage in step.stages):
                within = next(n for n, stage in enumerate(step.stages) if not stage.decides)
                block = isinstance(raw[at], dict) and "parallel" in raw[at]
                why = (
                    N_("Tahap pendapat tidak boleh menjadi satu-satunya tahap: tidak ada yang memutuskan.")
                    if not any(stage.decides for one in steps for stage in one.stages)
                    else N_("Setelah tahap pendapat harus ada tahap tanpa syarat (when) yang memutuskan.")
                )
                self.fault(f"stages[{at}]{f'.parallel[{within}]' if block else ''}.decides", say(why))
            decided_after = decided_after or (always and step.when is None)

    def definition(self, raw: Any) -> Definition:
        value = self.only(raw, "", _TOP)
        subject = self.text(value, "subject_type", "", 50)
        if subject and not _KEY.match(subject):
            self.fault("subject_type", say(N_("Huruf kecil, angka dan garis bawah saja.")))
        title = self.text(value, "title", "", 120)
        stages = value.get("stages")
        if not isinstance(stages, list) or not 1 <= len(stages) <= 20:
            self.fault("stages", say(N_("Harus daftar berisi 1 sampai 20 tahap.")))
            stages = []
        taken: set[str] = set()
        read = tuple(self.step(one, f"stages[{at}]", taken) for at, one in enumerate(stages))
        if read and all(
            step.when is not None or all(stage.when is not None for stage in step.stages) for step in read
        ):
            self.fault("stages", say(N_("Paling sedikit satu tahap harus tanpa syarat (when).")))
        self.opinions(stages, read)
        if self.also is not None and read:
            for place, why in self.also(Definition(subject, title, read, document=value)).items():
                self.fault(place, why)
        if self.faults:
            count, (place, why) = len(self.faults), next(iter(self.faults.items()))
            raise DefinitionInvalid(
                say(
                    N_("Alur kerja ini punya %(count)s kesalahan; yang pertama di %(place)s: %(why)s"),
                    count=count,
                    place=place,
                    why=why,
                ),
                fields=self.faults,
            )
        try:
            document = _without_unsaid(raw)
            return Definition(subject, title, read, document=document, sha256=digest(document))
        except ValueError:
            raise DefinitionInvalid(
                fields={"dokumen": N_("Memuat huruf atau angka yang tidak dapat disimpan.")}
            ) from None


def parse(text: str, *, also: Check | None = None) -> Definition:
    """A definition from YAML; `also` says what else it must hold.

    Raises:
        DefinitionInvalid: with every fault under its place and line.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise DefinitionInvalid(
            N_("Dokumen alur kerja terlalu besar."),
            fields={"dokumen": say(N_("Paling banyak %(max_bytes)s bita."), max_bytes=MAX_BYTES)},
        )
    lines: dict[str, int] = {}
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise DefinitionInvalid(fields={"dokumen": N_("Alias YAML (*) tidak dipakai di sini.")})
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            _places(node, "", lines)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"baris {mark.line + 1}" if mark else "dokumen"
        raise DefinitionInvalid(
            say(N_("Bukan YAML yang sah (%(where)s)."), where=where),
            fields={where: str(getattr(error, "problem", None) or error)},
        ) from None
    except (ValueError, RecursionError) as error:  # a day that no calendar has; brackets a thousand deep
        why = (
            say(N_("Terlalu dalam."))
            if isinstance(error, RecursionError)
            else say(N_("Nilai tidak dapat dibaca: %(error)s."), error=error)
        )
        raise DefinitionInvalid(N_("Dokumen ini tidak dapat dibaca."), fields={"dokumen": why}) from None
    return _Reader(lines, also).definition(raw)


def as_yaml(document: Any) -> str:
    """A document as the YAML that people edit: keys in the order they were written, one line a value."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def from_document(document: Any, *, also: Check | None = None) -> Definition:
    """A definition from the JSON that `Definition.document` holds.

    Raises:
        DefinitionInvalid: as `parse`, without lines.
    """
    return _Reader(also=also).definition(document)


def _without_unsaid(raw: Any) -> Any:
    """The document as it is kept: a stage that decides, as every stage did before opinions, does not say so, so that
    the hashes of what was published before stand."""
    if not isinstance(raw, dict) or not isinstance(raw.get("stages"), list):
        return raw
    return {**raw, "stages": [_stage_kept(one) for one in raw["stages"]]}


def _stage_kept(raw: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    kept = {name: value for name, value in raw.items() if name != "decides" or value is not True}
    if isinstance(kept.get("parallel"), list):
        kept["parallel"] = [_stage_kept(one) for one in kept["parallel"]]
    return kept


def _places(node: yaml.Node, place: str, lines: dict[str, int]) -> None:
    """The line of every place; a name written twice is refused, where YAML would keep the last one silently."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                line = name.start_mark.line + 1
                raise DefinitionInvalid(fields={f"baris {line}": N_("Nama harus berupa teks.")})
            path = f"{place}.{name.value}" if place else str(name.value)
            if name.value in seen:
                line = name.start_mark.line + 1
                raise DefinitionInvalid(
                    say(N_("%(path)s tertulis dua kali (baris %(line)s)."), path=path, line=line),
                    fields={f"{path} (baris {line})": N_("Tertulis dua kali.")},
                )
            seen.add(name.value)
            lines[path] = name.start_mark.line + 1
            _places(value, path, lines)
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            _places(value, f"{place}[{at}]", lines)
