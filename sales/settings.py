"""What a Kanwil sets for its figures: the share of PNBP with its legal basis, and the targets of its UPT,
by year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select

from sales.models import PnbpRule, Target
from tenants.database import transaction
from tenants.errors import Forbidden, Invalid
from tenants.models import Upt
from tenants.officers import Actor
from tenants.words import LARGEST, N_
from workflows import audit

SETTERS: Final = ("kadiv", "admin_kanwil")


def set_pnbp(year: int, share: float, basis: str, *, by: Actor | None, now: datetime) -> PnbpRule:
    """Set the share (0 to 1) of completed turnover that is PNBP in a year. `by` is None for a command.

    Raises:
        Forbidden: `by` is neither kadiv nor admin_kanwil.
        Invalid: no year, a share beyond 0 to 1, or no basis.
    """
    _allowed(by)
    wrong = _year_wrong(year)
    if not 0 <= share <= 1:
        wrong["share"] = N_("Bagian PNBP harus antara 0% dan 100%.")
    if not basis.strip() or len(basis) > 300:
        wrong["basis"] = N_("Tulis dasar hukumnya, paling panjang 300 karakter.")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction() as db:
        rule = db.scalars(select(PnbpRule).where(PnbpRule.year == year)).first()
        if rule is None:
            rule = PnbpRule(year=year)
            db.add(rule)
        rule.share, rule.basis = share, " ".join(basis.split())
        payload = {"year": year, "share_bp": round(share * 10_000), "basis": rule.basis}
        audit.record(audit.KANWIL, "pnbp.set", payload, by=by, now=now)
        db.flush()
    return rule


def set_target(
    upt_id: int, year: int, omzet_rupiah: int, pnbp_rupiah: int, *, by: Actor | None, now: datetime
) -> Target:
    """Set what an UPT means to sell, and to bring in as PNBP, in a year.

    Raises:
        Forbidden: `by` is neither kadiv nor admin_kanwil.
        Invalid: no such UPT or year, or an amount below zero.
    """
    return set_targets([(upt_id, omzet_rupiah, pnbp_rupiah)], year, by=by, now=now)[0]


def set_targets(
    wanted: Iterable[tuple[int, int, int]], year: int, *, by: Actor | None, now: datetime
) -> list[Target]:
    """Set the year's targets of several UPT at once: (upt_id, omzet_rupiah, pnbp_rupiah) each. One audit
    event.

    Raises:
        Forbidden, Invalid: see `set_target`.
    """
    _allowed(by)
    rows = list(wanted)
    wrong = _year_wrong(year)
    for _, omzet, pnbp in rows:
        if not 0 <= omzet <= LARGEST:
            wrong["omzet_rupiah"] = N_("Target omzet harus nol atau lebih.")
        if not 0 <= pnbp <= LARGEST:
            wrong["pnbp_rupiah"] = N_("Target PNBP harus nol atau lebih.")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction() as db:
        own = set(db.scalars(select(Upt.id)))
        if any(upt_id not in own for upt_id, _, _ in rows):
            raise Invalid(fields={"upt_id": N_("UPT ini tidak ada di Kanwil Anda.")})
        standing = {row.upt_id: row for row in db.scalars(select(Target).where(Target.year == year))}
        made = []
        for upt_id, omzet, pnbp in rows:
            target = standing.get(upt_id)
            if target is None:
                target = Target(upt_id=upt_id, year=year)
                db.add(target)
            target.omzet_rupiah, target.pnbp_rupiah = omzet, pnbp
            made.append(target)
        payload = {"year": year, "targets": [list(row) for row in rows]}
        audit.record(audit.KANWIL, "targets.set", payload, by=by, now=now)
        db.flush()
    return made


def set_year(
    year: int,
    wanted: Iterable[tuple[int, int, int]],
    share: float,
    basis: str,
    *,
    by: Actor | None,
    now: datetime,
) -> None:
    """Set a year's targets and its share of PNBP together, or nothing of it.

    Raises:
        Forbidden, Invalid: see `set_targets` and `set_pnbp`.
    """
    rows = list(wanted)
    with transaction():
        set_pnbp(year, share, basis, by=by, now=now)
        if rows:
            set_targets(rows, year, by=by, now=now)


def _allowed(by: Actor | None) -> None:
    if by is not None and not by.has(*SETTERS):
        raise Forbidden()


def _year_wrong(year: int) -> dict[str, str]:
    return {} if 2000 <= year <= 2100 else {"year": N_("Tahun tidak dikenal.")}
