"""The demonstration's partners, persons, trainings and consents. Every person is invented, and called so ("Contoh").

Made by the use cases that people use, with their clock set back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from catalogue.partners import keeping
from catalogue.people import consents, recording
from catalogue.trainings import planning, queries, sessions
from tenants.database import session
from tenants.models import Officer
from tenants.officers import Actor, actor_of
from tenants.scope import Scope, current, entered
from workflows.talk.checking import Checked

SCHOOL: Final = ("kalbar", "lapas-iia-pontianak")
"""Where trainings are shown."""
MAKERS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "lapas-iia-pontianak": {"Tas anyaman manik": ("Arif Contoh", "Bayu Contoh")},
    "lapas-i-batu-nusakambangan": {"Batik tulis Nusakambangan": ("Slamet Contoh",)},
    "lapas-iia-permisan-nusakambangan": {"Kaligrafi kanvas": ("Yusuf Contoh",)},
}
"""Products that name their makers, as PASINDO's do; by UPT, product and person."""
PUPILS: Final = ("Arif Contoh", "Bayu Contoh", "Candra Contoh", "Dimas Contoh", "Eko Contoh", "Fajar Contoh")
BEGAN: Final = datetime(2024, 1, 15, 3, 0, tzinfo=UTC)
PARTNERS: Final = (
    ("Balai Latihan Kerja Pontianak (contoh)", "training", "PKS-07/BLK/2024", -300, 430,
     "Pelatihan kerja dan uji keterampilan; sertifikat diterbitkan bersama."),
    ("Dinas Perindustrian Kota Pontianak (contoh)", "agency", "W.16-PKS-31/2023", -690, 40,
     "Pendampingan mutu, kemasan, dan pameran produk."),
    ("PT Rotan Khatulistiwa (contoh)", "company", "PKS-112/RK/2022", -900, -120,
     "Pasokan rotan dan pembelian anyaman."),
)  # fmt: skip
PAPER: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
)
Credits = dict[str, list[int]]


def credits_of(upt_codes: set[str]) -> Credits:
    """Record the makers of these UPT with their consents, in the Kanwil in scope; consents by product."""
    found: Credits = {}
    for code in sorted(upt_codes & MAKERS.keys()):
        by = _officer(f"operator.{code}")
        if by is None:
            continue
        with entered(Scope(by.tenant_id or 0, by.upt_id, by.id)):
            for product, names in MAKERS[code].items():
                found[product] = [_consent(name, by) for name in names]
    return found


def load(now: datetime) -> None:
    """Partners of the Kanwil in scope, and the trainings of one of its UPT."""
    tenant = current().tenant_id
    kadiv, operator = _officer(f"kadiv.{SCHOOL[0]}"), _officer(f"operator.{SCHOOL[1]}")
    if kadiv is None or operator is None:
        return
    with entered(Scope(tenant, None, kadiv.id)):
        partner = _partners(kadiv, now)
    with entered(Scope(tenant, operator.upt_id, operator.id)):
        _School(operator, partner, now).go()


def _officer(username: str) -> Actor | None:
    found = session().scalars(select(Officer).where(Officer.username == username)).first()
    return None if found is None else actor_of(found)


def _consent(name: str, by: Actor) -> int:
    person, _ = recording.record(_about(name), by=by, now=BEGAN, key=f"demo-{name}")
    paper = Checked(PAPER, "pdf", "surat-persetujuan-contoh.pdf")
    given = {"credit": name, "signed_on": "2024-01-12"}
    return consents.record(person.id, given, file=paper, by=by, now=BEGAN)[0].id


def _about(name: str) -> dict[str, Any]:
    number = f"CONTOH-{sum(map(ord, name)):05d}"
    return {"name": name, "number": number, "kind": "narapidana", "released_on": "2028-08-17"}


def _partners(by: Actor, now: datetime) -> int:
    """The register of the Kanwil; the number of the first partner."""
    first = 0
    for name, kind, number, since, until, scope in PARTNERS:
        about = {"name": name, "kind": kind, "contact": "Narahubung Contoh", "phone": "(0561) 000-000"}
        made, _ = keeping.add(about, by=by, now=now + timedelta(days=since))
        first = first or made.id
        days = ((now + timedelta(days=at)).date().isoformat() for at in (since, until))
        deal = {"number": number, "scope": scope, **dict(zip(("from_on", "until_on"), days, strict=True))}
        keeping.record_agreement(made.id, deal, by=by, now=now + timedelta(days=since))
    return first


class _School:
    """The trainings of one UPT: one closed with those who passed, one under way; and the work beside them."""

    def __init__(self, by: Actor, partner: int, now: datetime) -> None:
        self.by, self.partner, self.now = by, partner, now

    def go(self) -> None:
        people = [recording.record(_about(n), by=self.by, now=BEGAN, key=f"demo-{n}")[0].id for n in PUPILS]
        for number, person in enumerate(people):
            work = {
                "activity": ("Bengkel anyaman", "Tata boga", "Bengkel kayu")[number % 3],
                "from_on": self._day(-210 + 9 * number).isoformat(),
                "until_on": self._day(-20).isoformat(),
                "hours": 240 + 36 * number,
            }
            recording.add_work(person, work, by=self.by, now=self._ago(20))
        self._course("Pelatihan menganyam rotan", "Menganyam rotan", people[:5], (-130, -100), 4, self._close)
        self._course("Pelatihan tata boga", "Mengolah kue kering", people[2:], (-12, 20), 2, None)

    def _course(
        self, title: str, skill: str, people: list[int], days: tuple[int, int], held: int,
        end: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        first, last = (self._day(at) for at in days)
        plan = {
            "title": title, "skill": skill, "partner_id": self.partner, "instructor": "Instruktur Contoh",
            "place": "Bengkel kerja", "from_on": first.isoformat(), "until_on": last.isoformat(), "hours": 32,
        }  # fmt: skip
        row, _ = planning.plan(plan, by=self.by, now=self._ago(-days[0] + 3))
        number = row.id
        planning.enrol(number, people, by=self.by, now=self._ago(-days[0] + 2))
        places = [one.id for one in queries.trainees(number)]
        for meeting in range(held):
            there = places if meeting else places[:-1]
            on = first + timedelta(days=3 * meeting)
            given = {"held_on": on.isoformat(), "hours": 8, "topic": f"Pertemuan {meeting + 1}"}
            sessions.hold(number, given, there, by=self.by, now=self._ago(-days[0] - 3 * meeting))
        if end is not None:
            end(number, -days[1])

    def _close(self, training: int, days_ago: int) -> None:
        planning.close(training, [], by=self.by, now=self._ago(days_ago))

    def _ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def _day(self, ahead: int) -> date:
        return (self.now + timedelta(days=ahead)).date()
