"""An expert from outside: one link, one case, one answer, and nothing else."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from catalogue import drafts, submission
from catalogue.registration import outside
from config import Settings
from tenants import clock, database
from tenants.database import transaction
from tenants.errors import Forbidden
from tenants.models import Kanwil
from tenants.scope import current_or_none, entered
from tests.catalogue.pictures import picture
from tests.isolation.scene import CONTENT
from tests.support.statements import counted_statements
from tests.support.worlds import World
from tests.workflows.office_files import a_pdf
from workflows import audit, mailing
from workflows.models import Case, Notice
from workflows.submission import withdraw
from workflows.talk import checking, comments, guests, invitations, queries
from workflows.talk.errors import CommentInvalid, InvitationInvalid, NoSuchInvitation
from workflows.talk.models import GuestLink, Invitation

UPT = "lapas-iia-pontianak"
ASKED = {
    "name": "dr. Lestari",
    "office": "Dinas Kesehatan Kota Pontianak",
    "email": "lestari@dinkes.contoh.id",
    "question": "Apakah P-IRT ini masih berlaku?",
}
FILE = checking.check(a_pdf(), "surat.pdf")


@pytest.fixture
def case(world: World) -> Iterator[Case]:
    """A product of the UPT at the pembina's, with a photo and a maker who consented."""
    now = clock.now()
    with entered(world.scope(f"operator.{UPT}")):
        by = world.actor(f"operator.{UPT}")
        makers = [{"name": "Pak Setuju", "consented_on": "2024-03-01"}]
        content = {
            **CONTENT,
            "name": "Keripik bayam",
            "description": "Renyah dan gurih dari kebun sendiri, tanpa pengawet.",
        }
        content |= {"materials": "Bayam", "makers": makers}
        made = drafts.create(content, by=by, now=now)
        drafts.add_photo(made.id, picture(), "foto.jpg", by=by, now=now)
        opened = submission.submit(made.id, by=by, now=now)
    yield opened
    database.db.release()


@pytest.fixture
def invited(world: World, case: Case) -> Any:
    """`invited(days=3)` -> the invitation and its token."""

    def invite(**changed: Any) -> invitations.Invited:
        given: dict[str, Any] = {"now": clock.now()} | ASKED | changed
        with entered(world.scope("pembina.kalbar")):
            return invitations.invite(case.id, by=world.actor("pembina.kalbar"), **given)

    return invite


