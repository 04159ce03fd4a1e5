"""What the admin sees of a mailbox that refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.clock import now
from tenants.database import transaction
from tenants.models import Officer
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.support.worlds import World
from workflows.post.boxes import Boxes
from workflows.post.carrying import Refusal


@pytest.mark.parametrize(
    ("code", "listed", "words"),
    [(550, True, "Perbaiki alamatnya"), (452, False, "Surelnya menunggu")],
)
def test_the_admin_sees_whose_mail_is_refused_and_what_the_server_said(
    officer: Any, world: World, code: int, listed: bool, words: str
) -> None:
    number = world.officer["pemantau.kalbar"]
    with entered(world.scope("admin.kalbar")), transaction() as db:
        boxes = Boxes(db)
        boxes.refused(db.get_one(Officer, number), Refusal(code, "kotak <penuh>"), now())
        boxes.keep(db, now())
    admin = officer("admin.kalbar")
    page = admin.get(f"/petugas/{number}").text
    assert f"“{code} kotak &lt;penuh&gt;”" in page
    assert words in page
    with counted_statements() as seen:
        assert ("surel ditolak" in admin.get("/petugas").text) is listed
    assert len(seen) <= 12, "\n".join(seen)
    assert ("Surel untuk " in admin.get("/pemberitahuan").text) is listed
    assert "kotak" not in admin.get("/pemberitahuan").text
