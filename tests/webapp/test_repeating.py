"""Every changing call of the API takes an Idempotency-Key: sent again it changes nothing and answers the same, and
another content under the same key is refused.

The calls are read from the URL map: a new one without a story here fails by its name.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalogue import drafts, publication, submission
from catalogue import queries as products
from catalogue.demo import CHECKLISTS
from catalogue.oversight import inspecting, planning
from catalogue.oversight.inspecting import Result
from catalogue.oversight.models import Finding
from catalogue.sheets import importing
from recaps import drafting, obstacles, signing
from recaps.delivery import dispositions
from recaps.national import acting
from recaps.national import drafting as country
from recaps.national import signing as country_signing
from sales import country_layouts, entering, imports, layouts, national, reading
from tenants import centre, clock, database, substitutes
from tenants.officers import Actor
from tenants.scope import entered
from tests.catalogue.conftest import CONTENT
from tests.catalogue.pictures import picture
from tests.catalogue.sheets import WHOLE, filled
from tests.sales.reference import DATA
from tests.support.worlds import PASSWORD, World
from workflows import administration, notices
from workflows.calendars import calendar_of
from workflows.decisions import Verdict, decide
from workflows.definitions import default_text
from workflows.design import drafts as flows
from workflows.design import national as national_flows
from workflows.desk import holding, views
from workflows.talk import comments, invitations, opinions
from workflows.talk import queries as talk
from workflows.webhooks import queries, registering, replaying

NOW = datetime(2024, 4, 16, 3, 0, tzinfo=UTC)
UNIT = "lapas-iia-pontianak"
OPERATOR, KADIV, ADMIN, PENGENDALI = f"operator.{UNIT}", "kadiv.kalbar", "admin.kalbar", "pengendali.kalbar"
CHANGES_NOTHING = {"SecurityApi.login", "SecurityApi.refresh", "VerificationApi.post"}
FLOW = default_text("product").replace("deadline_days: 3", "deadline_days: 4", 1)
COMPLAINT = {"source": "Pembeli", "text": "Jahitan lepas.", "received_on": "2024-04-15"}
OBSTACLE = {
    "category": "materials",
    "description": "Kayu terlambat.",
    "action": "Pemasok kedua dihubungi.",
    "who": "Kasubsi Giatja",
}
HOOK = {"address": "https://93.184.215.14/karya", "events": ["case.submitted"]}
EXPERT = {
    "name": "dr. Rahmi",
    "office": "Dinas Kesehatan Kota Pontianak",
    "email": "rahmi@dinkes.contoh.id",
    "question": "Cukupkah nomor P-IRT-nya?",
    "days": 7,
}
PURCHASE = {
    "commodity": "Alat rumah tangga",
    "product_name": "Sapu ijuk",
    "buyer_unit": "SMP 3 Pontianak",
    "buyer_institution": "Yayasan Uji",
    "purchased_on": "2024-03-07",
    "quantity": 2,
    "unit_price_rupiah": 10_000,
    "shipping_rupiah": 0,
    "status": "Selesai",
}
HOLIDAY = {"day": "2099-01-01", "kind": "national", "name": "Tahun Baru"}

LETTER = {
    "role": "pemantau",
    "principal": "pemantau.kalbar",
    "substitute": "pembina.kalbar",
    "from_on": "2099-03-05",
    "until_on": "2099-03-08",
    "letter_number": "W.16-KP.04.01-12",
}
CENTRE_LETTER = {
    "principal": "dirjen",
    "substitute": "auditor",
    "from_on": "2099-03-05",
    "until_on": "2099-03-08",
    "letter_number": "PAS-KP.04.01-77",
}


@dataclass
class Call:
    """A call that may be made, and what else could come under its key (None: it has no content)."""

    username: str
    path: str
    body: Any = None
    other: Any = None
    method: str = "POST"


class Stage:
    """Brings things to where a call may be made, by the use cases."""

    def __init__(self, world: World) -> None:
        self.world = world

    def as_(self, username: str, act: Callable[[Actor], Any]) -> Any:
        database.db.release()
        by = self.world.actor(username)
        with entered(self.world.scope(username)):
            return act(by)

    def draft(self, *, photo: bool = True) -> int:
        def act(by: Actor) -> int:
            made = drafts.create(CONTENT, by=by, now=NOW)
            if photo:
                drafts.add_photo(made.id, picture(), "tas.jpg", by=by, now=NOW)
            return int(made.id)

        return int(self.as_(OPERATOR, act))

    def submitted(self) -> tuple[int, int]:
        """(product, case)"""
        made = self.draft()
        return made, self.as_(OPERATOR, lambda by: submission.submit(made, by=by, now=NOW).id)

    def published(self) -> int:
        made, case = self.submitted()
        for stage, role in (
            ("pembinaan", "pembina"),
            ("pemantauan", "pemantau"),
            ("pengendalian", "pengendali"),
        ):
            answers = {**CHECKLISTS[stage], **({"capacity": 120} if stage == "pemantauan" else {})}
            verdict = Verdict("approve", checklist=answers)
            self.as_(f"{role}.kalbar", lambda by, v=verdict: decide(case, v, by=by, key="k", now=NOW))
        return made

    def rejected(self) -> int:
        _, case = self.submitted()
        verdict = Verdict("reject", comment="Tidak layak.")
        self.as_("pembina.kalbar", lambda by: decide(case, verdict, by=by, key="k", now=NOW))
        return case

    def targets(self, omzet_rupiah: int) -> dict[str, Any]:
        wanted = {"upt_id": self.world.upt[UNIT], "omzet_rupiah": omzet_rupiah, "pnbp_rupiah": 1}
        return {"year": 2024, "targets": [wanted]}

    def obstacle(self) -> int:
        return int(self.as_(OPERATOR, lambda by: obstacles.add(OBSTACLE, by=by, now=NOW)[0].id))

    def asked(self, instruction: str) -> dict[str, Any]:
        self.delivered = getattr(self, "delivered", 0) or self.recap(until="delivered")
        return {"recap_id": self.delivered, "to": "kanwil", "instruction": instruction}

    def disposition(self) -> int:
        wanted = self.asked("Percepat.")
        given = self.as_(
            "dirjen", lambda by: dispositions.give(wanted["recap_id"], wanted, by=by, now=NOW)[0].id
        )
        return int(given)

    def opinion(self) -> int:
        _, case = self.submitted()
        ask = {"until_on": None, "now": NOW}
        self.as_("pembina.kalbar", lambda by: opinions.ask(case, "pemantau.kalbar", "Sanggup?", by=by, **ask))
        return int(self.as_("pemantau.kalbar", lambda by: talk.asked_of(by)[0].opinion.id))

    def inspection(self) -> int:
        made = self.published()
        return int(self.as_("pemantau.kalbar", lambda by: planning.spot_check(made, by=by, now=NOW).id))

    def finding(self, *, now: datetime = NOW) -> int:
        opened = self.inspection()
        asked = [{"field": "stock", "text": "Hitung ulang."}]
        until = date(2024, 5, 3) if now == NOW else date.fromisoformat(self.workday(10))
        result = Result("correct", {}, "Catatan.", until, asked)

        def conclude(by: Actor) -> int:
            inspecting.conclude(opened, result, by=by, now=now)
            asked_for = select(Finding.id).where(Finding.inspection_id == opened)
            return int(database.session().scalars(asked_for).one())

        return int(self.as_("pemantau.kalbar", conclude))

    def workday(self, ahead: int) -> str:
        """The first workday that many days from today."""

        def act(by: Actor) -> str:
            calendar, day = calendar_of(database.session()), clock.now().date() + timedelta(days=ahead)
            while not calendar.works_on(day):
                day += timedelta(days=1)
            return day.isoformat()

        return str(self.as_("pemantau.kalbar", act))

    def flow(self) -> int:
        """A draft of a workflow; its version."""
        return int(self.as_(KADIV, lambda by: flows.save("product", FLOW, version=0, by=by, now=NOW).version))

    def claimed(self) -> int:
        _, case = self.submitted()
        self.as_("pembina.kalbar", lambda by: holding.claim(case, by=by, now=clock.now()))
        return case

    def default(self) -> int:
        """A draft of the centre's default; its version."""

        def act(by: Actor) -> int:
            locked = ["pengendalian"]
            return int(national_flows.save("product", FLOW, locked, version=0, by=by, now=NOW).version)

        return int(self.as_("admin.pusat", act))

    def bulk(self) -> dict[str, Any]:
        _, case = self.submitted()
        asked = [{"field": "name", "text": "Perjelas."}]
        items = [{"case_id": case, "version": 1}]
        return {"items": items, "outcome": "return", "comment": "Perbaiki.", "requests": asked}

    def suspended(self) -> int:
        made = self.published()
        self.as_(PENGENDALI, lambda by: publication.suspend(made, reason="Uji", by=by, now=NOW))
        return made

    def recap(self, *, until: str) -> int:
        def drafted(by: Actor) -> int:
            recap, _ = drafting.draft("2024-03", by=by, now=NOW)
            drafting.prepare(recap.id, recap.revision_no, now=NOW)
            if until != "drafted":
                drafting.submit(recap.id, by=by, now=NOW)
            return int(recap.id)

        made = int(self.as_(KADIV, drafted))
        if until == "delivered":
            at = clock.now()  # certificates are made today

            def sign(by: Actor) -> None:
                asked = signing.request_sign(made, by=by, now=at)
                signing.sign(asked.id, asked.attempt, now=at)

            self.as_("kakanwil.kalbar", sign)
        return made

    def purchases(self, *, accepted: bool = False) -> int:
        def act(by: Actor) -> int:
            begun = imports.begin(_csv(), "uji.csv", by=by, now=NOW)
            reading.read(begun.id, now=NOW)
            if accepted:
                imports.accept(begun.id, by=by, now=NOW)
            return int(begun.id)

        return int(self.as_(KADIV, act))

    def upt(self) -> int:
        return int(self.as_(OPERATOR, lambda by: by.upt_id))

    def purchase(self, package_id: str) -> dict[str, Any]:
        return {**PURCHASE, "package_id": package_id, "upt_id": self.upt()}

    def entered(self) -> int:
        given = self.purchase("UJI-1")
        return int(self.as_(KADIV, lambda by: entering.enter(given, by=by, now=NOW).id))

    def stranger(self) -> dict[str, Any]:
        """A buyer whom nothing explains."""
        self.entered_once()
        return {"unit": PURCHASE["buyer_unit"], "institution": PURCHASE["buyer_institution"]}

    def entered_once(self) -> None:
        with contextlib.suppress(entering.AlreadyThere):
            self.entered()

    def layout(self) -> int:
        named = {"penyedia": "Penyedia"}
        return int(self.as_(KADIV, lambda by: layouts.learn_named(_csv(), named, by=by, now=NOW).id))

    def country_layout(self) -> int:
        named = {"penyedia": "Penyedia"}
        return int(
            self.as_("admin.pusat", lambda by: country_layouts.learn_named(_csv(), named, by=by, now=NOW).id)
        )

    def country(self, *, submitted: bool = False, signed: bool = False) -> int:
        def act(by: Actor) -> int:
            recap, _ = country.draft("2024-03", by=by, now=NOW)
            country.prepare(recap.id, recap.revision_no, now=NOW)
            if submitted:
                country.submit(recap.id, by=by, now=NOW)
            return int(recap.id)

        made = int(self.as_("admin.pusat", act))
        if signed:
            at = clock.now()  # certificates are made today

            def sign(by: Actor) -> None:
                asked = country_signing.request_sign(made, by=by, now=at)
                country_signing.sign(asked.id, asked.attempt, now=at)

            self.as_("dirjen", sign)
        return made

    def national(self) -> int:
        def act(by: Actor) -> int:
            begun = national.begin(_csv(), "uji.csv", by=by, now=NOW)
            national.read(begun.id, now=NOW)
            return int(begun.id)

        return int(self.as_("admin.pusat", act))

    def sheet(self) -> int:
        rows = filled(WHOLE, {**WHOLE, "name": "Kursi rotan"})
        return int(self.as_(OPERATOR, lambda by: importing.begin(rows, "uji.xlsx", by=by, now=NOW).id))

    def approved(self) -> int:
        """The case of a published product."""
        made = self.published()
        return int(self.as_(OPERATOR, lambda by: products.product_view(made, now=NOW).product.case_id))

    def said(self, *, internal: bool = False) -> tuple[int, int]:
        """(case, its comment or note)"""
        _, case = self.submitted()
        words = {"internal": internal, "now": clock.now()}
        made = self.as_("pembina.kalbar", lambda by: comments.comment(case, "Bagus.", by=by, **words))
        return case, int(made.row.id)

    def invitation(self) -> int:
        _, case = self.submitted()
        return int(self.as_(KADIV, lambda by: invitations.invite(case, **EXPERT, by=by, now=NOW).row.id))

    def view(self) -> int:
        return int(self.as_(KADIV, lambda by: views.save_view("Saya", "tab=saya", by=by, now=NOW).id))

    def holiday(self) -> str:
        on = date.fromisoformat(HOLIDAY["day"])
        wanted = (on, HOLIDAY["kind"], HOLIDAY["name"])
        self.as_("admin.pusat", lambda by: administration.set_holiday(*wanted, by=by, now=NOW))
        return HOLIDAY["day"]

    def closure(self) -> int:
        on = date(2099, 3, 5)
        return int(self.as_(ADMIN, lambda by: administration.add_closure(on, "Pindah", by=by, now=NOW).id))

    def webhook(self) -> int:
        return int(self.as_(ADMIN, lambda by: registering.register(HOOK, by=by, now=NOW)[0].id))

    def letter(self) -> int:
        def act(by: Actor) -> int:
            officers = {
                "principal_id": substitutes.number_of(LETTER["principal"]),
                "substitute_id": substitutes.number_of(LETTER["substitute"]),
            }
            return int(
                administration.appoint({**LETTER, "kind": "plh", **officers}, by=by, now=clock.now()).id
            )

        return int(self.as_(ADMIN, act))

    def centre_letter(self) -> int:
        def act(by: Actor) -> int:
            officers = {
                "principal_id": centre.number_of(CENTRE_LETTER["principal"]),
                "substitute_id": centre.number_of(CENTRE_LETTER["substitute"]),
            }
            return int(acting.appoint({**CENTRE_LETTER, **officers}, by=by, now=clock.now()).id)

        return int(self.as_("admin.pusat", act))

    def notice(self) -> int:
        self.submitted()
        return int(self.as_("pembina.kalbar", lambda by: notices.notices_for(by)[0].id))

    def dead_letter(self) -> int:
        hook = self.hook = self.webhook()

        def act(by: Actor) -> int:
            made = replaying.ping(hook, by=by, now=NOW)
            with database.transaction() as session:
                made.state, made.finished_at = "dead", NOW
                session.flush()
            return int(made.id)

        return int(self.as_(ADMIN, act))


