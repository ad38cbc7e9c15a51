"""Computes a formula a second time by an independent route: Python's `ast` parses it, and nothing of it is executed.

The explanation of a line compares what comes out here with what was billed, so nothing may be shared with
``billing.domain.expressions`` but the way a formula is written there (`Expression.write`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

EQUALS = re.compile(r"(?<![<>!=])=(?!=)")
EXACT = Context(prec=200)


def compute_again(text: str, values: Mapping[str, Fraction]) -> Fraction:
    """Return what a formula comes to; the names in it stand in ``values``.

    >>> compute_again("area * 2.1 + if(floor > 1, 5, 0)", {"area": Fraction(100), "floor": Fraction(3)})
    Fraction(215, 1)

    Raises KeyError or ValueError when the text is no formula, ZeroDivisionError when it divides by zero.
    """
    source = EQUALS.sub("==", re.sub(r"\bif\(", "when(", text))
    return _Reading(source, values).value(ast.parse(source, mode="eval").body)


def put_in(text: str, values: Mapping[str, str]) -> str:
    """Return the formula with figures for the names.

    >>> put_in("inner_area + area * 2", {"area": "89.56", "inner_area": "70"})
    '70 + 89.56 * 2'
    """
    return re.sub(r"[a-z_]+", lambda name: values.get(name[0], name[0]), text)


class _Reading:
    def __init__(self, source: str, values: Mapping[str, Fraction]) -> None:
        self.source, self.values = source, values

    def value(self, node: ast.expr) -> Fraction:
        match node:
            case ast.Constant():
                return Fraction(ast.get_source_segment(self.source, node) or "")
            case ast.Name(name):
                return self.values[name]
            case ast.UnaryOp(ast.USub(), operand):
                return 0 - self.value(operand)
            case ast.BinOp(left, sign, right):
                return self._joined(sign, self.value(left), self.value(right))
            case ast.Call(ast.Name("when"), [condition, then, otherwise]):
                return self.value(then) if self._holds(condition) else self.value(otherwise)
            case ast.Call(ast.Name(name), arguments):
                return self._function(name, [self.value(argument) for argument in arguments])
        raise ValueError(ast.dump(node))

    def _joined(self, sign: ast.operator, left: Fraction, right: Fraction) -> Fraction:
        match sign:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                return left / right
        raise ValueError(ast.dump(sign))

    def _holds(self, node: ast.expr) -> bool:
        match node:
            case ast.Compare(left, [sign], [right]):
                difference = self.value(left) - self.value(right)
                match sign:
                    case ast.Lt():
                        return difference < 0
                    case ast.LtE():
                        return difference <= 0
                    case ast.Gt():
                        return difference > 0
                    case ast.GtE():
                        return difference >= 0
                    case ast.Eq():
                        return difference == 0
                    case ast.NotEq():
                        return difference != 0
        raise ValueError(ast.dump(node))

    def _function(self, name: str, values: list[Fraction]) -> Fraction:
        ordered = sorted(values)
        if name == "min":
            return ordered[0]
        if name == "max":
            return ordered[-1]
        if name == "round":
            return _rounded(values[0], int(values[1]) if len(values) > 1 else 0)
        raise ValueError(name)


def _rounded(value: Fraction, places: int) -> Fraction:
    """Half-up by the decimal module; a value without an end in decimals is never a half, so 200 digits suffice."""
    decimal = EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Fraction(decimal.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT))
