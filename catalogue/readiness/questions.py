"""The national questionnaire: what it must hold, the version in force, and the centre's draft of the next one.

A version is unchangeable once published, and an assessment stays with the one that it began with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.readiness.errors import QuestionnaireInvalid, QuestionnaireMoved
from catalogue.readiness.models import Questionnaire
from catalogue.readiness.terms import DIMENSIONS, FEWEST, HIGHEST, MOST, dimension_of, slot
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Conflict
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.administration import tell_all
from workflows.canonical import canonical
from workflows.stages import clean

SOURCE: Final = Path(__file__).parent / "data" / "questionnaire.yaml"
KEEPER: Final = "admin_pusat"
SHIPPED: Final = 1
LONGEST_TITLE, LONGEST_QUESTION, LONGEST_LEVEL = 120, 300, 200


@dataclass(frozen=True)
class Question:
    """One question; `levels` describes the scores 0 to 4, in order."""

    key: str
    text: str
    levels: tuple[str, ...]

    @property
    def dimension(self) -> str:
        return dimension_of(self.key)


@dataclass(frozen=True)
class Asked:
    """A questionnaire as it is asked: its version, title and questions in order."""

    version: int
    title: str
    questions: tuple[Question, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(one.key for one in self.questions)

    def question(self, key: str) -> Question | None:
        return next((one for one in self.questions if one.key == key), None)

    def of(self, dimension: str) -> list[Question]:
        return [one for one in self.questions if one.dimension == dimension]


def read(document: Mapping[str, Any], version: int) -> Asked:
    """A document as it is asked.

    Raises:
        QuestionnaireInvalid: with a sentence for each place that can't be used.
    """
    wrong: dict[str, str] = {}

    def words(value: Any, place: str, longest: int, empty: str) -> str:
        try:
            said = clean(value if isinstance(value, str) else "", longest)
        except ValueError as error:
            wrong[place] = str(error)
            return ""
        if not said:
            wrong[place] = empty
        return said

    title = words(document.get("title"), "title", LONGEST_TITLE, say(N_("Tulis judul kuesionernya.")))
    given = document.get("dimensions")
    given = given if isinstance(given, Mapping) else {}
    found: list[Question] = []
    for dimension, label in DIMENSIONS.items():
        rows = given.get(dimension)
        rows = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        if not FEWEST <= len(rows) <= MOST:
            wrong[dimension] = say(
                N_("%(dimension)s perlu %(least)s sampai %(most)s pertanyaan."),
                dimension=say(label),
                least=FEWEST,
                most=MOST,
            )
        for number, row in enumerate(rows[:MOST], 1):
            key = slot(dimension, number)
            text = words(row.get("question"), key, LONGEST_QUESTION, say(N_("Tulis pertanyaannya.")))
            levels = row.get("levels")
            levels = list(levels) if isinstance(levels, list) else []
            read_levels = tuple(
                words(
                    levels[score] if score < len(levels) else "",
                    f"{key}.levels.{score}",
                    LONGEST_LEVEL,
                    say(N_("Uraikan keadaan untuk nilai %(score)s."), score=score),
                )
                for score in range(HIGHEST + 1)
            )
            found.append(Question(key, text, read_levels))
    unknown = sorted(str(name) for name in set(given) - set(DIMENSIONS))
    if unknown:
        wrong["dimensions"] = say(N_("Dimensi ini tidak dikenal: %(names)s."), names=", ".join(unknown))
    if wrong:
        raise QuestionnaireInvalid(fields=wrong)
    return Asked(version, title, tuple(found))


def document_of(asked: Asked) -> dict[str, Any]:
    """The document that reads as this questionnaire."""
    return {
        "title": asked.title,
        "dimensions": {
            dimension: [{"question": one.text, "levels": list(one.levels)} for one in asked.of(dimension)]
            for dimension in DIMENSIONS
        },
    }


@cache
def shipped() -> Asked:
    """The questionnaire that Karya brings along."""
    return read(yaml.safe_load(SOURCE.read_text(encoding="utf-8")), SHIPPED)


def in_force(session: Session | None = None) -> Asked:
    """The newest published version. One statement."""
    row = (
        (session or scoped_session())
        .scalars(
            select(Questionnaire)
            .where(Questionnaire.published_at.is_not(None))
            .order_by(Questionnaire.version.desc())
            .limit(1)
        )
        .first()
    )
    return read(row.document, row.version) if row is not None else shipped()


def of_version(version: int, session: Session | None = None) -> Asked:
    """A published version. One statement, none for the shipped one.

    Raises:
        QuestionnaireMoved: there is none.
    """
    if version == SHIPPED:
        return shipped()
    row = (
        (session or scoped_session())
        .scalars(
            select(Questionnaire).where(
                Questionnaire.version == version, Questionnaire.published_at.is_not(None)
            )
        )
        .first()
    )
    if row is None:
        raise QuestionnaireMoved(N_("Versi kuesioner ini tidak ada."))
    return read(row.document, row.version)


def published() -> list[Questionnaire]:
    """The versions that the centre published, the newest first. One statement."""
    asked = select(Questionnaire).where(Questionnaire.published_at.is_not(None))
    return list(scoped_session().scalars(asked.order_by(Questionnaire.version.desc()).limit(50)))


def draft() -> Questionnaire | None:
    """The centre's draft, or None. One statement."""
    return scoped_session().scalars(select(Questionnaire).where(Questionnaire.published_at.is_(None))).first()


