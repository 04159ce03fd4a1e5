"""Who hears of what is said. Notices are shared by the whole Kanwil, so that none repeats a word that is internal."""

from __future__ import annotations

from collections.abc import Iterable

from tenants.said import say
from tenants.words import N_
from workflows.models import Case
from workflows.notices import Draft, draft
from workflows.subjects import subject_type
from workflows.talk.models import Invitation, Opinion

PLACE = "#percakapan"
OPEN_IT = N_("Buka kasusnya untuk membaca.")


def of_mentions(
    case: Case, author: str, body: str, officer_ids: Iterable[int], *, internal: bool
) -> list[Draft]:
    """Each mentioned officer hears that he was; the words themselves only where the UPT may read them."""
    words = say(OPEN_IT) if internal else body
    title = (
        say(N_("%(title)s: Anda disebut dalam percakapan"), title=case.title)
        if internal
        else say(N_("%(title)s: %(who)s menyebut Anda dalam percakapan"), title=case.title, who=author)
    )
    return [draft("talk.mentioned", title, words, page(case), officer_id=one) for one in officer_ids]


def of_question(case: Case, opinion: Opinion) -> Draft:
    """The colleague hears that his opinion is asked."""
    title = say(N_("%(title)s: pendapat Anda diminta"), title=case.title)
    return draft("talk.asked", title, say(OPEN_IT), page(case), officer_id=opinion.asked_id)


def of_answer(case: Case, opinion: Opinion) -> Draft:
    """The asker hears that the colleague answered."""
    title = say(N_("%(title)s: pendapat yang Anda minta sudah masuk"), title=case.title)
    return draft("talk.answered", title, say(OPEN_IT), page(case), officer_id=opinion.asker_id)


def of_expert(case: Case, invitation: Invitation) -> Draft:
    """Who invited the expert hears that he answered."""
    title = say(N_("%(title)s: ahli yang Anda undang sudah menjawab"), title=case.title)
    return draft("talk.expert", title, say(OPEN_IT), page(case), officer_id=invitation.invited_by)


def page(case: Case) -> str:
    """Where the talk about a case stands: on the case's page, or on its own where the subject has another one."""
    own = f"/kasus/{case.id}"
    return f"{own}{PLACE}" if subject_type(case.subject_type).page(case) == own else f"{own}/percakapan"
