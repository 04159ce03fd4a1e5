"""A Kanwil's drafts: saved as they were typed, published once nothing is wrong with them.

A version that was published is never edited: going back to it makes a draft of it, which is published as a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Conflict, Invalid
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import definitions
from workflows.design import rules
from workflows.design.defaults import national_default
from workflows.design.models import DefinitionDraft
from workflows.documents import MAX_BYTES, Check, as_yaml, parse
from workflows.errors import DefinitionInvalid, NoSuchDefinition
from workflows.models import DefinitionVersion
from workflows.stages import Definition
from workflows.subjects import subject_type as registered_subject

EDITORS = ("kadiv", "admin_kanwil")


class DraftMoved(Conflict):
    """Somebody else saved, published or dropped the draft since it was read; `detail["version"]` is its version now."""

    code = "konsep-sudah-berubah"
    title = N_("Konsep ini sudah diubah")


@dataclass(frozen=True)
class Inspected:
    """What a draft's text comes to: what is wrong with it by place, and the definition as far as it could be read."""

    definition: Definition | None
    faults: dict[str, str] = field(default_factory=dict)


def inspected(text: str, also: Check) -> Inspected:
    """Read a draft without refusing it."""
    read: list[Definition] = []

    def noted(definition: Definition) -> dict[str, str]:
        read.append(definition)
        return also(definition)

    try:
        return Inspected(parse(text, also=noted))
    except DefinitionInvalid as error:
        faults = {place: str(why) for place, why in error.fields.items()}
        return Inspected(read[0] if read else None, faults)


def typed(text: str) -> str:
    """A draft's text as it is kept.

    Raises:
        Invalid: too long.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text.encode()) > MAX_BYTES:
        raise Invalid(fields={"text": say(N_("Paling banyak %(max_bytes)s bita."), max_bytes=MAX_BYTES)})
    return text if text.endswith("\n") or not text else text + "\n"


def save(
    subject_type: str, text: str, *, version: int, by: Actor, now: datetime, based_on: int | None = None
) -> DefinitionDraft:
    """Keep a draft as it was typed, right or wrong. `version` is that of the draft one was looking at, 0 where there
    was none. Saving the same text again changes nothing. Three statements.

    Raises:
        DraftMoved: somebody else changed the draft since.
        Invalid: too long. NoSuchDefinition: no such subject. Forbidden: `by` keeps no workflow.
    """
    by.require(*EDITORS)
    registered_subject(subject_type)
    text = typed(text)
    with transaction() as session:
        row = _locked(session, subject_type)
        if row is not None and row.text == text:
            return row
        if (row.version if row is not None else 0) != version:
            raise moved(row)
        if row is None:
            row = DefinitionDraft(subject_type=subject_type, version=0, based_on=based_on)
            session.add(row)
        row.text, row.version = text, row.version + 1
        row.edited_by, row.edited_by_name, row.edited_at = by.id, by.name, now
        try:
            session.flush()
        except IntegrityError as error:
            raise moved(None) from error
        return row


def restart(
    subject_type: str, from_version: int | None, *, version: int, by: Actor, now: datetime
) -> DefinitionDraft:
    """Make a draft of a published version, or of the national default (None). A draft that is there is replaced.

    Raises:
        NoSuchDefinition: there is no such version.
        DraftMoved: somebody else changed the draft since.
    """
    by.require(*EDITORS)
    with transaction() as session:
        if from_version is None:
            default = national_default(session, subject_type)
            if default is None:
                raise NoSuchDefinition(N_("Pusat tidak punya bawaan untuk jenis ini."))
            document: Any = default.document
        else:
            document = version_of(session, subject_type, from_version).document
        row = save(subject_type, as_yaml(document), version=version, by=by, now=now, based_on=from_version)
        row.based_on = from_version
        return row


def discard(subject_type: str, *, version: int, by: Actor) -> None:
    """Drop the draft; dropping it twice is dropping it once.

    Raises:
        DraftMoved: somebody else changed it since. Forbidden: `by` keeps no workflow.
    """
    by.require(*EDITORS)
    with transaction() as session:
        row = _locked(session, subject_type)
        if row is None:
            return
        if row.version != version:
            raise moved(row)
        session.delete(row)


def publish(
    subject_type: str,
    *,
    version: int,
    by: Actor,
    now: datetime,
    text: str | None = None,
    key: str | None = None,
) -> tuple[DefinitionVersion, bool]:
    """Publish the draft as the next version; cases under way stay with theirs. With `text` it is saved first, in the
    same transaction. The same `key` gives the same version; whether it is a repetition comes with it.

    Raises:
        DraftMoved: there is no draft, or somebody else changed it since.
        DefinitionInvalid: what is wrong with it, by place and line; nothing is saved.
        Conflict: it is what is in force already.
    """
    by.require(*EDITORS)

    def act() -> DefinitionVersion:
        with transaction() as session:
            if text is not None:
                row: DefinitionDraft | None = save(subject_type, text, version=version, by=by, now=now)
            else:
                row = _locked(session, subject_type)
            if row is None or (text is None and row.version != version):
                raise moved(row)
            made = publish_text(subject_type, row.text, by=by, now=now)
            session.delete(row)
            session.flush()
            return made

    return once(
        key,
        f"definition.publish:{subject_type}",
        act,
        lambda row: row.id,
        lambda id_: (
            scoped_session().scalars(select(DefinitionVersion).where(DefinitionVersion.id == id_)).one()
        ),
        content=[subject_type, version, text],
    )


def publish_text(subject_type: str, text: str, *, by: Actor, now: datetime) -> DefinitionVersion:
    """Publish a YAML document past the draft, by the same rules.

    Raises:
        DefinitionInvalid, Conflict: as `publish`.
    """
    by.require(*EDITORS)
    with transaction() as session:
        definition = parse(text, also=rules.checker(session, subject_type))
        try:
            _id, number, before = definitions.in_force(session, subject_type)
        except NoSuchDefinition:
            return definitions.publish(definition, by=by, now=now)
        if before.sha256 == definition.sha256:
            raise Conflict(say(N_("Isinya sama dengan versi %(number)s yang sedang berlaku."), number=number))
        return definitions.publish(definition, by=by, now=now)


def version_of(session: Session, subject_type: str, version: int) -> DefinitionVersion:
    """One published version. One statement.

    Raises:
        NoSuchDefinition: there is none.
    """
    row = session.scalars(
        select(DefinitionVersion).where(
            DefinitionVersion.subject_type == subject_type, DefinitionVersion.version == version
        )
    ).first()
    if row is None:
        raise NoSuchDefinition(N_("Versi ini tidak ada."))
    return row


def moved(row: Any) -> DraftMoved:
    """What to say to somebody whose draft is no longer the one he saw."""
    if row is None:
        return DraftMoved(say(N_("Konsep ini sudah diterbitkan atau dibuang.")), detail={"version": 0})
    return DraftMoved(
        say(
            N_("%(edited_by_name)s mengubah konsep ini sesudah Anda membukanya."),
            edited_by_name=row.edited_by_name,
        ),
        detail={"version": row.version},
    )


def _locked(session: Session, subject_type: str) -> DefinitionDraft | None:
    return session.scalars(
        select(DefinitionDraft)
        .where(DefinitionDraft.subject_type == subject_type)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
