"""What pages and the API read of the country's recaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from recaps.errors import NoSuchRecap
from recaps.figures_json import Figures, thaw
from recaps.models import STANDING, Recap
from recaps.national import events, gathering
from recaps.national.drafting import load
from recaps.national.gathering import chain_of
from recaps.national.models import DRAFT, IN_REVIEW, NationalEvent, NationalRecap
from tenants import database, files
from tenants.database import session
from tenants.words import N_


@dataclass(frozen=True)
class View:
    """Everything a page says of one recap of the country. `fresh`: Kanwil recaps that came after its figures were
    frozen, or took the place of one inside; `gone`: (Kanwil, state) of those inside that no longer stand."""

    recap: NationalRecap
    figures: Figures | None
    events: list[NationalEvent]
    replaces: NationalRecap | None
    replaced_by: NationalRecap | None
    fresh: int
    gone: list[tuple[str, str]]


def listed(*, before: int | None = None, limit: int = 12) -> tuple[list[NationalRecap], int | None]:
    """The country's recaps, the newest drafted first, and the id that the next page starts before. One statement."""
    asked = select(NationalRecap).order_by(NationalRecap.id.desc()).limit(limit + 1)
    if before is not None:
        asked = asked.where(NationalRecap.id < before)
    rows = list(session().scalars(asked))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def waiting() -> int:
    """How many lie before the Direktur Jenderal. One statement."""
    asked = select(func.count()).select_from(NationalRecap).where(NationalRecap.state == IN_REVIEW)
    return int(session().scalar(asked) or 0)


def to_sign(limit: int) -> list[NationalRecap]:
    """Those that lie before the Direktur Jenderal, the oldest first. One statement."""
    asked = select(NationalRecap).where(NationalRecap.state == IN_REVIEW)
    return list(session().scalars(asked.order_by(NationalRecap.submitted_at, NationalRecap.id).limit(limit)))


def view(recap_id: int) -> View:
    """One recap with what stands around it. Five statements.

    Raises:
        NoSuchRecap: there is none.
    """
    recap = load(recap_id)
    linked = list(
        session().scalars(
            select(NationalRecap).where(
                or_(NationalRecap.id == (recap.replaces_id or 0), NationalRecap.replaces_id == recap.id)
            )
        )
    )
    figures = thaw(files.get(recap.figures_sha256)) if recap.figures_sha256 else None
    fresh = 0
    if figures is not None and recap.state in (DRAFT, IN_REVIEW):
        inside = [row["recap"]["id"] for row in figures["by_kanwil"] if row["recap"]]
        with database.national("rekap nasional: yang baru datang") as reader:
            standing = and_(Recap.period == recap.period, Recap.state.in_(STANDING))
            fresh = len(set(reader.scalars(select(Recap.id).where(standing))) - set(inside))
    return View(
        recap=recap,
        figures=figures,
        events=events.listed(chain_of(recap_id)),
        replaces=next((one for one in linked if one.id == recap.replaces_id), None),
        replaced_by=next((one for one in linked if one.replaces_id == recap.id and one.signed_at), None),
        fresh=fresh,
        gone=gathering.no_longer_standing(figures) if figures is not None else [],
    )


def pdf(recap_id: int) -> tuple[NationalRecap, bytes]:
    """The newest file of a recap of the country.

    Raises:
        NoSuchRecap: none, or nothing rendered yet.
    """
    recap = load(recap_id)
    if recap.file_sha256 is None:
        raise NoSuchRecap(N_("Surat rekap ini belum selesai dirender."))
    return recap, files.get(recap.file_sha256)


def file_name(recap: NationalRecap) -> str:
    """The name under which the file is saved."""
    return f"rekap-nasional-{recap.period}{'' if recap.signed_at else '-konsep'}.pdf"


def as_json(recap: NationalRecap, figures: Figures | None = None) -> dict[str, Any]:
    """A recap of the country as the API gives it."""
    return {
        "id": recap.id,
        "period": recap.period,
        "label": recap.label,
        "state": recap.state,
        "working": recap.is_working,
        "problem": recap.problem,
        "number": recap.number,
        "code": recap.code,
        "revision": recap.revision_no,
        "replaces": recap.replaces_id,
        "frozen_at": recap.frozen_at.isoformat() if recap.frozen_at else None,
        "signed_at": recap.signed_at.isoformat() if recap.signed_at else None,
        "signer": recap.signer_name,
        "note": recap.note,
        "revoked_at": recap.revoked_at.isoformat() if recap.revoked_at else None,
        "revoked_by": recap.revoked_office,
        "revoked_reason": recap.revoked_reason,
        "summary": recap.summary or {},
        "figures": figures,
    }
