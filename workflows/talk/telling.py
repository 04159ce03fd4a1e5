"""What a case file and its minutes tell of the talk.

Comments are told in full; of a struck one, that it was there. Internal notes are not told. What colleagues and experts
answered is told to the Kanwil; a UPT's reader, to whom the minutes go too, learns that they were asked and answered,
with the hash of the answer: the officers who gave an opinion were promised that the UPT does not read it. What a UPT
exports itself has the comments alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.officers import UPT_ROLES, Actor
from tenants.said import say
from tenants.words import N_
from workflows.canonical import digest
from workflows.chains import Problem
from workflows.models import AuditEvent, Case
from workflows.proof.rules import said_by
from workflows.proof.sections import Section, add_section
from workflows.talk.models import NOTE, Comment, CommentFile, Invitation, Note, NoteFile, Opinion

KEY: Final = "talk"
_HASHED: Final = ("case", "kind", "author", "name", "office", "body", "mentions", "at", "salt")


def tell(session: Session, cases: Sequence[Case], by: Actor) -> dict[str, Any] | None:
    """The talk about these cases as `by` may read it; None where there is none. Six statements for the Kanwil's
    officers, five for others."""
    ids, inside = [case.id for case in cases], by.upt_id is None and not by.has(*UPT_ROLES)
    files = _files(session, CommentFile, CommentFile.comment_id, ids)
    comments = [
        _said(row, files[row.id])
        for row in session.scalars(select(Comment).where(Comment.case_id.in_(ids)).order_by(Comment.id))
    ]
    answers = {
        row.id: row
        for row in session.scalars(
            select(Note).where(Note.case_id.in_(ids), Note.kind != NOTE).order_by(Note.id)
        )
    }
    kept = _files(session, NoteFile, NoteFile.note_id, ids) if inside else defaultdict(list)
    told = {
        id_: _said(row, kept[id_]) if inside else {"id": row.id, "sha256": row.sha256}
        for id_, row in answers.items()
    }
    opinions = [
        {
            "case": row.case_id,
            "asker": row.asker_name,
            "asked": row.asked_name,
            "asked_at": _at(row.asked_at),
            "answered_at": _at(row.answered_at),
            "question": row.question if inside else None,
            "answer": told.get(row.note_id or 0),
        }
        for row in session.scalars(select(Opinion).where(Opinion.case_id.in_(ids)).order_by(Opinion.id))
    ]
    experts = [
        {
            "case": row.case_id,
            "inviter": row.invited_by_name,
            "invited_at": _at(row.invited_at),
            "answered_at": _at(row.used_at),
            "revoked_at": _at(row.revoked_at),
            "name": row.name if inside else None,
            "office": row.office if inside else None,
            "question": row.question if inside else None,
            "answer": told.get(row.note_id or 0),
        }
        for row in session.scalars(
            select(Invitation).where(Invitation.case_id.in_(ids)).order_by(Invitation.id)
        )
    ]
    if not (comments or opinions or experts):
        return None
    return {"inside": inside, "comments": comments, "opinions": opinions, "experts": experts}


def check(value: Any, events: Sequence[AuditEvent]) -> Iterator[Problem]:
    """What is wrong with a case file's talk against its chains: a comment or an answer that says something else, one
    that is missing, one that nobody wrote."""
    told: dict[tuple[str, Any], tuple[str, Any]] = {}
    struck = set()
    for event in events:
        said = said_by(event)
        if event.action == "case.commented":
            told["comment", said.get("comment")] = (event.chain, said.get("sha256"))
        elif event.action in ("case.opinion_given", "case.expert_answered"):
            told["note", said.get("note")] = (event.chain, said.get("sha256"))
        elif event.action == "case.comment_struck":
            struck.add(said.get("comment"))
    value = value if isinstance(value, dict) else {}
    found = [("comment", one) for one in value.get("comments") or []]
    for name in ("opinions", "experts"):
        found += [("note", one["answer"]) for one in value.get(name) or [] if one.get("answer")]
    for word, one in found:
        chain, sha256 = told.pop((word, one.get("id")), ("", None))
        hidden = one.get("id") in struck if word == "comment" else "salt" not in one
        known = one.get("sha256") if hidden else _fingerprint(one)
        if sha256 is None or known != sha256 or bool(one.get("struck_at")) != (word == "comment" and hidden):
            yield Problem(
                chain or KEY, f"case_{word}", one.get("id"), say(N_("Isinya bukan yang dicatat rantai."))
            )
    for (word, id_), (chain, _) in told.items():
        if word == "note" and not value.get("inside"):
            continue  # a UPT's own scope holds none of them
        yield Problem(
            chain, f"case_{word}", id_, say(N_("Tercatat dalam rantai, tetapi tidak ada dalam berkas."))
        )


def _said(row: Comment | Note, files: list[dict[str, Any]]) -> dict[str, Any]:
    """Something that was said; of what was struck neither the words nor the files."""
    about = {
        "id": row.id,
        "case": row.case_id,
        "kind": row.kind if isinstance(row, Note) else "comment",
        "author": row.author_id,
        "name": row.author_name,
        "office": row.author_office,
        "at": _at(row.said_at),
        "sha256": row.sha256,
        "struck_at": _at(row.struck_at),
    }
    if row.struck_at is not None:
        return about
    return {**about, "body": row.body, "mentions": row.mentions, "salt": row.salt, "files": files}


def _fingerprint(one: Mapping[str, Any]) -> str | None:
    """The hash of what a file tells, as `Said.fingerprint` makes it of the row."""
    try:
        words = {key: one[key] for key in _HASHED}
        return digest({**words, "files": [file["sha256"] for file in one["files"]]})
    except (KeyError, TypeError, ValueError):
        return None


def _files(session: Session, kept: Any, parent: Any, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    asked = select(parent, kept.name, kept.bytes, kept.sha256).where(kept.case_id.in_(ids)).order_by(kept.id)
    for owner, name, size, sha256 in session.execute(asked):
        found[owner].append({"name": name, "bytes": size, "sha256": sha256})
    return found


def _at(at: Any) -> str | None:
    return at.isoformat(timespec="microseconds") if at is not None else None


add_section(Section(KEY, tell, check))

__all__ = ["KEY", "check", "tell"]
