"""A Kanwil's workflows: published versions, the one in force, and the national defaults.

A version is immutable once published; a case stays pinned to the one it began with.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants import clock
from tenants.database import transaction
from tenants.errors import Conflict
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.scope import Scope, current, current_or_none, entered
from tenants.words import N_
from workflows import audit
from workflows.design import rules
from workflows.design.defaults import default_text, national_default
from workflows.documents import from_document, parse
from workflows.errors import NoSuchDefinition
from workflows.kept import Kept
from workflows.models import DefinitionVersion
from workflows.stages import Definition

__all__ = [
    "default_text",
    "definition_of",
    "ensure_defaults",
    "from_document",
    "in_force",
    "kept_definition",
    "parse",
    "publish",
]

DEFAULTS = ("product", "recap", "readiness")
_definitions: Kept[Definition] = Kept(2000)


def publish(definition: Definition, *, by: Actor | None, now: datetime) -> DefinitionVersion:
    """Publish a definition as the next version; open cases keep theirs. Five statements.

    Raises:
        DefinitionInvalid: it names what the subject does not have, or weakens a stage that the centre locked.
        Conflict: somebody else published at the same moment.
    """
    with transaction() as session:
        rules.require(definition, session)
        last = session.scalar(
            select(DefinitionVersion.version)
            .where(DefinitionVersion.subject_type == definition.subject_type)
            .order_by(DefinitionVersion.version.desc())
            .limit(1)
        )
        row = DefinitionVersion(
            subject_type=definition.subject_type,
            version=(last or 0) + 1,
            document=definition.document,
            sha256=definition.sha256,
            published_at=now,
            published_by_name=by.name if by is not None else None,
        )
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict(N_("Alur ini baru saja diterbitkan orang lain. Muat ulang halamannya.")) from error
        payload = {
            "subject_type": row.subject_type,
            "version": row.version,
            "sha256": row.sha256,
            "by_name": row.published_by_name,
        }
        audit.record("kanwil", "definition.published", payload, by=by, now=now)
        session.flush()
        return row


def in_force(session: Session, subject_type: str) -> tuple[int, int, Definition]:
    """The highest published version: its id, version and definition. One statement.

    Raises:
        NoSuchDefinition: the Kanwil has published none.
    """
    row = session.execute(
        select(
            DefinitionVersion.id,
            DefinitionVersion.version,
            type_coerce(DefinitionVersion.document, Text).label("raw"),
        )
        .where(DefinitionVersion.subject_type == subject_type)
        .order_by(DefinitionVersion.version.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NoSuchDefinition(N_("Kanwil ini belum menerbitkan alur kerja. Hubungi admin Kanwil."))
    return row.id, row.version, kept_definition(row.id, row.raw)


def kept_definition(definition_id: int, raw: str | None) -> Definition:
    """The definition of this id: kept from an earlier call, or read from its JSON text."""
    key = (current().tenant_id, definition_id)
    kept = _definitions.get(key)
    if kept is not None:
        return kept
    if raw is None:
        raise NoSuchDefinition()
    return _definitions.put(key, from_document(json.loads(raw)))


def definition_of(session: Session, definition_ids: set[int]) -> dict[int, Definition]:
    """The definitions of these ids. One statement, none where all are kept."""
    tenant = current().tenant_id
    found = {one: kept for one in definition_ids if (kept := _definitions.get((tenant, one))) is not None}
    missing = definition_ids - found.keys()
    if missing:
        rows = session.execute(
            select(DefinitionVersion.id, type_coerce(DefinitionVersion.document, Text).label("raw")).where(
                DefinitionVersion.id.in_(missing)
            )
        )
        found |= {row.id: kept_definition(row.id, row.raw) for row in rows}
    return found


def ensure_defaults(tenant: Kanwil | int, *, now: datetime | None = None) -> int:
    """Publish the national defaults that this Kanwil has no workflow for; returns how many were published."""
    tenant_id = tenant if isinstance(tenant, int) else tenant.id
    scope = current_or_none()
    if not isinstance(scope, Scope) or scope.tenant_id != tenant_id:
        scope = Scope(tenant_id)
    with entered(scope), transaction() as session:
        known = set(session.scalars(select(DefinitionVersion.subject_type).distinct()))
        missing = [name for name in DEFAULTS if name not in known]
        for name in missing:
            default = national_default(session, name)
            if default is not None:
                publish(default.definition, by=None, now=now or clock.now())
    return len(missing)
