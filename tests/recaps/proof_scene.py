"""A Kanwil whose products went every way there is, and hands that reach past every lock of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, create_engine, select, text

from catalogue import drafts, publication, submission
from catalogue.demo import CHECKLISTS
from catalogue.oversight import findings, inspecting, planning
from catalogue.oversight.models import Finding
from catalogue.readiness import filling, questions, verifying
from recaps import obstacles
from recaps.minutes import issuing
from recaps.minutes.models import Minutes
from tenants import database, substitutes
from tests.catalogue.pictures import picture
from tests.recaps.conftest import House
from tests.workflows.office_files import a_pdf
from workflows import administration
from workflows import submission as cases
from workflows.calendars import calendar_of
from workflows.chains import Problem
from workflows.decisions import Verdict, decide
from workflows.desk import holding
from workflows.models import Case
from workflows.talk import checking, comments, guests, invitations, opinions
from workflows.verifying import verify_case, verify_tenant

CONTENT: dict[str, Any] = {
    "category": "craft",
    "group": "craft",
    "market_level": "national",
    "unit": "buah",
    "description": "Tas anyaman tangan dari purun danau, tali kulit sapi, dikerjakan di bengkel.",
    "price_rupiah": 95_000,
    "price_evidence": [
        {"source": "Pasar Sudirman", "observed_on": "2024-04-12", "price_rupiah": 92_000},
        {"source": "INAPROC", "observed_on": "2024-04-13", "price_rupiah": 101_000},
    ],
    "capacity_per_month": 120,
    "stock": 14,
    "lead_time_days": 7,
    "materials": "Purun danau dan kulit sapi",
    "tkdn_share": 0.85,
}
OPERATOR = "operator.lapas-iia-pontianak"
STAGES = (("pembinaan", "pembina"), ("pemantauan", "pemantau"), ("pengendalian", "pengendali"))


@dataclass
class Proof:
    """The house's products; time goes on by an hour with every step."""

    house: House
    steps: int = 0
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> Any:
        self.steps += 1
        return self.house.now - timedelta(days=40) + timedelta(hours=self.steps)

    @contextmanager
    def as_(self, username: str) -> Iterator[Any]:
        with self.house.inside(username):
            yield self.house.by(username)

    def draft(self, name: str) -> int:
        with self.as_(OPERATOR) as by:
            product = drafts.create({**CONTENT, "name": name}, by=by, now=self.now)
            photo = picture(colour=f"#{product.id * 2654435 % 0xFFFFFF:06x}")
            drafts.add_photo(product.id, photo, "tas.jpg", by=by, now=self.now)
            return int(product.id)

    def submit(self, product_id: int, **answers: Any) -> int:
        with self.as_(OPERATOR) as by:
            return int(submission.submit(product_id, by=by, now=self.now, **answers).id)

    def approve(self, case_id: int, *stages: str, settled: tuple[str, ...] = ()) -> None:
        for stage, role in STAGES:
            if stages and stage not in stages:
                continue
            with self.as_(f"{role}.kalbar") as by:
                checklist = {**CHECKLISTS[stage], **({"capacity": 120} if stage == "pemantauan" else {})}
                ticks = settled if stage == "pembinaan" else ()
                verdict = Verdict("approve", comment=f"Sesuai {stage}.", checklist=checklist, settled=ticks)
                decide(case_id, verdict, by=by, key=f"{case_id}-{stage}", now=self.now)

    def returned_and_approved(self, name: str = "Tas anyaman purun") -> int:
        """Returned once with a request, answered, approved; the approved case's id."""
        product_id = self.draft(name)
        first = self.submit(product_id)
        asked = [{"field": "price_rupiah", "text": "Jelaskan harganya, atau turunkan."}]
        with self.as_("pembina.kalbar") as by:
            verdict = Verdict("return", comment="Harga di atas pasar.", requests=asked)
            decide(first, verdict, by=by, key="return", now=self.now)
        with self.as_(OPERATOR) as by:
            drafts.save(product_id, {"price_rupiah": 98_000}, by=by, now=self.now)
        second = self.submit(product_id, answers={f"{first}-1-1": "Kulit sapi naik; sudah kami turunkan."})
        self.approve(second, settled=(f"{first}-1-1",))
        self.ids |= {"product": product_id, "first": first, "second": second}
        return second

    def everything(self) -> None:
        """Every kind of row that a proof covers."""
        second = self.returned_and_approved()
        with self.as_("pengendali.kalbar") as by:
            id_ = self.ids["product"]
            publication.suspend(id_, reason="Stok diperiksa.", by=by, now=self.now)
            publication.restore(id_, reason="Stok sudah cocok.", by=by, now=self.now)
            publication.list_on_ekatalog(
                id_, ekatalog_id="PAS-1", url="https://e-katalog.contoh.id/pas-1", registered_on=date(2024, 4, 1),
                by=by, now=self.now,
            )  # fmt: skip
        self.ids["withdrawn"] = self.submit(self.draft("Keranjang rotan"))
        with self.as_(OPERATOR) as by:
            cases.withdraw(self.ids["withdrawn"], reason="Foto tertukar.", by=by, now=self.now)
        self.ids["open"] = self.submit(self.draft("Lampu bambu"))
        self.approve(self.ids["open"], "pembinaan", "pemantauan")
        with self.as_(OPERATOR) as by:
            obstacles.add(
                {
                    "category": "materials",
                    "description": "Kulit sapi terlambat datang.",
                    "action": "Pemasok kedua dihubungi.",
                    "who": "Kasubsi Giatja",
                },
                by=by,
                now=self.now,
            )
        self.said(self.ids["open"])
        self.inspected()
        self.assessed()
        self.substituted()
        self.ids["minutes"] = int(self.minutes(second).id)
        self.ids["recap"] = self.house.signed()

    def said(self, case_id: int) -> None:
        """What is said about an open case, asked of colleagues and of experts; and who holds it."""
        now, file = self.now, checking.check(a_pdf(), "surat.pdf")
        with self.as_(OPERATOR) as by:
            comments.comment(case_id, "Purun dari Sambas.", attached=[file], by=by, now=now)
            struck = comments.comment(case_id, "Salah kirim.", by=by, now=now)
            comments.strike(struck.row.id, by=by, now=now)
        with self.as_("pembina.kalbar") as by:
            comments.comment(case_id, "Periksa lagi.", attached=[file], internal=True, by=by, now=now)
            asked = opinions.ask(case_id, "pemantau.kalbar", "Sanggupkah bengkelnya?", by=by, now=now).id
            opinions.ask(case_id, "kadiv.kalbar", "Setujukah Bapak?", by=by, now=now)
            expert = {"office": "Dinas Kesehatan", "email": "ahli@dinkes.contoh.id", "question": "Amankah?"}
            first, second, _ = (
                invitations.invite(case_id, name=name, **expert, by=by, now=now)
                for name in ("Dr. Ana", "Dr. Budi", "Dr. Citra")
            )
            invitations.revoke(second.row.id, by=by, now=now)
        with self.as_("pemantau.kalbar") as by:
            opinions.answer(asked, "Sanggup.", by=by, now=now)
        guests.contribute(str(first.token), "Aman.", key="x", now=now)
        with self.as_("pengendali.kalbar") as by:
            self.ids["pengendali"] = by.id
        with self.as_("kadiv.kalbar") as by:
            holding.assign(case_id, self.ids["pengendali"], by=by, now=now)

    def workday(self, days: int) -> date:
        """The first working day so many days ahead, in the Kanwil's calendar."""
        calendar = calendar_of(database.session())
        day = self.house.now.date() + timedelta(days=days)
        while not calendar.works_on(day):
            day += timedelta(days=1)
        return day

    def inspected(self) -> None:
        """Inspections of the published product: one by complaint with findings on their way, one that found nothing."""
        now, id_ = self.now, self.ids["product"]
        with self.as_("pengendali.kalbar") as by:
            given = {"source": "Pembeli", "text": "Sol lepas.", "received_on": "2024-04-01"}
            opened = planning.spot_check(id_, complaint=given, by=by, now=now)
            asked = [
                {"field": "price_rupiah", "text": "Turunkan."},
                {"field": "general", "text": "Jahit ulang."},
            ]
            day, later = self.workday(10), self.workday(30)
            result = inspecting.Result("correct", comment="Dua temuan.", correct_by=day, findings=asked)
            inspecting.conclude(opened.id, result, by=by, now=now)
            first, second = (
                database.session()
                .scalars(select(Finding.id).where(Finding.inspection_id == opened.id).order_by(Finding.id))
                .all()
            )
            findings.extend(second, later, "Bahan terlambat.", by=by, now=now)
        with self.as_(OPERATOR) as by:
            findings.answer(first, "Sudah diturunkan.", by=by, now=now)
        with self.as_("pengendali.kalbar") as by:
            findings.settle(first, by=by, now=now)
            clean = planning.spot_check(id_, by=by, now=now)
            inspecting.take_up(clean.id, {}, by=by, now=now)

    def assessed(self) -> None:
        """A year's readiness, verified and confirmed."""
        with self.as_(OPERATOR) as by:
            row = filling.begin(self.house.now.year, by=by, now=self.house.now)
            given = {key: {"score": 2, "evidence": "Buku bengkel."} for key in questions.shipped().keys}
            number = filling.save(row.id, given, by=by, now=self.now).id
            case_id = int(filling.submit(number, by=by, now=self.now).id)
        with self.as_("pembina.kalbar") as by:
            verifying.verify(number, {key: {"score": 2} for key in given}, by=by, now=self.now)
            verdict = Verdict("approve", checklist={"evidence_read": True})
            decide(case_id, verdict, by=by, key="readiness", now=self.now)
        with self.as_("kadiv.kalbar") as by:
            verdict = Verdict("approve", checklist={"reasons_given": True})
            decide(case_id, verdict, by=by, key="readiness", now=self.now)

    def substituted(self) -> None:
        """A letter in force and one that was revoked."""
        now = self.house.now
        with self.as_("admin.kalbar") as by:
            people = {name: substitutes.number_of(f"{name}.kalbar") for name in ("pembina", "pemantau")}
            first = (now + timedelta(days=1)).date().isoformat()
            values = {
                "role": "pembina",
                "kind": "plh",
                "principal_id": people["pembina"],
                "substitute_id": people["pemantau"],
                "from_on": first,
                "until_on": first,
                "letter_number": "W.16-KP-1",
            }
            administration.revoke(administration.appoint(values, by=by, now=now).id, by=by, now=now)
            administration.appoint({**values, "letter_number": "W.16-KP-2"}, by=by, now=now)

    def minutes(self, case_id: int, username: str = "kadiv.kalbar") -> Minutes:
        with self.as_(username) as by:
            row, _ = issuing.issue(case_id, by=by, now=self.house.now)
            return issuing.sign(row.id, row.attempt, now=self.house.now)

    def problems(self, case_id: int | None = None) -> list[Problem]:
        with self.house.inside():
            return verify_case(case_id) if case_id else verify_tenant()

    def case(self, case_id: int) -> Case:
        with self.house.inside():
            found = database.session().get(Case, case_id)
            assert found is not None
            return found


@contextmanager
def owner() -> Iterator[Connection]:
    """The database's owner with every trigger and foreign key put aside, past the guard and row level security."""
    settings = database.db.settings
    database.db.release()
    engine = create_engine(settings.owner_url or settings.database_url)
    with engine.begin() as connection:
        kept: list[str] = []
        if settings.dialect == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            found = connection.execute(
                text(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'published%'"
                )
            ).all()
            for name, sql in found:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
                kept.append(sql)
        yield connection
        for sql in kept:
            connection.exec_driver_sql(sql)
    engine.dispose()
