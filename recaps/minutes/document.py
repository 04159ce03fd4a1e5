"""The minutes as HTML, from the frozen case file alone: the same file and the same issue give the same document."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from catalogue.content import FIELDS, shown
from catalogue.difference import evidence_words
from recaps.letter import FOLDER, Issue, Letter, environment, qr_of
from tenants.words import instant_id, number_id
from workflows.documents import from_document
from workflows.models import AuditEvent, Case, Decision
from workflows.proof.casefile import FILE_NAME, CaseFile, Rows, freeze, rows_of
from workflows.proof.rules import said_by
from workflows.stages import Definition, Item
from workflows.subjects import SubjectType, subject_type

OUTCOMES: Final = {
    "approve": "Disetujui",
    "return": "Dikembalikan",
    "reject": "Ditolak",
    "opinion": "Memberi pendapat, tidak memutuskan",
}
STATES: Final = {
    "approved": "disetujui",
    "returned": "dikembalikan kepada UPT",
    "rejected": "ditolak",
    "withdrawn": "ditarik oleh pengajunya",
    "open": "masih diperiksa",
}
ENDINGS: Final = {
    "approved": "persetujuan",
    "rejected": "penolakan",
    "withdrawn": "penarikan pengajuan",
}
"""How a case may have ended over which minutes are issued, as their title says it."""
ACTIONS: Final = {
    "case.submitted": "Diajukan",
    "case.decided": "Diputuskan",
    "case.advised": "Pendapat tahap diberikan",
    "case.withdrawn": "Pengajuan ditarik",
    "case.overdue": "Lewat tenggat",
    "product.suspended": "Produk ditangguhkan",
    "product.restored": "Produk dipulihkan",
    "product.withdrawn": "Produk ditarik",
    "product.replaced": "Isi produk diganti, produk tetap ditangguhkan",
    "product.listed": "Tautan e-Katalog dicatat",
    "case.reopened": "Kasus dibuka kembali",
    "case.commented": "Komentar ditulis",
    "case.comment_struck": "Komentar ditarik",
    "case.noted": "Catatan internal ditulis",
    "case.note_struck": "Catatan internal ditarik",
    "case.opinion_asked": "Pendapat diminta",
    "case.opinion_given": "Pendapat diberikan",
    "case.expert_invited": "Ahli dari luar diundang",
    "case.expert_revoked": "Undangan ahli dicabut",
    "case.expert_answered": "Ahli dari luar menjawab",
    "case.claimed": "Kasus diambil",
    "case.released": "Kasus dilepas",
    "case.assigned": "Kasus ditugaskan",
}


def compose(
    value: CaseFile, kop: Mapping[str, Any], place: Mapping[str, str], issue: Issue, *, mark: bytes | None
) -> Letter:
    """The minutes of a case file. `kop`: the letterhead; `place`: the Kanwil's province and capital; `mark`: its
    emblem (PNG or JPEG)."""
    rows = rows_of(value)
    zone = ZoneInfo(value["kanwil"]["timezone"])
    subject = subject_type(value["subject"]["type"])
    assets = {"mark.svg": (FOLDER / "mark.svg").read_bytes(), "qr.svg": qr_of(issue.verify_url)}
    if mark:
        assets["mark.png"] = mark
    html = (
        environment()
        .get_template("minutes.html")
        .render(
            f={"kop_surat": kop, "kanwil": place},
            c=value,
            issue=issue,
            own_mark=bool(mark),
            signed=instant_id(issue.signed_at, zone),
            created=issue.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            subject=subject,
            ending=ENDINGS[rows.cases[-1].state],
            when=lambda at: instant_id(datetime.fromisoformat(at), zone),
            last=rows.cases[-1],
            revisions=_revisions(value, rows, subject, zone),
            chains=_chains(rows, zone),
            file_name=FILE_NAME,
            digest=hashlib.sha256(freeze(value)).hexdigest(),
            versions=sorted(
                {(one.version, one.sha256) for one in rows.definitions.values()}, key=lambda one: one[0]
            ),
        )
    )
    return Letter(html=html, assets=assets, identifier=f"karya:{issue.code}", created=issue.signed_at)


def _revisions(value: CaseFile, rows: Rows, subject: SubjectType, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Every revision in order: what it said, or what changed; what was asked before and answered; what was decided."""
    told: list[dict[str, Any]] = []
    before: Case | None = None
    asked: list[dict[str, Any]] = []
    for case in rows.cases:
        definition = from_document(rows.definitions[case.definition_id].document)
        decisions = rows.decisions[case.id]
        told.append(
            {
                "case": case,
                "submitted": instant_id(case.submitted_at, zone),
                "state": STATES.get(case.state, case.state),
                "fields": _fields(case.fields) if before is None else [],
                "changes": subject.changes(before, case) if before is not None and subject.changes else [],
                "first": before is None,
                "answered": [
                    {
                        "label": subject.field_labels.get(one["field"], one["field"]),
                        "text": one["text"],
                        "by": one["by"],
                        "answer": case.answers.get(one["id"]) or one.get("answer", ""),
                    }
                    for one in (asked if case.asked is None else case.asked)
                ],
                "decisions": [_decision(one, definition, case, subject, zone) for one in decisions],
                "others": _others(rows.events[case.id], value["officers"], zone),
            }
        )
        before = case
        asked = [{**request, "by": one.officer_name} for one in decisions for request in one.requests]
    return told


