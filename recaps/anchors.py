"""The signed documents as anchors of the history: what they say of the chains, held against the chains.

The heads are read out of the signed files themselves, whose signature and hash are checked first; the register says
which files there are. Whoever rewrites a chain consistently, in the database alone, is found out here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from recaps import pades, printed
from recaps.figures_json import FILE_NAME, HISTORY_NAME, NotFigures, read_history, thaw
from recaps.gathering import span
from recaps.minutes.models import Minutes
from recaps.models import REVOKED, SIGNED, Recap, VerificationFile, VerificationRecord
from recaps.signing import signer
from tenants import clock, files
from tenants.database import session as scoped_session
from tenants.errors import NotFound
from tenants.models import Kanwil
from tenants.said import say
from tenants.scope import current
from tenants.words import N_
from workflows import audit
from workflows.chains import Problem
from workflows.merkle import Head, merkle_root
from workflows.models import AuditEvent, Case
from workflows.proof.casefile import FILE_NAME as CASE_NAME
from workflows.proof.casefile import NotACaseFile
from workflows.proof.casefile import thaw as thaw_case
from workflows.proof.registry import Anchor, anchored_by, check_kanwil
from workflows.proof.rules import said_by
from workflows.verifying import standing

TABLE = "published_verification"
AT_ONCE = 40
"""A Kanwil with more signed documents than this is verified by a job."""


@dataclass(frozen=True)
class SignedRoot:
    """A signed recap of the period: the root it carries, and whether the history still has it. `lost`: the heads
    that are another today, or gone."""

    name: str
    root: str | None
    chains: int
    holds: bool
    problem: str = ""
    lost: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class PeriodRoot:
    """The Merkle root over the chain heads of a period as they stand today, and the recaps signed over it."""

    period: str
    label: str
    root: str
    chains: int
    signed: list[SignedRoot]


def root_of(period: str) -> PeriodRoot:
    """The root of a period of the Kanwil in scope. A recap's root reaches on to the moment its figures were frozen:
    it is compared by the heads that it carries.

    Raises:
        BadPeriod: not a period.
    """
    session = scoped_session()
    begin, until, label = span(period)
    zone = ZoneInfo(session.get_one(Kanwil, current().tenant_id).timezone)
    start, end = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (begin, until + timedelta(days=1))
    )
    heads = audit.heads(start, end)
    signed = []
    for record in _records(session):
        if record.kind == "recap" and record.period == period.strip():
            anchor = _anchor(session, record)
            root, lost = standing(session, anchor)
            problem = anchor.problem or (say(N_("riwayatnya berubah")) if root != anchor.root else "")
            signed.append(
                SignedRoot(
                    name=anchor.name,
                    root=anchor.root,
                    chains=len(anchor.heads),
                    holds=not problem,
                    problem=problem,
                    lost=[(chain, seq) for chain, seq, _ in lost],
                )
            )
    return PeriodRoot(period.strip(), label, merkle_root(heads), len(heads), signed)


@anchored_by
def signed_documents(session: Session, chains: set[str] | None) -> Iterator[Anchor]:
    """The signed documents of the Kanwil in scope; of `chains` alone: its recaps, and the minutes of the same
    subjects. Three statements, then one and a file each, about a twentieth of a second."""
    minutes = None if chains is None else _minutes_about(session, chains)
    for record in _records(session):
        if record.kind != "minutes" or minutes is None or record.recap_id in minutes:
            yield _anchor(session, record)


def are_many() -> bool:
    """Whether reading every signed document of the Kanwil in scope takes longer than a request should."""
    return len(_records(scoped_session())) > AT_ONCE


def _minutes_about(session: Session, chains: set[str]) -> set[int]:
    """The minutes that can name one of these cases' chains: those of any case of the same subject."""
    ids = {int(chain.removeprefix("case:")) for chain in chains if chain.startswith("case:")}
    asked, of_subject = aliased(Case), aliased(Case)
    return set(
        session.scalars(
            select(Minutes.id)
            .join(of_subject, of_subject.id == Minutes.case_id)
            .join(
                asked,
                and_(
                    asked.subject_type == of_subject.subject_type,
                    asked.subject_id == of_subject.subject_id,
                ),
            )
            .where(asked.id.in_(ids))
        )
    )


def _records(session: Session) -> list[VerificationRecord]:
    code = session.get_one(Kanwil, current().tenant_id).code
    asked = select(VerificationRecord).where(VerificationRecord.kanwil_code == code)
    return list(
        session.scalars(
            asked.order_by(VerificationRecord.signed_at, VerificationRecord.code).execution_options(
                populate_existing=True
            )
        )
    )


