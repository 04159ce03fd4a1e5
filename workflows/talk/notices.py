"""Who hears of what is said. Notices are shared by the whole Kanwil, so that none repeats a word that is internal."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.models import Case
from workflows.notices import Draft, draft
from workflows.subjects import subject_type
from workflows.talk.models import Invitation, Opinion

PLACE = "#percakapan"


def of_mentions(
    case: Case, author: str, body: str, officer_ids: Iterable[int], *, internal: bool
) -> list[Draft]:
    """Each mentioned officer hears that he was; the words themselves only where the UPT may read them."""
    words = "Buka kasusnya untuk membaca." if internal else body
    title = f"{case.title}: {'Anda disebut' if internal else f'{author} menyebut Anda'} dalam percakapan"
    return [draft("talk.mentioned", title, words, page(case), officer_id=one) for one in officer_ids]


def of_question(case: Case, opinion: Opinion) -> Draft:
    """The colleague hears that his opinion is asked."""
    title = f"{case.title}: pendapat Anda diminta"
    return draft("talk.asked", title, "Buka kasusnya untuk membaca.", page(case), officer_id=opinion.asked_id)


def of_answer(case: Case, opinion: Opinion) -> Draft:
    """The asker hears that the colleague answered."""
    title = f"{case.title}: pendapat yang Anda minta sudah masuk"
    return draft(
        "talk.answered", title, "Buka kasusnya untuk membaca.", page(case), officer_id=opinion.asker_id
    )


def of_expert(case: Case, invitation: Invitation) -> Draft:
    """Who invited the expert hears that he answered."""
    title = f"{case.title}: ahli yang Anda undang sudah menjawab"
    return draft(
        "talk.expert", title, "Buka kasusnya untuk membaca.", page(case), officer_id=invitation.invited_by
    )


def page(case: Case) -> str:
    """Where the talk about a case stands: on the case's page, or on its own where the subject has another one."""
    own = f"/kasus/{case.id}"
    return f"{own}{PLACE}" if subject_type(case.subject_type).page(case) == own else f"{own}/percakapan"
