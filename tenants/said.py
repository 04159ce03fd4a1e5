"""Texts in Indonesian that remember what they were made of, so that a page may say them in another language later.

`say` gives an ordinary `str`; its `parts` go beside it into the database, and `spoken` makes the text anew with
whatever translates. A text that is typed by a person is nobody's to translate: it stays an argument, or a plain string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Parts = Any
"""JSON: a string is said as it is; ``{"text", "with"}`` is a message with arguments; ``{"joined", "by"}`` several."""


class Said(str):
    """A text and its `parts`; `str` of it keeps them, so that what an exception was given comes out of it whole."""

    parts: Parts

    def __str__(self) -> str:
        return self


def say(text: str, /, **given: object) -> Said:
    """A message in Indonesian, filled in; what is itself `Said` among its arguments is translated with it.

    say(N_("%(title)s: menunggu %(stage)s"), title=case.title, stage=stage.name)
    """
    made = Said(text % given if given else text)
    made.parts = {"text": text} | (
        {"with": {name: parts_of(value) for name, value in given.items()}} if given else {}
    )
    return made


def kept(text: str) -> Said:
    """A message that somebody marked with `N_`, as `say` would have made it; what is `Said` already stays as it is."""
    return text if isinstance(text, Said) else say(text)


def joined(texts: Iterable[str], by: str = "\n") -> Said:
    """Several texts as one."""
    found = list(texts)
    made = Said(by.join(found))
    made.parts = {"joined": [parts_of(one) for one in found], "by": by}
    return made


def parts_of(value: object) -> Parts:
    """What of a text is kept to say it again: its parts, or itself."""
    return value.parts if isinstance(value, Said) else str(value)


def beside(texts: Mapping[str, Any]) -> dict[str, Parts]:
    """What to keep as ``said`` beside texts in JSON: the parts of those that were filled in, by their names."""
    filled = {
        name: text.parts for name, text in texts.items() if isinstance(text, Said) and len(text.parts) > 1
    }
    return {"said": filled} if filled else {}


def spoken(parts: Parts, translate: Callable[[str], str]) -> str:
    """The text that these parts make in the language of `translate`; a message that can't be filled stays as it was."""
    if not isinstance(parts, dict):
        return str(parts)
    if "joined" in parts:
        return str(parts["by"]).join(spoken(one, translate) for one in parts["joined"])
    text, given = str(parts["text"]), parts.get("with")
    said = translate(text) if text else ""
    if given is None:
        return said
    filled = {name: spoken(one, translate) for name, one in given.items()}
    try:
        return said % filled
    except (KeyError, ValueError, TypeError):
        return text % filled
