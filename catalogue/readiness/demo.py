"""The demonstration's assessments: a verified year before in a dozen Kanwil, and this year's in every state for two.

Made by the use cases that people use, with their clock set back. Scores, evidence and actions are invented; each UPT's
are always the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from catalogue.readiness import filling, gaps, queries, questions, verifying
from catalogue.readiness.terms import HIGHEST
from tenants.clock import local_day
from tenants.database import session
from tenants.models import Kanwil, Officer, Upt
from tenants.officers import Actor, actor_of
from tenants.scope import Scope, current, entered
from workflows.decisions import Verdict, decide

FULL: Final = ("kalbar", "banten")
"""Kanwil whose first UPT stand in every state this year."""
ALSO: Final = (
    *("sumbar", "jabar", "jateng", "jatim", "dki", "bali", "sulsel", "papua", "kalteng", "sumut", "lampung"),
    *("kaltim", "ntt"),
)
STATES: Final = ("verified", "in_review", "returned", "draft", "verified")
ASKED: Final = "Lampirkan surat keputusan penanggung jawab yang berlaku tahun ini."
WHY: Final = "Buktinya belum menunjukkan keadaan itu; yang terlihat setingkat di bawahnya."
ACTIONS: Final = (
    ("Mengusulkan tambahan anggaran bahan baku dalam revisi DIPA", "Kasubag Tata Usaha", 60),
    ("Menjadwalkan pelatihan bersertifikat bersama Balai Latihan Kerja", "Kasi Kegiatan Kerja", 30),
    ("Menyusun prosedur mutu dan menempelkannya di bengkel kerja", "Kasubsi Bimbingan Kerja", -12),
)
EVIDENCE: Final = (
    "Surat keputusan kepala UPT dan berita acara rapat triwulan.",
    "Buku bengkel kerja, diperiksa bersama petugas pada hari penilaian.",
    "Foto kegiatan dan daftar hadir, disimpan di seksi kegiatan kerja.",
    "Laporan bulanan kepada Kanwil, tiga bulan terakhir.",
)


def load(now: datetime) -> None:
    """Assess the UPT of the Kanwil in scope, where it has a part in this."""
    kanwil = session().scalars(select(Kanwil).where(Kanwil.id == current().tenant_id)).one()
    if kanwil.code in FULL:
        _Round(kanwil, now, 5).go(STATES)
    elif kanwil.code in ALSO:
        _Round(kanwil, now, 1).go(("verified",))


@dataclass
class _Round:
    """The assessments of one Kanwil."""

    kanwil: Kanwil
    now: datetime
    most: int

    def go(self, states: Sequence[str]) -> None:
        upts = session().execute(
            select(Upt.id, Upt.code)
            .where(Upt.active, Upt.type.like("Lapas%") | Upt.type.like("Rutan%"))
            .order_by(Upt.code)
            .limit(self.most)
        )
        year = local_day(self.now, self.kanwil.timezone).year
        for (upt_id, code), state in zip(upts.all(), states, strict=False):
            self._year(upt_id, code, year - 1, "verified", self._at(year - 1))
            at = min(self._at(year), self.now - timedelta(days=6))
            if local_day(at, self.kanwil.timezone).year == year:
                self._year(upt_id, code, year, state, at)

    def _at(self, year: int) -> datetime:
        return self.now.replace(year=year, month=3, day=14, hour=3)

    def _year(self, upt_id: int, code: str, year: int, state: str, at: datetime) -> None:
        with self._as(f"operator.{code}") as by:
            row = filling.begin(year, by=by, now=at)
            given = _answers(code, year)
            if state == "draft":
                given = dict(list(given.items())[:19])
            number = filling.save(row.id, given, by=by, now=at).id
            if state == "draft":
                return
            case = filling.submit(number, by=by, now=at + timedelta(hours=2)).id
        if state == "returned":
            asked = [{"field": "organisation_1", "text": ASKED}]
            self._decide(case, "pembina", at, Verdict("return", comment="Satu bukti kurang.", requests=asked))
            return
        with self._as(f"pembina.{self.kanwil.code}") as by:
            verifying.verify(number, _verified(given, code), by=by, now=at + timedelta(days=2))
        if state == "in_review":
            return
        self._decide(case, "pembina", at, Verdict("approve", checklist={"evidence_read": True}))
        self._decide(case, "kadiv", at, Verdict("approve", checklist={"reasons_given": True}))
        self._gaps(number, code, at)

    def _decide(self, case_id: int, role: str, at: datetime, verdict: Verdict) -> None:
        later = at + timedelta(days=3 if role == "pembina" else 4)
        with self._as(f"{role}.{self.kanwil.code}") as by:
            decide(case_id, verdict, by=by, key=f"demo-{case_id}-{role}", now=later)

    def _gaps(self, number: int, code: str, at: datetime) -> None:
        with self._as(f"operator.{code}") as by:
            lacking = [line.question.key for line in queries.view(number, now=at).lines if line.is_gap]
            first = hashlib.sha256(code.encode()).digest()[0] % len(ACTIONS)
            written_down = (*ACTIONS[first:], *ACTIONS[:first])[:2]
            for question, (action, who, days) in zip(lacking, written_down, strict=False):
                due = local_day(self.now + timedelta(days=days), self.kanwil.timezone)
                written = min(at + timedelta(days=5), self.now - timedelta(days=abs(days) + 2))
                entered_ = {"question": question, "action": action, "who": who, "due_on": due.isoformat()}
                gaps.add(number, entered_, by=by, now=written)

    @contextmanager
    def _as(self, username: str) -> Iterator[Actor]:
        with entered(Scope(self.kanwil.id, None)):
            officer = session().scalars(select(Officer).where(Officer.username == username)).one()
            by = actor_of(officer)
        with entered(Scope(self.kanwil.id, by.upt_id, by.id)):
            yield by


def _answers(code: str, year: int) -> dict[str, dict[str, Any]]:
    """Scores between 1 and 4 that an UPT always gives itself, a little better from year to year."""
    found = {}
    for key in questions.shipped().keys:
        digest = hashlib.sha256(f"{code}.{key}".encode()).digest()
        score = 1 + digest[0] % 3 + (digest[1] + year) % 2
        found[key] = {"score": min(score, HIGHEST), "evidence": EVIDENCE[digest[2] % len(EVIDENCE)]}
    return found


def _verified(given: dict[str, dict[str, Any]], code: str) -> dict[str, dict[str, Any]]:
    """The same scores, two of them a point lower, with the reason."""
    lower = [key for key in given if hashlib.sha256(f"{key}.{code}".encode()).digest()[0] % 11 == 0][:2]
    return {
        key: {"score": one["score"] - (key in lower), "reason": WHY if key in lower else ""}
        for key, one in given.items()
    }
