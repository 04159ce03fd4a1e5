"""The tripwire: reads the SQL that is about to be sent and refuses a tenant table without the scope's condition.

It trusts none of the layers above it. SQLAlchemy writes regular SQL, so that a name after FROM, JOIN or a comma
between them is a table being read; for each one, under its alias, the same SQL must hold the guard's own condition
(`:karya_tenant = alias.tenant_id`, and the UPT's). The verdict is found once and kept with the compiled statement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnClause, TextClause
from sqlalchemy.sql import visitors

from tenants.errors import NoScope, ScopeError
from tenants.scope import NationalScope, Scope

TENANT = "karya_tenant"
UPT = "karya_upt"
NOBODY = "karya_nobody"
_PLAIN = re.compile(r"[\w .*]*\Z")
_WORD = re.compile(r"""'(?:[^']|'')*'|"[^"]+"|%\(\w+\)s|\w+|[(),.]""")
_OPENS = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "USING", "TABLE"))
_CLOSES = frozenset(
    (
        "SELECT",
        "WHERE",
        "SET",
        "VALUES",
        "RETURNING",
        "GROUP",
        "ORDER",
        "HAVING",
        "LIMIT",
        "UNION",
        "CONFLICT",
    )
)
_BETWEEN = frozenset(("ONLY", "LATERAL"))


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a statement: in no scope (or the centre's), in a Kanwil's, in a UPT's. None: nothing."""

    outside: str | None
    kanwil: str | None
    upt: str | None


class Tripwire:
    """`tables`: tenant table -> reach. `officers`: the table of users, free outside any scope."""

    def __init__(self, tables: Mapping[str, str], officers: str) -> None:
        self.tables = tables
        self.officers = officers
        self._word = re.compile(rf"\b({'|'.join(sorted(tables, key=len, reverse=True))})\b", re.IGNORECASE)
        self._names = {*tables, officers}
        self._seen: WeakKeyDictionary[Any, Verdict] = WeakKeyDictionary()

    def check(self, compiled: Any, scope: Scope | NationalScope | None) -> None:
        """Raises:
        NoScope: a tenant's table is named and no Kanwil's scope is in force.
        ScopeError: a table stands without the scope's condition.
        """
        verdict = self._seen.get(compiled)
        if verdict is None:
            verdict = self._seen[compiled] = self._judge(compiled)
        if not isinstance(scope, Scope):
            if verdict.outside is not None:
                raise NoScope(verdict.outside)
        else:
            wrong = verdict.kanwil if scope.upt_id is None else verdict.upt
            if wrong is not None:
                raise ScopeError(wrong)

    def check_text(self, sql: str) -> None:
        """Raises:
        ScopeError: SQL that nobody compiled names a tenant's table, wherever in it.
        """
        match = self._word.search(sql)
        if match is not None:
            raise ScopeError(f"Teks SQL menyebut tabel {match.group(1)}.")

    def _judge(self, compiled: Any) -> Verdict:
        sql = compiled.string
        texts = list(_texts(compiled.statement))
        for part in texts:
            self.check_text(part)
        reads = Counter(self._reads(sql, inserting=bool(getattr(compiled, "isinsert", False))))
        owned = next((name for name, _ in reads if name in self.tables), None)
        outside = None if owned is None else f"Tabel {owned} tanpa lingkup Kanwil."
        if reads and any(not _PLAIN.match(part) for part in texts):
            wrong = "Teks SQL dalam pernyataan pada tabel milik Kanwil."
            return Verdict(outside, wrong, wrong)
        tenant = self._conditions(compiled, TENANT, "tenant_id", "=")
        kanwil = self._missing(reads, tenant)
        if kanwil is not None:
            return Verdict(outside, kanwil, kanwil)
        upt = self._conditions(compiled, UPT, "upt_id", "=")
        nobody = self._conditions(compiled, NOBODY, "id", ">")

        def of(*kinds: str) -> Counter[tuple[str, str]]:
            return Counter({key: n for key, n in reads.items() if self._kind(key[0]) in kinds})

        return Verdict(
            outside,
            self._missing(of("private"), nobody),
            self._missing(of("upt", "private", "officers"), upt) or self._missing(of("kanwil"), nobody),
        )

    def _reads(self, sql: str, *, inserting: bool) -> Iterator[tuple[str, str]]:
        """(table, alias) of each guarded table that `sql` reads. The target of an INSERT has no alias: its rows were
        checked one by one."""
        words = _WORD.findall(sql)
        listing, stack, expected, into = False, [], False, False
        for place, word in enumerate(words):
            upper = word.upper()
            if upper in _OPENS:
                listing = expected = True
                into = upper == "INTO"
            elif upper in _CLOSES:
                listing = expected = False
            elif word == "(":
                stack.append(listing)
                listing = expected  # a join in parentheses, or else a function, a column list, a subquery
            elif word == ")":
                listing, expected = stack.pop() if stack else False, False
            elif word == ",":
                expected = listing
            elif expected and upper not in _BETWEEN and word != ".":
                if words[place + 1 : place + 2] == ["."]:
                    continue  # a schema's name
                expected = False
                name = word.strip('"').lower()
                if name in self._names:
                    after = [one.strip('"') for one in words[place + 1 : place + 3]]
                    alias = after[1] if len(after) == 2 and after[0].upper() == "AS" else word.strip('"')
                    yield name, "" if inserting and into else alias
                into = False

    def _kind(self, table: str) -> str:
        return self.tables.get(table, "officers")

    @staticmethod
    def _conditions(compiled: Any, parameter: str, column: str, operator: str) -> Counter[str]:
        """How often each alias stands in the guard's condition."""
        if compiled.positional:
            if (compiled.positiontup or ()).count(parameter) == 0:
                return Counter()
            mark = r"\?"
        else:
            mark = rf"(?:%\({parameter}\)s|:{parameter})(?:::\w+)?"
        return Counter(
            re.findall(rf'{mark} {operator} (?:"?\w+"?\.)??"?(\w+)"?\.{column}\b', compiled.string)
        )

    @staticmethod
    def _missing(reads: Counter[tuple[str, str]], conditions: Counter[str]) -> str | None:
        for (table, alias), times in reads.items():
            if alias and conditions[alias] < times:
                return f"Tabel {table} tanpa syarat lingkup."
        return None


def _texts(statement: Any) -> Any:
    """What was written by hand inside a statement."""
    if statement is None:
        return
    for element in visitors.iterate(statement):
        if isinstance(element, TextClause):
            yield element.text
        elif isinstance(element, ColumnClause) and element.is_literal:
            yield element.name
