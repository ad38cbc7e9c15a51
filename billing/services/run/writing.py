"""Writing one chunk of a run: bills, lines and run items with COPY, in one transaction, exactly once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.db import connection, transaction
from django.db.models import F

from billing.domain.charges import Charged, charge_slab
from billing.domain.numbers import bill_numbers
from billing.domain.slab import UNKNOWN, Finding, IntArray, Lines, Plan, Slab
from billing.models import Bill, BillRun, BillState, ChargeLine, RunChunk, RunItem
from billing.selectors.columns import iso_days
from billing.selectors.held_readings import find_held_readings
from billing.selectors.snapshot import load_plan, load_slab, with_pools
from billing.services.locking import standing_facts
from billing.services.run.posting import Owed, post_bills
from billing.services.run.problems import record_findings
from core.bulk import NULL, Fen, Scaled, Text, copy_rows, render_scaled, reserve_ids
from core.failpoints import failpoint
from core.money import to_yuan


@dataclass(frozen=True)
class Batch:
    """Computed charges of some chunks, waiting to be written."""

    slab: Slab
    charged: Charged


@dataclass(frozen=True)
class NewBills:
    """The bills of one chunk in parallel columns: ids, accounts, totals in fen, and the lines by bill."""

    ids: IntArray
    accounts: IntArray
    totals_fen: IntArray
    lines: Lines
    bill_of_line: IntArray

    def fen_by_item(self) -> dict[int, int]:
        """The sum of the lines of each fee item, in fen."""
        items, which = np.unique(self.lines.fee_item, return_inverse=True)
        sums = np.zeros_like(items)
        np.add.at(sums, which, self.lines.amount_fen)
        return dict(zip(items.tolist(), sums.tolist(), strict=True))


def compute(plan: Plan, account_ids: Sequence[int]) -> Batch:
    """Load the facts of these accounts and work out their charges; nothing is written."""
    slab = load_slab(plan, account_ids)
    charged = charge_slab(plan, slab)
    held = list(find_held_readings(slab))
    return Batch(slab, replace(charged, findings=[*_leave_out_held(charged.findings, held), *held]))


def _leave_out_held(findings: Iterable[Finding], held: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, but that a meter was not read only where no reading of the unit waits: that says more."""
    waiting = [unit for finding in held for unit in finding.units.tolist()]
    for finding in findings:
        if finding.code != "meter_unread":
            yield finding
        elif (others := np.setdiff1d(finding.units, waiting)).size:
            yield replace(finding, units=others)


def bill_chunk(run_id: int, number: int, *, due_on: date | None = None) -> int:
    """Bill one chunk on its own, as a worker does, and return how many bills it made.

    ``due_on``: the due day of these bills, when it is not the run's.

    Safe to run twice and beside others: the chunk's row is locked, and a billed chunk makes nothing. The pools of
    the run are frozen already, so the chunk's own accounts are all that has to be loaded.
    """
    run = BillRun.objects.get(pk=run_id)
    chunk = RunChunk.objects.get(run=run, number=number)
    if chunk.is_billed:
        return 0
    with standing_facts(run.community_id):
        batch = compute(with_pools(load_plan(run), run_id), chunk.account_ids)
        return write_chunk(run_id, number, batch, due_on=due_on)


def write_chunk(run_id: int, number: int, batch: Batch, *, due_on: date | None = None) -> int:
    """Write the bills of one chunk, all or none, and return their number.

    Once issuing has begun they are written as issued, and enter the journal in the same transaction.
    """
    failpoint("billing.chunk.started")
    will_commit = not connection.in_atomic_block  # in a dry run nothing is committed, nor checked
    with transaction.atomic():
        chunk = RunChunk.objects.select_for_update(of=("self",)).get(run_id=run_id, number=number)
        if chunk.is_billed:
            return 0
        failpoint("billing.chunk.looked")
        # Read after the chunk is locked: issuing may have begun since the batch was computed, and then
        # these bills are issued.
        run = BillRun.objects.select_related("community").get(pk=run_id)
        bills = _make_bills(batch, chunk.account_ids)
        _copy_bills(run, bills, due_on or run.due_on)
        _copy_lines(bills)
        _copy_items(run, number, bills)
        if run.booked_on:
            post_bills(run, number, Owed(bills.ids, bills.accounts, bills.totals_fen, bills.fen_by_item()))
        _record_findings_of(run, chunk, batch)
        if will_commit:
            connection.check_constraints()  # at COMMIT they would be checked while the run's row is locked
        _finish_chunk(chunk, bills)
        failpoint("billing.chunk.before_commit")
    failpoint("billing.chunk.committed")
    return bills.ids.size