def _csv() -> bytes:
    return (DATA / "ekatalog_purchases_sample.csv").read_bytes()


def _file(name: str, data: bytes, file_name: str) -> Callable[[], dict[str, Any]]:
    return lambda: {name: (io.BytesIO(data), file_name)}


def _photo(stage: Stage) -> Call:
    made = stage.draft(photo=False)
    first, second = picture(), picture(colour="#884422")
    return Call(
        OPERATOR,
        f"/products/{made}/photos",
        _file("photo", first, "a.jpg"),
        _file("photo", second, "a.jpg"),
    )


def _removed_photo(stage: Stage) -> Call:
    made = stage.draft()

    def photo(by: Actor) -> int:
        return int(products.product_view(made, now=NOW).content["photos"][0]["photo_id"])

    return Call(OPERATOR, f"/products/{made}/photos/{stage.as_(OPERATOR, photo)}", method="DELETE")


def _many(username: str, verb: str, recap_id: int) -> Call:
    asked = {"recaps": [recap_id]}
    return Call(username, f"/recaps/{verb}", asked, {**asked, "lain": 1})


STORIES: dict[str, Callable[[Stage], Call]] = {
    "PurchasesApi.enter": lambda s: Call(KADIV, "/purchases", s.purchase("UJI-1"), s.purchase("UJI-2")),
    "PurchasesApi.correct": lambda s: Call(
        KADIV,
        f"/purchases/{s.entered()}",
        {"version": 1, "reason": "Salah ketik.", "quantity": 3},
        {"version": 1, "reason": "Salah ketik.", "quantity": 4},
        "PATCH",
    ),
    "PurchasesApi.undo": lambda s: Call(
        KADIV, f"/purchases/imports/{s.purchases(accepted=True)}/undo", {}, {"keep_changed": True}
    ),
    "PurchasesApi.learn_alias": lambda s: Call(
        KADIV,
        f"/purchases/imports/{s.purchases()}/aliases",
        {"name": "Lapas Pontianak Lama", "upt_id": s.upt()},
        {"name": "Lapas Pontianak Baru", "upt_id": s.upt()},
    ),
    "BuyersApi.settle": lambda s: Call(
        KADIV,
        "/purchases/buyers",
        {**s.stranger(), "kind": "other"},
        {**s.stranger(), "kind": "government"},
    ),
    "ColumnsApi.forget": lambda s: Call(KADIV, f"/purchases/columns/{s.layout()}", method="DELETE"),
    "NationalColumnsApi.forget": lambda s: Call(
        "admin.pusat", f"/purchases/national-columns/{s.country_layout()}", method="DELETE"
    ),
    "NationalRecapApi.post": lambda s: Call(
        "admin.pusat", "/national-recaps/", {"period": "2024-03"}, {"period": "2024-02"}
    ),
    "NationalRecapApi.submit": lambda s: Call(
        "admin.pusat", f"/national-recaps/{s.country()}/submit", {}, {"lain": 1}
    ),
    "NationalRecapApi.sign": lambda s: Call(
        "dirjen", f"/national-recaps/{s.country(submitted=True)}/sign", {}, {"lain": 1}
    ),
    "NationalRecapApi.send_back": lambda s: Call(
        "dirjen",
        f"/national-recaps/{s.country(submitted=True)}/return",
        {"reason": "Tambahkan Banten."},
        {"reason": "Kurangi Banten."},
    ),
    "NationalRecapApi.revoke": lambda s: Call(
        "dirjen",
        f"/national-recaps/{s.country(submitted=True, signed=True)}/revoke",
        {"reason": "Angkanya keliru."},
        {"reason": "Suratnya keliru."},
    ),
    "CentreSubstitutesApi.create": lambda s: Call(
        "admin.pusat", "/national-substitutes/", CENTRE_LETTER, {**CENTRE_LETTER, "kind": "plt"}
    ),
    "CentreSubstitutesApi.revoke": lambda s: Call(
        "admin.pusat", f"/national-substitutes/{s.centre_letter()}/revoke", {}, {"lain": 1}
    ),
    "ProductsApi.create": lambda s: Call(OPERATOR, "/products/", {"name": "Tas uji"}, {"name": "Tas lain"}),
    "ProductsApi.change": lambda s: Call(
        OPERATOR, f"/products/{s.draft()}", {"name": "Tas uji", "version": 1}, {"name": "Tas lain"}, "PATCH"
    ),
    "ProductsApi.add_photo": _photo,
    "ProductsApi.remove_photo": _removed_photo,
    "ProductsApi.submit": lambda s: Call(
        OPERATOR, f"/products/{s.draft()}/submit", {"answers": {}}, {"answers": {"1": "lain"}}
    ),
    "ProductsApi.withdraw": lambda s: Call(
        OPERATOR, f"/products/{s.submitted()[0]}/withdraw", {"reason": "Keliru"}, {"reason": "Lain"}
    ),
    "ProductsApi.suspend": lambda s: Call(
        PENGENDALI, f"/products/{s.published()}/suspend", {"reason": "Uji"}, {"reason": "Lain"}
    ),
    "ProductsApi.restore": lambda s: Call(
        PENGENDALI, f"/products/{s.suspended()}/restore", {"reason": "Uji"}, {"reason": "Lain"}
    ),
    "ProductImportsApi.begin": lambda s: Call(
        OPERATOR,
        "/products/imports/",
        _file("file", filled(WHOLE), "a.xlsx"),
        _file("file", filled({**WHOLE, "name": "Lain"}), "a.xlsx"),
    ),
    "ProductImportsApi.accept": lambda s: Call(
        OPERATOR, f"/products/imports/{s.sheet()}/accept", {"lines": [3]}, {"lines": [4]}
    ),
    "CaseApi.decide": lambda s: Call(
        "pembina.kalbar",
        f"/cases/{s.submitted()[1]}/decisions",
        {"outcome": "reject", "comment": "Tidak layak."},
        {"outcome": "reject", "comment": "Alasan lain."},
    ),
    "CaseApi.reopen": lambda s: Call(
        KADIV, f"/cases/{s.rejected()}/reopen", {"reason": "Pesanan tetap."}, {"reason": "Lain."}
    ),
    "DeskApi.claim": lambda s: Call(
        "pembina.kalbar", f"/cases/{s.submitted()[1]}/claim", {}, {"stage": "pembinaan"}
    ),
    "DeskApi.release": lambda s: Call(
        "pembina.kalbar", f"/cases/{s.claimed()}/release", {}, {"stage": "pembinaan"}
    ),
    "DeskApi.reassign": lambda s: Call(
        KADIV,
        f"/cases/{s.submitted()[1]}/reassign",
        {"officer": "pembina.kalbar"},
        {"officer": "pemantau.kalbar"},
    ),
    "DeskApi.set_priority": lambda s: Call(
        KADIV,
        f"/cases/{s.submitted()[1]}/priority",
        {"urgent": True, "reason": "Pameran besok."},
        {"urgent": False, "reason": "Batal."},
    ),
    "NationalDefinitionsApi.put_draft": lambda s: Call(
        "admin.pusat",
        "/national-definitions/product/draft",
        {"yaml": FLOW, "version": 0},
        {"yaml": "lain", "version": 0},
        "PUT",
    ),
    "NationalDefinitionsApi.publish": lambda s: Call(
        "admin.pusat", "/national-definitions/product/publish", {"version": s.default()}, {"version": 99}
    ),
    "DefinitionsApi.put_draft": lambda s: Call(
        KADIV,
        "/definitions/product/draft",
        {"yaml": FLOW, "version": 0},
        {"yaml": "lain", "version": 0},
        "PUT",
    ),
    "DefinitionsApi.publish": lambda s: Call(
        KADIV, "/definitions/product/publish", {"version": s.flow()}, {"version": 99}
    ),
    "DefinitionsApi.simulate": lambda s: Call(
        KADIV, "/definitions/product/simulate", {"cases": s.flow() and 10}, {"cases": 11}
    ),
    "InboxApi.decide": lambda s: Call("pembina.kalbar", "/inbox/decisions", s.bulk(), s.bulk()),
    "TalkApi.post_comment": lambda s: Call(
        "pembina.kalbar", f"/cases/{s.submitted()[1]}/comments", {"body": "Bagus."}, {"body": "Lain."}
    ),
    "TalkApi.strike_comment": lambda s: Call(
        "pembina.kalbar", "/cases/{}/comments/{}/strike".format(*s.said())
    ),
    "TalkApi.strike_note": lambda s: Call(
        "pembina.kalbar", "/cases/{}/notes/{}/strike".format(*s.said(internal=True))
    ),
    "CaseInvitationsApi.invite": lambda s: Call(
        KADIV, f"/cases/{s.submitted()[1]}/invitations", EXPERT, {**EXPERT, "days": 3}
    ),
    "InvitationsApi.revoke": lambda s: Call(KADIV, f"/invitations/{s.invitation()}/revoke", {}, {"lain": 1}),
    "MinutesApi.issue": lambda s: Call(KADIV, f"/cases/{s.approved()}/minutes", {}),
    "SavedViewsApi.create": lambda s: Call(
        KADIV,
        "/inbox/views/",
        {"name": "Terlambat", "query": "urut=tenggat"},
        {"name": "Lain", "query": "x=1"},
    ),
    "SavedViewsApi.change": lambda s: Call(
        KADIV, f"/inbox/views/{s.view()}", {"name": "Hari ini", "is_default": True}, {"name": "Lain"}, "PATCH"
    ),
    "SavedViewsApi.remove": lambda s: Call(KADIV, f"/inbox/views/{s.view()}", method="DELETE"),
    "HolidaysApi.set": lambda s: Call(
        "admin.pusat", "/holidays/", HOLIDAY, {**HOLIDAY, "name": "Lain"}, "PUT"
    ),
    "HolidaysApi.remove": lambda s: Call(
        "admin.pusat", "/holidays/remove", {"day": s.holiday()}, {"day": "2099-01-02"}
    ),
    "ClosuresApi.create": lambda s: Call(
        ADMIN,
        "/closures/",
        {"day": "2099-03-05", "reason": "Pindah"},
        {"day": "2099-03-06", "reason": "Pindah"},
    ),
    "ClosuresApi.remove": lambda s: Call(ADMIN, f"/closures/{s.closure()}", method="DELETE"),
    "TalkApi.post_opinion": lambda s: Call(
        "pembina.kalbar",
        f"/cases/{s.submitted()[1]}/opinions",
        {"officer": "pemantau.kalbar", "question": "Sanggup?"},
        {"officer": "pemantau.kalbar", "question": "Lain?"},
    ),
    "OpinionApi.answer": lambda s: Call(
        "pemantau.kalbar", f"/opinions/{s.opinion()}/answer", {"body": "Sanggup."}, {"body": "Tidak."}
    ),
    "InspectionsApi.take_up": lambda s: Call(
        "pemantau.kalbar",
        f"/inspections/{s.inspection()}/answers",
        {"checklist": {}},
        {"checklist": {"lain": "ya"}},
        "PUT",
    ),
    "FindingsApi.extend": lambda s: Call(
        "pemantau.kalbar",
        f"/findings/{s.finding(now=clock.now())}/extend",
        {"until": s.workday(40), "reason": "Kain terlambat."},
        {"until": s.workday(40), "reason": "Alasan lain."},
    ),
    "ProductInspectionsApi.open": lambda s: Call(
        "pemantau.kalbar", f"/products/{s.published()}/inspections", {}, {"complaint": COMPLAINT}
    ),
    "InspectionsApi.result": lambda s: Call(
        "pemantau.kalbar",
        f"/inspections/{s.inspection()}/result",
        {"outcome": "suspend", "comment": "Mutu turun.", "checklist": {}},
        {"outcome": "suspend", "comment": "Lain.", "checklist": {}},
    ),
    "FindingsApi.answer": lambda s: Call(
        OPERATOR, f"/findings/{s.finding()}/answer", {"answer": "Sudah."}, {"answer": "Lain."}
    ),
    "FindingsApi.settle": lambda s: Call("pemantau.kalbar", f"/findings/{s.finding()}/settle"),
    "PurchasesApi.begin": lambda s: Call(
        KADIV,
        "/purchases/imports?preview=true",
        _file("file", _csv(), "a.csv"),
        _file("file", _csv() + b"\n", "a.csv"),
    ),
    "PurchasesApi.accept": lambda s: Call(
        KADIV, f"/purchases/imports/{s.purchases()}/accept", {"lines": "good"}, {"lines": [2]}
    ),
    "NationalImportsApi.begin": lambda s: Call(
        "admin.pusat",
        "/purchases/national-imports/?preview=true",
        _file("file", _csv(), "a.csv"),
        _file("file", _csv() + b"\n", "a.csv"),
    ),
    "NationalImportsApi.accept": lambda s: Call(
        "admin.pusat", f"/purchases/national-imports/{s.national()}/accept", {}, {"lain": 1}
    ),
    "RecapApi.post": lambda s: Call(KADIV, "/recaps/", {"period": "2024-02"}, {"period": "2024-01"}),
    "RecapApi.submit": lambda s: Call(KADIV, f"/recaps/{s.recap(until='drafted')}/submit", {}, {"lain": 1}),
    "RecapApi.sign": lambda s: Call(
        "kakanwil.kalbar", f"/recaps/{s.recap(until='submitted')}/sign", {"pin": "123456"}, {"lain": 1}
    ),
    "RecapApi.sign_many": lambda s: _many("kakanwil.kalbar", "sign", s.recap(until="submitted")),
    "RecapApi.acknowledge_many": lambda s: _many("dirjen", "acknowledge", s.recap(until="delivered")),
    "RecapApi.acknowledge": lambda s: Call(
        "dirjen", f"/recaps/{s.recap(until='delivered')}/acknowledge", {}, {"lain": 1}
    ),
    "RecapApi.revoke": lambda s: Call(
        "kakanwil.kalbar",
        f"/recaps/{s.recap(until='delivered')}/revoke",
        {"reason": "Angkanya keliru."},
        {"reason": "Suratnya keliru."},
    ),
    "TargetsApi.set": lambda s: Call(KADIV, "/purchases/targets/", s.targets(9), s.targets(8)),
    "ObstaclesApi.post": lambda s: Call(OPERATOR, "/obstacles/", OBSTACLE, {**OBSTACLE, "who": "Lain"}),
    "ObstaclesApi.change": lambda s: Call(
        OPERATOR, f"/obstacles/{s.obstacle()}", {"state": "done", "version": 1}, {"who": "Lain"}, "PATCH"
    ),
    "ObstaclesApi.remove": lambda s: Call(OPERATOR, f"/obstacles/{s.obstacle()}/remove", {}, {"lain": 1}),
    "DispositionsApi.give": lambda s: Call(
        "dirjen", "/dispositions/", s.asked("Percepat."), s.asked("Perlambat.")
    ),
    "DispositionsApi.finish": lambda s: Call(
        KADIV, f"/dispositions/kanwil/{s.disposition()}/finish", {"note": "Sudah."}, {"note": "Belum."}
    ),
    "DispositionsApi.withdraw": lambda s: Call(
        "dirjen", f"/dispositions/kanwil/{s.disposition()}/withdraw", {"note": "Salah."}, {"note": "Lain."}
    ),
    "ArchiveApi.begin": lambda s: Call(
        "dirjen",
        "/archive/bundles",
        {"year": s.recap(until="delivered") and 2024},
        {"year": 2024, "kanwil": "kalbar"},
    ),
    "WebhooksApi.create": lambda s: Call(ADMIN, "/webhooks/", HOOK, {**HOOK, "events": ["case.decided"]}),
    "WebhooksApi.ping": lambda s: Call(ADMIN, f"/webhooks/{s.webhook()}/ping"),
    "WebhooksApi.rotate": lambda s: Call(ADMIN, f"/webhooks/{s.webhook()}/rotate"),
    "WebhooksApi.replay_all": lambda s: Call(ADMIN, f"/webhooks/{s.dead_letter() and s.hook}/replay"),
    "WebhooksApi.remove": lambda s: Call(ADMIN, f"/webhooks/{s.webhook()}", method="DELETE"),
    "SubstitutesApi.create": lambda s: Call(ADMIN, "/substitutes/", LETTER, {**LETTER, "kind": "plt"}),
    "SubstitutesApi.revoke": lambda s: Call(ADMIN, f"/substitutes/{s.letter()}/revoke", {}, {"lain": 1}),
    "NoticesApi.read": lambda s: Call("pembina.kalbar", f"/notices/{s.notice()}/read", {}, {"lain": 1}),
    "NoticesApi.choose": lambda s: Call(
        OPERATOR,
        "/notices/choices",
        {"outcome": {"mail": "digest", "in_app": True}},
        {"outcome": {"mail": "none", "in_app": True}},
        "PUT",
    ),
    "NoticesApi.choose_language": lambda s: Call(
        OPERATOR, "/notices/language", {"language": "id"}, {"language": "en"}, "PUT"
    ),
    "DeliveriesApi.replay": lambda s: Call(ADMIN, f"/deliveries/{s.dead_letter()}/replay"),
}


