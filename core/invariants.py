"""Are the books right? Questions that apps register and that must always be answered with nothing.

They run after every database test, hourly, and in `manage.py check_books`.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import structlog

from core.errors import Problem

log: Any = structlog.get_logger(__name__)

Invariant = Callable[[date | None], Iterable[Problem]]
BooksFigure = Callable[[date | None], int | Decimal]

_invariants: dict[str, Invariant] = {}
_figures: dict[str, BooksFigure] = {}


def invariant(name: str) -> Callable[[Invariant], Invariant]:
    """Register a check named app.rule: it yields one problem for each row that breaks the rule."""

    def register(check: Invariant) -> Invariant:
        _invariants[name] = check
        return check

    return register


def books_figure(name: str) -> Callable[[BooksFigure], BooksFigure]:
    """Register a figure that `check_books` reports, such as the number of entries."""

    def register(figure: BooksFigure) -> BooksFigure:
        _figures[name] = figure
        return figure

    return register


def list_invariants() -> list[str]:
    """Return the names of all registered checks, sorted."""
    return sorted(_invariants)


def check_all(as_of: date | None = None) -> list[Problem]:
    """Run every registered check and return what they found; an empty list means the books are right."""
    return [problem for name in list_invariants() for problem in _invariants[name](as_of)]


def get_figures(as_of: date | None = None) -> dict[str, int | Decimal]:
    """Return the registered figures by name."""
    return {name: _figures[name](as_of) for name in sorted(_figures)}


def report_violations(as_of: date | None = None) -> list[Problem]:
    """Run every check and log each violation as an error, for the hourly watch; return them."""
    violations = check_all(as_of)
    for violation in violations:
        log.error("books.violation", **violation.as_dict())
    return violations
