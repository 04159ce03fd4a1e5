"""The demonstration's products: what the articles name and some forty more, in every state of the workflow.

Made by the use cases that people use, with their clock set back, so that deadlines and histories look lived in.
Makers, prices and comparison shops are invented.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import select

from catalogue import demo_people, demo_talk, drafts, photos, publication, shop, submission
from catalogue.oversight import demo as oversight
from catalogue.photos import Processed
from catalogue.terms import ALIASES
from tenants.database import session
from tenants.jobs import every_tenant
from tenants.models import Kanwil, Officer, Upt
from tenants.officers import Actor, actor_of
from tenants.scope import Scope, current, entered
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar, due
from workflows.decisions import Verdict, decide

DATA = Path(__file__).parent / "data"
STAGES = {"pembinaan": "pembina", "pemantauan": "pemantau", "pengendalian": "pengendali"}
CHECKLISTS: dict[str, dict[str, Any]] = {
    "pembinaan": {
        **dict.fromkeys(
            (
                "group_eligible",
                "description_true",
                "photos_own",
                "price_fair",
                "makers_consent",
                "food_papers",
            ),
            True,
        ),
        "price_reason": "Ukuran dan bahan berbeda dari produk pembanding.",
    },
    "pemantauan": {
        **dict.fromkeys(("stock_true", "lead_time_kept", "wage_recorded", "pnbp_scheme"), True),
        "material_source": "Pemasok setempat, dicatat di buku bengkel.",
        "quality_control": "setiap barang",
    },
    "pengendalian": dict.fromkeys(
        ("findings_settled", "no_duplicate", "tkdn_complete", "listing_complete"), True
    ),
}
ASKED = {
    "price_rupiah": "Di atas harga pasar. Sesuaikan atau tambahkan bukti.",
    "photos": "Foto terlalu gelap. Ambil ulang di tempat terang, latar polos.",
}


@dataclass(frozen=True)
class Plan:
    """One product of the demonstration: `when` is a day, days back, or when its deadline is ("late2", "+1")."""

    kanwil: str
    upt_code: str
    name: str
    goods: str
    price: int
    state: str
    when: str
    extra: Mapping[str, str]


def load(*, drawings: dict[str, bytes], now: datetime, plans: Iterable[Plan] | None = None) -> None:
    """Make the demonstration's products; `drawings` are the goods' pictures by key, `now` is today.

    The Kanwil, UPT, officers and definitions that `plans` (by default all of it) name must be there. Each drawing is
    processed once.
    """
    goods = yaml.safe_load((DATA / "demo_goods.yaml").read_text(encoding="utf-8"))
    wanted = {key: data for key, data in drawings.items() if key in goods}
    with ThreadPoolExecutor(
        max_workers=4
    ) as pool:  # Pillow decodes and encodes without the interpreter's lock
        done = pool.map(photos.process, wanted.values(), (f"{key}.webp" for key in wanted))
        made = dict(zip(wanted, done, strict=True))
    by_kanwil: dict[str, list[tuple[int, Plan]]] = defaultdict(list)
    for order, plan in enumerate(all_plans() if plans is None else plans):
        by_kanwil[plan.kanwil].append((order, plan))
    scopes = {}
    for scope in every_tenant():
        with entered(scope):
            kanwil = session().scalars(select(Kanwil).where(Kanwil.id == scope.tenant_id)).one()
            scopes[kanwil.code] = (scope, kanwil)
    # Banten last: its goods are those of the article, and the newest stand first on the shelf.
    for code in sorted(by_kanwil, key=lambda code: max(order for order, _ in by_kanwil[code])):
        if code in scopes:
            scope, kanwil = scopes[code]
            with entered(scope):
                people = _people(kanwil, [plan for _, plan in by_kanwil[code]])
                credits = demo_people.credits_of(set(people.upts))
                for number, (_, plan) in enumerate(by_kanwil[code]):
                    _Maker(
                        plan, kanwil, people, goods[plan.goods], made[plan.goods], now, number, credits
                    ).make()
                if code in oversight.KANWIL:
                    oversight.load(now)
                if code == demo_talk.KANWIL:
                    demo_talk.load(now)
                if code == demo_people.SCHOOL[0]:
                    demo_people.load(now)
    shop.forget()


def all_plans() -> Iterable[Plan]:
    """Every product of the demonstration, in the order in which a Kanwil's are made."""
    for row in _rows("demo_products.csv"):
        yield Plan(row["kanwil"], row["upt_code"], row["name"], row["goods"], int(row["price"]), row["state"],
                   row["when"], {})  # fmt: skip
    seed = {row["name"]: row for row in _rows("products_seed.csv")}
    for row in _rows("demo_seed.csv"):
        named = seed[row["name"]]
        extra = {
            "group": ALIASES[named["group"].lower()],
            "market_level": ALIASES[named["market_level"].lower()],
            "category": ALIASES.get(named["category"].lower(), named["category"]),
        }
        upt_code = named["upt_code"] or row["upt_code"]
        yield Plan(named["kanwil_code"], upt_code, row["title"], row["goods"], int(row["price"]), row["state"],
                   row["when"], extra)  # fmt: skip


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@dataclass(frozen=True)
class _People:
    officers: dict[str, Actor]
    upts: dict[str, Upt]
    calendar: Calendar


