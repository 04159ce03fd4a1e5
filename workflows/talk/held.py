"""Which rows of the talk are held whole by the chain of their case."""

from __future__ import annotations

from typing import Final

from workflows.proof.whole import Held, hold
from workflows.talk.models import Comment, CommentFile, Invitation, Note, NoteFile, Opinion

_COMMENTED: Final = {"case.commented": "comment"}
_NOTED: Final = dict.fromkeys(("case.noted", "case.opinion_given", "case.expert_answered"), "note")

HELD: Final = (
    hold(Held(Comment, _COMMENTED, also=("case.comment_struck",))),
    hold(Held(CommentFile, _COMMENTED, named="comment_id")),
    hold(Held(Note, _NOTED, also=("case.note_struck",))),
    hold(Held(NoteFile, _NOTED, named="note_id")),
    hold(Held(Opinion, {"case.opinion_asked": "opinion"}, also=("case.opinion_given",))),
    hold(
        Held(
            Invitation,
            {"case.expert_invited": "invitation"},
            also=("case.expert_revoked", "case.expert_answered"),
        )
    ),
)
