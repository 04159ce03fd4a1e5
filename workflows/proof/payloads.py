"""What a chain says of the rows it covers: the words that are hashed, and that verifying holds against the rows."""

from __future__ import annotations

from typing import Any

from workflows.canonical import digest
from workflows.models import Case, Decision


def decision_payload(decision: Decision) -> dict[str, Any]:
    """What the chain says of a decision: all of its row."""
    return {
        "stage_no": decision.stage_no,
        "stage_key": decision.stage_key,
        "outcome": decision.outcome,
        "officer_id": decision.officer_id,
        "officer_name": decision.officer_name,
        "acting_as": decision.acting_as,
        "on_behalf_of": decision.on_behalf_of,
        "letter_number": decision.letter_number,
        "checklist": decision.checklist,
        "comment": decision.comment,
        "requests": decision.requests,
        "settled": decision.settled,
        "key": decision.key,
        "decided_at": decision.decided_at.isoformat(timespec="microseconds"),
        "subject_type": decision.subject_type,
        "due_at": decision.due_at.isoformat(timespec="microseconds") if decision.due_at else None,
        "waited_days": decision.waited_days,
        "asked": decision.asked,
    }


def submission_payload(case: Case) -> dict[str, Any]:
    """What the chain says of a submission: whose revision of what, under which workflow, and the hash of its
    content."""
    return {
        "subject_type": case.subject_type,
        "subject_id": case.subject_id,
        "revision_no": case.revision_no,
        "previous_case_id": case.previous_case_id,
        "definition_id": case.definition_id,
        "definition_version": case.definition_version,
        "upt_id": case.upt_id,
        "title": case.title,
        "submitted_by": case.submitted_by,
        "submitted_by_name": case.submitted_by_name,
        "editor_ids": case.editor_ids,
        "fields_sha256": digest(case.fields),
        "answers_sha256": digest(case.answers),
        "asked_sha256": digest(case.asked) if case.asked is not None else None,
        "upt_days": case.upt_days,
        "upt_calendar_days": case.upt_calendar_days,
    }


def state_payload(case: Case) -> dict[str, Any]:
    """Where a case stands after an event."""
    return {
        "state": case.state,
        "stage_key": case.stage_key,
        "stage_no": case.stage_no,
        "step_no": case.step_no,
        "version": case.version,
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "urgent": case.urgent,
        "office_days": case.office_days,
        "office_calendar_days": case.office_calendar_days,
    }
