"""Two runs side by side: why this one comes to another sum than the one before, unit by unit and in all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from django.db import connection

from billing.domain.differences import NOW, Differences, Facts, compare_lines
from billing.domain.measures import Terms, read_terms
from billing.domain.slab import UNKNOWN, IntArray
from billing.models import Bill, BillRun, BillState, PoolResult
from billing.models.tariffs import Method
from billing.selectors.columns import array_text, read_integers
from billing.selectors.runs import find_run_before
from core.money import to_yuan
from estates.models import Unit

SUM_NAMES = ("line", "side", "unit", "item", "fen")
SUMS = """
    SELECT line.id, (bill.run_id = %(now)s)::int, account.unit_id, line.fee_item_id, line.amount * 100
    FROM billing_bill bill JOIN billing_chargeline line ON line.bill_id = bill.id
    JOIN billing_chargeaccount account ON account.id = bill.account_id
    WHERE bill.run_id IN (%(now)s, %(before)s) AND bill.state <> 'void'
"""
OWN = "'{area,meters,use,weight,floor,extra,split}'::text[]"
"""What in a line's inputs is the line's own; the rest, its terms, it has in common with many."""

FACT_NAMES = ("line", "own", "shown", "terms", "split")
FACTS = f"""
    SELECT id, CASE WHEN method = 'area' THEN (inputs->>'area')::numeric * 10000
                    WHEN method IN ('meter', 'tiers', 'expression')
                    THEN coalesce((inputs->>'use')::numeric * 10000, 0)
                    WHEN method = 'pool' THEN (inputs->>'weight')::numeric ELSE 0 END,
           coalesce(quantity * 10000, 0), jsonb_hash_extended(inputs - {OWN}, hashtextextended(method, 0)),
           (method = 'pool' AND inputs ? 'split')::int
    FROM billing_chargeline WHERE id = ANY(%s::bigint[]) ORDER BY id
"""
TERMS = f"""
    SELECT method, inputs - {OWN} FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place)
    JOIN billing_chargeline USING (id) ORDER BY place
