"""From exact amounts to charge lines: rounded once, shared between payers, with everything they came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from billing.domain.formulas import Base, Charge
from billing.domain.methods import FORMULAS
from billing.domain.rates import NO_RATE, find_rates
from billing.domain.rounding import COIN_FEN, round_products, share_among
from billing.domain.scopes import classify
from billing.domain.slab import DueItem, Finding, IntArray, Lines, Plan, Slab, first_rows
from core.money import to_yuan

ABSURD_FEN = 10**12
ROUNDING_OF_COIN = {fen: rounding for rounding, fen in COIN_FEN.items()}


@dataclass(frozen=True)
class Charged:
    """What a slab comes to: lines in the order of accounts, without those of parked units, and the findings."""

    lines: Lines
    findings: list[Finding]


def charge_slab(plan: Plan, slab: Slab) -> Charged:
    """Return all lines of the accounts in the slab. They depend on nothing but the plan and the slab (P-05)."""
    blocks, findings = [Lines.none()], list[Finding]()
    for item in plan.items:
        charged, found = charge_item(plan, slab, item)
        blocks += charged
        findings += found
    lines = Lines.join(blocks)
    parked = np.concatenate([np.array([], np.int64), *(found.units for found in findings if found.blocks)])
    lines = lines.take(np.flatnonzero(~np.isin(slab.accounts.unit[lines.account], parked)))
    return Charged(_by_account(lines, slab), findings)


def _by_account(lines: Lines, slab: Slab) -> Lines:
    """Put the lines of each account together, pieces under its first row, and number the parts of a fee item."""
    lines = replace(lines, account=slab.accounts.first_pieces[lines.account])
    lines = lines.take(np.argsort(lines.account, kind="stable"))
    first = first_rows(lines.account * (lines.fee_item.max(initial=0) + 1) + lines.fee_item)
    counts = np.diff(np.r_[first, lines.account.size])
    return replace(lines, part=np.arange(lines.account.size) - np.repeat(first, counts))


def charge_item(plan: Plan, slab: Slab, item: DueItem) -> tuple[list[Lines], list[Finding]]:
    """Return the lines of one fee item: several for an account with pieces, pools, or a change of method."""
    classes = classify(slab.accounts.places, item.tariffs, plan.targets)
    blocks: list[Lines] = []
    findings: list[Finding] = []
    for method in (name for name in FORMULAS if any(t.method == name for t in item.tariffs)):
        rates = find_rates(item, slab.accounts, classes, method)
        at = np.flatnonzero(rates.of_account != NO_RATE)
        if at.size:
            charges, found = FORMULAS[method](Base(plan, slab, item, rates.rates, at, rates.of_account[at]))
            findings += found
            for charge in charges:
                blocks.append(round_charge(charge, method))
                absurd = np.flatnonzero(blocks[-1].amount_fen > ABSURD_FEN)
                findings += charge.base.find("absurd", absurd, blocks=True)
    return blocks, findings


def round_charge(charge: Charge, method: str) -> Lines:
    """Return the lines of a charge, by row of the slab's accounts."""
    base = charge.base
    coin = np.array([terms.coin_fen for terms in charge.terms], dtype=np.int64)[charge.term]
    amount = round_products(charge.quantities, [terms.ratio for terms in charge.terms], charge.term) * coin
    tails = np.array([terms.tail for terms in charge.terms], dtype=object)[charge.term].tolist()
    for row, fen, split in _split_between_pieces(charge, coin):
        amount[row] = fen
        tails[row] += f', "split": {json.dumps(split)}'
    first, end, tariff = (np.array(column, dtype=np.int64)[base.which] for column in _by_rate(base))
    return Lines(
        account=base.at,
        fee_item=np.full_like(base.at, base.item.id),
        tariff=tariff,
        part=np.zeros_like(base.at),
        method=np.full(base.at.shape, method, dtype=object),
        start=first,
        end=end,
        quantity=charge.shown,
        price=np.array([terms.price for terms in charge.terms], dtype=np.int64)[charge.term],
        amount_fen=amount,
        inputs=np.array([f"{{{h}{t}}}" for h, t in zip(charge.heads, tails, strict=True)], dtype=object),
    )


def _by_rate(base: Base) -> tuple[list[int], list[int], list[int]]:
    """First day, day after the last, and tariff version of the lines of each rate."""
    return (
        [rate.stretches[0].period.start.toordinal() for rate in base.rates],
        [rate.last.period.end.toordinal() for rate in base.rates],
        [rate.last.tariff.id for rate in base.rates],
    )


def _split_between_pieces(charge: Charge, coin: IntArray) -> Iterator[tuple[int, int, dict[str, object]]]:
    """Yield row, fen and the memory of the split for each line whose unit had several payers, or pieces.

    The unit's amount is rounded once, in the coin of the newest; there are few such units.
    """
    units = charge.base.units
    starts = first_rows(units)
    counts = np.diff(np.r_[starts, units.size])
    for start, count in zip(starts[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
        rows = range(start, start + count)
        yuan = [_exact_fen(charge, row, int(coin[row])) / 100 for row in rows]
        unit_coin = int(coin[start + count - 1])
        coins = share_among([amount * 100 / unit_coin for amount in yuan])
        memory: dict[str, object] = {
            "whole": f"{to_yuan(sum(coins) * unit_coin)}",
            "exact": [str(amount) for amount in yuan],
        }
        memory |= _count_payers(charge, rows)
        if len(set(coin[rows.start : rows.stop].tolist())) > 1:
            memory["rounding"] = ROUNDING_OF_COIN[unit_coin]
        for at, row in enumerate(rows):
            yield row, coins[at] * unit_coin, {**memory, "at": at}


def _count_payers(charge: Charge, rows: range) -> dict[str, object]:
    """How many payers there are, where they are fewer than the lines."""
    payers = len(set(charge.base.slab.accounts.id[charge.base.at[rows.start : rows.stop]].tolist()))
    return {"payers": payers} if payers < len(rows) else {}


def _exact_fen(charge: Charge, row: int, coin_fen: int) -> Fraction:
    return int(charge.quantities[row]) * charge.terms[int(charge.term[row])].ratio * coin_fen
