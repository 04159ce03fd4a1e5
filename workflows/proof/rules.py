"""What must hold of a chain and of the rows it covers. Pure: rows in, problems out; no stored hash is trusted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from tenants.said import joined, say
from tenants.words import N_
from workflows.canonical import canonical, digest
from workflows.chains import Problem, link_hash
from workflows.deadlines import CLOSING
from workflows.models import AuditEvent, Case, Decision, DefinitionVersion
from workflows.proof.payloads import decision_payload, state_payload, submission_payload

OTHER_UPT: Final = N_("Peristiwa nomor %(seq)s disebut milik UPT lain.")
UNREADABLE: Final = say(N_("isi yang tidak terbaca"))


def hash_now(event: AuditEvent) -> str:
    """The event's hash computed anew from what the row says; what no longer agrees with itself matches nothing."""
    try:
        computed = link_hash(
            event.tenant_id,
            event.chain,
            event.seq,
            event.prev_hash,
            event.at,
            event.officer_id,
            event.action,
            event.payload,
        )
    except (ValueError, TypeError):  # a number or a letter that JSON can't hold
        return ""
    return computed if computed == event.hash else ""


def said_by(event: AuditEvent) -> dict[str, Any]:
    """The event's payload; nothing where it is no JSON object."""
    try:
        found = json.loads(event.payload)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def links(chain: str, events: Iterable[AuditEvent], before: set[str]) -> Iterator[Problem]:
    """Numbers without gaps, each hash recomputed, each standing on the one before; the first on one of `before`."""
    prev: str | None = None
    for number, event in enumerate(events, 1):
        named = partial(Problem, chain, "audit_event", event.id, seq=event.seq)
        if event.seq != number:
            gap = N_("Peristiwa nomor %(number)s hilang: yang berikutnya bernomor %(seq)s.")
            yield named(message=say(gap, number=number, seq=event.seq))
            return
        if (prev is None and event.prev_hash not in before) or (prev is not None and event.prev_hash != prev):
            loose = N_("Peristiwa nomor %(seq)s tidak bersambung dengan yang sebelumnya.")
            yield named(message=say(loose, seq=event.seq))
        try:
            same = canonical(json.loads(event.payload)).decode() == event.payload
        except (ValueError, RecursionError):
            same = False
        if not same or not hash_now(event):
            altered = N_("Isi peristiwa nomor %(seq)s (%(action)s) diubah setelah dicatat.")
            yield named(message=say(altered, seq=event.seq, action=event.action))
        prev = event.hash


def case_rows(
    case: Case,
    events: Sequence[AuditEvent],
    decisions: Sequence[Decision],
    definition: DefinitionVersion | None,
    zone: ZoneInfo,
) -> Iterator[Problem]:
    """A case, its decisions and its definition against what its chain says of them."""
    named = partial(Problem, case.chain, "case_file", case.id)
    if case.chain_seq != len(events) or (events and case.chain_head != events[-1].hash):
        yield named(
            message=say(
                N_("Kasus mencatat %(told)s peristiwa, rantainya %(n)s, atau ujungnya berbeda."),
                told=case.chain_seq,
                n=len(events),
            )
        )
    if not events or not isinstance(said_by(events[0]).get("submission"), dict):
        yield named(message=say(N_("Pengajuan kasus ini tidak tercatat dalam rantainya.")))
    told: dict[int, dict[str, Any]] = {}
    after: dict[str, Any] | None = None
    moved_at: datetime | None = None
    for event in events:
        if event.upt_id != case.upt_id:
            yield Problem(
                case.chain,
                "audit_event",
                event.id,
                say(OTHER_UPT, seq=event.seq),
                event.seq,
            )
        payload = said_by(event)
        decided = payload.get("decision")
        if isinstance(decided, dict) and isinstance(decided.get("stage_no"), int):
            told[decided["stage_no"]] = decided
        if isinstance(payload.get("submission"), dict):
            yield from _submission(case, event, payload["submission"])
            yield from _pinned(case, payload.get("definition"), definition)
        if isinstance(payload.get("after"), dict):
            after, moved_at = payload["after"], event.at
    yield from _decisions(case, decisions, told)
    if after is not None:
        changed = _differing(after, partial(state_payload, case))
        if moved_at is not None and case.closed_at != (None if case.is_open else moved_at):
            changed.append("closed_at")
        if changed:
            yield named(
                message=say(
                    N_("Keadaan kasus tidak sesuai dengan putusan terakhirnya: %(changed)s."),
                    changed=_named(changed),
                )
            )
    yield from _stage(case, definition, zone)


def _submission(case: Case, event: AuditEvent, said: dict[str, Any]) -> Iterator[Problem]:
    changed = _differing(said, partial(submission_payload, case))
    if case.submitted_at != event.at:
        changed.append("submitted_at")
    if changed:
        altered = N_("Isi kasus diubah setelah diajukan: %(changed)s.")
        yield Problem(case.chain, "case_file", case.id, say(altered, changed=_named(changed)))


