"""What a definition is made of: stages, their checklists, and what counts as an answer.

Pure values without a database. A `Definition` is made by `definitions.parse` (from YAML that people write) or
`definitions.from_document` (from the published JSON).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tenants.said import say
from tenants.words import N_
from workflows.conditions import Condition
from workflows.enclosures import Enclosure, Refused

ITEM_TYPES = ("yes_no", "number", "choice", "text", "file")
MAX_TEXT = 5000
_YES = {"ya", "yes", "true", "1", "on", "y"}
_THOUSANDS = re.compile(r"^-?\d{1,3}(\.\d{3})+(,\d+)?$")
_NO = {"tidak", "no", "false", "0", "off", "t", "n"}


@dataclass(frozen=True)
class Item:
    """One question of a stage's checklist.

    `must` (yes_no): approval needs the answer yes, since a no is a reason to return. `fields` names the
    subject's fields that the question judges: when none of them changed since the last revision, the earlier
    answer still carries.
    """

    key: str
    question: str
    type: str = "yes_no"
    required: bool = True
    must: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    unit: str = ""
    fields: tuple[str, ...] = ()
    when: Condition | None = None

    def applies(self, fields: Mapping[str, Any]) -> bool:
        """Whether the question is asked of a subject with these fields."""
        return self.when is None or self.when.holds(fields)

    def read(self, answer: Any) -> Any:
        """The answer in its own type: bool, int or float, one of the choices, text, what a decision keeps of a
        file; None where nothing was answered.

        Raises:
            ValueError: of the wrong kind or outside its bounds, with a sentence for people.
        """
        if answer is None or (isinstance(answer, str) and not answer.strip()):
            return None
        return getattr(self, f"_read_{self.type}")(answer)

    def _read_yes_no(self, answer: Any) -> bool:
        if isinstance(answer, bool):
            return answer
        word = str(answer).strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise ValueError(say(N_("Jawab ya atau tidak.")))

    def _read_number(self, answer: Any) -> int | float:
        if isinstance(answer, bool) or not isinstance(answer, int | float | str):
            raise ValueError(say(N_("Isi dengan angka.")))
        if isinstance(answer, str):
            # Officers type "1.200" for twelve hundred, "2,5" for two and a half; a number field sends "2.5".
            text = answer.strip()
            if _THOUSANDS.match(text):
                text = text.replace(".", "")
            try:
                answer = float(text.replace(",", "."))
            except ValueError:
                raise ValueError(say(N_("Isi dengan angka."))) from None
        if not math.isfinite(answer) or abs(answer) > 2**53 - 1:
            raise ValueError(say(N_("Angka ini di luar batas.")))
        number = int(answer) if float(answer).is_integer() else float(answer)
        if self.least is not None and number < self.least:
            raise ValueError(say(N_("Paling sedikit %(least)s."), least=f"{self.least:g}"))
        if self.most is not None and number > self.most:
            raise ValueError(say(N_("Paling banyak %(most)s."), most=f"{self.most:g}"))
        return number

    def _read_choice(self, answer: Any) -> str:
        if str(answer) in self.choices:
            return str(answer)
        raise ValueError(say(N_("Pilih salah satu: %(choices)s."), choices=", ".join(self.choices)))

    def _read_text(self, answer: Any) -> str:
        if not isinstance(answer, str):
            raise ValueError(say(N_("Isi dengan teks.")))
        return clean(answer)

    def _read_file(self, answer: Any) -> dict[str, Any]:
        if isinstance(answer, Enclosure):
            return answer.told()
        raise ValueError(answer.reason if isinstance(answer, Refused) else say(N_("Unggah berkasnya.")))


@dataclass(frozen=True)
class Stage:
    """One stage: the role that decides it, what it asks, how many working days it has.

    `votes` officers decide it, each once. `remind_days` working days before its deadline the role is reminded
    (0: on the last morning); once the deadline has passed, `escalate_to` hears of it. A stage that does not
    `decides` gives an opinion: a comment, and the answers to its checklist; nothing of it approves, returns or rejects.
    """

    key: str
    name: str
    role: str
    question: str = ""
    checklist: tuple[Item, ...] = ()
    deadline_days: int = 3
    four_eyes: bool = True
    when: Condition | None = None
    votes: int = 1
    remind_days: int = 1
    escalate_to: str = "kadiv"
    decides: bool = True

    def items(self, fields: Mapping[str, Any]) -> list[Item]:
        """The questions asked of a subject with these fields, in order. What an approval needs a yes to, an opinion may
        answer either way."""
        asked = [item for item in self.checklist if item.applies(fields)]
        return asked if self.decides else [replace(item, must=False) for item in asked]

    def answers(
        self, given: Mapping[str, Any], fields: Mapping[str, Any], *, complete: bool
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The answers in their types, and what is wrong by key. `complete`: an approval or an opinion, which need all
        of them."""
        answers: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        asked = {item.key: item for item in self.items(fields)}
        for key in given:
            if key not in asked and not any(item.key == key for item in self.checklist):
                wrong[key] = N_("Butir ini tidak ada pada tahap ini.")
        for key, item in asked.items():
            try:
                answer = item.read(given.get(key))
            except ValueError as error:
                wrong[key] = str(error)
                continue
            if answer is not None:
                answers[key] = answer
            if not complete:
                continue
            if answer is None and item.required:
                wrong[key] = N_("Belum dijawab.")
            elif answer is False and item.must:
                wrong[key] = N_("Dijawab tidak: kembalikan atau tolak, atau perbaiki jawabannya.")
        return answers, wrong


