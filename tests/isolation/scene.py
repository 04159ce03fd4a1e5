"""What the walkers find: two Kanwil with two UPT each, where everything that can belong to somebody does.

Made by the use cases that people use. `secrets` are the words that only one scope may read: every text of every
tenant-owned row that occurs nowhere else.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import String, create_engine, select

from catalogue import drafts, publication, submission
from catalogue.demo import CHECKLISTS
from catalogue.labels import content as contents
from catalogue.labels import design as label_design
from catalogue.labels.content import Line
from catalogue.oversight import findings, inspecting, planning
from catalogue.oversight.inspecting import Result
from catalogue.oversight.models import Finding
from catalogue.sheets import importing
from config import Settings
from recaps import drafting, obstacles, signing
from recaps.campaigns import issuing as campaign_papers
from recaps.certificates.models import CertificateWarning
from recaps.delivery import dispositions, words
from recaps.labels import printing
from recaps.minutes import issuing
from recaps.rounds import schedule
from sales import buyers, entering, imports, reading
from sales.campaigns import closing as campaign_closing
from sales.campaigns import joining, selling
from sales.campaigns import planning as campaign_planning
from sales.columns import KEYS
from sales.models import Purchase
from sales.sight import grouping
from tenants import clock, database
from tenants.base import Base, JSONText, owned_classes
from tenants.database import session
from tenants.models import Officer
from tenants.officers import Actor
from tenants.scope import Scope, entered
from tests.catalogue.pictures import picture
from tests.catalogue.sheets import filled
from tests.sales.reference import DATA
from tests.support import worlds
from tests.support.worlds import UNITS, World
from tests.workflows.office_files import a_pdf
from workflows import administration, notices
from workflows.decisions import Verdict, decide
from workflows.definitions import default_text, parse, publish
from workflows.design import drafts as drafts_of_flows
from workflows.design import simulation
from workflows.desk import bulk, holding, presence, priority, views
from workflows.desk.bulk import BulkItem
from workflows.enclosures import enclose
from workflows.models import Case, Notice
from workflows.post.boxes import Boxes
from workflows.post.carrying import Refusal
from workflows.post.models import MailOwed
from workflows.talk import checking, comments, invitations, opinions
from workflows.talk import queries as talk
from workflows.webhooks import registering, sweeping
from workflows.webhooks.models import Delivery

NOW = datetime(2024, 4, 16, 3, 0, tzinfo=UTC)
HOMES = ("kalbar", "banten")
CONTENT: dict[str, Any] = {
    "category": "craft",
    "group": "craft",
    "market_level": "national",
    "unit": "buah",
    "price_rupiah": 95_000,
    "price_evidence": [
        {"source": "Pasar Sudirman", "observed_on": "2024-04-12", "price_rupiah": 92_000},
        {"source": "INAPROC", "observed_on": "2024-04-13", "price_rupiah": 101_000},
    ],
    "capacity_per_month": 120,
    "stock": 14,
    "lead_time_days": 7,
    "weight_gram": 400,
}


@dataclass(frozen=True)
class Row:
    """A tenant-owned row, with every word in it."""

    table: str
    reach: str
    id: int
    tenant_id: int
    upt_id: int | None
    texts: frozenset[str]
    values: dict[str, Any] = field(compare=False, hash=False, repr=False)


@dataclass
class Scene:
    settings: Settings
    world: World
    rows: list[Row]
    open_texts: str
    """Everything that anybody may read: the published tables, Kanwil, the directory, holidays."""

    def belongs(self, row: Row, scope: Scope) -> bool:
        if row.tenant_id != scope.tenant_id:
            return False
        if row.table == "ab_user":
            return scope.upt_id is None or row.upt_id in (None, scope.upt_id)
        if scope.upt_id is None or row.reach == "shared":
            return True
        return row.reach == "upt" and row.upt_id == scope.upt_id

    def secrets(self, scope: Scope | None) -> set[str]:
        """Words that may not be shown in this scope. None: outside, as anonymous."""
        own = self.open_texts + "\n".join(
            text for row in self.rows if scope and self.belongs(row, scope) for text in row.texts
        )
        foreign = {
            text for row in self.rows if not scope or not self.belongs(row, scope) for text in row.texts
        }
        return {text for text in foreign if text not in own}

    def ids(self, table: str, scope: Scope | None, *, own: bool, **where: Any) -> list[int]:
        """Numbers of rows of a table inside (`own`) or outside a scope."""
        return [
            row.id
            for row in self.rows
            if row.table == table
            and (scope is not None and self.belongs(row, scope)) == own
            and all(row.values.get(key) == value for key, value in where.items())
        ]

    def values(self, table: str, column: str, scope: Scope | None, *, own: bool) -> list[Any]:
        return [
            row.values[column]
            for row in self.rows
            if row.table == table
            and (scope is not None and self.belongs(row, scope)) == own
            and row.values.get(column)
        ]


def build(settings: Settings) -> None:
    """Open the small world and let its officers work in it."""
    worlds.build(settings)
    world = worlds.read()
    for kanwil in HOMES:
        _in_a_kanwil(world, kanwil)
        _webhook(world, kanwil)
        for number, unit in enumerate(UNITS[kanwil][:2]):
            _in_a_upt(world, kanwil, unit, number)
        _messages(world, kanwil)
        _recaps(world, kanwil)
        _campaigns(world, kanwil)
        _definitions(world, kanwil)
        _told(world, kanwil)
    database.db.release()


class _As:
    def __init__(self, world: World, username: str) -> None:
        self.actor = world.actor(username)
        self.scope = entered(Scope(self.actor.tenant_id or 0, self.actor.upt_id, self.actor.id))

    def __enter__(self) -> Actor:
        database.db.release()
        self.scope.__enter__()
        return self.actor

    def __exit__(self, *error: Any) -> None:
        self.scope.__exit__(*error)


def _in_a_upt(world: World, kanwil: str, unit: str, number: int) -> None:
    mark = f"{kanwil} {unit}"
    operator = f"operator.{unit}"

    def product(name: str) -> int:
        colour = f"#{(hash((mark, name)) & 0xFFFFFF):06x}"
        with _As(world, operator) as by:
            words = f"{name} dari {mark}, dibuat di bengkel kerja oleh warga binaan."
            content = {**CONTENT, "name": name, "description": words, "materials": f"Bahan {mark}"}
            made = drafts.create(content, by=by, now=NOW)
            photo = drafts.add_photo(made.id, picture(colour=colour), f"foto {mark}.jpg", by=by, now=NOW)
            assert photo.sha256
            return made.id

    def submitted(name: str) -> int:
        id_ = product(name)
        with _As(world, operator) as by:
            return submission.submit(id_, by=by, now=NOW).id

    product(f"Rahasia konsep {mark}")
    with _As(world, operator) as by:
        sheet = filled(
            {"name": f"Rahasia lembar {mark}", "description": f"Uraian lembar dari {mark}, rahasia."}
        )
        importing.begin(sheet, f"lembar rahasia {mark}.xlsx", by=by, now=NOW, accept_all=True)
    _talk(world, kanwil, operator, mark, submitted(f"Rahasia diajukan {mark}"))
    returned = submitted(f"Rahasia dikembalikan {mark}")
    with _As(world, f"pembina.{kanwil}") as by:
        asked = [{"field": "name", "text": f"Perjelas nama {mark}"}]
        permit = {"permit": enclose(a_pdf(f"izin {mark}"), f"izin rahasia {mark}.pdf")}
        verdict = Verdict("return", comment=f"Mohon dibenahi {mark}", checklist=permit, requests=asked)
        decide(returned, verdict, by=by, key="scene", now=NOW)
    _at_the_desk(world, kanwil, mark, submitted(f"Rahasia dipegang {mark}"))
    published = submitted(f"Terbit {mark}")
    for stage, role in (("pembinaan", "pembina"), ("pemantauan", "pemantau"), ("pengendalian", "pengendali")):
        with _As(world, f"{role}.{kanwil}") as by:
            checklist = {**CHECKLISTS[stage], **({"capacity": 120} if stage == "pemantauan" else {})}
            decide(published, Verdict("approve", checklist=checklist), by=by, key=f"scene-{role}", now=NOW)
    _inspected(world, kanwil, unit, published)
    with _As(world, f"kadiv.{kanwil}") as by:
        today = clock.now()  # certificates are made today
        row, _ = issuing.issue(published, by=by, now=today)
        issuing.sign(row.id, row.attempt, now=today)
    if number == 1:
        with _As(world, f"pengendali.{kanwil}") as by:
            found = database.session().scalars(select(Case.subject_id).where(Case.id == published)).one()
            publication.suspend(found, reason=f"Ditangguhkan sementara {mark}", by=by, now=NOW)
    with _As(world, operator) as by:
        obstacles.add(
            {
                "category": "materials",
                "description": f"Kendala bahan baku {mark} belum tiba.",
                "action": f"Solusi {mark}: pemasok kedua dihubungi.",
                "who": f"Kasubsi {mark}",
            },
            by=by,
            now=NOW,
        )


def _inspected(world: World, kanwil: str, unit: str, case_id: int) -> None:
    """One finding that was answered, and one inspection under way after a complaint."""
    mark = f"{kanwil} {unit}"
    with _As(world, f"pemantau.{kanwil}") as by:
        product = database.session().scalars(select(Case.subject_id).where(Case.id == case_id)).one()
        opened = planning.spot_check(product, by=by, now=NOW)
        asked = [{"field": "stock", "text": f"Stok dihitung ulang {mark}"}]
        result = Result("correct", {}, f"Catatan pemeriksa {mark}", date(2024, 5, 3), asked)
        inspecting.conclude(opened.id, result, by=by, now=NOW)
        finding = (
            database.session().scalars(select(Finding.id).where(Finding.inspection_id == opened.id)).one()
        )
        said = {
            "source": f"Pengadu dari {mark}",
            "text": f"Keluhan rahasia {mark}",
            "received_on": "2024-04-15",
        }
        second = planning.spot_check(product, complaint=said, by=by, now=NOW)
        inspecting.take_up(second.id, {"quality_kept": True}, by=by, now=NOW)
    with _As(world, f"operator.{unit}") as by:
        findings.answer(finding, f"Jawaban temuan {mark}", by=by, now=NOW)


def _talk(world: World, kanwil: str, operator: str, mark: str, case: int) -> None:
    """Words of both sides on a case, and of the Kanwil alone, each with a file; a colleague and an expert asked."""

    def file(name: str) -> list[checking.Checked]:
        return [checking.check(a_pdf(f"{name} {mark}"), f"{name} {mark}.pdf")]

    with _As(world, operator) as by:
        comments.comment(case, f"Komentar UPT {mark}", attached=file("surat terbuka"), by=by, now=NOW)
    with _As(world, f"pembina.{kanwil}") as by:
        note = f"Catatan rahasia {mark}, untuk @pemantau.{kanwil}"
        comments.comment(case, note, attached=file("surat rahasia"), internal=True, by=by, now=NOW)
        ask = {"until_on": None, "by": by, "now": NOW}
        opinions.ask(case, f"pemantau.{kanwil}", f"Pertanyaan rahasia {mark}", **ask)
        opinions.ask(case, f"kadiv.{kanwil}", f"Pertanyaan kedua {mark}", **ask)
        invitations.invite(
            case,
            name=f"Ahli {mark}",
            office=f"Dinas Kesehatan {mark}",
            email=f"ahli@{kanwil}.contoh.id",
            question=f"Pertanyaan kepada ahli {mark}",
            by=by,
            now=NOW,
        )
    with _As(world, f"kadiv.{kanwil}") as by:
        asked = next(one for one in talk.asked_of(by) if mark in one.opinion.question)
        opinions.answer(asked.opinion.id, f"Pendapat rahasia {mark}", by=by, now=NOW)


def _at_the_desk(world: World, kanwil: str, mark: str, case_id: int) -> None:
    """Taken, marked urgent and looked at; a view kept; a verdict on many that all failed."""
    with _As(world, f"pembina.{kanwil}") as by:
        holding.claim(case_id, by=by, now=NOW)
        priority.set_urgent(case_id, True, reason=f"Mendesak untuk {mark}", by=by, now=NOW)
        presence.around(case_id, by=by, now=NOW)
        views.save_view(f"Tampilan {mark}", "mendesak=1", by=by, now=NOW)
        run = bulk.begin([BulkItem(case_id)], outcome="approve", comment=f"Catatan {mark}", by=by, now=NOW)
        bulk.carry_out(run.id, by=by, now=NOW)


def _in_a_kanwil(world: World, kanwil: str) -> None:
    with _As(world, f"kadiv.{kanwil}") as by:
        permit = "    checklist:\n      - {key: permit, question: Surat izin, type: file, required: false}\n"
        publish(parse(default_text("product").replace("    checklist:\n", permit, 1)), by=by, now=NOW)
        file = (DATA / "ekatalog_purchases_sample.csv").read_bytes()
        begun = imports.begin(file, f"pembelian rahasia {kanwil}.csv", by=by, now=NOW)
        reading.read(begun.id, now=NOW)
        imports.accept(begun.id, by=by, now=NOW)
        sold = grouping.sold()[0]
        other = "basic_needs" if grouping.guess(sold) == "craft" else "craft"
        grouping.set_groups({sold: other}, by=by, now=NOW)
        waiting = imports.begin(file + b"\n", f"pratinjau rahasia {kanwil}.csv", by=by, now=NOW)
        reading.read(waiting.id, now=NOW)
        _taught(file, kanwil, by)
        letter = {
            "role": "pemantau",
            "kind": "plh",
            "principal_id": str(world.officer[f"pemantau.{kanwil}"]),
            "substitute_id": str(world.officer[f"admin.{kanwil}"]),
            "from_on": "2024-04-16",
            "until_on": "2024-04-30",
            "letter_number": f"Surat rahasia {kanwil} 12/2024",
        }
        administration.appoint(letter, by=by, now=NOW)
        obstacles.add(
            {
                "category": "materials",
                "description": f"Kendala Kanwil {kanwil}: angkutan antarpulau.",
                "action": f"Solusi Kanwil {kanwil}: jadwal diatur ulang.",
                "who": f"Divisi {kanwil}",
            },
            by=by,
            now=NOW,
        )


def _taught(file: bytes, kanwil: str, by: Actor) -> None:
    """A header that the Kanwil explained, a buyer that it settled and one that it has not, a correction by hand."""
    head = ",".join(f"Kolom rahasia {number} {kanwil}" for number in range(len(KEYS))).encode()
    renamed = head + b"\n" + file.split(b"\n", 1)[1]
    asked = imports.begin(renamed, f"kolom rahasia {kanwil}.csv", by=by, now=NOW, may_ask=True)
    imports.explain(asked.id, {key: number for number, key in enumerate(KEYS)}, by=by, now=NOW)
    sold = session().scalars(select(Purchase).order_by(Purchase.id)).first()
    assert sold is not None
    for number, unit in enumerate((f"Pembeli rahasia {kanwil}", f"Pembeli kedua {kanwil}")):
        values = {
            **{name: getattr(sold, name) for name in entering.FIELDS},
            "package_id": f"TANGAN-{kanwil}-{number}",
            "buyer_unit": unit,
            "buyer_institution": "",
        }
        made = entering.enter(values, by=by, now=NOW)
        why = f"Koreksi rahasia {kanwil}"
        entering.correct(made.id, {"quantity": 7 + number}, version=1, reason=why, by=by, now=NOW)
    buyers.settle(f"Pembeli rahasia {kanwil}", "", "other", by=by, now=NOW)


def _webhook(world: World, kanwil: str) -> None:
    """Registered before anything happens, so that there are messages to it; one of them a dead letter."""
    with _As(world, f"admin.{kanwil}") as by:
        asked = {"address": f"https://93.184.215.14:8443/rahasia-{kanwil}", "events": ["case.submitted"]}
        registering.register(asked, by=by, now=NOW)


def _messages(world: World, kanwil: str) -> None:
    with _As(world, f"admin.{kanwil}"):
        sweeping.gather(NOW)
        with database.transaction() as session:
            dead = session.scalars(select(Delivery).order_by(Delivery.id).limit(1)).one()
            dead.state, dead.answer, dead.finished_at = "dead", f"Jawaban rahasia dari {kanwil}", NOW
            session.flush()


def _recaps(world: World, kanwil: str) -> None:
    """One signed and delivered, one only drafted, and a reminder of one that is missing."""
    with _As(world, f"kadiv.{kanwil}"):
        schedule.remind("2024-01", now=NOW)
    for period in ("2024-03", "2024-02"):
        with _As(world, f"kadiv.{kanwil}") as by:
            recap, _ = drafting.draft(period, by=by, now=NOW)
            drafting.prepare(recap.id, recap.revision_no, now=NOW)
            if period == "2024-03":
                drafting.submit(recap.id, by=by, now=NOW)
        if period == "2024-03":
            with _As(world, f"kakanwil.{kanwil}") as by:
                today = clock.now()  # certificates are made today
                asked = signing.request_sign(recap.id, by=by, now=today)
                signing.sign(asked.id, asked.attempt, now=today)
                words.keep(recap.id)
            database.db.release()
            dirjen = world.actor("dirjen")
            with entered(world.scope("dirjen")):
                wanted = {"to": "kanwil", "instruction": f"Disposisi rahasia kepada {kanwil}"}
                dispositions.give(recap.id, wanted, by=dirjen, now=NOW)
    with _As(world, f"kakanwil.{kanwil}") as by, database.transaction() as session:
        session.add(CertificateWarning(officer_id=by.id, serial=f"seri-{kanwil}", step=30, told_at=NOW))


def _campaigns(world: World, kanwil: str) -> None:
    """A draft, one that runs, one that was closed with a signed certificate; corrected sales, labels, a design."""
    march, april = datetime(2024, 3, 10, 3, 0, tzinfo=UTC), NOW
    with _As(world, f"kadiv.{kanwil}") as by:
        terms = {"starts_on": "2024-03-01", "ends_on": "2024-03-31", "title": f"Pekan Maret {kanwil}"}
        closed = campaign_planning.begin(terms, by=by, now=march).id
        campaign_planning.announce(closed, by=by, now=march)
        terms |= {"starts_on": "2024-04-01", "ends_on": "2024-04-30", "title": f"Pekan April {kanwil}"}
        running = campaign_planning.begin(terms, by=by, now=april).id
        campaign_planning.announce(running, by=by, now=april)
        terms |= {"title": f"Kampanye rahasia {kanwil}", "summary": f"Uraian rahasia {kanwil}"}
        campaign_planning.begin(terms, by=by, now=april)
    for unit in UNITS[kanwil][:2]:
        mark = f"{kanwil} {unit}"
        with _As(world, f"operator.{unit}") as by:
            for campaign, now in ((closed, march), (running, april)):
                values = {"product_name": f"Penjualan rahasia {mark}", "value_rupiah": 5000}
                values |= {"package_id": f"RAHASIA-{unit}"}
                sale, _ = selling.enter(campaign, values, by=by, now=now)
                selling.correct(sale.id, {"quantity": 2}, reason=f"Koreksi rahasia {mark}", by=by, now=now)
            joining.join(running, {"pledge_text": f"Ikrar rahasia {mark}"}, by=by, now=april)
            found = contents.printable_products()
            if found:
                printing.ask([Line(found[0].product_id, 1)], size="small", sheet=False, by=by, now=april)
    with _As(world, f"kadiv.{kanwil}") as by:
        campaign_closing.close(closed, by=by, now=april)
        today = clock.now()  # certificates are made today
        rows = campaign_papers.issue_certificates(closed, by=by, now=today)
        campaign_papers.sign(rows[0].id, rows[0].attempt, now=today)
    with _As(world, f"admin.{kanwil}") as by:
        label_design.save({"line": f"Baris label dari {kanwil}"}, by=by, now=april)


def _told(world: World, kanwil: str) -> None:
    """A notice read, the rest read at once; a mailbox that refuses, and a mail that it is owed."""
    with _As(world, f"pembina.{kanwil}") as by:
        notices.open_notice(notices.notices_for(by)[0].id, by=by, now=NOW)
        notices.mark_all_read(by=by, now=NOW + notices.SETTLED)
    with _As(world, f"admin.{kanwil}") as by, database.transaction() as here:
        officer = here.get_one(Officer, world.officer[f"pemantau.{kanwil}"])
        boxes = Boxes(here)
        boxes.refused(officer, Refusal(452, f"kotak surat rahasia {kanwil} penuh"), NOW)
        boxes.keep(here, NOW)
        number = here.scalars(select(Notice.id).order_by(Notice.id).limit(1)).one()
        here.add(MailOwed(officer_id=officer.id, notice_id=number))
        here.flush()


def _definitions(world: World, kanwil: str) -> None:
    """A simulation that names the cases it met, and a draft with words of its own."""
    with _As(world, f"kadiv.{kanwil}") as by:
        words = f"Kajian rahasia {kanwil}"
        stage = f"  - {{key: kajian, name: {words}, role: kadiv}}\n"
        drafts_of_flows.save("product", default_text("product") + stage, version=0, by=by, now=NOW)
        tried, _ = simulation.begin("product", by=by, now=NOW)
        assert tried.result
        assert tried.result["steps"][0]["examples"]


def survey(settings: Settings) -> Scene:
    """Read all of it as the owner of the database."""
    engine = create_engine(settings.database_url)
    owned = {model.__tablename__: model.reach for model in owned_classes()}  # type: ignore[attr-defined]
    rows, seen = [], []
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name.startswith("published_") or table.name in ("kanwil", "directory_upt", "holiday"):
                for found in connection.execute(select(table)).mappings():
                    seen += _texts(found.values(), shortest=1)
            if table.name == "campaign":  # nobody's by its kind, a Kanwil's by `kanwil_id`
                rows += [_campaign_row(dict(found)) for found in connection.execute(select(table)).mappings()]
            if table.name not in owned and table.name != "ab_user":
                continue
            for found in connection.execute(select(table)).mappings():
                rows.append(
                    Row(
                        table.name,
                        owned.get(table.name, "officers"),
                        found["id"],
                        found["tenant_id"],
                        found.get("upt_id"),
                        frozenset(_texts(_telling(table, found))),
                        dict(found),
                    )
                )
    engine.dispose()
    return Scene(settings, worlds.read(), rows, "\n".join(seen))


def _campaign_row(found: dict[str, Any]) -> Row:
    reach = "kanwil" if found["state"] == "draft" else "shared"
    texts = frozenset(_texts([found["title"], found["summary"]]))
    return Row("campaign", reach, found["id"], found["kanwil_id"], None, texts, found)


def _telling(table: Any, found: Any) -> Iterator[Any]:
    for column in table.columns:
        told = isinstance(column.type, String | JSONText)
        if told and column.name not in ("password", "document", "kind", "state", "said"):
            yield found[column.name]


def _texts(values: Any, shortest: int = 12) -> Iterator[str]:
    """The words in values: of JSON, those at its leaves."""
    for value in values:
        if isinstance(value, dict):
            yield from _texts(value.values(), shortest)
        elif isinstance(value, list | tuple):
            yield from _texts(value, shortest)
        elif isinstance(value, str):
            text = value.strip()
            if text[:1] in "[{":
                try:
                    yield from _texts([json.loads(text)], shortest)
                    continue
                except ValueError:
                    pass
            if len(text) >= shortest:
                yield text


__all__ = ["NOW", "Row", "Scene", "build", "dataclasses", "survey"]
