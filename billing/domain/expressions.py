"""Formulae that people write into a tariff: `area * 2.1 + if(floor > 1, 5, 0)`, read safely and worked out exactly.

A formula is read by its own small grammar and nothing else: numbers, the names of `NAMES`, `+ - * /`, comparisons
inside `if`, and `min`, `max`, `round`, `if`. Every value is a Fraction. Chinese names and signs are understood, and
what cannot be read is refused with the place where reading stopped, counted in characters from 1.

    sum         value {(+ | -) value}           comparison  sum (< | <= | = | != | >= | >) sum
    call        min(a, b, …)  max(a, b, …)  round(a[, places])  if(comparison, a, b)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from billing.domain.expression_tree import (
    BINDING,
    COMPARISONS,
    TIGHT,
    Call,
    Comparison,
    Name,
    Negative,
    Node,
    Number,
    Operation,
    compute,
    walk,
    write,
)

LONGEST = 300
DEEPEST = 30
MOST_PLACES = 6
NEAR = 12


def _words(meanings: Mapping[str, str]) -> dict[str, str]:
    return {word: name for name, words in meanings.items() for word in (name, *words.split())}


NAMES = _words(
    {
        "area": "面积 建筑面积",
        "inner_area": "套内面积 室内面积",
        "floor": "楼层",
        "households": "户数",
        "months": "月数",
        "use": "用量",
        "coefficient": "系数",
    }
)
FUNCTIONS = _words({"min": "最小", "max": "最大", "round": "四舍五入", "if": "如果 若"})
OF_PERIOD = frozenset(("months", "use"))
"""A formula with one of these names gives the amount of the whole period, any other that of one month."""

SIGNS = {"×": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "<>": "!=", "==": "="}
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<name>[^\W\d]\w*)|(?P<sign><=|>=|<>|!=|==|[-+*/×÷≤≥≠<>=(),]))"
)
LEAST_ARGUMENTS = {"min": 2, "max": 2, "round": 1, "if": 3}
MOST_ARGUMENTS = {"min": 20, "max": 20, "round": 2, "if": 3}


class ExpressionError(ValueError):
    """A formula cannot be read: a stable code, the place counted in characters from 1, and what stands there."""

    def __init__(self, code: str, position: int, near: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.position, self.near, self.params = code, position, near, params


@dataclass(frozen=True)
class Expression:
    """A formula that was read."""

    root: Node

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that stand in the formula."""
        return frozenset(node.name for node in walk(self.root) if isinstance(node, Name))

    @property
    def is_of_period(self) -> bool:
        """Whether the formula gives the amount of the whole period; else it gives that of one month."""
        return bool(self.names & OF_PERIOD)

    def compute(self, values: Mapping[str, Fraction]) -> Fraction:
        """Return the value of the formula; ``values`` hold every name in it. Raises ZeroDivisionError."""
        return compute(self.root, values)

    def write(self, values: Mapping[str, str] | None = None) -> str:
        """Return the formula in one way of writing, with the names replaced by ``values`` where they are given.

        >>> parse("面积×2.1+if(楼层>1,5,0)").write()
        'area * 2.1 + if(floor > 1, 5, 0)'
        >>> parse("area*(2+1)").write({"area": "89.56"})
        '89.56 * (2 + 1)'
        """
        return write(self.root, values or {}, 0)


@lru_cache(maxsize=1000)
def parse(text: str) -> Expression:
    """Read a formula.

    >>> parse("max(area, 50) * 2").compute({"area": Fraction("40.5")})
    Fraction(100, 1)

    Raises ExpressionError.
    """
    return Expression(_Parser(text).read())


# Reading ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _narrow(text: str) -> str:
    """The text with full-width signs made narrow, each at its place, in lower case."""
    narrow = (unicodedata.normalize("NFKC", sign) for sign in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, narrow, strict=True)).lower()