@dataclass(frozen=True)
class Step:
    """One step of the way: the stages that are open at the same time, and how many approvals carry it.

    `need` None: all of them. A step with one seat is a stage as offices know it; one with more is parallel, or a
    stage that several officers decide. Stages that give an opinion have no seat: beside deciding ones they are not
    waited for, a step of nothing else ends once each of them has spoken.
    """

    key: str
    name: str
    stages: tuple[Stage, ...]
    need: int | None = None
    when: Condition | None = None

    def opened(self, fields: Mapping[str, Any]) -> tuple[Stage, ...]:
        """The stages that a subject with these fields opens; none where the step is passed over."""
        if self.when is not None and not self.when.holds(fields):
            return ()
        return tuple(stage for stage in self.stages if stage.when is None or stage.when.holds(fields))

    def seats(self, fields: Mapping[str, Any]) -> int:
        """How many officers decide; none where a subject with these fields is given opinions alone."""
        return sum(stage.votes for stage in self.opened(fields) if stage.decides)

    def awaited(self, fields: Mapping[str, Any]) -> tuple[Stage, ...]:
        """The stages without which a subject with these fields does not go on: those that decide, or where none does,
        all."""
        opened = self.opened(fields)
        return tuple(stage for stage in opened if stage.decides) or opened

    def needed(self, fields: Mapping[str, Any]) -> int:
        """How many approvals carry the step."""
        seats = self.seats(fields)
        return seats if self.need is None else min(self.need, seats)

    @property
    def decides(self) -> bool:
        """Whether any of its stages decides."""
        return any(stage.decides for stage in self.stages)

    @property
    def is_plain(self) -> bool:
        """Whether one officer's decision settles it."""
        return len(self.stages) == 1 and self.stages[0].votes == 1 and self.stages[0].decides


@dataclass(frozen=True)
class Definition:
    """A workflow: its steps in order. `sha256` is of its canonical document, pinned in the audit of each case."""

    subject_type: str
    title: str
    steps: tuple[Step, ...]
    document: dict[str, Any] = field(compare=False, hash=False, repr=False, default_factory=dict)
    sha256: str = ""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage, in order."""
        return tuple(stage for step in self.steps for stage in step.stages)

    def stage(self, key: str | None) -> Stage | None:
        """The stage of this key."""
        return next((stage for stage in self.stages if stage.key == key), None)

    def step(self, key: str | None) -> Step | None:
        """The step of this key, or the step that holds the stage of this key."""
        return next(
            (one for one in self.steps if one.key == key or any(stage.key == key for stage in one.stages)),
            None,
        )

    def first(self, fields: Mapping[str, Any]) -> Step | None:
        """The first step that a subject with these fields passes."""
        return self.following(None, fields)

    def following(self, key: str | None, fields: Mapping[str, Any]) -> Step | None:
        """The step after that of `key` (None: the first) which opens a stage; None when the way ends."""
        start = 0
        if key is not None:
            here = self.step(key)
            if here is None:
                raise KeyError(key)
            start = self.steps.index(here) + 1
        return next((step for step in self.steps[start:] if step.opened(fields)), None)

    def path(self, fields: Mapping[str, Any]) -> list[Step]:
        """The steps that a subject with these fields passes."""
        return [step for step in self.steps if step.opened(fields)]


def clean(text: str, longest: int = MAX_TEXT) -> str:
    """Text that people typed, fit for storing: Unix line ends, no NUL or lone surrogate, not longer than
    `longest`.

    Raises:
        ValueError: too long.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) > longest:
        raise ValueError(say(N_("Paling banyak %(longest)s karakter."), longest=longest))
    return text
