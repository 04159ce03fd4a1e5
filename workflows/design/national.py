"""The centre's default of each subject: drafted and published here, handed to nobody silently.

A Kanwil keeps what it published; its Kadiv and admin hear that the default changed, and may compare and take it over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Conflict, Invalid
from tenants.idempotency import once
from tenants.lifecycle import ACTIVE, tenants_list
from tenants.officers import Actor, acting_in
from tenants.said import say
from tenants.words import N_
from workflows import audit, definitions, notices
from workflows.design import drafts, rules
from workflows.design.defaults import national_default
from workflows.design.models import NationalDefinition, NationalDraft
from workflows.documents import as_yaml, parse
from workflows.errors import NoSuchDefinition
from workflows.subjects import subject_type as registered_subject

KEEPER = "admin_pusat"


def save(
    subject_type: str,
    text: str,
    locked: list[str],
    *,
    version: int,
    by: Actor,
    now: datetime,
    based_on: int | None = None,
) -> NationalDraft:
    """Keep the centre's draft and the stages it means to lock; as `drafts.save`. Two statements.

    Raises:
        DraftMoved, Invalid, NoSuchDefinition, Forbidden: as `drafts.save`.
    """
    by.require(KEEPER)
    registered_subject(subject_type)
    text, locked = drafts.typed(text), [one[:50] for one in dict.fromkeys(locked)][:50]
    with transaction() as session:
        row = _locked(session, subject_type)
        if row is not None and (row.text, row.locked) == (text, locked):
            return row
        if (row.version if row is not None else 0) != version:
            raise drafts.moved(row)
        if row is None:
            row = NationalDraft(subject_type=subject_type, version=0, based_on=based_on)
            session.add(row)
        row.text, row.locked, row.version = text, locked, row.version + 1
        row.edited_by, row.edited_by_name, row.edited_at = by.id, by.name, now
        try:
            session.flush()
        except IntegrityError as error:
            raise drafts.moved(None) from error
        return row


def restart(subject_type: str, from_version: int, *, version: int, by: Actor, now: datetime) -> NationalDraft:
    """Make a draft of a published default.

    Raises:
        NoSuchDefinition: there is none. DraftMoved: as `save`.
    """
    by.require(KEEPER)
    with transaction() as session:
        row = version_of(session, subject_type, from_version)
        return save(
            subject_type,
            as_yaml(row.document),
            list(row.locked),
            version=version,
            by=by,
            now=now,
            based_on=from_version,
        )


def discard(subject_type: str, *, version: int, by: Actor) -> None:
    """Drop the draft.

    Raises:
        DraftMoved: somebody else changed it since.
    """
    by.require(KEEPER)
    with transaction() as session:
        row = _locked(session, subject_type)
        if row is None:
            return
        if row.version != version:
            raise drafts.moved(row)
        session.delete(row)


def publish(
    subject_type: str,
    *,
    version: int,
    note: str,
    by: Actor,
    now: datetime,
    text: str | None = None,
    locked: list[str] | None = None,
    key: str | None = None,
) -> NationalDefinition:
    """Publish the centre's draft as the default in force; with `text` and `locked` it is saved first. Every active
    Kanwil hears of it in its own chain; those whose own workflow differs get a notice; none is changed.

    Raises:
        DraftMoved, DefinitionInvalid, Conflict: as `drafts.publish`. Invalid: the note is too long.
    """
    by.require(KEEPER)
    note = " ".join(note.replace("\x00", "").split())
    if len(note) > 500:
        raise Invalid(fields={"note": N_("Paling banyak 500 huruf.")})

    def act() -> NationalDefinition:
        with transaction() as session:
            if text is not None:
                row: NationalDraft | None = save(
                    subject_type, text, locked or [], version=version, by=by, now=now
                )
            else:
                row = _locked(session, subject_type)
            if row is None or (text is None and row.version != version):
                raise drafts.moved(row)
            made = _publish(session, row, note, by, now)
            session.delete(row)
            session.flush()
            return made

    made, repeated = once(
        key,
        f"definition.publish_national:{subject_type}",
        act,
        lambda row: row.id,
        lambda id_: scoped_session().get_one(NationalDefinition, id_),
        content=[subject_type, version, note, text, locked],
    )
    if not repeated:
        _tell(made, by, now)
    return made


def _publish(
    session: Session, draft: NationalDraft, note: str, by: Actor, now: datetime
) -> NationalDefinition:
    subject_type, locked = draft.subject_type, list(draft.locked)
    definition = parse(draft.text, also=rules.national_checker(subject_type, tuple(locked)))
    before = national_default(session, subject_type)
    same = before is not None and before.definition.sha256 == definition.sha256
    if same and before is not None and set(before.locked) == set(locked):
        raise Conflict(N_("Isi dan kuncinya sama dengan bawaan yang sedang berlaku."))
    row = NationalDefinition(
        subject_type=subject_type,
        version=(before.version if before is not None else 0) + 1,
        document=definition.document,
        sha256=definition.sha256,
        locked=locked,
        note=note,
        published_at=now,
        published_by=by.id,
        published_by_name=by.name,
    )
    session.add(row)
    session.flush()
    return row


def _tell(made: NationalDefinition, by: Actor, now: datetime) -> None:
    label = registered_subject(made.subject_type).label
    payload: dict[str, Any] = {
        "subject_type": made.subject_type,
        "version": made.version,
        "sha256": made.sha256,
        "locked": list(made.locked),
    }
    said = made.note or say(N_("Alur Kanwil Anda tidak berubah. Bandingkan, lalu pakai bila perlu."))
    words = N_("Bawaan nasional alur %(subject)s berubah (versi %(n)s)")
    drafts_of = [
        notices.draft(
            "definition.national",
            say(words, subject=say(label), n=made.version),
            said,
            f"/pengaturan/alur/{made.subject_type}/nasional",
            role=role,
        )
        for role in drafts.EDITORS
    ]
    for kanwil in tenants_list():
        if kanwil.state != ACTIVE:
            continue
        purpose = "definition.national"
        with acting_in(kanwil.id, by=by, purpose=purpose, now=now), transaction() as session:
            audit.record(audit.KANWIL, purpose, payload, by=by, now=now)
            try:
                _id, _version, own = definitions.in_force(session, made.subject_type)
            except NoSuchDefinition:
                continue
            if own.sha256 != made.sha256:
                notices.tell(session, drafts_of, now)


def version_of(session: Session, subject_type: str, version: int) -> NationalDefinition:
    """One published default. One statement.

    Raises:
        NoSuchDefinition: there is none.
    """
    row = session.scalars(
        select(NationalDefinition).where(
            NationalDefinition.subject_type == subject_type, NationalDefinition.version == version
        )
    ).first()
    if row is None:
        raise NoSuchDefinition(N_("Versi ini tidak ada."))
    return row


def _locked(session: Session, subject_type: str) -> NationalDraft | None:
    return session.scalars(
        select(NationalDraft)
        .where(NationalDraft.subject_type == subject_type)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