def _pinned(case: Case, said: Any, definition: DefinitionVersion | None) -> Iterator[Problem]:
    """The workflow that the case goes by is the one it was submitted under."""
    if definition is None:
        yield Problem(
            case.chain, "definition_version", case.definition_id, say(N_("Alur kerja kasus ini hilang."))
        )
        return
    named = partial(Problem, case.chain, "definition_version", definition.id)
    if (definition.subject_type, definition.version) != (case.subject_type, case.definition_version):
        yield named(message=say(N_("Alur kerja kasus ini tertukar: jenis atau versinya lain.")))
    if isinstance(said, dict) and said.get("sha256") != document_sha(definition.document):
        altered = N_("Dokumen alur kerja versi %(version)s diubah setelah kasus diajukan.")
        yield named(message=say(altered, version=definition.version))


def _decisions(
    case: Case, decisions: Sequence[Decision], told: dict[int, dict[str, Any]]
) -> Iterator[Problem]:
    for row in decisions:
        said = told.pop(row.stage_no, None)
        if said is None:
            untold = N_("Putusan %(stage)s tidak tercatat dalam rantai.")
            yield Problem(case.chain, "decision", row.id, say(untold, stage=row.stage_key))
            continue
        changed = _differing(said, partial(decision_payload, row))
        if row.upt_id != case.upt_id:
            changed.append("upt_id")
        if changed:
            yield Problem(
                case.chain,
                "decision",
                row.id,
                say(
                    N_("Putusan %(stage)s diubah setelah dicatat: %(changed)s."),
                    stage=row.stage_key,
                    changed=_named(changed),
                ),
            )
    for number in told:
        yield Problem(
            case.chain,
            "decision",
            None,
            say(N_("Putusan ke-%(number)s tercatat dalam rantai, tetapi barisnya hilang."), number=number),
        )


def _stage(case: Case, definition: DefinitionVersion | None, zone: ZoneInfo) -> Iterator[Problem]:
    """What follows from the open stage: whose turn it is, and until when."""
    wrong = []
    roles = _roles(definition.document) if definition is not None else {}
    turn = roles.get(case.stage_key) if case.stage_key else None
    if definition is not None and case.stage_role != turn:
        wrong.append("stage_role")
    local = case.due_at.astimezone(zone) if case.due_at else None
    if (local.date() if local else None) != case.due_on or (local and local.time() != CLOSING):
        wrong.append("due_at")
    if wrong:
        yield Problem(
            case.chain,
            "case_file",
            case.id,
            say(N_("Giliran atau tenggat tidak sesuai dengan tahapnya: %(wrong)s."), wrong=", ".join(wrong)),
        )


def _roles(document: Any) -> dict[str, str | None]:
    """The role behind each key that a case may stand at: of a stage that one officer decides, its own; of a step with
    several seats, none."""
    found: dict[str, str | None] = {}
    stages = document.get("stages") if isinstance(document, dict) else None
    for one in stages if isinstance(stages, list) else []:
        if not isinstance(one, dict):
            continue
        inner = one.get("parallel")
        found[str(one.get("key"))] = None if inner or one.get("quorum") else one.get("role")
        for branch in inner if isinstance(inner, list) else []:
            if isinstance(branch, dict):
                found[str(branch.get("key"))] = branch.get("role")
    return found


def definition_rows(
    definitions: Iterable[DefinitionVersion], published: Iterable[AuditEvent]
) -> Iterator[Problem]:
    """Every version of a workflow against the event of its publication, and the other way round."""
    told: dict[tuple[Any, Any], tuple[Any, AuditEvent]] = {}
    for event in published:
        said = said_by(event)
        told[said.get("subject_type"), said.get("version")] = (said.get("sha256"), event)
    for row in definitions:
        named = partial(Problem, "kanwil", "definition_version", row.id)
        known = told.pop((row.subject_type, row.version), None)
        if known is None:
            yield named(
                message=say(
                    N_("Alur kerja %(subject)s versi %(version)s tidak pernah diterbitkan."),
                    subject=row.subject_type,
                    version=row.version,
                )
            )
            continue
        (sha, event), wrong = known, []
        if row.sha256 != sha:
            wrong.append("sha256")
        if document_sha(row.document) != sha:
            wrong.append("document")
        if row.published_at != event.at:
            wrong.append("published_at")
        if row.published_by_name != said_by(event).get("by_name"):
            wrong.append("published_by_name")
        if wrong:
            yield named(
                message=say(
                    N_("Alur kerja %(subject)s versi %(version)s diubah setelah terbit: %(wrong)s."),
                    subject=row.subject_type,
                    version=row.version,
                    wrong=", ".join(wrong),
                )
            )
    for (subject_type, version), (_, event) in told.items():
        yield Problem(
            "kanwil",
            "definition_version",
            None,
            say(
                N_("Alur kerja %(subject)s versi %(version)s tercatat terbit, tetapi barisnya hilang."),
                subject=subject_type,
                version=version,
            ),
            event.seq,
        )


def _differing(said: dict[str, Any], make: Callable[[], dict[str, Any]]) -> list[str]:
    """The names under which a row no longer says what the chain says of it."""
    try:
        row = make()
    except (ValueError, TypeError, AttributeError):
        return [UNREADABLE]
    return [name for name, value in row.items() if said.get(name) != value]


def _named(changed: Sequence[str]) -> str:
    """Columns as they are called in the database, one after the other."""
    return joined(changed, ", ")


def document_sha(document: Any) -> str:
    """The hash of a workflow's document; "" where it has no canonical form."""
    try:
        return digest(document)
    except ValueError:
        return ""
