"""Whoever owns the database and puts triggers, keys and guard aside changes a row that a proof covers: it is named."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Connection, Date, Integer, Table, delete, insert, select, text, update
from sqlalchemy.orm.attributes import set_committed_value

import rooms
from recaps import anchors, verification
from tenants import database, files
from tenants.base import Base, Instant, JSONText
from tests.recaps.conftest import House
from tests.recaps.proof_scene import Proof, owner
from workflows.canonical import canonical
from workflows.chains import link_hash
from workflows.proof import whole
from workflows.proof.whole import held_tables

EVERY = bool(os.environ.get("KARYA_TAMPERING"))

CHECKED = (
    "case_file",
    "decision",
    "audit_event",
    "audit_chain",
    "definition_version",
    "product_revision",
    "published_product",
)
"""Tables with a check of their own; others are held whole (`workflows.proof.whole`)."""
_QUEUE = "what is still to be done, or a note that it was; nothing was decided by it"
_SEEN = "what an officer looked at, was told or prefers"
_CACHE = "made anew from other rows"
_DRAFT = "work that nobody has submitted or published"
_SALES = "what was bought: held by the file that was imported, and by the signed recap over it"
_REGISTER = (
    "who and what a Kanwil is, set by its admin; each change is an event, the event repeats what counts"
)
_SIGNED = "held in part, against the signed file and its event: see the tests of files, roots and verification below"
_CENTRE = "the centre's own, outside of every Kanwil's chains"
LEFT_OUT = {
    **dict.fromkeys(
        ("case_seat", "case_viewer", "saved_view", "bulk_run", "webhook", "webhook_delivery", "worker_slot"),
        _QUEUE,
    ),
    **dict.fromkeys(("mail_owed", "mail_refusal"), _QUEUE),
    **dict.fromkeys(("rate_window", "request_key", "reach_log", "certificate_warning", "guest_link"), _QUEUE),
    **dict.fromkeys(("notice", "notice_choice", "notice_digest", "notice_mark", "notice_read"), _SEEN),
    **dict.fromkeys(
        (
            "published_photo",
            "published_tally",
            "published_facet",
            "published_word",
            "published_feature",
            "feature_change",
            "directory_upt",
            "month_figure",
            "trade_figure",
            "buyer_figure",
            "recap_text",
            "definition_simulation",
        ),
        _CACHE,
    ),
    **dict.fromkeys(("definition_draft", "national_draft", "product_photo"), _DRAFT),
    **dict.fromkeys(("product_import", "product_import_row"), _DRAFT),
    **dict.fromkeys(
        ("purchase", "purchase_import", "purchase_version", "import_line", "column_layout"), _SALES
    ),
    **dict.fromkeys(("settled_buyer", "commodity_group", "pnbp_rule", "target", "upt_alias"), _SALES),
    **dict.fromkeys(
        ("obstacle", "obstacle_change"), "a journal beside the approval, with a history of its own"
    ),
    **dict.fromkeys(("kanwil", "kanwil_settings", "letter_sequence", "upt", "holiday", "closure"), _REGISTER),
    **dict.fromkeys(("minutes", "recap", "recap_round", "published_verification"), _SIGNED),
    **dict.fromkeys(("published_verification_file", "disposition"), _SIGNED),
    **dict.fromkeys(
        (
            "centre_disposition",
            "national_definition",
            "national_event",
            "national_import",
            "national_letter",
            "national_recap",
            "national_sequence",
            "recap_bundle",
        ),
        _CENTRE,
    ),
    "product": "a working copy; what the public may see of it is held with `published_product`, see PRODUCT",
}
PRODUCT = ("public_state", "published_revision_no", "published_at", "upt_id")
"""Columns of a product that its approved case gives."""


def covered() -> list[str]:
    """Every table of the house, but for those that are left out with a reason."""
    ours = [name for name in sorted(Base.metadata.tables) if not name.startswith("ab_")]
    return [name for name in ours if name not in LEFT_OUT]


NUMBER = "the row's own number: nothing is said of it and nothing refers to it"
FREE = {
    ("case_file", "escalated_at"): "a note that the Kadiv was told; what happened is the event case.overdue",
    ("case_file", "remind_at"): "when the role is next reminded; follows from the deadline",
    ("case_file", "facet"): "repeats the category of `fields` for the inbox's index",
    ("case_file", "again"): "repeats whether the case before was returned, for the inbox's index",
    ("decision", "id"): NUMBER,
    ("audit_event", "id"): NUMBER,
    ("audit_chain", "id"): NUMBER,
    ("product_revision", "id"): NUMBER,
    ("product_revision", "created_at"): "when the draft was begun, before anything was submitted",
    ("published_product", "updated_at"): "when the copy was last written; a cache's own clock",
    ("published_product", "search"): "the words of the search index, made anew from the other columns",
    ("inspection_finding", "reminded_at"): "a note that the date was called to mind",
}
WHERE = {"product_revision": "submitted_at"}
"""Rows without this are not covered: a draft's revision is its author's."""


def test_every_table_is_held_or_left_out_with_a_reason() -> None:
    """Accounts (``ab_``) are left out whole: what somebody did is an event under his name and number."""
    rooms.load()
    assert set(covered()) == {*CHECKED, *held_tables()}
    assert set(LEFT_OUT) <= set(Base.metadata.tables)
    free = {(table, column) for table, columns in held_tables().items() for column in columns}
    assert free <= set(FREE)


def columns_of(table: Table) -> list[Any]:
    """The columns to tamper with: all; of a table that is held whole a few, for one hash is over all of them."""
    columns = list(table.columns)
    if EVERY or table.name in CHECKED:
        return columns
    always = [column for column in columns if (table.name, column.name) in FREE]
    return always + random.Random(table.name).sample(columns, 3)


def test_the_hash_of_a_row_is_over_every_column(house: House) -> None:
    proof = Proof(house)
    proof.everything()
    with proof.house.inside():
        for model, held in whole._held.items():
            row = database.session().scalars(select(model).limit(1)).one()
            before = whole.imprint(row)
            for column in model.__table__.columns:
                value = getattr(row, column.key)
                set_committed_value(row, column.key, other(column, value, random.Random(column.key)))
                same = whole.imprint(row) == before
                assert same == (column.key in held.free), f"{model.__table__.name}.{column.key}"
                set_committed_value(row, column.key, value)
            assert whole.imprint(row) == before


def table_of(name: str) -> Table:
    found = Base.metadata.tables[name]
    assert isinstance(found, Table)
    return found


def other(column: Any, value: Any, seed: random.Random) -> Any:
    """Another value of the column's kind."""
    if isinstance(column.type, JSONText):
        if isinstance(value, dict):
            return {**value, "ditambahkan": seed.randint(1, 9)}
        return [*(value or []), 987_654]
    if isinstance(column.type, Instant):
        return (value or datetime.fromisoformat("2024-01-01T00:00:00+00:00")) + timedelta(seconds=1)
    if isinstance(column.type, Date):
        return (value or date(2024, 1, 1)) + timedelta(days=1)
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return (value or 0) + 1_000 + seed.randint(1, 9)
    if not value:
        return "x"
    at = seed.randrange(len(value))
    return value[:at] + ("b" if value[at] == "a" else "a") + value[at + 1 :]


