"""What is said about a case: by whom, for whom, and that it stays said."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from config import Settings
from tenants import database
from tenants.database import transaction
from tenants.errors import Forbidden, ScopeError
from tenants.models import Officer
from tenants.officers import Actor
from tenants.register import Account, open_accounts
from tenants.scope import Scope, entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import NOW, House
from tests.workflows.office_files import a_pdf
from workflows import audit
from workflows.errors import CaseMoved, NoSuchCase
from workflows.models import AuditEvent, Case, Notice
from workflows.submission import withdraw
from workflows.talk import checking, comments, ddl, opinions, queries
from workflows.talk.errors import (
    CommentInvalid,
    InternalForKanwil,
    NoSuchComment,
    NoSuchOpinion,
    OpinionClosed,
    OpinionInvalid,
    TooLateToStrike,
)
from workflows.talk.models import Comment, CommentFile, Note, NoteFile, Opinion

FILE = checking.check(a_pdf(), "surat.pdf")


class Talk:
    """A case, and officers with accounts who talk about it."""

    def __init__(self, house: House) -> None:
        self.house = house
        mark = f"t{house.kanwil}"
        asked = (
            ("pembina", "pembina", None),
            ("pemantau", "pemantau", None),
            ("operator", "operator_upt", house.upt),
            ("tetangga", "operator_upt", house.other_upt),
        )
        names = {name: f"{name}.{mark}" for name, _, _ in asked}
        roles = _roles()
        with house.inside():
            accounts = [Account(names[name], name.title(), mark, role, "x", upt) for name, role, upt in asked]
            open_accounts(accounts, roles)
        self.names = names
        self.who: dict[str, Actor] = {}
        with house.inside():
            for name, role, upt in asked:
                id_ = (
                    database.session()
                    .scalars(select(Officer.id).where(Officer.username == names[name]))
                    .one()
                )
                self.who[name] = house.officer(id_, role, upt=upt)
        self.case = house.submit()

    def __getattr__(self, name: str) -> Actor:
        return self.who[name]

    def say(self, by: Actor, body: str = "Mohon dijelaskan.", **given: Any) -> comments.Spoken:
        case_id, now = given.pop("case_id", self.case.id), given.pop("now", NOW)
        with entered(Scope(self.house.kanwil, by.upt_id, by.id)):
            return comments.comment(case_id, body, by=by, now=now, **given)

    def lines(self, by: Actor) -> list[queries.Line]:
        with entered(Scope(self.house.kanwil, by.upt_id, by.id)):
            return queries.talk(queries.case_for(self.case.id, by=by), by=by, now=NOW)[0]

    def told(self, by: Actor) -> list[Notice]:
        with self.house.inside():
            asked = select(Notice).where(Notice.to_officer_id == by.id, Notice.kind.startswith("talk."))
            return list(database.session().scalars(asked.order_by(Notice.id)))

    def now(self) -> Case:
        with self.house.inside():
            asked = select(Case).where(Case.id == self.case.id)
            return database.session().scalars(asked.execution_options(populate_existing=True)).one()

    def problems(self) -> list[str]:
        with self.house.inside():
            return [one.message for one in audit.verify_case(self.case.id)]

    def ask(self, by: Actor | None = None, **given: Any) -> Opinion:
        asked = {"username": self.names["pemantau"], "question": "Sanggupkah?"} | given
        by = by or self.pembina
        with entered(Scope(self.house.kanwil, by.upt_id, by.id)):
            return opinions.ask(
                self.case.id, asked.pop("username"), asked.pop("question"), by=by, now=NOW, **asked
            )

    def answer(self, opinion: Opinion, by: Actor, body: str = "Sanggup.", **given: Any) -> Opinion:
        with entered(Scope(self.house.kanwil, by.upt_id, by.id)):
            return opinions.answer(opinion.id, body, by=by, now=NOW, **given)


def _roles() -> dict[str, int]:
    from tenants.models import Role

    with entered(None), transaction() as session:
        known = {role.name: role for role in session.scalars(select(Role))}
        for name in ("pembina", "pemantau", "operator_upt"):
            if name not in known:
                known[name] = Role(name=name)
                session.add(known[name])
        session.flush()
        return {name: role.id for name, role in known.items()}


@pytest.fixture
def talk(house: House) -> Talk:
    return Talk(house)


def test_both_sides_read_a_comment_and_its_file_and_the_chain_holds_it(talk: Talk) -> None:
    talk.say(talk.operator, "Purun dari Sambas.", attached=[FILE])
    for by in (talk.operator, talk.pembina):
        line = talk.lines(by)[0]
        assert (line.body, line.kind, line.attachments[0].name) == (
            "Purun dari Sambas.",
            "comment",
            "surat.pdf",
        )
        with entered(Scope(talk.house.kanwil, by.upt_id, by.id)):
            assert queries.attachment(line.attachments[0].key, by=by)[0] == FILE.data
    assert talk.problems() == []


def test_a_comment_costs_few_statements_and_moves_nothing(talk: Talk) -> None:
    before = talk.now()
    stood = (before.state, before.stage_key, before.version, before.due_at)
    with counted_statements() as seen:
        talk.say(talk.pembina, f"Lihat @{talk.names['operator']}", attached=[FILE])
    assert len(seen) <= 9, "\n".join(seen)
    after = talk.now()
    assert (after.state, after.stage_key, after.version, after.due_at) == stood


def test_an_internal_note_is_not_there_for_a_upt_at_the_lowest_layer(talk: Talk) -> None:
    talk.say(talk.pembina, "Harga ini mencurigakan.", internal=True, attached=[FILE])
    talk.ask()
    assert [one.body for one in talk.lines(talk.pembina)] == ["Harga ini mencurigakan."]
    assert talk.lines(talk.operator) == []
    key = talk.lines(talk.pembina)[0].attachments[0].key
    with entered(talk.house.scope(talk.house.upt)):
        session = database.session()
        for kind in (Note, NoteFile, Opinion):
            assert session.scalars(select(kind)).all() == []
        with pytest.raises(NoSuchComment):
            queries.attachment(key, by=talk.operator)
        with pytest.raises(ScopeError):
            session.execute(Note.__table__.insert(), [{"case_id": talk.case.id}])
        events = session.scalars(select(AuditEvent.payload).where(AuditEvent.chain == talk.case.chain)).all()
        notices = session.scalars(select(Notice)).all()
    assert "mencurigakan" not in json.dumps(list(events))
    assert not any("mencurigakan" in one.body + one.title for one in notices)


def test_row_level_security_alone_keeps_internal_notes_from_a_upt(talk: Talk) -> None:
    talk.say(talk.pembina, "Harga ini mencurigakan.", internal=True, attached=[FILE])
    if database.db.dialect != "postgresql":
        return
    with entered(talk.house.scope(talk.house.upt)), transaction() as session:
        session.scalars(select(Case.id)).first()
        raw = session.connection().connection.driver_connection
        assert raw is not None
        for table in ("case_note", "note_file", "case_opinion", "case_invitation"):
            assert raw.cursor().execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_a_upt_writes_no_internal_notes(talk: Talk) -> None:
    with pytest.raises(InternalForKanwil):
        talk.say(talk.operator, internal=True)


def test_another_upt_or_kanwil_finds_no_such_case(talk: Talk) -> None:
    talk.say(talk.operator)
    with pytest.raises(NoSuchCase):
        talk.say(talk.tetangga)
    stranger = Actor(99, "Orang jauh", frozenset({"pembina"}), talk.house.other_kanwil, None, "")
    with entered(Scope(talk.house.other_kanwil, None, 99)):
        with pytest.raises(NoSuchCase):
            comments.comment(talk.case.id, "Halo", by=stranger, now=NOW)
        with pytest.raises(NoSuchCase):
            queries.case_for(talk.case.id, by=stranger)


def test_who_is_mentioned_and_may_see_it_is_told_once(talk: Talk) -> None:
    names = talk.names
    words = f"@{names['operator']}, @{names['pemantau'].upper()}. Juga @{names['tetangga']} dan a@{names['pemantau']}"
    words += " @tiada"
    made = talk.say(talk.pembina, words)
    assert made.row.mentions == sorted([names["operator"], names["pemantau"]])
    assert set(made.unheard) == {names["tetangga"], "tiada"}
    assert [len(talk.told(talk.who[one])) for one in ("operator", "pemantau", "tetangga")] == [1, 1, 0]
    assert talk.told(talk.operator)[0].body == words


def test_an_internal_note_tells_the_kanwil_alone_and_repeats_no_word(talk: Talk) -> None:
    words = f"Rahasia untuk @{talk.names['operator']} @{talk.names['pemantau']}"
    assert talk.say(talk.pembina, words, internal=True).unheard == (talk.names["operator"],)
    assert talk.told(talk.operator) == []
    assert "Rahasia" not in talk.told(talk.pemantau)[0].body + talk.told(talk.pemantau)[0].title


def test_the_same_key_says_it_once(talk: Talk) -> None:
    first = talk.say(talk.pembina, key="k")
    assert talk.say(talk.pembina, key="k", now=NOW + timedelta(minutes=1)).row.id == first.row.id
    assert len(talk.lines(talk.pembina)) == 1


@pytest.mark.parametrize("body", ["", "  \n", "x" * 5001])
def test_nothing_or_too_much_is_refused_beside_the_field(talk: Talk, body: str) -> None:
    with pytest.raises(CommentInvalid) as refused:
        talk.say(talk.pembina, body)
    assert "body" in refused.value.fields


def test_a_file_alone_is_enough_and_six_are_too_many(talk: Talk) -> None:
    assert talk.say(talk.pembina, "", attached=[FILE]).row.body == ""
    with pytest.raises(CommentInvalid):
        talk.say(talk.pembina, "x", attached=[FILE] * 6)


@pytest.mark.parametrize("internal", [False, True])
def test_an_author_strikes_his_own_words_within_a_quarter_of_an_hour(talk: Talk, internal: bool) -> None:
    made = talk.say(talk.pembina, "Salah tulis.", internal=internal, attached=[FILE])
    key = talk.lines(talk.pembina)[0].attachments[0].key

    def strike(by: Actor, minutes: int) -> None:
        with entered(Scope(talk.house.kanwil, by.upt_id, by.id)):
            comments.strike(made.row.id, internal=internal, by=by, now=NOW + timedelta(minutes=minutes))

    with pytest.raises(TooLateToStrike):
        strike(talk.pemantau, 1)
    with pytest.raises(TooLateToStrike):
        strike(talk.pembina, 16)
    strike(talk.pembina, 15)
    strike(talk.pembina, 16)  # a second click
    line = talk.lines(talk.pembina)[0]
    assert (line.body, line.attachments, line.struck_at is not None) == ("", [], True)
    with talk.house.inside(), pytest.raises(NoSuchComment):
        queries.attachment(key, by=talk.pembina)
    with talk.house.inside():
        row: Any = database.session().get(Note if internal else Comment, made.row.id)
        actions = (
            database.session()
            .scalars(select(AuditEvent.action).where(AuditEvent.chain == talk.case.chain))
            .all()
        )
    assert row.body == "Salah tulis."
    assert [one for one in actions if one.endswith("_struck")] == [
        "case.note_struck" if internal else "case.comment_struck"
    ]
    assert talk.problems() == []


def test_what_was_said_can_be_neither_changed_nor_deleted(talk: Talk) -> None:
    made = talk.say(talk.pembina, attached=[FILE])
    note = talk.say(talk.pembina, internal=True, attached=[FILE])
    with talk.house.inside():
        comments.strike(made.row.id, by=talk.pembina, now=NOW)
    for statement in (
        update(Comment).where(Comment.id == made.row.id).values(body="x"),
        update(Comment).where(Comment.id == made.row.id).values(struck_at=None),
        delete(Comment).where(Comment.id == made.row.id),
        update(Note).where(Note.id == note.row.id).values(author_name="x"),
        delete(Note).where(Note.id == note.row.id),
        update(CommentFile).where(CommentFile.comment_id == made.row.id).values(sha256="0" * 64),
        delete(NoteFile).where(NoteFile.note_id == note.row.id),
    ):
        with talk.house.inside(), pytest.raises(DBAPIError), transaction() as session:
            session.execute(statement.execution_options(synchronize_session=False))
    assert talk.problems() == []


def test_what_is_changed_behind_the_back_is_named(talk: Talk, configured: Settings) -> None:
    made = talk.say(talk.pembina, attached=[FILE])
    engine = create_engine(configured.database_url)
    with engine.begin() as connection:
        triggers = [("case_comment", "case_comment_no_change")]
        for table, name in triggers:
            on = "" if configured.dialect == "sqlite" else f" ON {table}"
            connection.execute(text(f"DROP TRIGGER {name}{on}"))
        connection.execute(text(f"UPDATE case_comment SET body = 'lain' WHERE id = {made.row.id}"))
        for statement in ddl.statements(configured.dialect):
            connection.execute(text(statement))
    engine.dispose()
    assert "Isi atau lampirannya diubah setelah dicatat." in talk.problems()


def test_pages_of_the_talk_follow_one_another_without_gap_or_overlap(talk: Talk) -> None:
    for number in range(5):
        at = NOW + timedelta(seconds=number // 3)
        talk.say(talk.pembina, f"K{number}", now=at)
        talk.say(talk.pembina, f"C{number}", internal=True, now=at)
    seen: list[str] = []
    after = None
    with talk.house.inside():
        case = queries.case_for(talk.case.id, by=talk.pembina)
        for _ in range(9):
            lines, more = queries.talk(case, by=talk.pembina, now=NOW, after=after, limit=3)
            seen += [one.body for one in lines]
            if not more:
                break
            after = queries.read_position(
                json.loads(json.dumps([lines[-1].said_at.isoformat(), lines[-1].internal, lines[-1].id]))
            )
        newest, more = queries.talk(case, by=talk.pembina, now=NOW, limit=4, newest=True)
    assert seen == ["K0", "K1", "K2", "C0", "C1", "C2", "K3", "K4", "C3", "C4"]
    assert [one.body for one in newest] == seen[-4:]
    assert more


def test_an_opinion_is_asked_and_given_and_decides_nothing(talk: Talk) -> None:
    before = talk.now()
    stood = (before.state, before.stage_key, before.version)
    asked = talk.ask(until_on=date(2024, 3, 8))
    assert [one.title for one in talk.told(talk.pemantau)] == ["Tas anyaman purun: pendapat Anda diminta"]
    with talk.house.inside():
        assert [one.opinion.id for one in queries.asked_of(talk.pemantau)] == [asked.id]
        assert queries.asked_count(talk.pemantau) == 1
    given = talk.answer(asked, talk.pemantau, "Sanggup, saya sudah melihat bengkelnya.", attached=[FILE])
    assert given.answered_at == NOW
    line = talk.lines(talk.pembina)[0]
    assert (line.kind, line.author, len(line.attachments)) == ("opinion", talk.pemantau.name, 1)
    assert talk.lines(talk.operator) == []
    assert talk.told(talk.pembina)[-1].kind == "talk.answered"
    after = talk.now()
    assert (after.state, after.stage_key, after.version) == stood
    with talk.house.inside():
        assert queries.asked_of(talk.pemantau) == []
        assert [one.opinion.id for one in queries.answered_by(talk.pemantau)] == [asked.id]
    assert talk.problems() == []


def test_an_opinion_is_given_once_by_whom_it_was_asked_of(talk: Talk) -> None:
    asked = talk.ask()
    with pytest.raises(NoSuchOpinion):
        talk.answer(asked, talk.pembina)
    talk.answer(asked, talk.pemantau, key="k")
    talk.answer(asked, talk.pemantau, key="k")  # a second click
    with pytest.raises(OpinionClosed):
        talk.answer(asked, talk.pemantau)
    with talk.house.inside(), pytest.raises(TooLateToStrike):
        comments.strike(talk.lines(talk.pemantau)[0].id, internal=True, by=talk.pemantau, now=NOW)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "tetangga"}, "officer"),
        ({"username": "operator"}, "officer"),
        ({"username": "pembina"}, "officer"),
        ({"question": " "}, "question"),
        ({"until_on": date(2024, 3, 4)}, "until_on"),
        ({"until_on": date(2024, 9, 1)}, "until_on"),
    ],
)
def test_a_request_that_is_not_right_says_where(talk: Talk, given: dict[str, Any], field: str) -> None:
    if "username" in given:
        given = {"username": talk.names[given["username"]]}
    with pytest.raises(OpinionInvalid) as refused:
        talk.ask(**given)
    assert set(refused.value.fields) == {field}


def test_the_same_colleague_is_not_asked_twice_at_once(talk: Talk) -> None:
    first = talk.ask(key="k")
    assert talk.ask(key="k").id == first.id
    with pytest.raises(OpinionInvalid):
        talk.ask()
    talk.answer(first, talk.pemantau)
    assert talk.ask().id != first.id


def test_who_decides_nothing_asks_nobody(talk: Talk) -> None:
    with pytest.raises(Forbidden):
        talk.ask(by=talk.operator)
    with pytest.raises(Forbidden):
        talk.ask(by=talk.house.officer(1, "admin_kanwil"))


def test_with_its_case_an_open_request_is_closed(talk: Talk) -> None:
    asked = talk.ask()
    with entered(talk.house.scope(talk.house.upt)):
        withdraw(talk.case.id, reason="Batal", by=talk.house.operator, now=NOW)
    with talk.house.inside():
        assert queries.asked_of(talk.pemantau) == []
        assert queries.asked_count(talk.pemantau) == 0
    with pytest.raises(OpinionClosed):
        talk.answer(asked, talk.pemantau)
    with pytest.raises(CaseMoved):
        talk.ask()
    talk.say(talk.pembina, "Sesudah selesai pun masih dapat ditulis.")
    assert talk.problems() == []
