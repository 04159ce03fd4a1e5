"""Conditions of a definition: `category == 'culinary'`, `price_rupiah >= 5_000_000 and group in ['craft']`.

A condition compares fields of the subject's revision with literals; it can call nothing and reach nothing
else. A field that the revision does not have makes its comparison false, so that a condition never stops a
case.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, options: value in options,
    ast.NotIn: lambda value, options: value not in options,
}
MAX_LENGTH = 300


class ConditionError(ValueError):
    """The text is no condition; the message says why, in Indonesian."""


class Condition:
    """One parsed condition. `holds(fields)` answers it; `text` is what was written."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ConditionError(f"lebih dari {MAX_LENGTH} karakter")
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ConditionError(f"tidak dapat dibaca: {text!r}") from None
        self.text = text
        self._tree = tree.body
        _check(self._tree)

    def holds(self, fields: Mapping[str, Any]) -> bool:
        """Whether the condition is met by these fields."""
        return _holds(self._tree, fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def _check(node: ast.expr) -> None:
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            _check(value)
        return
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _check(node.operand)
        return
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in _COMPARE:
        raise ConditionError("tulis sebagai isian, tanda banding, nilai; contoh: price_rupiah >= 5_000_000")
    if not isinstance(node.left, ast.Name):
        raise ConditionError("sebelah kiri harus nama isian; contoh: category == 'culinary'")
    _literal(node.comparators[0])


def _literal(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise ConditionError("sebelah kanan harus angka, teks, True/False, atau daftar") from None
    if isinstance(value, list | tuple):
        if not all(isinstance(item, str | int | float | bool) for item in value):
            raise ConditionError("daftar hanya berisi angka atau teks")
    elif value is not None and not isinstance(value, str | int | float | bool):
        raise ConditionError("sebelah kanan harus angka, teks, True/False, atau daftar")
    return value


def _holds(node: ast.expr, fields: Mapping[str, Any]) -> bool:
    if isinstance(node, ast.BoolOp):
        found = (_holds(value, fields) for value in node.values)
        return all(found) if isinstance(node.op, ast.And) else any(found)
    if isinstance(node, ast.UnaryOp):
        return not _holds(node.operand, fields)
    if not isinstance(node, ast.Compare) or not isinstance(node.left, ast.Name):
        return False
    name = node.left.id
    if fields.get(name) is None:
        return False
    try:
        return bool(_COMPARE[type(node.ops[0])](fields[name], _literal(node.comparators[0])))
    except TypeError:
        return False