class _Parser:
    """A Pratt parser: each sign has a binding, and a value takes in what binds tighter than what it waits for."""

    def __init__(self, text: str) -> None:
        self.text = _narrow(text)
        if len(self.text) > LONGEST:
            raise self._error("expression_too_long", LONGEST, longest=LONGEST)
        self.tokens = list(self._tokens())
        self.next = 0
        self.depth = 0

    def read(self) -> Node:
        if self.peek.kind == "end":
            raise self._error("expression_empty", 0)
        root = self._number()
        if self.peek.text == ")":
            raise self._error("expression_not_opened", self.peek.at)
        if self.peek.kind != "end":
            raise self._error("expression_two_values", self.peek.at)
        return root

    @property
    def peek(self) -> _Token:
        return self.tokens[self.next]

    def _take(self) -> _Token:
        token = self.tokens[self.next]
        self.next += token.kind != "end"
        return token

    def _tokens(self) -> Iterator[_Token]:
        at, end = 0, len(self.text.rstrip())
        while at < end:
            found = TOKEN.match(self.text, at)
            if not found:
                start = at + len(self.text[at:]) - len(self.text[at:].lstrip())
                raise self._error("expression_sign", start, sign=self.text[start])
            kind = str(found.lastgroup)
            text = found[kind]
            yield _Token(kind, SIGNS.get(text, text), found.start(kind))
            at = found.end()
        yield _Token("end", "", end)

    def _error(self, code: str, at: int, /, **params: object) -> ExpressionError:
        return ExpressionError(code, at + 1, self.text[at : at + NEAR].rstrip(), **params)

    def _number(self) -> Node:
        """A value that is a number: a comparison is none."""
        at = self.peek.at
        node = self._condition_or_number()
        if isinstance(node, Comparison):
            raise self._error("expression_comparison_as_value", at)
        return node

    def _condition_or_number(self) -> Node:
        left = self._sum(0)
        if self.peek.text not in COMPARISONS:
            return left
        sign = self._take()
        node = Comparison(sign.text, left, self._sum(0))
        if self.peek.text in COMPARISONS:
            raise self._error("expression_chain", self.peek.at)
        return node

    def _sum(self, binding: int) -> Node:
        left = self._operand()
        while BINDING.get(self.peek.text, 0) > binding:
            sign = self._take()
            at = self.peek.at
            right = self._sum(BINDING[sign.text])
            if sign.text == "/" and isinstance(right, Number) and not right.value:
                raise self._error("expression_by_zero", at)
            left = Operation(sign.text, left, right)
        return left

    def _operand(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return Number(token.text)
        if token.kind == "name":
            return self._name_or_call(token)
        if token.text in ("-", "("):
            return self._nested(token)
        if token.kind == "end":
            raise self._error("expression_ends_early", token.at - 1)
        raise self._error("expression_value_missing", token.at)

    def _nested(self, token: _Token) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._error("expression_too_deep", token.at, deepest=DEEPEST)
        node = Negative(self._sum(TIGHT)) if token.text == "-" else self._in_brackets(token)
        self.depth -= 1
        return node

    def _in_brackets(self, opening: _Token) -> Node:
        node = self._number()
        self._close(opening)
        return node

    def _close(self, opening: _Token) -> None:
        if self.peek.text != ")":
            code = "expression_not_closed" if self.peek.kind == "end" else "expression_two_values"
            at = opening.at if self.peek.kind == "end" else self.peek.at
            raise self._error(code, at)
        self._take()

    def _name_or_call(self, token: _Token) -> Node:
        if token.text in FUNCTIONS and self.peek.text == "(":
            return self._call(FUNCTIONS[token.text], token)
        if token.text not in NAMES:
            raise self._error("expression_unknown_name", token.at, name=token.text)
        return Name(NAMES[token.text])

    def _call(self, name: str, token: _Token) -> Node:
        opening = self._take()
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._error("expression_too_deep", token.at, deepest=DEEPEST)
        arguments = [self._condition() if name == "if" else self._number()]
        while self.peek.text == ",":
            self._take()
            at = self.peek.at
            arguments.append(self._number())
            if name == "round" and not _is_places(arguments[-1]):
                raise self._error("expression_places", at, most=MOST_PLACES)
        self._close(opening)
        self.depth -= 1
        if not LEAST_ARGUMENTS[name] <= len(arguments) <= MOST_ARGUMENTS[name]:
            raise self._error("expression_arguments", token.at, name=name, count=len(arguments))
        return Call(name, tuple(arguments))

    def _condition(self) -> Node:
        at = self.peek.at
        node = self._condition_or_number()
        if not isinstance(node, Comparison):
            raise self._error("expression_no_comparison", at)
        return node


def _is_places(node: Node) -> bool:
    return isinstance(node, Number) and node.value in range(MOST_PLACES + 1)
