"""A case and all before it as one JSON value: what API and page export, and what travels inside the minutes.

Rows are written column by column, so that the chain can be recomputed from the value alone (`offline`). Its bytes are
canonical (RFC 8785): the same rows give the same file.

Keys: ``schema, tenant_id, kanwil{code, name, office, timezone}, subject{type, id, label, title}, upt{code, name, city},
cases[{..., decisions[], events[]}], definitions[], officers{id: name}, sections{}, heads[[chain, seq, hash]], root``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Date, select
from sqlalchemy.orm import Session

from tenants.base import Instant
from tenants.database import session as scoped_session
from tenants.models import Kanwil, Officer, Upt, office_name
from tenants.officers import Actor
from tenants.scope import current
from tenants.words import N_
from workflows.canonical import canonical
from workflows.errors import NoSuchCase
from workflows.merkle import Head, merkle_root
from workflows.models import AuditEvent, Case, Decision, DefinitionVersion
from workflows.proof.sections import read_sections
from workflows.subjects import subject_type

SCHEMA: Final = "karya.case/1"
FILE_NAME: Final = "kasus.json"
LARGEST: Final = 32 * 1024 * 1024
"""Bytes of the largest case file that is read back."""
CaseFile = dict[str, Any]
TOO_LARGE = N_("Berkas ini terlalu besar untuk sebuah kasus.")
LATER: Final = {("case_file", "asked"), ("decision", "settled")}
"""Columns that a file written before they were kept doesn't have; its chain says nothing of them either."""
NOT_JSON = N_("Berkas ini bukan JSON.")
NOT_A_CASE = N_("Berkas ini bukan berkas kasus (kasus.json).")


class NotACaseFile(ValueError):
    """The bytes are no case file; the argument says why, in words."""


@dataclass(frozen=True)
class Rows:
    """The rows of a case file, outside of any session: cases in order, the rest by case."""

    cases: list[Case]
    events: dict[int, list[AuditEvent]]
    decisions: dict[int, list[Decision]]
    definitions: dict[int, DefinitionVersion]


def case_file(case_id: int, *, by: Actor) -> CaseFile:
    """The chain of cases up to this one, as `by` may read it. Seven statements, and one a case before it.

    Raises:
        NoSuchCase: there is none within the scope, or its subject hides it from `by`.
    """
    session = scoped_session()
    cases = _chain(session, case_id)
    last = cases[-1]
    subject = subject_type(last.subject_type)
    if not subject.may_view(by, last):
        raise NoSuchCase()
    ids = [case.id for case in cases]
    decisions = session.scalars(
        select(Decision).where(Decision.case_id.in_(ids)).order_by(Decision.case_id, Decision.stage_no)
    ).all()
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.chain.in_([case.chain for case in cases]))
        .order_by(AuditEvent.chain, AuditEvent.seq)
    ).all()
    definitions = session.scalars(
        select(DefinitionVersion)
        .where(DefinitionVersion.id.in_({case.definition_id for case in cases}))
        .order_by(DefinitionVersion.id)
    ).all()
    kanwil = session.get_one(Kanwil, current().tenant_id)
    upt = session.scalars(select(Upt).where(Upt.id == last.upt_id)).first() if last.upt_id else None
    heads: list[Head] = [
        (case.chain, own[-1].seq, own[-1].hash)
        for case in cases
        if (own := [event for event in events if event.chain == case.chain])
    ]
    return {
        "schema": SCHEMA,
        "tenant_id": last.tenant_id,
        "kanwil": {
            "code": kanwil.code,
            "name": kanwil.short_name,
            "office": office_name(kanwil, last.submitted_at.date()),
            "timezone": kanwil.timezone,
        },
        "subject": {
            "type": last.subject_type,
            "id": last.subject_id,
            "label": subject.label,
            "title": last.title,
        },
        "upt": {"code": upt.code, "name": upt.name, "city": upt.city} if upt else None,
        "cases": [
            {
                **row_json(case),
                "decisions": [row_json(one) for one in decisions if one.case_id == case.id],
                "events": [row_json(one) for one in events if one.chain == case.chain],
            }
            for case in cases
        ],
        "definitions": [row_json(one) for one in definitions],
        "officers": _officers(session, events),
        "sections": read_sections(session, cases, by),
        "heads": [list(head) for head in heads],
        "root": merkle_root(heads),
    }


def freeze(value: CaseFile) -> bytes:
    """The canonical bytes of a case file."""
    return canonical(value)


def thaw(data: bytes) -> CaseFile:
    """Read a case file back.

    Raises:
        NotACaseFile: no JSON object of our schema, or too large to be one.
    """
    if len(data) > LARGEST:
        raise NotACaseFile(TOO_LARGE)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotACaseFile(NOT_JSON) from error
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise NotACaseFile(NOT_A_CASE)
    return value


def rows_of(value: CaseFile) -> Rows:
    """The rows that a case file was written from.

    Raises:
        NotACaseFile: they are not there in the form that `case_file` gives them.
    """
    try:
        cases = [_row(Case, one) for one in value["cases"]]
        if not cases:
            raise NotACaseFile(NOT_A_CASE)
        return Rows(
            cases=cases,
            events={one["id"]: [_row(AuditEvent, e) for e in one["events"]] for one in value["cases"]},
            decisions={one["id"]: [_row(Decision, d) for d in one["decisions"]] for one in value["cases"]},
            definitions={one["id"]: _row(DefinitionVersion, one) for one in value["definitions"]},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotACaseFile(NOT_A_CASE) from error


def row_json(row: Any) -> dict[str, Any]:
    """A row's columns as JSON: instants in UTC, days in ISO 8601."""
    return {column.key: _plain(getattr(row, column.key)) for column in row.__table__.columns}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _row(model: type[Any], data: dict[str, Any]) -> Any:
    values = {}
    for column in model.__table__.columns:
        later = (model.__table__.name, column.key) in LATER
        value = data.get(column.key) if later else data[column.key]
        if value is not None and isinstance(column.type, Instant):
            value = datetime.fromisoformat(value)
            if value.tzinfo is None:
                raise ValueError("an instant needs its timezone")
        elif value is not None and isinstance(column.type, Date):
            value = date.fromisoformat(value)
        elif value is not None and column.type.python_type in (int, str, bool):
            _expect(value, column.type.python_type)
        values[column.key] = value
    return model(**values)


def _expect(value: Any, kind: type) -> None:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")


def _chain(session: Session, case_id: int) -> list[Case]:
    """The case and those before it, oldest first."""
    found: list[Case] = []
    following: int | None = case_id
    while following is not None and all(one.id != following for one in found):
        case = session.scalars(
            select(Case).where(Case.id == following).execution_options(populate_existing=True)
        ).first()
        if case is None:
            break
        found.append(case)
        following = case.previous_case_id
    if not found:
        raise NoSuchCase()
    return found[::-1]


def _officers(session: Session, events: Sequence[AuditEvent]) -> dict[str, str]:
    ids = {event.officer_id for event in events if event.officer_id}
    rows = session.execute(
        select(Officer.id, Officer.first_name, Officer.last_name).where(Officer.id.in_(ids))
    )
    return {str(one): f"{first} {last}".strip() for one, first, last in rows}


__all__ = [
    "FILE_NAME",
    "SCHEMA",
    "CaseFile",
    "NotACaseFile",
    "Rows",
    "case_file",
    "freeze",
    "rows_of",
    "thaw",
]
