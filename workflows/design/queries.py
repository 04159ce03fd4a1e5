"""What the pages and the API of the design show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, load_only

from tenants.database import session as scoped_session
from tenants.said import say
from tenants.words import N_
from workflows.design import drafts, national, rules
from workflows.design.defaults import Default, national_default
from workflows.design.models import DefinitionDraft, DefinitionSimulation, NationalDefinition, NationalDraft
from workflows.documents import as_yaml, from_document
from workflows.errors import NoSuchDefinition
from workflows.models import OPEN, Case, DefinitionVersion
from workflows.stages import Definition
from workflows.subjects import SubjectType, registered
from workflows.subjects import subject_type as registered_subject

MOST = 100
"""A list of versions shows the newest so many."""


@dataclass(frozen=True)
class VersionRow:
    """A published version, as lists show it."""

    version: int
    published_at: datetime
    published_by: str
    sha256: str
    open_cases: int = 0


@dataclass(frozen=True)
class DesignRow:
    """One subject's workflow: its versions, newest first, the draft, and whether the centre's default differs."""

    subject: SubjectType
    versions: list[VersionRow]
    draft: DefinitionDraft | None
    default: Default | None

    @property
    def in_force(self) -> VersionRow | None:
        return self.versions[0] if self.versions else None

    @property
    def differs(self) -> bool:
        """Whether the national default is another one than what is in force here."""
        here = self.in_force
        return self.default is not None and (here is None or here.sha256 != self.default.definition.sha256)


@dataclass(frozen=True)
class Opened:
    """What an editor opens with: the draft, or what it would begin from. `version` is the draft's, 0 without one."""

    subject: SubjectType
    text: str
    version: int
    based_on: int | None
    definition: Definition | None
    faults: dict[str, str] = field(default_factory=dict)
    locked: tuple[str, ...] = ()
    edited_at: datetime | None = None
    edited_by: str = ""


def overview() -> list[DesignRow]:
    """Every subject that this Kanwil has a workflow for, or could have. Three statements, and one a subject."""
    session = scoped_session()
    versions: dict[str, list[VersionRow]] = {}
    found = session.scalars(
        select(DefinitionVersion)
        .options(
            load_only(
                DefinitionVersion.subject_type,
                DefinitionVersion.version,
                DefinitionVersion.published_at,
                DefinitionVersion.published_by_name,
                DefinitionVersion.sha256,
            )
        )
        .order_by(DefinitionVersion.subject_type, DefinitionVersion.version.desc())
    )
    under_way = _open_cases(session)
    for row in found:
        rows = versions.setdefault(row.subject_type, [])
        if len(rows) < MOST:
            rows.append(_row(row, under_way.get((row.subject_type, row.version), 0)))
    kept = {row.subject_type: row for row in session.scalars(select(DefinitionDraft))}
    made = []
    for subject in registered():
        default = national_default(session, subject.key)
        if default is not None or subject.key in versions:
            made.append(DesignRow(subject, versions.get(subject.key, []), kept.get(subject.key), default))
    return made


def one(subject_type: str) -> DesignRow:
    """One of them.

    Raises:
        NoSuchDefinition: there is no such subject.
    """
    row = next((row for row in overview() if row.subject.key == subject_type), None)
    if row is None:
        raise NoSuchDefinition(
            say(N_("Jenis ini tidak dikenal: %(subject_type)s."), subject_type=subject_type[:50])
        )
    return row


def opened(subject_type: str) -> Opened:
    """The draft, read; without one, what is in force. Three statements.

    Raises:
        NoSuchDefinition: there is neither.
    """
    session, subject = scoped_session(), registered_subject(subject_type)
    default = national_default(session, subject_type)
    locked = default.locked if default is not None else ()
    draft = session.scalars(
        select(DefinitionDraft).where(DefinitionDraft.subject_type == subject_type)
    ).first()
    if draft is None:
        row = session.scalars(
            select(DefinitionVersion)
            .where(DefinitionVersion.subject_type == subject_type)
            .order_by(DefinitionVersion.version.desc())
            .limit(1)
        ).first()
        if row is None and default is None:
            raise NoSuchDefinition()
        document = row.document if row is not None else (default.document if default else {})
        text, based_on = as_yaml(document), row.version if row is not None else None
        return Opened(subject, text, 0, based_on, from_document(document), {}, locked)
    read = drafts.inspected(draft.text, lambda made: rules.faults(made, subject, default))
    return Opened(
        subject,
        draft.text,
        draft.version,
        draft.based_on,
        read.definition,
        read.faults,
        locked,
        draft.edited_at,
        draft.edited_by_name,
    )


