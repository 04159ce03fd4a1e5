"""The demonstration's talk: what UPT and Kanwil ask each other about one case, and who stands in for whom.

Made by the use cases that people use, after what the case went through, never later than now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tenants.database import session
from tenants.models import Kanwil, Officer
from tenants.officers import Actor, actor_of
from tenants.scope import Scope, current, entered
from workflows import administration
from workflows.models import OPEN, Case
from workflows.talk import comments, opinions

KANWIL = "kalbar"
TITLE = "Tas anyaman purun"
LETTER = "W.16-KP.04.01-118 Tahun 2024"
_ROLES = ("pembina", "pemantau", "pengendali", "kadiv", "admin")


def load(now: datetime) -> None:
    """Let the officers of the Kanwil in scope talk about one case, and lend one of them a role for some days."""
    tenant = current().tenant_id
    kanwil = session().scalars(select(Kanwil).where(Kanwil.id == tenant)).one()
    case = session().scalars(select(Case).where(Case.title == TITLE, Case.state == OPEN)).first()
    people = _people(kanwil.code)
    if len(people) < len(_ROLES):
        return
    if case is not None:
        _talk(case, people, now)
    today = now.astimezone(ZoneInfo(kanwil.timezone)).date()
    values = {
        "role": "pengendali",
        "kind": "plh",
        "principal_id": str(people["pengendali"].id),
        "substitute_id": str(people["pemantau"].id),
        "from_on": (today - timedelta(days=1)).isoformat(),
        "until_on": (today + timedelta(days=12)).isoformat(),
        "letter_number": LETTER,
    }
    _do(people["admin"], lambda by: administration.appoint(values, by=by, now=now))


def _talk(case: Case, people: Mapping[str, Actor], now: datetime) -> None:
    officer = session().get_one(Officer, case.submitted_by)
    operator, username = actor_of(officer), officer.username
    began, number = case.submitted_at, case.id
    said = iter(min(began + timedelta(minutes=minutes), now) for minutes in (25, 70, 75, 80, 130, 140))
    pembina, pemantau = people["pembina"], people["pemantau"]

    def say(by: Actor, words: str, *, internal: bool = False) -> None:
        at = next(said)
        _do(by, lambda actor: comments.comment(number, words, internal=internal, by=actor, now=at))

    say(pembina, f"@{username} apakah purunnya dari kelompok penganyam yang sama dengan tahun lalu?")
    say(operator, "Ya, dari kelompok di Desa Sungai Rasau; nota pembeliannya tersimpan di bengkel.")
    say(pembina, "Tahun lalu bahannya dua kali terlambat. Perlu dilihat pemantau.", internal=True)
    asked_at, answered_at = next(said), next(said)
    question = "Sanggupkah bengkelnya memenuhi 60 tas sebulan dengan bahan dari satu pemasok?"
    asked = _do(pembina, lambda by: opinions.ask(number, "pemantau.kalbar", question, by=by, now=asked_at).id)
    words = "Sanggup: 48 dan 55 tas pada dua bulan terakhir, dan pemasok keduanya sudah ada."
    _do(pemantau, lambda by: opinions.answer(asked, words, by=by, now=answered_at))


def _people(code: str) -> dict[str, Actor]:
    names = [f"{role}.{code}" for role in _ROLES]
    found = session().scalars(select(Officer).where(Officer.username.in_(names)))
    return {one.username.split(".")[0]: actor_of(one) for one in found}


def _do(by: Actor, act: Any) -> Any:
    with entered(Scope(current().tenant_id, by.upt_id, by.id)):
        return act(by)
