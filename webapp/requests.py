"""What comes in, before anybody reads it: text without what no database keeps, JSON without what no one means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter, Map

_UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL refuses in a text, and halves of a surrogate pair, which are no character."""


MOST = 2**31 - 1


class _Fields(ImmutableMultiDict[str, str]):
    """The fields of an address or a form."""

    def __init__(self, mapping: Any = None) -> None:
        pairs: Iterable[tuple[str, Any]] = MultiDict(mapping or ()).items(multi=True)
        super().__init__([(key, _cleaned(value)) for key, value in pairs])


class KaryaRequest(Request):
    """A request whose fields hold no character that can't be kept."""

    parameter_storage_class = _Fields


class KaryaJson(DefaultJSONProvider):
    """JSON as RFC 8259 has it: no ``Infinity`` and no ``NaN``; what is nested beyond reason, or a whole number that no
    column holds, is not JSON to us."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return _cleaned(super().loads(s, parse_constant=_refuse, parse_int=_whole, **kwargs))
        except RecursionError:
            raise ValueError("nested too deeply") from None


class RowNumber(IntegerConverter):
    """``<int:…>`` in an address: the number of a row, so what is larger than a number of a row finds nothing."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": MOST, **options})


def register(app: Flask) -> None:
    """Read every request of the app so. Before any route is added."""
    app.url_map.converters["int"] = RowNumber
    app.request_class = KaryaRequest
    app.json = KaryaJson(app)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _whole(text: str) -> int:
    if len(text) > 18:
        raise ValueError("a whole number beyond all bounds")
    return int(text)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _UNKEPT.sub("", value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(one) for key, one in value.items()}
    return value