def version(subject_type: str, number: int) -> tuple[DefinitionVersion, DefinitionVersion | None]:
    """A published version and the one before it. One statement.

    Raises:
        NoSuchDefinition: there is none.
    """
    registered_subject(subject_type)
    rows = list(
        scoped_session().scalars(
            select(DefinitionVersion)
            .where(
                DefinitionVersion.subject_type == subject_type,
                DefinitionVersion.version.in_((number, number - 1)),
            )
            .order_by(DefinitionVersion.version.desc())
        )
    )
    if not rows or rows[0].version != number:
        raise NoSuchDefinition(N_("Versi ini tidak ada."))
    return rows[0], rows[1] if len(rows) > 1 else None


def simulations(subject_type: str, *, most: int = 10) -> list[DefinitionSimulation]:
    """The newest simulations of a subject. One statement."""
    return list(
        scoped_session().scalars(
            select(DefinitionSimulation)
            .options(
                load_only(
                    DefinitionSimulation.asked,
                    DefinitionSimulation.done,
                    DefinitionSimulation.state,
                    DefinitionSimulation.sha256,
                    DefinitionSimulation.created_at,
                    DefinitionSimulation.asked_by_name,
                )
            )
            .where(DefinitionSimulation.subject_type == subject_type)
            .order_by(DefinitionSimulation.id.desc())
            .limit(most)
        )
    )


def national_overview() -> list[tuple[SubjectType, list[NationalDefinition], NationalDraft | None, Default]]:
    """Every subject that has a national default: its published versions, the draft, what is in force. Two statements,
    and one a subject."""
    session = scoped_session()
    rows = list(session.scalars(select(NationalDefinition).order_by(NationalDefinition.version.desc())))
    kept = {row.subject_type: row for row in session.scalars(select(NationalDraft))}
    made = []
    for subject in registered():
        default = national_default(session, subject.key)
        if default is not None:
            own = [row for row in rows if row.subject_type == subject.key][:MOST]
            made.append((subject, own, kept.get(subject.key), default))
    return made


def national_in_force(subject_type: str) -> Default:
    """The default in force. One statement.

    Raises:
        NoSuchDefinition: the subject has no default.
    """
    registered_subject(subject_type)
    default = national_default(scoped_session(), subject_type)
    if default is None:
        raise NoSuchDefinition(N_("Jenis ini tidak punya bawaan nasional."))
    return default


def national_opened(subject_type: str) -> Opened:
    """The centre's draft, read; without one, the default in force. Two statements.

    Raises:
        NoSuchDefinition: the subject has no default.
    """
    session, subject = scoped_session(), registered_subject(subject_type)
    default = national_in_force(subject_type)
    draft = session.scalars(select(NationalDraft).where(NationalDraft.subject_type == subject_type)).first()
    if draft is None:
        text = as_yaml(default.document)
        return Opened(subject, text, 0, default.version, default.definition, {}, default.locked)
    locked = tuple(draft.locked)
    read = drafts.inspected(draft.text, rules.national_checker(subject_type, locked))
    return Opened(
        subject,
        draft.text,
        draft.version,
        draft.based_on,
        read.definition,
        read.faults,
        locked,
        draft.edited_at,
        draft.edited_by_name,
    )


def national_version(subject_type: str, number: int) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The document of a published default, and of the one before it. Version 0 is the one that Karya brings along.

    Raises:
        NoSuchDefinition: there is none.
    """
    from workflows.design.defaults import DATA, default_text
    from workflows.documents import parse

    session = scoped_session()
    registered_subject(subject_type)

    def document(of: int) -> dict[str, Any]:
        if of == 0 and (DATA / f"{subject_type}.yaml").is_file():
            return parse(default_text(subject_type)).document
        return national.version_of(session, subject_type, of).document

    return document(number), document(number - 1) if number > 0 else None


def _open_cases(session: Session) -> dict[tuple[str, int], int]:
    rows = session.execute(
        select(Case.subject_type, Case.definition_version, func.count())
        .where(Case.state == OPEN)
        .group_by(Case.subject_type, Case.definition_version)
    )
    return {(subject, number): int(count) for subject, number, count in rows}


def _row(row: DefinitionVersion, open_cases: int) -> VersionRow:
    return VersionRow(row.version, row.published_at, row.published_by_name or "", row.sha256, open_cases)
