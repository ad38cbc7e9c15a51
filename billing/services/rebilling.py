"""Billing again what was billed from facts that have changed since: the differences become corrections (B9).

A unit measured anew, a new owner from a day in the past, a vacancy approved late: the month is worked out again by the
facts of today and compared with what was asked for. Drafts are simply made anew; what was issued stays as it is, and a
reduction or a line of a correction bill stands beside it. Doing it twice finds nothing the second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import DecimalField, Q, Sum
from django.db.models.functions import Coalesce

from billing.domain.rebilling import Asked, Differences, Due, Slot, find_differences
from billing.domain.slab import Plan
from billing.models import (
    Bill,
    BillRun,
    BillState,
    ChargeAccount,
    ChargeLine,
    PoolResharing,
    ReductionKind,
    RunItem,
)
from billing.models.bills import CORRECTION
from billing.models.runs import BY_CORRECTION
from billing.selectors.resharing import shared_again
from billing.selectors.snapshot import hull, load_plan, with_pools
from billing.services.approval import Approval
from billing.services.corrections import Addition, Corrected, charge_correction
from billing.services.locking import lock_facts
from billing.services.reductions import reduce_lines
from billing.services.run.redrafting import find_unissued, redraft_units
from billing.services.run.writing import Batch, compute
from core.money import ZERO, to_yuan
from core.periods import Period
from estates.models import Community


@transaction.atomic
def rebill_units(
    *, community: Community, unit_ids: Collection[int], since: date, approval: Approval
) -> Corrected:
    """Put right what was billed to these units for days from ``since`` on, all of it or none.

    Fee items that were not billed in a run stay out of it; a unit that cannot be charged by the facts of today, such as
    one without an area, keeps what it was billed. Pools keep their shares, as they were last split; only payers' parts
    of them move.

    Raises AlreadyPostedError (the deed was done before).
    """
    # First the community, which others who put right have locked before they come here.
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    lock_facts(community.pk)
    redraft_units(community=community, unit_ids=unit_ids, since=since)
    runs = list(_list_issued_runs(community, unit_ids, since))
    differences = [_compare(run, unit_ids, since) for run in runs]
    corrected = _correct(differences, approval)
    _count_as_billed(runs, differences, corrected.bills)
    return corrected


def _count_as_billed(
    runs: Sequence[BillRun], differences: Sequence[Differences], bills: Collection[Bill]
) -> None:
    """Note accounts that were charged days of a run by a correction, so that another pass over it leaves them alone."""
    bill_of = {bill.account_id: bill.pk for bill in bills}
    # An account that the run has billed stands in it already, with its own bill, and keeps it.
    RunItem.objects.bulk_create(
        [
            RunItem(run=run, account_id=account_id, chunk=BY_CORRECTION, bill_id=bill_of[account_id])
            for run, found in zip(runs, differences, strict=True)
            for account_id in {more.slot.account for more in found.more}
        ],
        ignore_conflicts=True,
    )


def _list_issued_runs(community: Community, unit_ids: Collection[int], since: date) -> Iterable[BillRun]:
    lines = ChargeLine.objects.filter(
        bill__account__unit__in=unit_ids, bill__state=BillState.ISSUED, period_end__gt=since
    )
    ids = lines.exclude(bill__run=None).values("bill__run")
    again = PoolResharing.objects.filter(pool__period_end__gt=since).approved().values("pool__run")
    runs = BillRun.objects.filter(community=community)
    return runs.filter(Q(pk__in=ids) | Q(pk__in=again)).order_by("period_start")


def _compare(run: BillRun, unit_ids: Collection[int], since: date) -> Differences:
    plan = shared_again(with_pools(load_plan(run), run.pk), run.pk)
    plan = replace(plan, items=tuple(item for item in plan.items if item.period.end > since))
    asked, billed = _list_asked(run, plan, unit_ids)
    span = hull(plan)
    accounts = ChargeAccount.objects.filter(unit__in=unit_ids).overlapping(span.start, span.end)
    units = dict(accounts.values_list("pk", "unit_id"))
    unissued = find_unissued(run, units)
    batch = compute(plan, sorted(units))
    parked = {unit for found in batch.charged.findings if found.blocks for unit in found.units.tolist()}

    def counts(slot: Slot) -> bool:
        unit = units.get(slot.account)
        known = unit is not None and unit not in parked and slot.account not in unissued
        return known and (unit, slot.fee_item) in billed

    return find_differences(
        {slot: due for slot, due in _list_due(batch).items() if counts(slot)},
        {slot: lines for slot, lines in asked.items() if units.get(slot.account) not in parked},
    )


def _list_asked(
    run: BillRun, plan: Plan, unit_ids: Collection[int]
) -> tuple[dict[Slot, list[Asked]], set[tuple[int, int]]]:
    """Return by slot the run's lines and the corrections of its periods, and which items each unit was asked for."""
    asked: dict[Slot, list[Asked]] = defaultdict(list)
    billed: set[tuple[int, int]] = set()
    items = {item.id for item in plan.items}
    rows = _with_reductions(ChargeLine.objects.filter(bill__account__unit__in=unit_ids, fee_item__in=items))
    own = Q(bill__run=run) | Q(bill__schedule=CORRECTION)
    for line in rows.filter(own, bill__state=BillState.ISSUED).select_related("bill__account").order_by("pk"):
        if line.bill.run_id != run.pk and not _is_of(line, plan):
            continue
        billed.add((line.bill.account.unit_id, line.fee_item_id))
        asked[Slot(line.bill.account_id, line.fee_item_id)].append(
            Asked(line.pk, line.amount - line.corrected, line.amount - line.reduced + line.discounted)
        )
    return asked, billed


