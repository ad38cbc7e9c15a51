"""What changed against the last bill, fee item by fee item, and why: causes as values, the largest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.domain.steps import Background
from core.money import ZERO


@dataclass(frozen=True)
class Charge:
    """What one fee item cost on one bill, and the figures it came from (the inputs of its parts)."""

    amount: Decimal
    method: str
    parts: Sequence[Mapping[str, Any]] = ()
    background: Background = field(default_factory=Background)


@dataclass(frozen=True)
class Cause:
    """One reason in figures; ``key`` names its sentence in ``billing.explaining.changes``."""

    key: str
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What a fee item adds to the difference between two bills, in yuan, and why."""

    amount: Decimal
    causes: tuple[Cause, ...]


def compare(now: Charge | None, before: Charge | None) -> Change:
    """Return the change of one fee item between two bills; None where a bill does not have it."""
    if now is None:
        return Change(-before.amount if before else ZERO, (Cause("gone"),))
    if before is None:
        return Change(now.amount, (Cause("new"),))
    return Change(now.amount - before.amount, tuple(_causes(now, before)))


def _causes(now: Charge, before: Charge) -> list[Cause]:
    if now.method != before.method:
        return [Cause("method")]
    after, earlier = _facts(now), _facts(before)
    causes = [
        Cause(key, {"before": earlier[key], "now": after[key], "meter_kind": now.background.meter_kind})
        for key in after
        if key in earlier and after[key] != earlier[key]
    ]
    if causes:
        return causes
    return [Cause("same" if now.amount == before.amount else "rounding")]


def _facts(charge: Charge) -> dict[str, Any]:
    """The figures of a line that may explain a change, by the key of the sentence about it."""
    if not charge.parts or not all(charge.parts):
        return {}
    return FACTS[charge.method](charge) if charge.method in FACTS else {}


def _by_months(charge: Charge) -> dict[str, Any]:
    parts = [part for inputs in charge.parts for part in inputs["parts"]]
    facts: dict[str, Any] = {
        "price": _only([part["price"] for part in parts]),
        "months": sum((Fraction(part["months"]) for part in parts), Fraction(0)),
        "vacancy": _average(charge.parts, "share"),
    }
    if charge.method == "area":
        facts = {"area": _average(charge.parts, "area"), **facts}
    return {key: value for key, value in facts.items() if value is not None}


def _by_use(charge: Charge) -> dict[str, Any]:
    parts = [part for inputs in charge.parts for part in inputs["parts"]]
    facts: dict[str, Any] = {"use": sum((Fraction(inputs["use"]) for inputs in charge.parts), Fraction(0))}
    if charge.method == "meter":
        facts["price"] = _only([part["price"] for part in parts])
    else:
        facts["slabs"] = tuple(map(str, (part["tiers"] for part in parts)))
    return {key: value for key, value in facts.items() if value is not None}


def _by_formula(charge: Charge) -> dict[str, Any]:
    parts = [part for inputs in charge.parts for part in inputs["parts"]]
    values = {name: Fraction(text) for name, text in charge.parts[0]["values"].items()}
    uses = [Fraction(inputs["use"]) for inputs in charge.parts if "use" in inputs]
    facts: dict[str, Any] = {"formula": tuple(part["formula"] for part in parts)}
    facts |= {name: value for name, value in values.items() if name == "area"}
    facts |= {
        "values": tuple(sorted(values.items())),
        "months": sum((Fraction(p["months"]) for p in parts), Fraction(0)),
    }
    return {**facts, "use": sum(uses, Fraction(0))} if uses else facts


def _by_pool(charge: Charge) -> dict[str, Any]:
    facts: dict[str, Any] = {"share": sum(map(_pool_share, charge.parts), Fraction(0))}
    pool = charge.background.pool
    if pool is None:
        return facts
    if pool.use is None or pool.price is None:
        return {"pool_bill": Fraction(pool.measured["billed"]), **facts}
    return {"pool_use": Fraction(pool.use), "price": Fraction(pool.price), **facts}


def _pool_share(inputs: Mapping[str, Any]) -> Fraction:
    """The part of the whole pool that a line carries; a pool of several keys has a line a key."""
    part = Fraction(inputs["percents"][inputs["place"]]) / 100 if "percents" in inputs else Fraction(1)
    return part * Fraction(inputs["weight"], inputs["total"])


def _average(pieces: Sequence[Mapping[str, Any]], name: str) -> Fraction | None:
    """The mean of a figure over the pieces, by their months; a piece that does not name it has all of it, 1."""
    months = [sum((Fraction(part["months"]) for part in inputs["parts"]), Fraction(0)) for inputs in pieces]
    values = [Fraction(inputs.get(name, 1)) for inputs in pieces]
    weighed = sum((value * length for value, length in zip(values, months, strict=True)), Fraction(0))
    return weighed / sum(months) if sum(months) else None


def _only(values: Sequence[str]) -> Fraction | None:
    """The one value all share, or None when there are several."""
    return Fraction(values[0]) if len({Fraction(value) for value in values}) == 1 else None


FACTS = {
    "area": _by_months,
    "fixed": _by_months,
    "meter": _by_use,
    "tiers": _by_use,
    "pool": _by_pool,
    "expression": _by_formula,
}
