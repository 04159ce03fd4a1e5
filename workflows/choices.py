"""Which notices an officer wants where: in the app, by mail at once, in the daily digest, or not at all.

What waits for a whole role comes in the digest unless he says otherwise, so that two hundred cases are one mail; what
concerns himself comes at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.models import NoticeChoice

EACH, DIGEST, NONE = "each", "digest", "none"
MAIL = (EACH, DIGEST, NONE)


@dataclass(frozen=True)
class Topic:
    """Kinds of notices that are chosen together. `mail` is the way they take unless an officer says otherwise."""

    key: str
    label: str
    kinds: tuple[str, ...]
    mail: str


TOPICS = (
    Topic("waiting", N_("Kasus yang menunggu peran saya"), ("case.waiting",), DIGEST),
    Topic("deadline", N_("Pengingat tenggat dan keterlambatan"), ("case.reminder", "case.overdue"), DIGEST),
    Topic("withdrawn", N_("Pengajuan yang ditarik kembali"), ("case.withdrawn",), DIGEST),
    Topic("urgent", N_("Kasus yang ditandai mendesak"), ("case.urgent",), DIGEST),
    Topic(
        "assigned",
        N_("Kasus yang ditugaskan kepada saya, atau dialihkan dari saya"),
        ("case.assigned", "case.reassigned"),
        EACH,
    ),
    Topic(
        "talk",
        N_("Percakapan: saya disebut, dimintai pendapat, atau dijawab"),
        ("talk.mentioned", "talk.asked", "talk.answered", "talk.expert"),
        EACH,
    ),
    Topic("progress", N_("Pengajuan saya lolos satu tahap"), ("case.passed",), DIGEST),
    Topic(
        "outcome",
        N_("Putusan atas pengajuan saya"),
        ("case.approved", "case.returned", "case.rejected", "case.reopened"),
        EACH,
    ),
    Topic("certificate", N_("Sertifikat tanda tangan yang akan berakhir"), ("certificate.ending",), EACH),
    Topic("recap", N_("Konsep rekap dan pengingat pengirimannya"), ("recap.drafted", "recap.reminder"), EACH),
    Topic(
        "product",
        N_("Produk ditangguhkan, dipulihkan, ditarik"),
        ("product.suspended", "product.restored", "product.withdrawn", "product.replaced"),
        EACH,
    ),
    Topic(
        "inspection",
        N_("Pengawasan: rencana dan permintaan pemeriksaan"),
        ("inspection.planned", "inspection.opened", "inspection.settled"),
        DIGEST,
    ),
    Topic(
        "finding",
        N_("Hasil pengawasan, temuan, dan batas perbaikannya"),
        (
            *("inspection.clean", "inspection.findings"),
            *("finding.answered", "finding.settled", "finding.extended", "finding.near", "finding.lapsed"),
        ),
        DIGEST,
    ),
    Topic("disposition", N_("Disposisi Direktur Jenderal"), ("disposition.given",), EACH),
    Topic("substitute", N_("Penunjukan saya sebagai Plh. atau Plt."), ("substitute.appointed",), EACH),
    Topic("finished", N_("Pekerjaan yang saya minta selesai"), ("purchases.done", "audit.verified"), EACH),
    Topic("definition", N_("Bawaan nasional alur berubah"), ("definition.national",), DIGEST),
    Topic(
        "undelivered",
        N_("Webhook dan surel yang tidak tersampaikan"),
        ("webhook.dead", "mail.refused"),
        DIGEST,
    ),
)


@dataclass(frozen=True)
class Group:
    """Topics that stand together where one chooses. A topic that no group names stands in the last one."""

    key: str
    label: str
    topics: tuple[str, ...] = ()


GROUPS = (
    Group("cases", N_("Kasus yang menunggu"), ("waiting", "deadline", "urgent", "withdrawn")),
    Group("mine", N_("Yang menyangkut saya"), ("assigned", "talk", "substitute", "finished")),
    Group("submitted", N_("Pengajuan saya"), ("progress", "outcome")),
    Group("products", N_("Produk dan pengawasan"), ("product", "inspection", "finding")),
    Group("recaps", N_("Rekap dan tanda tangan"), ("recap", "certificate", "disposition")),
    Group("house", N_("Alur, webhook, dan lainnya"), ("definition", "undelivered")),
)
_BY_KIND = {kind: topic for topic in TOPICS for kind in topic.kinds}


@dataclass(frozen=True)
class Choice:
    """How an officer wants a topic."""

    topic: Topic
    mail: str
    in_app: bool


def usual(kind: str) -> str:
    """The way by mail of a kind of notice that an officer has not chosen."""
    topic = _BY_KIND.get(kind)
    return topic.mail if topic else EACH


def kinds_by(way: str, officer_id: int, chosen: Mapping[tuple[int, str], str]) -> frozenset[str]:
    """The kinds of notices that an officer gets by a way, of those that can be chosen; `chosen` as `ways` gives it."""
    return frozenset(
        kind for kind, topic in _BY_KIND.items() if chosen.get((officer_id, kind), topic.mail) == way
    )


def choices_of(by: Actor) -> list[Choice]:
    """What an officer chose, topic by topic. One statement."""
    kept = {
        row.kind: row
        for row in scoped_session().scalars(select(NoticeChoice).where(NoticeChoice.officer_id == by.id))
    }
    rows = [(topic, kept.get(topic.kinds[0])) for topic in TOPICS]
    return [
        Choice(topic, row.mail if row else topic.mail, row.in_app if row else True) for topic, row in rows
    ]


def in_groups(found: Sequence[Choice]) -> list[tuple[Group, list[Choice]]]:
    """The choices as a page shows them, each once, in the order of `GROUPS`."""
    by_key = {one.topic.key: one for one in found}
    named = {key for group in GROUPS for key in group.topics}
    rows = [(group, [by_key[key] for key in group.topics if key in by_key]) for group in GROUPS]
    rows[-1][1].extend(one for one in found if one.topic.key not in named)
    return rows


def choose(values: Mapping[str, tuple[str, bool]], *, by: Actor) -> None:
    """Keep an officer's choices: topic -> (way by mail, shown in the app).

    Raises:
        Invalid: a topic or a way that there is not.
    """
    topics = {topic.key: topic for topic in TOPICS}
    wrong = {
        key: say(N_("Pilih salah satu."))
        for key, (mail, _) in values.items()
        if key not in topics or mail not in MAIL
    }
    if wrong:
        raise Invalid(fields=wrong)
    with transaction() as db:
        kept = {
            row.kind: row
            for row in db.scalars(
                select(NoticeChoice).where(NoticeChoice.officer_id == by.id).with_for_update()
            )
        }
        for key, (mail, in_app) in values.items():
            for kind in topics[key].kinds:
                row = kept.get(kind)
                if row is None:
                    db.add(NoticeChoice(officer_id=by.id, kind=kind, mail=mail, in_app=in_app))
                else:
                    row.mail, row.in_app = mail, in_app
        db.flush()


def ways(session: Session) -> dict[tuple[int, str], str]:
    """(officer, kind) -> the way by mail that he chose, for the whole Kanwil. One statement."""
    rows = session.execute(select(NoticeChoice.officer_id, NoticeChoice.kind, NoticeChoice.mail))
    return {(row.officer_id, row.kind): row.mail for row in rows}