def _with_reductions(rows: Any) -> Any:
    money = DecimalField(max_digits=14, decimal_places=2)
    by_discount = Sum("waivers__amount", filter=Q(waivers__kind=ReductionKind.DISCOUNT))
    by_correction = Sum("waivers__amount", filter=Q(waivers__kind=ReductionKind.CORRECTION))
    return rows.annotate(
        corrected=Coalesce(by_correction, ZERO, output_field=money),
        discounted=Coalesce(by_discount, ZERO, output_field=money),
        reduced=Coalesce(Sum("waivers__amount"), ZERO, output_field=money),
    )


def _is_of(line: ChargeLine, plan: Plan) -> bool:
    """Whether a correction is about days that the run charged."""
    return any(
        item.id == line.fee_item_id
        and item.period.start <= line.period_start
        and line.period_end <= item.period.end
        for item in plan.items
    )


def _list_due(batch: Batch) -> dict[Slot, Due]:
    """What each slot comes to by the facts of today, its parts together."""
    lines = batch.charged.lines
    columns = (
        batch.slab.accounts.id[lines.account],
        lines.fee_item,
        lines.amount_fen,
        lines.start,
        lines.end,
    )
    due: dict[Slot, Due] = {}
    for account, item, fen, start, end in np.column_stack(columns).tolist():
        slot, span = Slot(account, item), Period(date.fromordinal(start), date.fromordinal(end))
        before = due.get(slot, Due(ZERO, span))
        whole = Period(min(before.period.start, span.start), max(before.period.end, span.end))
        due[slot] = Due(before.amount + to_yuan(fen), whole)
    return due


def _correct(differences: Sequence[Differences], approval: Approval) -> Corrected:
    less: Mapping[int, Decimal] = {line: part for found in differences for line, part in found.less.items()}
    additions = [
        Addition(more.slot.account, more.slot.fee_item, more.period, more.amount, more.line)
        for found in differences
        for more in found.more
    ]
    reductions = reduce_lines(amounts=less, kind=ReductionKind.CORRECTION, approval=approval) if less else []
    bills = charge_correction(additions=additions, approval=approval) if additions else []
    return Corrected(reductions, bills)