def _fields(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for spec in FIELDS:
        text = shown(spec, fields.get(spec.key))
        if spec.kind == "evidence":
            text = "\n".join(evidence_words(row) for row in fields.get(spec.key) or [])
        found.append((spec.label, text))
    return [(label, text) for label, text in found if text]


def _decision(
    one: Decision, definition: Definition, case: Case, subject: SubjectType, zone: ZoneInfo
) -> dict[str, Any]:
    stage = definition.stage(one.stage_key)
    items = {item.key: item for item in stage.checklist} if stage else {}
    return {
        "stage": stage.name if stage else one.stage_key,
        "outcome": OUTCOMES.get(one.outcome, one.outcome),
        "who": one.officer_name,
        "acting_as": one.acting_as,
        "at": instant_id(one.decided_at, zone),
        "comment": one.comment,
        "checklist": [
            (items[key].question if key in items else key, _answer(items.get(key), answer))
            for key in [
                *[k for k in items if k in one.checklist],
                *[k for k in one.checklist if k not in items],
            ]
            for answer in [one.checklist[key]]
        ],
        "requests": [
            (subject.field_labels.get(request["field"], request["field"]), request["text"])
            for request in one.requests
        ],
        "settled": [
            (subject.field_labels.get(request["field"], request["field"]), request["text"])
            for request in case.asked or []
            if request["id"] in (one.settled or [])
        ],
    }


def _answer(item: Item | None, answer: Any) -> str:
    if isinstance(answer, bool):
        return "Ya" if answer else "Tidak"
    if isinstance(answer, int | float):
        text = number_id(answer, 0 if float(answer).is_integer() else 2)
        return f"{text} {item.unit}".strip() if item else text
    if isinstance(answer, dict):
        size = number_id(-(-answer["size"] // 1024))
        return f"{answer['name']} ({size} KB, SHA-256 {answer['sha256'][:16]}…)"
    return str(answer)


def _others(events: list[AuditEvent], names: Mapping[str, str], zone: ZoneInfo) -> list[dict[str, str]]:
    """What happened beside submission, decisions and opinions: withdrawals, overdue stages, suspensions."""
    return [
        {
            "at": instant_id(event.at, zone),
            "what": ACTIONS.get(event.action, event.action),
            "who": names.get(str(event.officer_id), "") if event.officer_id else "",
            "reason": str(said_by(event).get("reason") or said_by(event).get("url") or ""),
        }
        for event in events
        if event.action not in ("case.submitted", "case.decided", "case.advised")
    ]


def _chains(rows: Rows, zone: ZoneInfo) -> list[dict[str, Any]]:
    return [
        {
            "chain": case.chain,
            "revision_no": case.revision_no,
            "head": rows.events[case.id][-1].hash,
            "events": [
                {
                    "seq": event.seq,
                    "at": instant_id(event.at, zone),
                    "what": ACTIONS.get(event.action, event.action),
                    "hash": event.hash,
                }
                for event in rows.events[case.id]
            ],
        }
        for case in rows.cases
        if rows.events[case.id]
    ]
