"""What a charge line remembers, as figures that can be exchanged for others: the measures of its amount.

Measures stand in the order of their exchange and each takes in those before it; the last is the exact amount in fen:

    by area or a fixed sum      days → area → state → price
    by a meter                  days → use → state → price
    by slabs of use             days → state → (use →) price
    a share of a pool           pool → area → participants → price
    a formula                   ``billing.domain.formula_differences``

``days`` is the time charged, ``state`` the share of it that is due (a vacant unit), ``pool`` what all together used,
``area`` the unit's own, ``participants`` all that the share of a pool moves by besides. Use inside slabs is exchanged
under the slabs of before, which no ratio can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from billing.domain.metered import SLAB_SCALE
from billing.domain.rounding import COIN_FEN
from billing.domain.scopes import Tier
from billing.domain.slab import AREA_SCALE

ONE, OWN, SHOWN, SLABS = "one", "own", "shown", "slabs"


@dataclass(frozen=True)
class Slabs:
    """Slabs of use, and the fen they cost for one of ``slab_value``: scale and share of the days."""

    tiers: tuple[Tier, ...]
    per_one: Fraction


@dataclass(frozen=True)
class Measure:
    """A figure of a line that is replaced when two runs are compared, and the cause its replacement counts for.

    ``per_one`` × 1, × the line's own quantity or × the shown one; or, instead, what slabs make of the own quantity.
    """

    cause: str
    of: str
    per_one: Fraction = Fraction(0)
    slabs: tuple[Slabs, ...] = ()

    @property
    def denominator(self) -> int:
        """What makes every ratio of the measure whole."""
        return lcm(self.per_one.denominator, *(slab.per_one.denominator for slab in self.slabs))


class FormulaPart(NamedTuple):
    """Days on which one formula charged: ``time`` is months or a share of the period, ``share`` what is due of it."""

    text: str
    time: Fraction
    share: Fraction


@dataclass(frozen=True)
class Terms:
    """What lines of one rate have in common. The last measure is the exact amount in fen.

    source: what tells strands of one fee item and method apart, such as a pool's meter. A formula has ``parts`` and
    ``values`` in place of measures (``billing.domain.formula_differences``).
    """

    method: str
    source: str
    coin_fen: int
    measures: tuple[Measure, ...] = ()
    parts: tuple[FormulaPart, ...] = ()
    values: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def are_known(self) -> bool:
        """Whether the line remembers what it was worked out from."""
        return bool(self.measures or self.parts)

    @property
    def way(self) -> tuple[str, str, int]:
        """What two lines must share to be compared figure by figure."""
        return self.method, self.source, len(self.measures)


def read_terms(method: str, inputs: Mapping[str, Any]) -> Terms:
    """Return the terms in a line's inputs (without what is its own); a pool's price stands in ``pool_price``.

    A line that remembers nothing, or is worked out in a way not known here, has no measures.
    """
    if method not in READERS or not inputs:
        return Terms(method, "", 1)
    return READERS[method](inputs)


def _parts(inputs: Mapping[str, Any]) -> Iterator[tuple[Fraction, Fraction, Mapping[str, Any]]]:
    """Each part with its time and the share that is due of it."""
    for part in inputs["parts"]:
        time = Fraction(part["days"], part["of"]) if "of" in part else Fraction(part["months"])
        yield time, Fraction(inputs.get("share", 1)), part


def _linear(method: str, inputs: Mapping[str, Any], own: str, scale: int) -> Terms:
    parts = list(_parts(inputs))
    time = sum((time for time, _share, _part in parts), Fraction(0))
    due = sum((time * share for time, share, _part in parts), Fraction(0))
    yuan = sum((time * share * Fraction(part["price"]) for time, share, part in parts), Fraction(0))
    of = OWN if own else ONE
    middle = [Measure(own, OWN, time)] if own else []
    measures = (
        Measure("days", ONE, time),
        *middle,
        Measure("state", of, due),
        Measure("price", of, yuan * 100 / scale),
    )
    return Terms(method, "", COIN_FEN[inputs["rounding"]], measures)


def _read_tiers(inputs: Mapping[str, Any]) -> Terms:
    parts = list(_parts(inputs))
    time = sum((time for time, _share, _part in parts), Fraction(0))
    fen = Fraction(100, SLAB_SCALE)
    slabs = tuple(Slabs(_tiers(part["tiers"]), fen * time * share) for time, share, part in parts)
    due = sum((time * share for time, share, _part in parts), Fraction(0))
    measures = (Measure("days", ONE, time), Measure("state", ONE, due), Measure("price", SLABS, slabs=slabs))
    return Terms("tiers", "", COIN_FEN[inputs["rounding"]], measures)


def _tiers(rows: Sequence[Sequence[str | None]]) -> tuple[Tier, ...]:
    return tuple(
        Tier(None if limit is None else Decimal(limit), Decimal(price or 0)) for limit, price in rows
    )


def _read_pool(inputs: Mapping[str, Any]) -> Terms:
    fen = Fraction(inputs["amount"]) * 100
    use = fen / price if (price := Fraction(inputs.get("pool_price") or 0)) else fen
    measures = (
        Measure("pool", ONE, use),
        Measure("area", SHOWN, use),
        Measure("participants", OWN, use / inputs["total"]),
        Measure("price", OWN, fen / inputs["total"]),
    )
    return Terms("pool", inputs["meter"], COIN_FEN[inputs["rounding"]], measures)


def _read_formula(inputs: Mapping[str, Any]) -> Terms:
    parts = tuple(FormulaPart(part["formula"], time, share) for time, share, part in _parts(inputs))
    values = {name: Fraction(text) for name, text in inputs["values"].items()}
    months = Fraction(inputs["parts"][0]["months"])
    rounding = COIN_FEN[inputs["rounding"]]
    return Terms("expression", "formula", rounding, parts=parts, values={**values, "months": months})


READERS: Mapping[str, Callable[[Mapping[str, Any]], Terms]] = {
    "area": lambda inputs: _linear("area", inputs, "area", AREA_SCALE),
    "fixed": lambda inputs: _linear("fixed", inputs, "", 1),
    "meter": lambda inputs: _linear("meter", inputs, "use", AREA_SCALE),
    "tiers": _read_tiers,
    "pool": _read_pool,
    "expression": _read_formula,
}
