"""The guides speak of what is there: their links lead somewhere, and every setting is explained."""

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PAGES = sorted([HOUSE / "README.md", *(HOUSE / "docs").rglob("*.md")])
GUIDES = (
    "operator-upt",
    "kepala-upt",
    "pembina-pemantau-pengendali",
    "kadiv",
    "kakanwil",
    "admin-kanwil",
    "dirjen",
    "admin-pusat",
    "auditor",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_link_and_picture_of_a_guide_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_role_has_its_guide() -> None:
    listed = (HOUSE / "docs" / "panduan" / "README.md").read_text(encoding="utf-8")
    for name in GUIDES:
        assert (HOUSE / "docs" / "panduan" / f"{name}.md").exists()
        assert f"({name}.md)" in listed


def test_every_setting_is_explained_to_those_who_run_it() -> None:
    named = set(re.findall(r"KARYA_[A-Z0-9_]*[A-Z0-9]", (HOUSE / "config.py").read_text(encoding="utf-8")))
    table = (HOUSE / "docs" / "operasi.md").read_text(encoding="utf-8")
    assert {name for name in named if f"`{name}`" not in table} == set()


def test_the_decisions_are_numbered_without_a_gap() -> None:
    pages = sorted(path.name for path in (HOUSE / "docs" / "adr").glob("[0-9]*.md"))
    assert [name[:4] for name in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
