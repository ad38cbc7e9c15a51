"""What accounts are charged by a formula of a tariff: worked out once for each different set of values.

The formula gives the amount of one month, which the months of the line multiply; a formula that names `months` or
`use` gives that of the whole period, and where price or payer changes it is shared by days, as metered fees are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from billing.domain.expressions import OF_PERIOD, parse
from billing.domain.formulas import Base, Charge, Outcome, Terms, find_rows, list_metered
from billing.domain.rates import Rate
from billing.domain.rounding import round_half_up
from billing.domain.slab import AREA_SCALE, UNKNOWN, Finding, IntArray
from core.bulk import render_scaled

Values = Mapping[str, Fraction]


@dataclass(frozen=True)
class _Asked:
    """Accounts, and the values × 10⁴ their formulae ask for, a column a name. heads: the JSON of their meters."""

    base: Base
    columns: Mapping[str, IntArray]
    heads: list[str]


def charge_expression(base: Base) -> Outcome:
    """The formula's value, by months or by days. A unit that lacks a value the formula asks for is parked."""
    charges: list[Charge] = []
    findings: list[Finding] = []
    for asked, found in _list_asked(base):
        known, missing = _without_missing(asked)
        charge, failed = _charge(known)
        charges.append(charge)
        findings += [*found, *missing, *failed]
    return charges, findings


def _list_asked(base: Base) -> Iterator[tuple[_Asked, list[Finding]]]:
    """Yield the accounts whose formula asks for no meter, then those of each kind of meter."""
    metered = np.array([bool(rate.last.tariff.meter_kind) for rate in base.rates], dtype=bool)[base.which]
    plain = base.keep(np.flatnonzero(~metered))
    yield _Asked(plain, _columns(plain), [""] * plain.at.size), []
    for part in list_metered(base.keep(np.flatnonzero(metered))):
        yield _Asked(part.base, {**_columns(part.base), "use": part.use}, part.heads()), part.findings


def _columns(base: Base) -> dict[str, IntArray]:
    names = {name for rate in base.rates for name in names_of(rate)} - OF_PERIOD
    traits = base.slab.traits
    rows = find_rows(traits.unit, base.units)
    columns: dict[str, IntArray] = {}
    for name in sorted(names):
        if name == "area":
            columns[name] = base.slab.accounts.area[base.at]
        else:
            columns[name] = np.full(rows.shape, UNKNOWN)
            columns[name][rows != UNKNOWN] = getattr(traits, name)[rows[rows != UNKNOWN]]
    return columns


def names_of(rate: Rate) -> frozenset[str]:
    """The names that the formulae of a rate ask for."""
    return frozenset().union(*(parse(s.tariff.expression).names for s in rate.stretches))


def _without_missing(asked: _Asked) -> tuple[_Asked, list[Finding]]:
    """Leave out the accounts that lack a value their own formula asks for."""
    base, good = asked.base, np.ones(asked.base.at.shape, dtype=bool)
    findings: list[Finding] = []
    for name, column in asked.columns.items():
        wants = np.array([name in names_of(rate) for rate in base.rates], dtype=bool)[base.which]
        lacks = wants & (column == UNKNOWN)
        findings += base.find(f"no_{name}", np.flatnonzero(lacks), blocks=True)
        good &= ~lacks
    return _take(asked, np.flatnonzero(good)), findings


def _take(asked: _Asked, rows: IntArray) -> _Asked:
    columns = {name: column[rows] for name, column in asked.columns.items()}
    return _Asked(asked.base.keep(rows), columns, [asked.heads[row] for row in rows.tolist()])


def _charge(asked: _Asked) -> tuple[Charge, list[Finding]]:
    """Work the formulae out for each different set of values; those without a result that can be billed are parked."""
    base = asked.base
    table = np.column_stack([base.which, *asked.columns.values()])
    sets, of_row = np.unique(table, axis=0, return_inverse=True)
    of_row = of_row.reshape(-1)
    exact = [_exact_of(asked, values) for values in sets.tolist()]
    fails = np.array([amount is None for amount in exact], dtype=bool)[of_row]
    negative = np.array([amount is not None and amount < 0 for amount in exact], dtype=bool)[of_row]
    findings = [
        *base.find("formula_by_zero", np.flatnonzero(fails), blocks=True),
        *base.find("formula_negative", np.flatnonzero(negative), blocks=True),
    ]
    good = np.flatnonzero(~fails & ~negative)
    kept = _take(asked, good)
    terms = _terms(base.rates, sets[:, 0].tolist(), exact)
    months = np.array([round_half_up(rate.months * AREA_SCALE) for rate in base.rates], dtype=np.int64)
    one = np.ones_like(kept.base.at)
    return Charge(kept.base, one, terms, of_row[good], months[kept.base.which], _heads(kept)), findings


def _exact_of(asked: _Asked, values: Sequence[int]) -> Fraction | None:
    """The exact yuan of one set of values, the rate first; None where the formula divides by zero."""
    figures = {
        name: Fraction(value, AREA_SCALE) for name, value in zip(asked.columns, values[1:], strict=True)
    }
    try:
        return exact_yuan(asked.base.rates[values[0]], figures)
    except ZeroDivisionError:
        return None


def exact_yuan(rate: Rate, values: Values) -> Fraction:
    """Return what a rate's formulae come to: Σ value × months, or by days where they name months or use, × share.

    Raises ZeroDivisionError.
    """
    values = {**values, "months": rate.unit_months}
    total = Fraction(0)
    for stretch in rate.stretches:
        expression = parse(stretch.tariff.expression)
        share = rate.day_share(stretch) if expression.is_of_period else rate.months_of(stretch.period)
        total += expression.compute(values) * share
    return total * rate.share


def _terms(rates: Sequence[Rate], which: Sequence[int], exact: Sequence[Fraction | None]) -> list[Terms]:
    """The terms of each set of values; a set that cannot be billed has no accounts left."""
    coins, tails = [rate.coin_fen for rate in rates], [rate.formula_parts() for rate in rates]
    return [
        Terms(max(amount or Fraction(0), Fraction(0)) * 100 / coins[at], coins[at], UNKNOWN, tails[at])
        for at, amount in zip(which, exact, strict=True)
    ]


def _heads(asked: _Asked) -> list[str]:
    """The JSON of the values each account's formulae were given; the use stands with its meters."""
    names = [name for name in asked.columns if name != "use"]
    texts = [render_scaled(asked.columns[name], 4) for name in names]
    wanted = [[name in names_of(rate) for name in names] for rate in asked.base.rates]
    figures = zip(*texts, strict=True) if texts else ((),) * asked.base.at.size
    return [
        f'{head}"values": {{{_pairs(names, row, wanted[which])}}}, '
        for head, row, which in zip(asked.heads, figures, asked.base.which.tolist(), strict=True)
    ]


def _pairs(names: Sequence[str], texts: Sequence[str], wanted: Sequence[bool]) -> str:
    pairs = zip(names, texts, wanted, strict=True)
    return ", ".join(f'"{name}": "{text}"' for name, text, is_wanted in pairs if is_wanted)
