"""What an explanation is made of: steps as values, and a sum that grows step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

COIN = {"fen": Fraction(1, 100), "jiao": Fraction(1, 10), "yuan": Fraction(1)}

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One step: ``key`` names its sentence, ``kind`` how the value is written (m², yuan, money, share, …).

    ``formula`` is in figures only, the same in every language; ``figures`` fill the sentence beside it.
    """

    key: str
    value: Fraction
    kind: str
    formula: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Sum:
    """A sum under way: steps so far, the exact yuan they come to, the closing formula, and what does not fit."""

    steps: list[Step]
    exact: Fraction
    formula: str
    contradictions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FrozenPool:
    """The pool as it was shared; ``weights`` are those of all participants in the order of their unit codes.

    ``at`` is this unit's place among them. Readings, use and price are None where a supplier's bill was shared;
    ``measured`` holds the bill, or the meters that were taken from the main one (``PoolResult.measured``).
    """

    opening: Decimal | None
    closing: Decimal | None
    use: Decimal | None
    price: Decimal | None
    weights: Sequence[int]
    at: int
    measured: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Background:
    """What stands beside the line: first days of tariff versions, kind of meter, the frozen pool."""

    since: Mapping[int, date] = field(default_factory=dict)
    meter_kind: str = ""
    pool: FrozenPool | None = None