def rows_of(connection: Connection, name: str) -> list[dict[str, Any]]:
    table = table_of(name)
    asked = select(table)
    if name in WHERE:
        asked = asked.where(table.c[WHERE[name]].is_not(None))
    return [dict(row) for row in connection.execute(asked).mappings()]


def test_every_column_that_a_proof_covers_is_held(house: House) -> None:
    """One row a column, chosen at random; the same choice in every run, so that a failure can be repeated."""
    proof = Proof(house)
    proof.everything()
    assert proof.problems() == []
    kalbar = house.world.kanwil["kalbar"]
    unfound: list[str] = []
    free: set[tuple[str, str]] = set()
    for name in covered():
        table = table_of(name)
        (key,) = [column.name for column in table.primary_key]
        for column in columns_of(table):
            seed = random.Random(f"{name}.{column.name}")
            with owner() as connection:
                found = [
                    row
                    for row in rows_of(connection, name)
                    if row.get("tenant_id", kalbar) == kalbar
                    and (row.get("definition_id") or name != "definition_version" or _used(connection, row))
                ]
                told = [row for row in found if row[column.name] is not None] or found
                row = seed.choice(told)
                value = 9_999 if column.name == "tenant_id" else other(column, row[column.name], seed)
                changed = update(table).where(table.c[key] == row[key]).values({column.name: value})
                assert connection.execute(changed).rowcount == 1
            problems = proof.problems()
            named = [one for one in problems if one.table == name and one.row_id in (row[key], value, None)]
            loose = (
                column.name in (key, "tenant_id", "chain", "case_id", "product_id", "no", "seq") and problems
            )
            if (name, column.name) in FREE:
                free.add((name, column.name))
                if problems:
                    unfound.append(f"{name}.{column.name} is called free, but is found: {problems[0]}")
            elif not named and not loose:
                unfound.append(
                    f"{name}.{column.name} of {row[key]}: {row[column.name]!r} -> {value!r}: {problems}"
                )
            with owner() as connection:
                now = value if column.name == key else row[key]
                back = update(table).where(table.c[key] == now).values({column.name: row[column.name]})
                assert connection.execute(back).rowcount == 1
    assert unfound == []
    assert not EVERY or free == set(FREE), "columns called free that are gone"
    assert proof.problems() == []