def test_the_token_is_long_and_kept_nowhere(invited: Any, settings: Settings) -> None:
    made = invited()
    assert len(made.token) >= 32
    assert made.row.expires_at - made.row.invited_at == timedelta(days=7)
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        for table in ("guest_link", "case_invitation", "audit_event", "notice", "request_key"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                assert made.token not in str(tuple(row))
    engine.dispose()


def test_a_link_shows_the_revision_and_no_more(invited: Any, case: Case, world: World, client: Any) -> None:
    with entered(world.scope("pembina.kalbar")):
        comments.comment(
            case.id, "Rahasia dapur", internal=True, by=world.actor("pembina.kalbar"), now=clock.now()
        )
    token = invited().token
    answer = client.get(f"/pendapat/{token}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Keripik bayam" in page
    assert "Renyah dan gurih" in page
    assert ASKED["question"] in page
    for hidden in ("Rahasia dapur", case.submitted_by_name, "pembina.kalbar", "/foto-produk/"):
        assert hidden not in page, hidden
    photo = client.get(re.search(r'<img src="([^"]+)"', page).group(1))  # type: ignore[union-attr]
    assert (photo.status_code, photo.mimetype) == (200, "image/webp")
    for shown in (answer, photo):
        assert "Set-Cookie" not in shown.headers
        assert shown.headers["Cache-Control"] == "private, no-store"
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in shown.headers["X-Robots-Tag"]


def test_makers_are_named_only_where_they_consented() -> None:
    makers = [
        {"name": "Pak Setuju", "consented_on": "2024-03-01"},
        {"name": "Pak Diam", "consented_on": None},
    ]
    fields = outside(Case(fields={"name": "Keripik", "makers": makers, "wbp": "Pak Diam", "public": {}}))
    assert [one["name"] for one in fields["makers"]] == ["Pak Setuju"]
    assert "Pak Diam" not in str(fields)


def test_looking_uses_nothing_up_and_leaves_no_scope(invited: Any) -> None:
    token = invited().token
    with counted_statements() as seen:
        guests.visit(token, now=clock.now())
    assert len(seen) <= 4, "\n".join(seen)
    guests.photo(token, 1, now=clock.now())
    assert guests.visit(token, now=clock.now()).invitation.used_at is None
    assert current_or_none() is None


def test_an_answer_is_kept_for_the_kanwil_told_once_and_uses_the_link_up(
    invited: Any, case: Case, world: World
) -> None:
    token, now = invited().token, clock.now()
    before = (case.state, case.stage_key, case.version)
    guests.contribute(token, "Masih berlaku.", attached=lambda: [FILE], key="a", now=now)
    guests.contribute(token, "Masih berlaku.", attached=lambda: [FILE], key="a", now=now)  # a second click
    with pytest.raises(NoSuchInvitation):
        guests.contribute(token, "Lagi.", key="b", now=now)
    with pytest.raises(NoSuchInvitation):
        guests.visit(token, now=now)
    by = world.actor("pembina.kalbar")
    with entered(world.scope("pembina.kalbar")):
        lines, _ = queries.talk(queries.case_for(case.id, by=by), by=by, now=now)
        told = database.session().scalars(select(Notice).where(Notice.kind == "talk.expert")).all()
        after = queries.case_for(case.id, by=by)
        assert audit.verify_case(case.id) == []
    assert [(one.kind, one.author, one.body, len(one.attachments)) for one in lines] == [
        ("expert", "dr. Lestari", "Masih berlaku.", 1)
    ]
    assert [one.to_officer_id for one in told] == [by.id]
    assert (after.state, after.stage_key, after.version) == before
    operator = world.actor(f"operator.{UPT}")
    with entered(world.scope(f"operator.{UPT}")):
        assert queries.talk(queries.case_for(case.id, by=operator), by=operator, now=now)[0] == []


def test_what_is_refused_leaves_the_link_as_it_is(invited: Any) -> None:
    token, now = invited().token, clock.now()
    with pytest.raises(CommentInvalid):
        guests.contribute(token, " ", key="a", now=now)
    assert guests.visit(token, now=now).invitation.used_at is None


def test_every_link_that_leads_nowhere_is_answered_the_same(
    invited: Any, case: Case, world: World, client: Any, settings: Settings
) -> None:
    by, scope = world.actor("pembina.kalbar"), world.scope("pembina.kalbar")
    used, revoked, expired, closed = (invited(email=f"a{n}@dinkes.contoh.id") for n in range(4))
    guests.contribute(used.token, "Baik.", now=clock.now())
    with entered(scope):
        invitations.revoke(revoked.row.id, by=by, now=clock.now())
        invitations.revoke(revoked.row.id, by=by, now=clock.now())
    late = clock.now() + timedelta(days=8)
    with pytest.raises(NoSuchInvitation):
        guests.visit(expired.token, now=late)
    with entered(scope), transaction() as session:
        row = session.scalars(select(Invitation).where(Invitation.id == expired.row.id)).one()
        row.expires_at = clock.now() - timedelta(seconds=1)
    assert client.get(f"/pendapat/{closed.token}").status_code == 200
    with entered(world.scope(f"operator.{UPT}")):
        withdraw(case.id, reason="Batal", by=world.actor(f"operator.{UPT}"), now=clock.now())
    answers = [
        client.open(f"/pendapat/{token}", method=method, data={"body": "x"} if method == "POST" else None)
        for token in (used.token, revoked.token, expired.token, closed.token, "salah", "x" * 300)
        for method in ("GET", "POST")
    ]
    assert {one.status_code for one in answers} == {404}
    pages = {re.sub(r"/pendapat/[^?\"]+|nonce-?[^ ]+", "", one.get_data(as_text=True)) for one in answers}
    assert len(pages) == 1
    assert "sudah dipakai, sudah lewat waktunya, atau dicabut" in pages.pop()


def test_a_link_of_a_suspended_kanwil_leads_nowhere(invited: Any, settings: Settings) -> None:
    token = invited().token
    with entered(None), transaction() as session:
        session.scalars(select(Kanwil).where(Kanwil.code == "kalbar")).one().state = "suspended"
    with pytest.raises(NoSuchInvitation):
        guests.visit(token, now=clock.now())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "lestari"}, "email"),
        ({"email": "a@b.id\nBcc: x@y.id"}, "email"),
        ({"email": "a@b.id, c@d.id"}, "email"),
        ({"name": ""}, "name"),
        ({"office": " "}, "office"),
        ({"question": ""}, "question"),
        ({"days": 0}, "days"),
        ({"days": 31}, "days"),
    ],
)
def test_an_invitation_that_is_not_right_says_where(
    invited: Any, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvitationInvalid) as refused:
        invited(**changed)
    assert set(refused.value.fields) == {field}


