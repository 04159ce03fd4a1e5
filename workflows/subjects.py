"""What can be approved. A room above registers its subject here: how it is called and shown, and what
follows.

Hooks are called as ``hook(session, case, now)`` inside the transaction of what caused them; what they change
is committed or rolled back with it. Views, where a subject offers them, are plain functions of the case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.errors import NoSuchDefinition
from workflows.models import Case

Hook = Callable[[Session, Case, datetime], None]
Ending = Callable[[Session, Case, datetime], str | None]


def _nothing(session: Session, case: Case, now: datetime) -> None:
    """No consequence."""


def _anyone(by: Actor, case: Case) -> bool:
    return True


def _own_page(case: Any) -> str:
    return f"/kasus/{case.id}"


@dataclass(frozen=True)
class SubjectType:
    """A kind of thing that is approved.

    `field_labels` names the fields that a return may ask to change, in the order a page shows them. `facet`
    gives the value by which the inbox filters (a product's category), `facets` the words for those values.
    `check` says what else a definition of this subject must hold: faults by place. `condition_fields` are the fields
    that a condition may ask for, with their words; where a subject names none, conditions are not checked against
    them. `locked_stages` are the stages that no Kanwil may drop until the centre decides otherwise.
    `on_approved` may give a word for what the subject now is, where that isn't `approved_word`.
    `may_view` narrows what the scope allows. `before_decide` may refuse a verdict by raising. `changes`,
    `public_view`, `summary` and `picture` let pages show the subject: a list of what changed from the case
    before to this one, a template with its context, label and text of the few fields that matter in a
    preview, and the address of a small picture with its words.
    """

    key: str
    label: str
    field_labels: Mapping[str, str] = field(default_factory=dict)
    on_submitted: Hook = _nothing
    on_approved: Ending = _nothing
    on_returned: Hook = _nothing
    on_rejected: Hook = _nothing
    on_withdrawn: Hook = _nothing
    on_reopened: Hook = _nothing
    may_view: Callable[[Actor, Case], bool] = _anyone
    before_decide: Callable[[Session, Case, Any, Actor], None] | None = None
    check: Callable[[Any], dict[str, str]] | None = None
    condition_fields: Mapping[str, str] = field(default_factory=dict)
    locked_stages: tuple[str, ...] = ()
    facet: Callable[[Mapping[str, Any]], str | None] | None = None
    facets: Mapping[str, str] = field(default_factory=dict)
    approved_word: str = "Terbit"
    page: Callable[[Any], str] = _own_page
    changes: Callable[[Case, Case], list[Any]] | None = None
    public_view: Callable[[Case], tuple[str, dict[str, Any]]] | None = None
    summary: Callable[[Case], list[tuple[str, str]]] | None = None
    picture: Callable[[Any], dict[str, Any] | None] | None = None
    aftermath: Callable[[Case], tuple[str, str] | None] | None = None
    """What is still to be done about an approved subject: words for the case's page, and where it is done."""
    ticks_requests: bool = True
    """Whether the stage that asked for a change ticks it off before it approves."""
    workplace: Callable[[Any], tuple[str, str]] | None = None
    """Where the subject itself is worked on while its case is decided: words for the link on the case's page, and its
    address."""
    outside: Callable[[Case], Mapping[str, Any]] | None = None
    """The fields that an expert from outside may see of a case; without it none is invited."""


_registered: dict[str, SubjectType] = {}


def register(subject: SubjectType) -> SubjectType:
    """Make a subject known; registering it again replaces it."""
    _registered[subject.key] = subject
    return subject


def subject_type(key: str) -> SubjectType:
    """The subject registered under `key`.

    Raises:
        NoSuchDefinition: nothing is.
    """
    try:
        return _registered[key]
    except KeyError:
        raise NoSuchDefinition(say(N_("Jenis ini tidak dikenal: %(key)s."), key=key)) from None


def registered() -> list[SubjectType]:
    """All of them, in the order they came."""
    return list(_registered.values())