def _used(connection: Connection, row: dict[str, Any]) -> bool:
    """Whether a case goes by this workflow."""
    cases = table_of("case_file")
    return (
        connection.execute(select(cases.c.id).where(cases.c.definition_id == row["id"])).first() is not None
    )


def test_what_a_product_says_of_the_public_is_held(house: House) -> None:
    proof = Proof(house)
    proof.returned_and_approved()
    table, product_id = table_of("product"), proof.ids["product"]
    for column in PRODUCT:
        with owner() as connection:
            before = connection.execute(select(table.c[column]).where(table.c.id == product_id)).scalar_one()
            value = other(table.c[column], before, random.Random(column))
            connection.execute(update(table).where(table.c.id == product_id).values({column: value}))
        assert any(one.table == "product" and column in one.message for one in proof.problems()), column
        with owner() as connection:
            connection.execute(update(table).where(table.c.id == product_id).values({column: before}))
    assert proof.problems() == []


def test_a_row_taken_away_and_a_row_put_in_are_named(house: House) -> None:
    proof = Proof(house)
    proof.everything()
    for name in covered():
        _taken_away_and_put_in(proof, name)


def _taken_away_and_put_in(proof: Proof, name: str) -> None:
    kalbar, table = proof.house.world.kanwil["kalbar"], table_of(name)
    (key,) = [column.name for column in table.primary_key]
    with owner() as connection:
        rows = [row for row in rows_of(connection, name) if row.get("tenant_id", kalbar) == kalbar]
        row = random.Random(name).choice(
            [one for one in rows if name != "case_file" or one["state"] != "open"]
        )
        connection.execute(delete(table).where(table.c[key] == row[key]))
    problems = proof.problems()
    assert problems != [], row
    if name in held_tables():
        assert (name, row[key]) in {(one.table, one.row_id) for one in problems}
    with owner() as connection:
        connection.execute(insert(table).values(row))
    assert proof.problems() == []
    again = {**row, key: row[key] + 1_000}
    other_values = {
        "stage_no": 9,
        "seq": 999,
        "version": 99,
        "no": 99,
        "slug": "lain",
        "token_sha256": "lain",
        **({"stage_key": "lain"} if name == "case_hold" else {}),
        "key": "lain",
        "revision_no": 99,
        **({} if name == "audit_event" else {"chain": "lain"}),
    }
    again |= {column: value for column, value in other_values.items() if column in again}
    with owner() as connection:
        connection.execute(insert(table).values(again))
    assert proof.problems() != [], again
    with owner() as connection:
        connection.execute(delete(table).where(table.c[key] == again[key]))
    assert proof.problems() == []


