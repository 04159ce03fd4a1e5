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
from datetime import UTC, datetime
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
from recaps.letter import Issue, compose
from recaps.minutes.document import compose as compose_minutes
from recaps.national.letter import compose as national_compose
from tenants.said import say
from tenants.words import N_
from workflows.proof.casefile import FILE_NAME as CASE_NAME
from workflows.proof.casefile import CaseFile, NotACaseFile
from workflows.proof.casefile import thaw as thaw_case

ATTACHMENTS: Final = (FILE_NAME, HISTORY_NAME, PURCHASES_NAME, CASE_NAME)
PAGES: Final = 200
ATTACHED: Final = 64 * 1024 * 1024
MOST_ATTACHED: Final = 80
_AMOUNT: Final = re.compile(r"-?Rp\d[\d.]*\d|-?Rp\d")
_NUMBER: Final = re.compile(r"(?<![\w.,-])\d[\d.]*(?:,\d+)?(?![\w,-])")
_SHORT: Final = 8
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
    """Our own files first, then whatever else is attached, within bounds."""
    found: dict[str, bytes] = {}
    for name in list(dict.fromkeys([*ATTACHMENTS, *_names(reader)]))[:MOST_ATTACHED]:
        data = _attachment(reader, name)
        if data is not None and sum(map(len, found.values())) + len(data) <= ATTACHED:
            found[name] = data
    return found


def _names(reader: Any) -> list[str]:
    try:
        return [str(name) for name in reader.attachments]
    except Exception as error:  # noqa: BLE001 - a stranger's attachments
        log.info("unreadable names of attachments: %s", type(error).__name__)
        return []


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
    return figures, _match(
        Counter(_AMOUNT.findall(expected)), Counter(_NUMBER.findall(expected)), "\n".join(content.pages)
    )


def compare_case(content: Content) -> Match | None:
    """How the printed numbers of minutes match the case inside; None where there is none."""
    if CASE_NAME not in content.attached:
        return None
    try:
        value = thaw_case(content.attached[CASE_NAME])
        texts = [_minutes_text(value, issue) for issue in _ISSUES]
    except NotACaseFile:
        return None
    except Exception as error:  # noqa: BLE001 - a case that a stranger made up need not have our shape
        log.info("unreadable case: %s", type(error).__name__)
        return None
    amounts, numbers = (
        Counter(pattern.findall(texts[0])) & Counter(pattern.findall(texts[1]))
        for pattern in (_AMOUNT, _NUMBER)
    )
    return _match(amounts, numbers, "\n".join(content.pages))


def _match(want: Counter[str], numbers: Counter[str], printed: str) -> Match:
    have, seen = Counter(_AMOUNT.findall(printed)), Counter(_NUMBER.findall(printed))
    matched = sum(min(count, have[text]) for text, count in want.items())
    matched += sum(min(count, seen[text]) for text, count in numbers.items())
    run_on = "".join(printed.split())  # a long number may stand on two lines
    matched += sum(count for text, count in (numbers - seen).items() if len(text) > _SHORT and text in run_on)
    missing = sorted((want - have).elements())
    extra = sorted((have - want).elements())
    differing = [f"{a} ≠ {b}" for a, b in zip(missing, extra, strict=False)]
    differing += missing[len(extra) :] + extra[len(missing) :]
    return Match(matched, sum(want.values()) + sum(numbers.values()), differing[:20])


def _letter_text(figures: Figures) -> str:
    """The text that the letter of these figures prints, without what signing adds."""
    letter = (national_compose if figures["schema"] == NATIONAL_SCHEMA else compose)(figures)
    parser = _Text()
    parser.feed(letter.html)
    svg = [parser_text(data.decode()) for name, data in sorted(letter.assets.items()) if name != "mark.svg"]
    return " ".join(parser.parts) + "\n" + "\n".join(svg)


_ISSUES: Final = tuple(
    Issue("", at.date(), at, "", "https://x/", "", "")
    for at in (datetime(2001, 1, 3, 1, 2, 3, tzinfo=UTC), datetime(1998, 12, 27, 23, 58, 59, tzinfo=UTC))
)
"""Two signings that have nothing in common: what minutes print in both comes from the case alone."""


def _minutes_text(value: CaseFile, issue: Issue) -> str:
    """The text that the minutes of a case print, whoever signs them and when."""
    kop = dict.fromkeys(("ministry", "office", "address", "contact", "mark_sha256"), "")
    letter = compose_minutes(value, kop, {"province": "", "capital": ""}, issue, mark=None)
    return parser_text(letter.html)


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