def _changing(app: Any) -> dict[str, Any]:
    """Endpoint -> its rule, of the API's calls that change something."""
    return {
        one.endpoint: one
        for one in app.url_map.iter_rules()
        if one.rule.startswith("/api/")
        and one.methods & {"POST", "PUT", "PATCH", "DELETE"}
        and one.endpoint not in CHANGES_NOTHING
    }


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the URL map is the same on both
def test_every_changing_call_has_a_story_and_describes_the_key(app: Any) -> None:
    calls = _changing(app)
    assert sorted(STORIES) == sorted(calls)
    paths = app.test_client().get("/api/v1/_openapi").json["paths"]
    for endpoint, one in calls.items():
        path = "".join(
            f"{{{piece}}}" if is_argument else piece
            for is_argument, piece in ((is_argument, piece) for is_argument, piece in one._trace[1:])
            if piece != "|"
        )
        for method in one.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            described = paths[path.rstrip("/")][method.lower()]
            names = [parameter["name"] for parameter in described.get("parameters", [])]
            assert "Idempotency-Key" in names, f"{endpoint} does not describe its Idempotency-Key"


@pytest.mark.parametrize("endpoint", sorted(STORIES))
def test_sent_again_it_answers_the_same_and_another_content_is_refused(
    endpoint: str, world: World, app: Any
) -> None:
    call = STORIES[endpoint](Stage(world))
    database.db.release()
    send = _sender(app, call)
    first = send(call.body, "satu")
    assert first.status_code < 300, first.get_data(as_text=True)
    again = send(call.body, "satu")
    assert (again.status_code, again.get_json()) == (first.status_code, first.get_json())
    if call.other is not None:
        other = send(call.other, "satu")
        assert other.status_code in (409, 422), other.get_data(as_text=True)
        assert other.get_json()["type"].endswith("kunci-dipakai"), other.get_json()
    third = send(call.body, "satu")
    assert third.get_json() == first.get_json()


def _sender(app: Any, call: Call) -> Callable[[Any, str], Any]:
    login = {"username": call.username, "password": PASSWORD, "provider": "db"}
    token = app.test_client().post("/api/v1/security/login", json=login).json["access_token"]

    def send(body: Any, key: str) -> Any:
        given = {"data": body()} if callable(body) else {} if body is None else {"json": body}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        return app.test_client().open(f"/api/v1{call.path}", method=call.method, headers=headers, **given)

    return send


def test_a_webhook_registered_twice_under_one_key_stands_once(world: World, app: Any) -> None:
    send = _sender(app, Call(ADMIN, "/webhooks/"))
    secrets = {send(HOOK, "k").get_json()["secret"] for _ in range(3)}
    assert len(secrets) == 1
    assert len(Stage(world).as_(ADMIN, lambda by: queries.webhooks())) == 1