def _people(kanwil: Kanwil, plans: list[Plan]) -> _People:
    names = {f"operator.{plan.upt_code}" for plan in plans} | {
        f"{role}.{kanwil.code}" for role in STAGES.values()
    }
    found = session().scalars(select(Officer).where(Officer.username.in_(sorted(names)))).all()
    upts = session().scalars(select(Upt).where(Upt.code.in_({plan.upt_code for plan in plans}))).all()
    return _People(
        {officer.username: actor_of(officer) for officer in found},
        {upt.code: upt for upt in upts},
        calendar_of(session()),
    )


class _Maker:
    """Takes one product to the state that its plan names."""

    def __init__(
        self,
        plan: Plan,
        kanwil: Kanwil,
        people: _People,
        goods: Mapping[str, Any],
        picture: Processed,
        now: datetime,
        number: int,
        credits: demo_people.Credits,
    ) -> None:
        self.makers = [{"consent": one} for one in credits.get(plan.name, [])]
        self.plan, self.goods, self.picture, self.now, self.number = plan, goods, picture, now, number
        self.upt, self.calendar = people.upts[plan.upt_code], people.calendar
        self.zone = ZoneInfo(kanwil.timezone)
        self.kanwil = kanwil
        self.operator = people.officers[f"operator.{plan.upt_code}"]
        self.deciders = {stage: people.officers[f"{role}.{kanwil.code}"] for stage, role in STAGES.items()}

    def make(self) -> None:
        """By the state that the plan names."""
        state = self.plan.state
        if state in STAGES:
            self._waiting_at(state)
        else:
            {"draft": self._draft_only, "returned": self._returned, "resubmitted": self._resubmitted,
             "rejected": self._rejected}.get(state, self._published)()  # fmt: skip

    def _draft_only(self) -> None:
        day = self._day()
        content = self._content(day)
        for key in ("price_evidence", "capacity_per_month", "materials"):
            content.pop(key)
        self._draft(content, self._at(day, 9, 12))

    def _published(self) -> None:
        last = self._day()
        case_id, product_id = self._submitted(self._at(last - timedelta(days=7), 9, 40))
        self._decide(case_id, "pembinaan", self._at(last - timedelta(days=5), 10, 5))
        self._decide(case_id, "pemantauan", self._at(last - timedelta(days=2), 14, 20))
        at = self._at(last, 10, 30)
        self._decide(case_id, "pengendalian", at)
        with self._as(self.deciders["pengendalian"]) as by:
            if self.number % 5 != 4 or self.plan.extra:
                listed = f"PAS-{product_id:05d}"
                publication.list_on_ekatalog(
                    product_id,
                    ekatalog_id=listed,
                    url=f"https://e-katalog.contoh.id/produk/{listed.lower()}",
                    registered_on=last,
                    by=by,
                    now=at + timedelta(hours=2),
                )
            if self.plan.state in ("suspended", "withdrawn"):
                verb, why = {
                    "suspended": ("suspend", "Keluhan pembeli: sol lepas. Menunggu perbaikan mutu."),
                    "withdrawn": ("withdraw", "Tidak dibuat lagi: bahan bakunya sudah tidak tersedia."),
                }[self.plan.state]
                publication.act_on(product_id, verb, reason=why, by=by, now=self.now - timedelta(days=9))

    def _waiting_at(self, stage: str) -> None:
        """Open at `stage`, its deadline on the day that the plan names."""
        arrived = self._arrived_for(self._deadline())
        passed = list(STAGES)[: list(STAGES).index(stage)]
        case_id, _ = self._submitted(arrived - timedelta(days=2 * len(passed)))
        for back, earlier in enumerate(reversed(passed)):
            if back:
                self._decide(case_id, earlier, arrived - timedelta(days=2))
        for earlier in passed[-1:]:
            self._decide(case_id, earlier, arrived)

    def _returned(self) -> None:
        day = self._day()
        case_id, _ = self._submitted(self._at(day - timedelta(days=2), 11, 10))
        self._return(case_id, "photos", self._at(day, 13, 45))

    def _resubmitted(self) -> None:
        arrived = self._arrived_for(self._deadline())
        first, product_id = self._submitted(
            arrived - timedelta(days=3),
            price_rupiah=130_000,
            description="Tas anyaman tangan, ukuran 35 × 28 cm, tali kulit sapi.",
        )
        self._return(first, "price_rupiah", arrived - timedelta(days=1))
        with self._as(self.operator) as by:
            mended = {
                "price_rupiah": self.plan.price,
                "description": "Tas anyaman purun danau, dianyam tangan, dilapis pernis, ukuran 35 × 28 cm, "
                "tali kulit sapi.",
                "price_evidence": self._evidence((arrived - timedelta(days=1)).date()),
            }
            drafts.save(product_id, mended, by=by, now=arrived - timedelta(minutes=20))
            answer = "Disesuaikan dengan harga pasar Sudirman, dua bukti dilampirkan."
            submission.submit(product_id, by=by, now=arrived, answers={f"{first}-1-1": answer})

    def _rejected(self) -> None:
        day = self._day()
        case_id, _ = self._submitted(self._at(day - timedelta(days=4), 9, 5))
        self._decide(case_id, "pembinaan", self._at(day - timedelta(days=2), 15, 30))
        with self._as(self.deciders["pemantauan"]) as by:
            words = "Bengkel belum mampu memenuhi pesanan rutin; ajukan lagi setelah mesin kedua terpasang."
            decide(case_id, Verdict("reject", comment=words), by=by, key="demo", now=self._at(day, 10, 15))

    def _draft(self, content: dict[str, Any], at: datetime) -> int:
        with self._as(self.operator) as by:
            product = drafts.create(content, by=by, now=at)
            drafts.keep_photo(product.id, self.picture, f"{self.plan.goods}.webp", by=by, now=at)
            return product.id

    def _submitted(self, at: datetime, **changed: Any) -> tuple[int, int]:
        day = at.astimezone(self.zone).date()
        product_id = self._draft(self._content(day) | changed, at - timedelta(hours=3))
        with self._as(self.operator) as by:
            return submission.submit(product_id, by=by, now=at).id, product_id

    def _decide(self, case_id: int, stage: str, at: datetime) -> None:
        with self._as(self.deciders[stage]) as by:
            checklist = CHECKLISTS[stage]
            if stage == "pemantauan":
                checklist = {**checklist, "capacity": self.goods["capacity"]}
            decide(case_id, Verdict("approve", checklist=checklist), by=by, key=f"demo-{stage}", now=at)

    def _return(self, case_id: int, field: str, at: datetime) -> None:
        with self._as(self.deciders["pembinaan"]) as by:
            verdict = Verdict(
                "return",
                comment="Produknya baik. Satu hal perlu dibenahi sebelum lanjut.",
                requests=[{"field": field, "text": ASKED[field]}],
            )
            decide(case_id, verdict, by=by, key="demo-return", now=at)

    def _content(self, day: date) -> dict[str, Any]:
        goods = self.goods
        city = self.upt.city
        content: dict[str, Any] = {
            "name": self.plan.name,
            "category": goods["category"],
            "group": goods["group"],
            "market_level": ("local", "national", "local", "national", "export")[self.number % 5],
            "description": goods["text"].format(name=self.plan.name, city=city).strip(),
            "unit": goods["unit"],
            "price_rupiah": self.plan.price,
            "price_evidence": self._evidence(day),
            "capacity_per_month": goods["capacity"],
            "stock": goods["capacity"] // (3 + self.number % 4),
            "lead_time_days": goods["days"],
            "weight_gram": goods["weight_gram"],
            "materials": goods["materials"],
            "tkdn_share": 0.85,
            **self.plan.extra,
        }
        if self.makers:
            content["makers"] = self.makers
        if content["category"] == "culinary":
            content["pirt_number"] = f"P-IRT 20{6 + self.number % 4}36710{self.upt.id:04d}-29"
            content["pirt_expires_on"] = (max(day, self.now.date()) + timedelta(days=900)).isoformat()
        return content

    def _evidence(self, day: date) -> list[dict[str, Any]]:
        pasar = "Pasar Sudirman" if self.upt.city == "Pontianak" else f"Pasar {self.upt.city}"
        shops = ((pasar, 0.97, 2), ("Toko daring, tiga penjual teratas", 1.06, 1))
        return [
            {
                "source": source,
                "observed_on": (day - timedelta(days=back)).isoformat(),
                "price_rupiah": max(500, round(self.plan.price * share / 500) * 500),
            }
            for source, share, back in shops
        ]

    def _as(self, by: Actor) -> _Entered:
        return _Entered(Scope(self.kanwil.id, by.upt_id, by.id), by)

    def _at(self, day: date, hour: int, minute: int) -> datetime:
        """That hour on the Kanwil's wall clock, never later than now."""
        local = datetime.combine(day, time(hour, (minute + 7 * self.number) % 60), self.zone)
        return min(local.astimezone(UTC), self.now)

    def _day(self) -> date:
        when = self.plan.when
        if when[0] in "+-":
            return self.now.astimezone(self.zone).date() + timedelta(days=int(when))
        return date.fromisoformat(when)

    def _deadline(self) -> date:
        """The working day that the plan's "late2", "today" or "+1" means."""
        when = self.plan.when
        day = self.now.astimezone(self.zone).date()
        while not self.calendar.works_on(day):
            day += timedelta(days=1)
        steps = -int(when[4:]) if when.startswith("late") else 0 if when == "today" else int(when)
        while steps:
            day += timedelta(days=1 if steps > 0 else -1)
            if self.calendar.works_on(day):
                steps += -1 if steps > 0 else 1
        return day

    def _arrived_for(self, deadline: date) -> datetime:
        """When a case must have come to a stage for its deadline to be on that day."""
        for back in range(1, 30):
            at = self._at(deadline - timedelta(days=back), 9, 20)
            if due(at, 3, self.calendar.timezone, self.calendar.days_off)[1] <= deadline:
                return at
        return self._at(deadline - timedelta(days=5), 9, 20)


class _Entered:
    """The scope of one officer for a block, and the officer."""

    def __init__(self, scope: Scope, by: Actor) -> None:
        self._by = by
        self._entering = entered(scope)

    def __enter__(self) -> Actor:
        self._entering.__enter__()
        current()
        return self._by

    def __exit__(self, *raised: Any) -> None:
        self._entering.__exit__(*raised)