def _make_bills(batch: Batch, account_ids: Sequence[int]) -> NewBills:
    """Cut the chunk's bills out of the batch. An account whose lines sum to nothing gets no bill."""
    accounts, lines = batch.slab.accounts, batch.charged.lines
    of_chunk = np.isin(accounts.id, np.array(account_ids, dtype=np.int64))
    lines = lines.take(np.flatnonzero(of_chunk[lines.account]))
    rows, first, counts = np.unique(lines.account, return_index=True, return_counts=True)
    totals = np.add.reduceat(lines.amount_fen, first) if rows.size else np.array([], dtype=np.int64)
    paying = totals > 0
    lines = lines.take(np.flatnonzero(np.repeat(paying, counts)))
    ids = np.array(reserve_ids(Bill, int(paying.sum())), dtype=np.int64)
    return NewBills(ids, accounts.id[rows[paying]], totals[paying], lines, np.repeat(ids, counts[paying]))


def _copy_bills(run: BillRun, bills: NewBills, due_on: date) -> None:
    count = bills.ids.size
    constants = {
        "community_id": run.community_id,
        "run_id": run.pk,
        "schedule": run.schedule,
        "period_start": run.period_start,
        "period_end": run.period_end,
        "due_on": due_on,
        "state": BillState.ISSUED if run.booked_on else BillState.DRAFT,
        "issued_on": run.booked_on or NULL,
    }
    copy_rows(
        Bill._meta.db_table,
        {
            "id": bills.ids,
            "account_id": bills.accounts,
            "number": Text(bill_numbers(run.period_start, bills.ids)),
            "total": Fen(bills.totals_fen),
            **{name: Text([str(value)] * count) for name, value in constants.items()},
        },
    )
    failpoint("billing.chunk.bills_written")


def _copy_lines(bills: NewBills) -> None:
    lines = bills.lines
    copy_rows(
        ChargeLine._meta.db_table,
        {
            "bill_id": bills.bill_of_line,
            "fee_item_id": lines.fee_item,
            "tariff_version_id": lines.tariff,
            "part": lines.part,
            "period_start": Text(iso_days(lines.start)),
            "period_end": Text(iso_days(lines.end)),
            "method": Text(lines.method.tolist()),
            "quantity": Scaled(lines.quantity, 4),
            "price": Text(_prices(lines.price)),
            "amount": Fen(lines.amount_fen),
            "inputs": lines.inputs.tolist(),
        },
    )
    failpoint("billing.chunk.lines_written")


def _prices(prices: IntArray) -> list[str]:
    values, which = np.unique(prices, return_inverse=True)
    texts = np.array(
        [NULL if v == UNKNOWN else t for v, t in zip(values.tolist(), render_scaled(values, 6), strict=True)]
    )
    found: list[str] = texts[which].tolist()
    return found


def _copy_items(run: BillRun, number: int, bills: NewBills) -> None:
    count = bills.ids.size
    copy_rows(
        RunItem._meta.db_table,
        {
            "run_id": Text([str(run.pk)] * count),
            "account_id": bills.accounts,
            "chunk": Text([str(number)] * count),
            "bill_id": bills.ids,
        },
    )
    failpoint("billing.chunk.items_written")


def _record_findings_of(run: BillRun, chunk: RunChunk, batch: Batch) -> None:
    """Record what was found about the chunk's own units; a batch may hold other chunks too."""
    accounts = batch.slab.accounts
    units = accounts.unit[np.isin(accounts.id, np.array(chunk.account_ids, dtype=np.int64))]
    findings = [
        Finding(f.code, f.fee_item, f.units[np.isin(f.units, units)], f.blocks)
        for f in batch.charged.findings
    ]
    record_findings(run, findings)


def _finish_chunk(chunk: RunChunk, bills: NewBills) -> None:
    """Mark the chunk and add it to the run's figures, last of all, since this locks the run's row."""
    chunk.is_billed = True
    chunk.save(update_fields=["is_billed"])
    BillRun.objects.filter(pk=chunk.run_id).update(
        chunks_done=F("chunks_done") + 1,
        bill_count=F("bill_count") + bills.ids.size,
        line_count=F("line_count") + bills.bill_of_line.size,
        total=F("total") + to_yuan(int(bills.totals_fen.sum())),
    )
