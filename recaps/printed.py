"""What a PDF prints, and whether it is what its attached figures say.

The expected text is the letter composed from the attached figures; the printed one is extracted from the
pages. Every amount must be printed as often as the figures ask for, and none besides. A stranger's file
may be anything: what can't be read is None, never an error.
"""

from __future__ import annotations

import difflib
import io
import logging
import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final

from recaps.figures_json import (
    FILE_NAME,
    HISTORY_NAME,
    NATIONAL_SCHEMA,
    PURCHASES_NAME,
    Figures,
    NotFigures,
    thaw,
)
from recaps.letter import compose
from recaps.national.letter import compose as national_compose
from tenants.said import say
from tenants.words import N_
from workflows.proof.casefile import FILE_NAME as CASE_NAME

ATTACHMENTS: Final = (FILE_NAME, HISTORY_NAME, PURCHASES_NAME, CASE_NAME)
PAGES: Final = 200
ATTACHED: Final = 64 * 1024 * 1024
_AMOUNT: Final = re.compile(r"-?Rp\d[\d.]*\d|-?Rp\d")
_NUMBER: Final = re.compile(r"(?<![\w.,-])\d[\d.]*(?:,\d+)?(?![\w,-])")
_WORD: Final = re.compile(r"\S+")

log = logging.getLogger("karya.recaps")
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Content:
    """What a file holds: the text of its pages and its attached files. `readable`: it could be opened at all."""

    readable: bool
    pages: list[str]
    attached: dict[str, bytes]


@dataclass(frozen=True)
class Match:
    """How many of the figures' amounts and numbers are printed; `amounts` names those that differ:
    (figure, printed).
    """

    matched: int
    total: int
    differing: list[str]

    @property
    def same(self) -> bool:
        return self.total > 0 and self.matched == self.total and not self.differing


def read(pdf: bytes) -> Content:
    """Text and attachments of a file; empty where it can't be read."""
    from pypdf import PdfReader

    pages: list[str] = []
    attached: dict[str, bytes] = {}
    try:
        reader = PdfReader(io.BytesIO(pdf), strict=False)
        if reader.is_encrypted:
            return Content(False, [], {})
        for number, page in enumerate(reader.pages):
            if number >= PAGES:
                break
            pages.append(_text(page))
        attached = _attached(reader)
    except RecursionError:
        return Content(False, pages, attached)
    except Exception as error:  # noqa: BLE001 - a stranger's bytes: whatever the parser says, it can't be read
        log.info("unreadable content: %s", type(error).__name__)
        return Content(False, pages, attached)
    return Content(True, pages, attached)


def attached_to(pdf: bytes) -> dict[str, bytes]:
    """The attachments of a file alone, without reading its pages; none where it can't be read."""
    from pypdf import PdfReader

    try:
        return _attached(PdfReader(io.BytesIO(pdf), strict=False))
    except RecursionError:
        return {}
    except Exception as error:  # noqa: BLE001 - a stranger's bytes
        log.info("unreadable attachments: %s", type(error).__name__)
        return {}


def _attached(reader: Any) -> dict[str, bytes]:
    found = {name: _attachment(reader, name) for name in ATTACHMENTS}
    return {name: data for name, data in found.items() if data is not None}


def _text(page: Any) -> str:
    try:
        return str(page.extract_text() or "")
    except Exception as error:  # noqa: BLE001 - a stranger's page
        log.info("unreadable page: %s", type(error).__name__)
        return ""


def _attachment(reader: Any, name: str) -> bytes | None:
    try:
        found = reader.attachments.get(name)
        data = bytes(found[0]) if found else None
    except Exception as error:  # noqa: BLE001 - a stranger's attachment
        log.info("unreadable attachment: %s", type(error).__name__)
        return None
    return data if data is None or len(data) <= ATTACHED else None


def compare(content: Content) -> tuple[Figures | None, Match | None]:
    """The attached figures and how the printed ones match; None where there are none."""
    try:
        figures = thaw(content.attached.get(FILE_NAME, b""))
        expected = _letter_text(figures)
    except NotFigures:
        return None, None
    except Exception as error:  # noqa: BLE001 - figures that a stranger made up need not have our shape
        log.info("unreadable figures: %s", type(error).__name__)
        return None, None
    printed = "\n".join(content.pages)
    want, have = Counter(_AMOUNT.findall(expected)), Counter(_AMOUNT.findall(printed))
    numbers, seen = Counter(_NUMBER.findall(expected)), Counter(_NUMBER.findall(printed))
    matched = sum(min(count, have[text]) for text, count in want.items())
    matched += sum(min(count, seen[text]) for text, count in numbers.items())
    missing = sorted((want - have).elements())
    extra = sorted((have - want).elements())
    differing = [f"{a} ≠ {b}" for a, b in zip(missing, extra, strict=False)]
    differing += missing[len(extra) :] + extra[len(missing) :]
    return figures, Match(matched, sum(want.values()) + sum(numbers.values()), differing[:20])


def _letter_text(figures: Figures) -> str:
    """The text that the letter of these figures prints, without what signing adds."""
    letter = (national_compose if figures["schema"] == NATIONAL_SCHEMA else compose)(figures)
    parser = _Text()
    parser.feed(letter.html)
    svg = [parser_text(data.decode()) for name, data in sorted(letter.assets.items()) if name != "mark.svg"]
    return " ".join(parser.parts) + "\n" + "\n".join(svg)


def parser_text(markup: str) -> str:
    """The text within markup."""
    parser = _Text()
    parser.feed(markup)
    return " ".join(parser.parts)


class _Text(HTMLParser):
    """Collects text, but not of the head."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0
        self._note = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("head", "style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("head", "style", "title")

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.parts.append(data.strip())


def differences(original: Content, other: Content, *, most: int = 8) -> list[str]:
    """What another version prints or attaches differently, in words a stranger understands."""
    said: list[str] = []
    for number, (was, now) in enumerate(zip(original.pages, other.pages, strict=False), 1):
        if was == now:
            continue
        if not now.strip():
            said.append(say(N_("Halaman %(number)s tidak dapat dibaca lagi."), number=number))
            continue
        before, after = _WORD.findall(was), _WORD.findall(now)
        for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if kind == "equal":
                continue
            old, new = " ".join(before[a:b])[:120], " ".join(after[c:d])[:120]
            if old and new:
                said.append(
                    say(
                        N_("Halaman %(number)s: “%(old)s” pada berkas asli, “%(new)s” pada berkas ini."),
                        number=number,
                        old=old,
                        new=new,
                    )
                )
            elif old:
                said.append(
                    say(N_("Halaman %(number)s: “%(old)s” hilang dari berkas ini."), number=number, old=old)
                )
            else:
                said.append(
                    say(
                        N_("Halaman %(number)s: “%(new)s” tidak ada pada berkas asli."),
                        number=number,
                        new=new,
                    )
                )
            if len(said) >= most:
                return [*said, say(N_("Masih ada perbedaan lain."))]
    if len(original.pages) != len(other.pages) and other.readable:
        said.append(
            say(
                N_("Berkas asli %(count)s halaman, berkas ini %(count2)s halaman."),
                count=len(original.pages),
                count2=len(other.pages),
            )
        )
    if other.readable:
        for name, data in original.attached.items():
            if name not in other.attached:
                said.append(say(N_("Lampiran %(name)s tidak ada pada berkas ini."), name=name))
            elif other.attached[name] != data:
                said.append(say(N_("Lampiran %(name)s bukan lampiran yang asli."), name=name))
    return said