def test_two_events_that_change_places_are_named(house: House) -> None:
    proof = Proof(house)
    case_id = proof.returned_and_approved()
    table = table_of("audit_event")
    with owner() as connection:
        own = (table.c.chain == f"case:{case_id}") & table.c.seq.in_((2, 3))
        first, second = connection.execute(select(table).where(own).order_by(table.c.seq)).mappings().all()
        for seq, row in ((900, first), (2, second), (3, first)):
            connection.execute(update(table).where(table.c.id == row["id"]).values(seq=seq))
    said = [one.message for one in proof.problems(case_id)]
    assert any("nomor 2 tidak bersambung" in one for one in said), said
    assert any("nomor 3" in one for one in said), said


def test_a_value_that_is_no_json_any_more_is_named_and_breaks_nothing(house: House) -> None:
    proof = Proof(house)
    case_id = proof.returned_and_approved()
    for broken in ("{", "nan", '{"a": 1e999}'):
        for statement, table in (
            ("UPDATE case_file SET fields = :v WHERE id = :id", "case_file"),
            ("UPDATE decision SET checklist = :v WHERE case_id = :id", "decision"),
            ("UPDATE audit_event SET payload = :v WHERE chain = 'case:' || CAST(:id AS text)", "audit_event"),
            ("UPDATE product_revision SET content = :v WHERE submitted_at IS NOT NULL", "product_revision"),
            (
                "UPDATE definition_version SET document = :v WHERE subject_type = 'product'",
                "definition_version",
            ),
        ):
            with owner() as connection:
                kept = rows_of(connection, table)
                assert connection.execute(text(statement), {"v": broken, "id": case_id}).rowcount
            assert any(one.table == table for one in proof.problems()), statement
            assert any(one.table == table for one in proof.problems(case_id)), statement
            with owner() as connection:
                for row in kept:
                    changed = update(table_of(table)).where(table_of(table).c.id == row["id"])
                    connection.execute(changed.values(row))
    assert proof.problems() == []