def _anchor(session: Session, record: VerificationRecord) -> Anchor:
    words = (
        N_("Berita acara %(label)s (%(number)s)")
        if record.kind == "minutes"
        else N_("rekap %(label)s (%(number)s)")
    )
    name = say(words, label=record.label, number=record.number)
    empty = Anchor(name, TABLE, None)
    sha = session.scalar(
        select(VerificationFile.sha256).where(
            VerificationFile.code == record.code, VerificationFile.kind == "signed"
        )
    )
    try:
        data = files.get(str(sha))
    except NotFound:
        return replace(empty, problem=say(N_("berkas bertanda tangannya hilang.")))
    if hashlib.sha256(data).hexdigest() != sha:
        return replace(empty, problem=say(N_("berkas bertanda tangannya diubah.")))
    checked = pades.check(data, signer(), now=clock.now(), proven=[record.signed_at])
    if not checked.signatures or not all(one.good for one in checked.signatures):
        return replace(empty, problem=say(N_("tanda tangan berkasnya tidak utuh atau tidak dipercaya.")))
    attached = printed.attached_to(data)
    try:
        if record.kind == "minutes":
            value = thaw_case(attached.get(CASE_NAME, b""))
            heads, root = _heads(value), str(value["root"])
        else:
            heads = read_history(attached.get(HISTORY_NAME, b""))
            root = str(thaw(attached.get(FILE_NAME, b""))["history"]["root"])
    except (NotFigures, NotACaseFile, KeyError, TypeError, ValueError):
        return replace(empty, problem=say(N_("lampirannya tidak terbaca.")))
    inside = attached[CASE_NAME if record.kind == "minutes" else FILE_NAME]
    if hashlib.sha256(inside).hexdigest() != record.figures_sha256:
        return replace(empty, problem=say(N_("daftar verifikasi menyebut isi yang lain.")))
    return replace(empty, heads=heads, root=root)


def _heads(value: dict[str, Any]) -> list[Head]:
    return [(str(chain), int(seq), str(head)) for chain, seq, head in value["heads"]]


@check_kanwil
def recaps_told(session: Session) -> Iterator[Problem]:
    """Each signed recap against the events of its signature and its revocation and the public register, and the other
    way round."""
    told: dict[Any, tuple[dict[str, Any], AuditEvent]] = {}
    revoked: dict[Any, str] = {}
    for event in session.scalars(
        select(AuditEvent)
        .where(AuditEvent.chain == "kanwil", AuditEvent.action.in_(("recap.signed", "recap.revoked")))
        .order_by(AuditEvent.seq)
    ):
        said = said_by(event)
        if event.action == "recap.revoked":
            revoked[said.get("recap")] = str(said.get("reason"))
        else:
            told[said.get("recap")] = (said, event)
    known = {one.code: one for one in _records(session) if one.kind == "recap"}
    rows = session.scalars(
        select(Recap).where(Recap.state.in_(SIGNED)).execution_options(populate_existing=True)
    )
    for row in rows:
        signature = told.pop(row.id, None)
        said = signature[0] if signature else {}
        record = known.pop(row.code or "", None)
        pairs = (("number", row.number), ("file", row.signed_sha256), ("figures", row.figures_sha256))
        changed = [name for name, value in pairs if said.get(name) != value]
        if signature is None or changed:
            what = (
                say(
                    N_("Rekap %(label)s diubah setelah ditandatangani: %(changed)s."),
                    label=row.label,
                    changed=", ".join(changed),
                )
                if signature
                else say(N_("Rekap %(label)s tidak tercatat."), label=row.label)
            )
            yield Problem("kanwil", "recap", row.id, what)
        if record is None or (record.number, record.figures_sha256, record.recap_id) != (
            row.number,
            row.figures_sha256,
            row.id,
        ):
            gone = N_("Daftar verifikasi rekap %(label)s hilang atau diubah.")
            yield Problem("kanwil", TABLE, row.id, say(gone, label=row.label))
        why = revoked.pop(row.id, None)
        if (row.revoked_reason if row.state == REVOKED else None) != why:
            other = N_("Pencabutan rekap %(label)s tidak seperti yang tercatat.")
            yield Problem("kanwil", "recap", row.id, say(other, label=row.label))
        if record is not None and (record.revoked_reason if record.state == "revoked" else None) != why:
            other = N_("Daftar verifikasi menyebut pencabutan rekap %(label)s lain dari yang tercatat.")
            yield Problem("kanwil", TABLE, row.id, say(other, label=row.label))
    for recap_id, (_, event) in told.items():
        yield Problem(
            "kanwil",
            "recap",
            recap_id if isinstance(recap_id, int) else None,
            say(N_("Rekap yang tercatat ditandatangani hilang.")),
            event.seq,
        )
    for record in known.values():
        missing = N_("Rekap %(label)s hilang dari Kanwil ini.")
        yield Problem("kanwil", TABLE, record.recap_id, say(missing, label=record.label))