"""
SPLITS = "SELECT inputs->'split' FROM billing_chargeline WHERE id = ANY(%s::bigint[]) ORDER BY id"


@dataclass(frozen=True)
class CauseTotal:
    """What a cause comes to in a run: how many accounts it moved (a unit counts once), and by how many yuan."""

    accounts: int
    amount: Decimal


def total_by_cause(run: BillRun) -> dict[str, CauseTotal]:
    """The differences of a run by cause, which add up to the whole difference; nothing for a first run."""
    found = find_differences(run)
    sums = found.by_cause() if found else {}
    return {cause: CauseTotal(total.accounts, to_yuan(total.fen)) for cause, total in sums.items()}


def find_differences(run: BillRun) -> Differences | None:
    """Compare a run with the one before it, void bills left out; None when it is the first."""
    before = find_run_before(run)
    return compare_runs_by_cause(run.pk, before.pk) if before else None


def compare_runs_by_cause(now: int, before: int) -> Differences:
    """Compare the lines of two runs by unit and fee item, and explain the units and items whose sums differ."""
    sums = read_integers(SUM_NAMES, SUMS, {"now": now, "before": before})
    units, billed = _by_unit(sums)
    lines = {name: column[_changed(sums)] for name, column in sums.items()}
    order = np.argsort(lines["line"])
    facts, terms = _load_facts({name: column[order] for name, column in lines.items()})
    return compare_lines(facts, terms, units, billed)


def _by_unit(sums: Mapping[str, IntArray]) -> tuple[IntArray, IntArray]:
    """All units, and what each was billed before and now; UNKNOWN in a run it is not in."""
    units, which = np.unique(sums["unit"], return_inverse=True)
    billed = np.zeros((units.size, 2), dtype=np.int64)
    np.add.at(billed, (which, sums["side"]), sums["fen"])
    there = np.zeros(billed.shape, dtype=bool)
    there[which, sums["side"]] = True
    return units, np.where(there, billed, UNKNOWN)


def _changed(sums: Mapping[str, IntArray]) -> IntArray:
    """The rows whose unit and fee item do not cost the same in both runs."""
    pairs, which = np.unique(sums["unit"] << 24 | sums["item"], return_inverse=True)
    difference = np.zeros(pairs.size, dtype=np.int64)
    np.add.at(difference, which, np.where(sums["side"] == NOW, sums["fen"], -sums["fen"]))
    return np.flatnonzero(difference[which] != 0)


def _load_facts(lines: Mapping[str, IntArray]) -> tuple[Facts, list[Terms]]:
    """Return what lines remember, in the order of their ids, and the terms they have in common."""
    own = read_integers(FACT_NAMES, FACTS, [array_text(lines["line"].tolist())])
    _codes, first, which = np.unique(own["terms"], return_index=True, return_inverse=True)
    portion, portions = _load_portions(own)
    facts = Facts(
        side=lines["side"],
        unit=lines["unit"],
        item=lines["item"],
        fen=lines["fen"],
        terms=which,
        own=own["own"],
        shown=own["shown"],
        portion=portion,
        portions=portions,
    )
    return facts, _load_terms(own["line"][first])


def _load_terms(lines: IntArray) -> list[Terms]:
    """The terms of each of these lines."""
    with connection.cursor() as cursor:
        cursor.execute(TERMS, [array_text(lines.tolist())])
        rows = [(method, json.loads(inputs)) for method, inputs in cursor.fetchall()]
    prices = _pool_prices(inputs for method, inputs in rows if method == Method.POOL)
    return [
        read_terms(method, {**inputs, "pool_price": prices.get(inputs.get("pool"))} if inputs else {})
        for method, inputs in rows
    ]


def _pool_prices(inputs: Any) -> dict[Any, str]:
    pools = PoolResult.objects.filter(pk__in=[facts["pool"] for facts in inputs])
    return {pk: str(price) for pk, price in pools.values_list("pk", "price")}


def _load_portions(own: Mapping[str, IntArray]) -> tuple[IntArray, Sequence[Fraction]]:
    """The part of its unit's share of a pool each line has; all of it but where several payers shared."""
    rows = np.flatnonzero(own["split"])
    with connection.cursor() as cursor:
        cursor.execute(SPLITS, [array_text(own["line"][rows].tolist())])
        splits = [json.loads(split) for (split,) in cursor.fetchall()]
    portion = np.zeros_like(own["line"])
    portion[rows] = np.arange(1, rows.size + 1)
    return portion, [Fraction(1), *map(_portion, splits)]


def _portion(split: Mapping[str, Any]) -> Fraction:
    exact = [Fraction(text) for text in split["exact"]]
    return exact[split["at"]] / sum(exact) if any(exact) else Fraction(1, len(exact))


@dataclass(frozen=True)
class Outlier:
    """A unit whose sum changed much, with what moved it, the largest first, in yuan, and its bill in the run.

    `unit` is its code, `label` how people name it.
    """

    unit: str
    label: str
    bill_number: str
    before: Decimal
    now: Decimal
    causes: tuple[tuple[str, Decimal], ...]

    @property
    def change(self) -> Decimal:
        """What the unit pays more or less than last time."""
        return self.now - self.before


def list_outliers(run: BillRun, found: Differences, count: int) -> list[Outlier]:
    """The units that changed most for their size; new and left ones last."""
    rows = found.rank(count)
    ids = found.unit[rows].tolist()
    units = Unit.objects.select_related("building").in_bulk(ids)
    bills = Bill.objects.filter(run=run, account__unit__in=ids).exclude(state=BillState.VOID)
    numbers = dict(bills.order_by("-pk").values_list("account__unit", "number"))
    return [
        Outlier(
            unit=units[unit].code,
            label=units[unit].label,
            bill_number=numbers.get(unit, ""),
            before=to_yuan(int(found.before_fen[row])),
            now=to_yuan(int(found.now_fen[row])),
            causes=tuple((cause, to_yuan(fen)) for cause, fen in found.causes_of(row)),
        )
        for row, unit in zip(rows, ids, strict=True)
    ]