def test_only_who_decides_invites_or_revokes(case: Case, invited: Any, world: World) -> None:
    row = invited().row
    for name in (f"operator.{UPT}", "admin.kalbar"):
        with entered(world.scope(name)), pytest.raises(Forbidden):
            invitations.invite(case.id, **ASKED, by=world.actor(name), now=clock.now())
    with entered(world.scope("pembina.banten")), pytest.raises(NoSuchInvitation):
        invitations.revoke(row.id, by=world.actor("pembina.banten"), now=clock.now())


def test_a_second_click_makes_no_second_link_and_shows_no_token_again(invited: Any) -> None:
    first = invited(key="k")
    again = invited(key="k")
    assert (again.row.id, again.token) == (first.row.id, None)


def test_the_letter_goes_out_by_mail_with_the_link_and_no_officers_name(
    invited: Any, case: Case, world: World, settings: Settings
) -> None:
    made = invited()
    with entered(world.scope("pembina.kalbar")):
        mail = invitations.letter(
            made.row,
            f"https://karya/pendapat/{made.token}",
            title=case.title,
            office="Kanwil",
            now=clock.now(),
        )
        assert invitations.send(made.row, mail)
    [kept] = Path(mailing.mail_folder(settings)).glob("*-undangan-*.eml")
    assert made.token in kept.read_text(encoding="utf-8")
    assert mail["To"] == ASKED["email"]
    assert made.row.invited_by_name not in mail.get_content()


def test_an_address_that_tries_too_often_waits(client: Any) -> None:
    answers = [client.get(f"/pendapat/salah{n}").status_code for n in range(62)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_the_sweep_drops_addresses_that_are_over_and_keeps_the_invitation(invited: Any, world: World) -> None:
    made = invited()
    guests.sweep(clock.now() + timedelta(days=8))
    with entered(None):
        assert database.session().scalars(select(GuestLink)).all() == []
    with entered(world.scope("pembina.kalbar")):
        assert database.session().get(Invitation, made.row.id) is not None


def test_the_form_of_the_page_answers_once_and_says_what_is_missing(invited: Any, client: Any) -> None:
    token = invited().token
    address = f"/pendapat/{token}"
    key = re.search(r'name="key" value="([^"]+)"', client.get(address).get_data(as_text=True)).group(1)  # type: ignore[union-attr]
    empty = client.post(address, data={"key": key, "body": ""})
    assert empty.status_code == 422
    assert "Tulis pendapat Anda." in empty.get_data(as_text=True)

    bad = client.post(
        address, data={"key": key, "body": "Baik & sehat", "attachment": (io.BytesIO(b"MZ"), "virus.pdf")}
    )
    assert bad.status_code == 415
    assert "virus.pdf" in bad.get_data(as_text=True)
    assert "Baik &amp; sehat" in bad.get_data(as_text=True)
    for _ in range(2):
        done = client.post(
            address, data={"key": key, "body": "Baik", "attachment": (io.BytesIO(a_pdf()), "uji.pdf")}
        )
        assert done.status_code == 200
        assert "Terima kasih" in done.get_data(as_text=True)
    assert client.get(address).status_code == 404
