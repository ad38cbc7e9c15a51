"""A formula as a tree: what it comes to, exactly, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from operator import eq, ge, gt, le, lt, ne

from billing.domain.rounding import round_half_up

BINDING = {"+": 2, "-": 2, "*": 3, "/": 3}
TIGHT = 4
COMPARISONS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lt,
    "<=": le,
    "=": eq,
    "!=": ne,
    ">=": ge,
    ">": gt,
}


@dataclass(frozen=True)
class Number:
    """A number as it is written."""

    text: str

    @cached_property
    def value(self) -> Fraction:
        """The number exactly."""
        return Fraction(self.text)


@dataclass(frozen=True)
class Name:
    """One of `NAMES`."""

    name: str


@dataclass(frozen=True)
class Negative:
    """What stands behind a minus."""

    operand: Node


@dataclass(frozen=True)
class Operation:
    """Two values and the sign between them."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Comparison:
    """A condition: two values compared. It is no value itself and stands only inside `if`."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Call:
    """A function and its values; the first of `if` is a comparison."""

    name: str
    arguments: tuple[Node, ...]


Node = Number | Name | Negative | Operation | Comparison | Call


def walk(node: Node) -> Iterator[Node]:
    yield node
    for part in _parts(node):
        yield from walk(part)


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Negative(operand):
            return (operand,)
        case Operation(_, left, right) | Comparison(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
    return ()


def compute(node: Node, values: Mapping[str, Fraction]) -> Fraction:
    match node:
        case Number():
            return node.value
        case Name(name):
            return values[name]
        case Negative(operand):
            return -compute(operand, values)
        case Operation(sign, left, right):
            return _apply(sign, compute(left, values), compute(right, values))
        case Call("if", (condition, then, otherwise)):
            return compute(then if _holds(condition, values) else otherwise, values)
        case Call(name, arguments):
            return _call(name, [compute(argument, values) for argument in arguments])
    raise TypeError(node)


def _holds(condition: Node, values: Mapping[str, Fraction]) -> bool:
    assert isinstance(condition, Comparison), "the parser lets nothing else stand here"
    left, right = compute(condition.left, values), compute(condition.right, values)
    return COMPARISONS[condition.sign](left, right)


def _apply(sign: str, left: Fraction, right: Fraction) -> Fraction:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right


def _call(name: str, values: list[Fraction]) -> Fraction:
    if name == "round":
        scale = 10 ** int(values[1]) if len(values) > 1 else 1
        return Fraction(round_half_up(values[0] * scale), scale)
    return min(values) if name == "min" else max(values)


def write(node: Node, values: Mapping[str, str], binding: int) -> str:
    """The node as text; in brackets when it binds less tightly than what stands around it."""
    match node:
        case Number(text):
            return text
        case Name(name):
            return values.get(name, name)
        case Negative(operand):
            return f"-{write(operand, values, TIGHT)}"
        case Comparison(sign, left, right):
            return f"{write(left, values, 0)} {sign} {write(right, values, 0)}"
        case Call(name, arguments):
            return f"{name}({', '.join(write(argument, values, 0) for argument in arguments)})"
        case Operation(sign, left, right):
            own = BINDING[sign]
            text = f"{write(left, values, own)} {sign} {write(right, values, own + 1)}"
            return f"({text})" if own < binding else text
    raise TypeError(node)