def rewritten(connection: Connection, case_id: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Rewrite a case's chain from its first event on, so that it agrees with itself in every hash."""
    events, cases, decisions = table_of("audit_event"), table_of("case_file"), table_of("decision")
    own = select(events).where(events.c.chain == f"case:{case_id}").order_by(events.c.seq)
    prev = ""
    for row in connection.execute(own).mappings().all():
        payload = json.loads(row["payload"])
        change(payload)
        if isinstance(payload.get("decision"), dict):
            which = (decisions.c.case_id == case_id) & (
                decisions.c.stage_no == payload["decision"]["stage_no"]
            )
            connection.execute(update(decisions).where(which).values(comment=payload["decision"]["comment"]))
        words = canonical(payload).decode()
        prev = prev or row["prev_hash"]
        made = link_hash(
            row["tenant_id"],
            row["chain"],
            row["seq"],
            prev,
            row["at"],
            row["officer_id"],
            row["action"],
            words,
        )
        values = {"payload": words, "prev_hash": prev, "hash": made}
        connection.execute(update(events).where(events.c.id == row["id"]).values(values))
        prev = made
    connection.execute(update(cases).where(cases.c.id == case_id).values(chain_head=prev))


def another_comment(payload: dict[str, Any]) -> None:
    if isinstance(payload.get("decision"), dict):
        payload["decision"]["comment"] = "Tidak pernah saya tulis."


def test_a_chain_rewritten_from_its_beginning_is_found_by_what_was_signed_over_it(house: House) -> None:
    """Without an anchor a consistent forgery is not found: the database has nothing else to say. Minutes and recaps
    lie outside of it."""
    proof = Proof(house)
    unanchored, minuted = proof.returned_and_approved("Tas rotan"), proof.returned_and_approved("Tas purun")
    minutes = proof.minutes(minuted)
    with owner() as connection:
        rewritten(connection, unanchored, another_comment)
    assert proof.problems() == []
    with owner() as connection:
        rewritten(connection, minuted, another_comment)
    found = proof.problems(minuted)
    assert [(one.table, one.chain) for one in found] == [("audit_event", f"case:{minuted}")]
    assert str(minutes.number) in found[0].message
    assert verification.verify_file(files.get(str(minutes.signed_sha256))).history_match is False


def test_a_rewritten_chain_does_not_have_the_root_of_the_signed_recap(house: House) -> None:
    proof = Proof(house)
    case_id = proof.returned_and_approved()
    house.signed()
    with house.inside():
        before = anchors.root_of("2024-03")
    assert [(one.holds, one.lost) for one in before.signed] == [(True, [])]
    with owner() as connection:
        rewritten(connection, case_id, another_comment)
    with house.inside():
        after = anchors.root_of("2024-03")
    assert [(one.holds, one.lost) for one in after.signed] == [(False, [(f"case:{case_id}", 4)])]
    assert any("rekap" in one.message and one.chain == f"case:{case_id}" for one in proof.problems())


def test_the_newest_events_cut_off_with_all_they_led_to_are_found_by_the_next_anchor_alone(
    house: House,
) -> None:
    proof = Proof(house)
    case_id = proof.submit(proof.draft("Lampu bambu"))
    proof.approve(case_id, "pembinaan")

    def cut(back: dict[str, Any]) -> None:
        with owner() as connection:
            for name, which in (
                ("decision", f"case_id = {case_id} AND stage_no = 2"),
                ("audit_event", f"chain = 'case:{case_id}' AND seq = 3"),
            ):
                assert connection.execute(text(f"DELETE FROM {name} WHERE {which}")).rowcount == 1
            connection.execute(
                update(table_of("case_file")).where(table_of("case_file").c.id == case_id).values(back)
            )

    with owner() as connection:
        (before,) = [row for row in rows_of(connection, "case_file") if row["id"] == case_id]
    proof.approve(case_id, "pemantauan")
    cut(before)
    assert proof.problems() == [], "nothing says any more that the second stage was decided"
    proof.approve(case_id, "pemantauan")
    house.signed()
    cut(before)
    (found,) = proof.problems(case_id)
    assert (found.table, found.seq) == ("audit_event", 3)
    assert "hilang, tetapi tercantum dalam rekap" in found.message


def test_a_chain_whose_end_is_missing_is_missed_by_the_revision_after_it(house: House) -> None:
    proof = Proof(house)
    second = proof.returned_and_approved()
    first = proof.ids["first"]
    with owner() as connection:
        connection.execute(text(f"DELETE FROM audit_event WHERE chain = 'case:{first}' AND seq = 2"))
        connection.execute(text(f"DELETE FROM decision WHERE case_id = {first}"))
        head = connection.execute(
            text(f"SELECT hash FROM audit_event WHERE chain = 'case:{first}' AND seq = 1")
        ).scalar_one()
        connection.execute(
            text(f"UPDATE case_file SET chain_seq = 1, chain_head = '{head}' WHERE id = {first}")
        )
    said = [(one.chain, one.message) for one in proof.problems(second)]
    assert (f"case:{second}", "Peristiwa nomor 1 tidak bersambung dengan yang sebelumnya.") in said


def test_a_signed_file_that_is_gone_or_another_is_no_anchor_and_is_named(house: House) -> None:
    proof = Proof(house)
    minutes = proof.minutes(proof.returned_and_approved())
    place = files.path(str(minutes.signed_sha256))
    assert place is not None
    kept = place.read_bytes()
    place.write_bytes(kept[:-10] + b"0123456789")
    assert any("berkas bertanda tangannya diubah" in one.message for one in proof.problems())
    place.unlink()
    assert any("berkas bertanda tangannya hilang" in one.message for one in proof.problems())
    files.put(kept)
    assert proof.problems() == []