def save(document: Mapping[str, Any], *, edit_no: int, by: Actor, now: datetime) -> Questionnaire:
    """Keep the centre's draft, also an unfinished one; `edit_no` is the one that was looked at, 0 for a new draft.

    Raises:
        Forbidden: not admin_pusat. QuestionnaireMoved: somebody else changed it since.
    """
    by.require(KEEPER)
    kept = _kept(document)
    with transaction() as session:
        row = session.scalars(
            select(Questionnaire).where(Questionnaire.published_at.is_(None)).with_for_update()
        ).first()
        if (row.edit_no if row is not None else 0) != edit_no:
            raise QuestionnaireMoved(N_("Konsep ini baru saja diubah orang lain. Muat ulang halamannya."))
        if row is None:
            row = Questionnaire(version=in_force(session).version + 1, edit_no=0)
            session.add(row)
        elif row.document == kept:
            return row
        row.document, row.edit_no = kept, row.edit_no + 1
        row.edited_by_name, row.edited_at = by.name, now
        try:
            session.flush()
        except IntegrityError as error:
            raise QuestionnaireMoved(
                N_("Konsep ini baru saja diubah orang lain. Muat ulang halamannya.")
            ) from error
        return row


def discard(*, edit_no: int, by: Actor) -> None:
    """Drop the draft; where there is none, nothing happens.

    Raises:
        Forbidden: not admin_pusat. QuestionnaireMoved: somebody else changed it since.
    """
    by.require(KEEPER)
    with transaction() as session:
        row = _locked(session)
        if row is None:
            return
        if row.edit_no != edit_no:
            raise QuestionnaireMoved(N_("Konsep ini baru saja diubah orang lain. Muat ulang halamannya."))
        session.delete(row)
        session.flush()


def publish(*, edit_no: int, by: Actor, now: datetime, key: str | None = None) -> Questionnaire:
    """Publish the draft as the version in force; assessments under way keep theirs. Every active Kanwil's chain says
    so.

    Raises:
        Forbidden: not admin_pusat.
        QuestionnaireMoved: there is no draft, or somebody else changed it since.
        QuestionnaireInvalid: what can't be used, by place.
        Conflict: it says what the version in force says.
    """
    by.require(KEEPER)

    def act() -> Questionnaire:
        with transaction() as session:
            row = _locked(session)
            if row is None or row.edit_no != edit_no:
                raise QuestionnaireMoved(N_("Konsep ini baru saja diubah orang lain. Muat ulang halamannya."))
            asked = read(row.document, row.version)
            if asked.questions == in_force(session).questions:
                raise Conflict(N_("Isinya sama dengan kuesioner yang sedang berlaku."))
            row.document = document_of(asked)
            row.sha256 = hashlib.sha256(canonical(row.document)).hexdigest()
            row.published_at, row.published_by_name = now, by.name
            session.flush()
            return row

    done, repeated = once(
        key,
        "readiness.questionnaire",
        act,
        lambda row: row.id,
        lambda id_: scoped_session().get_one(Questionnaire, id_),
        content=[edit_no],
    )
    if not repeated:
        payload = {"version": done.version, "sha256": done.sha256}
        tell_all("readiness.questionnaire", payload, by, now)
    return done


def _locked(session: Session) -> Questionnaire | None:
    asked = select(Questionnaire).where(Questionnaire.published_at.is_(None)).with_for_update()
    return session.scalars(asked.execution_options(populate_existing=True)).first()


def _kept(document: Mapping[str, Any]) -> dict[str, Any]:
    """What of a draft is kept: its words as they were typed, within bounds; questions without a word are dropped."""

    def words(value: Any, longest: int) -> str:
        return (value if isinstance(value, str) else "").replace("\x00", "").strip()[: longest * 2]

    given = document.get("dimensions")
    given = given if isinstance(given, Mapping) else {}
    kept: dict[str, list[dict[str, Any]]] = {}
    for dimension in DIMENSIONS:
        rows = given.get(dimension)
        kept[dimension] = []
        for row in (rows if isinstance(rows, list) else [])[:MOST]:
            if not isinstance(row, Mapping):
                continue
            levels = row.get("levels")
            levels = [words(one, LONGEST_LEVEL) for one in levels] if isinstance(levels, list) else []
            levels = [*levels, *[""] * (HIGHEST + 1)][: HIGHEST + 1]
            text = words(row.get("question"), LONGEST_QUESTION)
            if text or any(levels):
                kept[dimension].append({"question": text, "levels": levels})
    return {"title": words(document.get("title"), LONGEST_TITLE), "dimensions": kept}
