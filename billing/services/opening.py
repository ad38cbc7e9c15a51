"""Imports the opening balances of a community that goes live (B14); undoing is in `opening_undo`.

What is owed becomes bills of the schedule `opening`; what was paid ahead is handed to the app that keeps such money;
deposits are booked for their accounts; what was paid long ago is kept as history. One journal entry a file balances
it all against the account of opening balances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing import wording
from billing.domain.inputs import OpeningInputs
from billing.domain.opening_plan import Entry, OpeningPlan, plan_opening
from billing.domain.opening_rows import Kind, read_opening
from billing.models import Bill, ChargeLine, FeeItem, LateFeePause, OpeningImport, OpeningItem
from billing.models.bills import OPENING
from billing.models.late_fees import PauseCause
from billing.selectors.opening import get_held_opening
from billing.services.accounts import open_accounts
from billing.services.opening_keepers import HeldDeposit, Holdings, get_keeper
from billing.services.single_bills import BillDraft, create_bills
from billing.services.tariffs import create_fee_item
from core import audit
from core.errors import InvalidError, Problem
from core.events import publish
from core.money import ZERO
from core.periods import Period
from core.tables.reader import OpenedFile
from core.tables.wording import problem_of, problems_of
from estates.models import Community
from ledger import chart
from ledger.services import Leg, open_books, post

FATES = ("created", "unchanged", "rejected")


class NoOpeningError(InvalidError):
    """The file can be read, but no sheet of it is a table of opening balances."""

    code = "no_table"


@dataclass(frozen=True)
class OpeningOutcome:
    """What an import did, or a preview would do; amounts in yuan. ``record`` is None for a preview."""

    plan: OpeningPlan
    problems: Sequence[Problem]
    record: OpeningImport | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the form of the commands' contract."""
        plan = self.plan
        return {
            **{fate: plan.counts[fate] for fate in FATES},
            "accounts": len({entry.account_id for entry in plan.entries}),
            "lines": plan.count(Kind.OWED),
            "owed": plan.total(Kind.OWED),
            "prepaid": plan.total(Kind.PREPAID),
            "deposits": plan.total(Kind.DEPOSIT),
            "history": plan.count(Kind.HISTORY),
            "fee_items": plan.new_fees,
            "import": self.record.pk if self.record else None,
            "problems": list(self.problems),
        }


def preview_opening(*, community: Community, file: OpenedFile, as_of: date) -> OpeningOutcome:
    """Return what an import of the file would do; nothing stays.

    Raises NoOpeningError.
    """
    with transaction.atomic():
        open_accounts(community=community, as_of=as_of)
        outcome = _read(community, file, as_of)
        transaction.set_rollback(True)
    return outcome


@transaction.atomic
def import_opening(
    *, community: Community, file: OpenedFile, as_of: date, by: Any, now: datetime
) -> OpeningOutcome:
    """Take the good rows of an opening file in, booked on ``as_of``; bad rows are reported and left out.

    The same file twice changes nothing the second time. Imports of one community wait for one another. Publishes
    ``billing.opening_imported``; nobody is sent a notice of old bills.

    Raises NoOpeningError, PeriodClosedError.
    """
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    open_accounts(community=community, as_of=as_of)
    outcome = _read(community, file, as_of)
    record = _record(community, file, outcome, as_of, by, now)
    if outcome.plan.entries:
        open_books(company=community.company)
        fees = _make_fee_items(community, outcome.plan)
        _write(record, outcome.plan.entries, fees, now)
    publish("billing.opening_imported", import_id=record.pk, community_id=community.pk)
    return replace(outcome, record=record)


def _read(community: Community, file: OpenedFile, as_of: date) -> OpeningOutcome:
    rows, remarks = read_opening(file.sheets, as_of)
    if not rows:
        problems = [problem_of(finding, wording.OPENING) for finding in remarks]
        raise NoOpeningError(str(wording.OPENING["no_table"]), problems=problems)
    plan = plan_opening(rows, get_held_opening(community), as_of)
    findings = [*remarks, *(finding for row in rows for finding in row.row.findings)]
    return OpeningOutcome(plan, problems_of(findings, wording.OPENING, file.sheets))


def _record(
    community: Community, file: OpenedFile, outcome: OpeningOutcome, as_of: date, by: Any, now: datetime
) -> OpeningImport:
    record = OpeningImport.objects.create(
        community=community,
        file_name=file.name,
        file_hash=file.digest,
        as_of=as_of,
        problems=[problem.as_dict() for problem in outcome.problems],
        imported_by=str(by or "")[:150],
        imported_at=now,
        **{f"{fate}_count": outcome.plan.counts[fate] for fate in FATES},
    )
    audit.record(
        action="billing.import_opening",
        target=record,
        by=by,
        community_id=community.pk,
        after={key: value for key, value in outcome.as_dict().items() if key != "problems"},
        reason=file.name,
    )
    return record


def _make_fee_items(community: Community, plan: OpeningPlan) -> dict[str, FeeItem]:
    """Make the fee items nobody knew yet, and return all by the words they are looked up by."""
    for name in plan.new_fees:
        create_fee_item(community=community, name=name)
    held = get_held_opening(community).fees
    items = FeeItem.objects.in_bulk(set(held.values()))
    return {word: items[pk] for word, pk in held.items()}


# Writing ------------------------------------------------------------------------------------------------


