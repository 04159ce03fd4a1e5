"""Conditions of a definition: `category == 'culinary'`, `price_rupiah >= 5_000_000 and group in ['craft']`.

A condition compares fields of the subject's revision, or a sum of them, with values. `simpleeval` reads and answers
it; of what that library can do only comparisons, `and`, `or`, `not` and the four arithmetic signs are let in: no call,
no attribute, no index. A field that the revision does not have makes its comparison false, so that a condition never
stops a case.
"""

from __future__ import annotations

import ast
import operator
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from simpleeval import EvalWithCompoundTypes, InvalidExpression

from tenants.said import say
from tenants.words import N_

MAX_LENGTH = 300
_CONNECTING = (ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp)
_VALUES = (ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple)
_SHAPE = "tulis sebagai nama isian, tanda banding, nilai; contoh: price_rupiah >= 5_000_000"
_ERRORS = (InvalidExpression, TypeError, ValueError, ArithmeticError)


class ConditionError(ValueError):
    """The text is no condition; the message says why, in Indonesian."""


class _Missing:
    """What a field that is not there is worth: every comparison with it is false, every sum of it is missing too."""


_MISSING: Final = _Missing()


def _compared(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    def safe(left: Any, right: Any) -> bool:
        if left is _MISSING or right is _MISSING:
            return False
        try:
            return bool(compare(left, right))
        except TypeError:
            return False

    return safe


def _reckoned(reckon: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def safe(left: Any, right: Any) -> Any:
        numbers = all(isinstance(one, int | float) and abs(one) < 2**53 for one in (left, right))
        try:
            return reckon(left, right) if numbers else _MISSING
        except ArithmeticError:
            return _MISSING

    return safe


_COMPARE = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, options: value in options,
    ast.NotIn: lambda value, options: value not in options,
}
_RECKON = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_OPERATORS: dict[Any, Any] = {
    **{sign: _compared(compare) for sign, compare in _COMPARE.items()},
    **{sign: _reckoned(reckon) for sign, reckon in _RECKON.items()},
    ast.Not: operator.not_,
    ast.USub: lambda value: _MISSING if value is _MISSING else -value,
}


_own = threading.local()


def _evaluator() -> EvalWithCompoundTypes:
    """The evaluator of this thread: making one costs more than asking it."""
    if not hasattr(_own, "evaluator"):
        _own.evaluator = EvalWithCompoundTypes(operators=_OPERATORS, functions={})
    return _own.evaluator


class Condition:
    """One parsed condition. `holds(fields)` answers it; `text` is what was written, `names` the fields it asks for."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ConditionError(say(N_("lebih dari %(max_length)s karakter"), max_length=MAX_LENGTH))
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ConditionError(say(N_("tidak dapat dibaca: %(text)s"), text=f"{text!r}")) from None
        self.text = text
        _check(self._tree)
        self.names = frozenset(node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name))

    def holds(self, fields: Mapping[str, Any]) -> bool:
        """Whether the condition is met by these fields."""

        def value_of(node: ast.Name) -> Any:
            value = fields.get(node.id)
            return _MISSING if value is None else value

        evaluator = _evaluator()
        evaluator.names = value_of
        try:
            return evaluator.eval(self.text, previously_parsed=self._tree) is True
        except _ERRORS:
            return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def _check(node: ast.expr) -> None:
    """Refuse what a condition may not hold, and what answers neither yes nor no."""
    for part in ast.walk(node):
        if not isinstance(part, (*_CONNECTING, *_VALUES, ast.Compare, *_COMPARE, *_RECKON)):
            raise ConditionError(_SHAPE)
        if isinstance(part, ast.Constant) and not isinstance(part.value, str | int | float | bool):
            raise ConditionError(N_("nilai harus angka, teks, True/False, atau daftar"))
        if isinstance(part, ast.List | ast.Tuple) and not all(
            isinstance(one, ast.Constant) for one in part.elts
        ):
            raise ConditionError(N_("daftar hanya berisi angka atau teks"))
    _answers(node)


def _answers(node: ast.expr) -> None:
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            _answers(value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _answers(node.operand)
    elif not isinstance(node, ast.Compare) or len(node.ops) != 1:
        raise ConditionError(_SHAPE)
    elif not any(isinstance(one, ast.Name) for one in ast.walk(node.left)):
        raise ConditionError(N_("sebelah kiri harus nama isian; contoh: category == 'culinary'"))
    elif any(isinstance(one, ast.Name) for one in ast.walk(node.comparators[0])):
        raise ConditionError(N_("sebelah kanan harus angka, teks, True/False, atau daftar"))
    elif isinstance(node.ops[0], ast.In | ast.NotIn) != isinstance(node.comparators[0], ast.List | ast.Tuple):
        raise ConditionError(N_("daftar hanya sesudah in; contoh: group in ['craft', 'office_supplies']"))
