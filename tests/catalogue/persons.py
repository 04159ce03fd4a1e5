"""Invented persons for the tests, and a search for their names in everything that a server keeps."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from sqlalchemy import create_engine, text

from catalogue.people import consents, recording
from config import Settings
from tenants.officers import Actor
from tests.workflows.office_files import a_pdf
from workflows.talk.checking import Checked

NAME = "Waskita Zulkarnaen"
NUMBER = "BI.417/2023"
_numbers = itertools.count(100)


def person(*, by: Actor, now: datetime, name: str = NAME, number: str | None = None, **given: Any) -> int:
    """The number of a person who is recorded in the scope in force."""
    values = {"name": name, "number": number or f"BI.{next(_numbers)}/2023", "kind": "narapidana", **given}
    return recording.record(values, by=by, now=now)[0].id


def a_paper(words: str = NAME) -> Checked:
    """A scanned letter of consent; his name is in it, and in its file's name."""
    return Checked(a_pdf(f"Saya, {words}, setuju"), "pdf", f"persetujuan {words}.pdf")


def consent(person_id: int, *, by: Actor, now: datetime, credit: str = "", on: str = "2024-03-01") -> int:
    """The number of his written consent, recorded in the scope in force."""
    given = {"credit": credit, "signed_on": on}
    return consents.record(person_id, given, file=a_paper(), by=by, now=now)[0].id


def kept_of(words: str, settings: Settings) -> list[str]:
    """Where these words stand in what the server keeps: in the bytes of every file of its data folder (the database's
    own among them on SQLite), or in any row of any table, the queue's included, on PostgreSQL."""
    wanted = words.encode()
    found = [
        str(path.relative_to(settings.data))
        for path in sorted(settings.data.rglob("*"))
        if path.is_file() and wanted in path.read_bytes()
    ]
    if settings.dialect == "postgresql":
        engine = create_engine(settings.database_url)
        with engine.connect() as owner:
            tables = owner.execute(
                text(
                    "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables"
                    " WHERE table_schema IN ('public', 'dbos') AND table_type = 'BASE TABLE'"
                )
            ).scalars()
            for table in list(tables):
                asked = text(f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE :words")
                if owner.execute(asked, {"words": f"%{words}%"}).scalar():
                    found.append(table)
        engine.dispose()
    return found
