"""A crowd of officers who decide cases over HTTP at once: one thread here, as many connections as there are officers.

Every case is played stage by stage. At each stage officers of its role collide: rivals decide the same thing at the
same moment, some click twice, some come with what they saw a stage ago. Who has no business there tries, too.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from flask_jwt_extended import create_access_token
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from catalogue import drafts, photos, submission
from tenants import database, register
from tenants.models import Officer
from tenants.register import Account
from tenants.scope import Scope, entered
from tests.catalogue.conftest import CHECKLISTS, CONTENT
from tests.catalogue.pictures import picture
from tests.support.worlds import PASSWORD, World

STAGES = ("pembina", "pemantau", "pengendali")
OPERATOR = "operator.lapas-iia-pontianak"
MAY_BE = {
    "decide": {201, 409},  # one of those who collide is first
    "twice": {201, 409},  # the same click once more, at the same moment
    "repeat": {201},  # the same once more, after it was answered
    "stale": {409},
    "late": {409},
    "early": {403},
    "blank": {422},
    "foreign": {404},
}
"""What each kind of request may be answered."""


@dataclass(frozen=True)
class Answer:
    """One request's answer. `kind` is what it was meant to be, a key of `MAY_BE`."""

    kind: str
    case_id: int
    role: str
    status: int
    seconds: float
    replayed: bool
    body: dict[str, Any]

    @property
    def is_new(self) -> bool:
        """Whether this answer is the one of the decision that was made."""
        return self.status == 201 and not self.replayed


@dataclass
class Crowd:
    """Officers by role, each as his bearer token, before a server on this port."""

    port: int
    tokens: dict[str, list[str]]
    rivals: int = 2
    answers: list[Answer] = field(default_factory=list)

    def decide_all(self, cases: Iterable[int]) -> float:
        """Play every case to its end, as many at a time as there are officers; returns the seconds it took."""
        return asyncio.run(self._decide_all(list(cases)))

    @property
    def wrong(self) -> list[Answer]:
        """Answers that no request of their kind may get."""
        return [one for one in self.answers if one.status not in MAY_BE[one.kind]]

    @property
    def made(self) -> Counter[tuple[int, str]]:
        """How many answers said of a case's stage: this made the decision."""
        return Counter((one.case_id, one.role) for one in self.answers if one.is_new)

    @property
    def by_status(self) -> Counter[int]:
        return Counter(one.status for one in self.answers)

    async def _decide_all(self, cases: list[int]) -> float:
        size = sum(len(self.tokens[role]) for role in STAGES)
        self._lines: asyncio.LifoQueue[_Line] = asyncio.LifoQueue()
        for _ in range(size):
            self._lines.put_nowait(_Line(self.port))
        gate = asyncio.Semaphore(size)

        async def one(case_id: int) -> None:
            async with gate:
                await self._play(case_id, Random(case_id))  # the same crowd in every run

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for case_id in cases:
                group.create_task(one(case_id))
        taken = time.perf_counter() - began
        while not self._lines.empty():
            self._lines.get_nowait().close()
        return taken

    async def _play(self, case_id: int, luck: Random) -> None:
        if luck.random() < 0.2:
            await self._ask("early", case_id, "pengendali", luck.choice(self.tokens["pengendali"]), "early")
            await self._ask("foreign", case_id, "pembina", luck.choice(self.tokens["foreign"]), "foreign")
        for version, role in enumerate(STAGES, 1):
            if luck.random() < 0.1:
                await self._ask("blank", case_id, role, luck.choice(self.tokens[role]), "blank", checklist={})
            rivals = luck.sample(self.tokens[role], self.rivals if luck.random() < 0.5 else 1)
            volley = [self._ask("decide", case_id, role, who, role, version=version) for who in rivals]
            if luck.random() < 0.2:
                volley.append(self._ask("twice", case_id, role, rivals[0], role, version=version))
            if luck.random() < 0.2:
                who = luck.choice(self.tokens[role])
                volley.append(self._ask("stale", case_id, role, who, f"{role}-stale", version=version - 1))
            luck.shuffle(volley)
            answered = await asyncio.gather(*volley)
            first = next((one for one in answered if one[1].is_new), None)
            if first is not None and luck.random() < 0.2:
                await self._ask("repeat", case_id, role, first[0], role, version=version)
        if luck.random() < 0.2:
            await self._ask("late", case_id, "pembina", luck.choice(self.tokens["pembina"]), "late")

    async def _ask(
        self, kind: str, case_id: int, role: str, token: str, key: str, **more: Any
    ) -> tuple[str, Answer]:
        body = {"outcome": "approve", "checklist": CHECKLISTS[role], **more}
        line = await self._lines.get()
        began = time.perf_counter()
        try:
            status, headers, got = await line.post(
                f"/api/v1/cases/{case_id}/decisions", token, f"{case_id}-{key}", json.dumps(body).encode()
            )
        finally:
            self._lines.put_nowait(line)
        seconds = time.perf_counter() - began
        replayed = headers.get("idempotency-replayed") == "true"
        self.answers.append(Answer(kind, case_id, role, status, seconds, replayed, json.loads(got)))
        return token, self.answers[-1]


class _Line:
    """One connection that is kept open from request to request."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, token: str, key: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        got = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return int(first.split()[1]), headers, got

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def recruit(app: Any, world: World, count: int) -> dict[str, list[str]]:
    """Open `count` accounts in one Kanwil, a third a role of the way, and one in another; their bearer tokens by role.
    Nobody signs in: that is slow on purpose."""
    hashed = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
    roles = register.role_ids()
    database.db.release()
    with entered(Scope(world.kanwil["kalbar"])):
        register.open_accounts(
            [
                Account(f"{STAGES[n % 3]}.{n}", STAGES[n % 3].title(), str(n), STAGES[n % 3], hashed)
                for n in range(count)
            ],
            roles,
        )
    with database.db.sessions() as session:
        ids = {name: id_ for id_, name in session.execute(select(Officer.id, Officer.username))}
    database.db.release()
    with app.app_context():

        def token(username: str) -> str:
            return create_access_token(identity=str(ids[username]), fresh=True)

        tokens = {
            role: [token(f"{role}.{n}") for n in range(at, count, len(STAGES))]
            for at, role in enumerate(STAGES)
        }
        tokens["foreign"] = [token("pembina.banten")]
    database.db.release()
    return tokens


def submitted(world: World, count: int, now: datetime) -> list[int]:
    """As many products on their way, each with its case."""
    by, photo, made = world.actor(OPERATOR), photos.process(picture(), "tas.jpg"), []
    with entered(world.scope(OPERATOR)):
        for number in range(count):
            product = drafts.create({**CONTENT, "name": f"Tas anyaman purun {number}"}, by=by, now=now)
            drafts.keep_photo(product.id, photo, "tas.jpg", by=by, now=now)
            made.append(submission.submit(product.id, by=by, now=now).id)
    return made