def _write(
    record: OpeningImport, entries: Sequence[Entry], fees: Mapping[str, FeeItem], now: datetime
) -> None:
    owed = [entry for entry in entries if entry.fact.kind == Kind.OWED]
    lines = _create_lines(record, owed, _create_bills(record, owed), fees)
    _rest_late_fees(record, lines.values(), now)
    holdings = Holdings(
        record.community_id,
        record.source,
        _sums(entries, Kind.PREPAID),
        [
            HeldDeposit(e.account_id, e.fact.fee, e.fact.amount)
            for e in entries
            if e.fact.kind == Kind.DEPOSIT
        ],
    )
    get_keeper().bring_in(holdings=holdings, day=record.as_of, now=now)
    _post(record, _sums(entries, Kind.OWED), holdings.prepaid, holdings.deposits_by_account)
    OpeningItem.objects.bulk_create(
        [_item(record, entry, fees, lines.get(entry.key)) for entry in entries], batch_size=2000
    )


def _sums(entries: Sequence[Entry], kind: Kind) -> dict[int, Decimal]:
    sums: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        if entry.fact.kind == kind:
            sums[entry.account_id] += entry.fact.amount
    return dict(sorted(sums.items()))


def _create_bills(record: OpeningImport, owed: Sequence[Entry]) -> dict[tuple[int, Any], Bill]:
    """One bill an account and period, owed since the days of the file; due when the file says, else at its end."""
    groups: defaultdict[tuple[int, Any], list[Entry]] = defaultdict(list)
    for entry in owed:
        groups[entry.account_id, entry.fact.period].append(entry)
    drafts = [_draft(record, *key, group) for key, group in groups.items()]
    return dict(zip(groups, create_bills(OPENING, drafts), strict=True))


def _draft(record: OpeningImport, account_id: int, period: Period, group: Sequence[Entry]) -> BillDraft:
    due_days = [entry.fact.due_on for entry in group if entry.fact.due_on]
    return BillDraft(
        community_id=record.community_id,
        account_id=account_id,
        period=period,
        total=sum((entry.fact.amount for entry in group), ZERO),
        issued_on=record.as_of,
        due_on=max(due_days, default=period.last_day),
    )


def _create_lines(
    record: OpeningImport,
    owed: Sequence[Entry],
    bills: Mapping[tuple[int, Any], Bill],
    fees: Mapping[str, FeeItem],
) -> dict[str, ChargeLine]:
    """Write the lines and return each by the key of its fact."""
    parts: dict[tuple[int, int], count[int]] = {}
    lines = {}
    for entry in owed:
        bill, item = bills[entry.account_id, entry.fact.period], fees[entry.fee_key]
        part = next(parts.setdefault((bill.pk, item.pk), count()))
        inputs: OpeningInputs = {
            "file": record.file_name,
            "sheet": entry.sheet,
            "row": entry.line,
            "due": str(entry.fact.due),
            "received": str(entry.fact.received),
            "rounding": "fen",
        }
        lines[entry.key] = ChargeLine(
            bill=bill,
            fee_item=item,
            part=part,
            period_start=bill.period_start,
            period_end=bill.period_end,
            method=OPENING,
            amount=entry.fact.amount,
            inputs=inputs,
        )
    ChargeLine.objects.bulk_create(lines.values(), batch_size=2000)
    return lines


def _rest_late_fees(record: OpeningImport, lines: Iterable[ChargeLine], now: datetime) -> None:
    """Let no late fee grow for days before the opening: what they brought is in the file."""
    LateFeePause.objects.bulk_create(
        [
            LateFeePause(
                community_id=record.community_id,
                line=line,
                cause=PauseCause.OTHER,
                first_day=line.bill.due_on,
                last_day=record.as_of - timedelta(days=1),
                reason=_("Before going live: late fees of these days came with the file."),
                source=record.source,
                approved_by=record.imported_by,
                written_at=now,
            )
            for line in lines
            if line.bill.due_on < record.as_of
        ],
        batch_size=2000,
    )


def _post(
    record: OpeningImport,
    owed: Mapping[int, Decimal],
    prepaid: Mapping[int, Decimal],
    deposits: Mapping[int, Decimal],
) -> None:
    """One entry: what each account owes against the opening balances, less what it has with us."""
    legs = [
        *(Leg(chart.RECEIVABLE, amount, account) for account, amount in owed.items()),
        *(Leg(chart.PREPAYMENT, -amount, account) for account, amount in prepaid.items()),
        *(Leg(chart.DEPOSIT, -amount, account) for account, amount in deposits.items()),
    ]
    if legs:
        balance = sum((leg.amount for leg in legs), ZERO)
        post(
            company_id=record.community.company_id,
            community_id=record.community_id,
            booked_on=record.as_of,
            kind="opening",
            source=record.source,
            memo=record.file_name[:200],
            legs=[*legs, Leg(chart.OPENING, -balance)],
        )


def _item(
    record: OpeningImport, entry: Entry, fees: Mapping[str, FeeItem], line: ChargeLine | None
) -> OpeningItem:
    fact = entry.fact
    return OpeningItem(
        opening=record,
        community_id=record.community_id,
        kind=fact.kind.value,
        account_id=entry.account_id,
        fee_item=fees.get(entry.fee_key),
        fee_name=fact.fee,
        line=line,
        period_start=fact.period.start if fact.period else None,
        period_end=fact.period.end if fact.period else None,
        day=fact.due_on,
        amount=fact.amount,
        due=fact.due,
        received=fact.received,
        note=fact.note,
        sheet=entry.sheet[:100],
        row=entry.line,
        key=entry.key,
    )
