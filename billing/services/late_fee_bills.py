"""Late fee becomes owed: what has grown is charged as lines of a bill, and posted as late-fee revenue.

Until then it is contingent and stands nowhere but in the facts it follows from. What was charged is a line like any
other: outstanding, allocated, waived and voided the same way. Charging again takes only what has grown since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction

from billing.models import Bill, ChargeAccount, ChargeLine, FeeItem, LateFeeCharge, LateFeePolicy
from billing.models.bills import LATE_FEE
from billing.models.late_fees import Charging
from billing.models.tariffs import PostingProfile, Treatment
from billing.selectors.late_fee_lines import LateLine, ever_late, list_late_lines
from billing.selectors.late_fee_policies import Clauses
from billing.selectors.late_fees import read_late_fees
from billing.selectors.outstanding import OpenLine
from billing.services.locking import lock_accounts
from billing.services.single_bills import BillDraft, create_bills
from core import audit
from core.events import publish
from core.periods import Period
from estates.models import Community
from ledger import chart
from ledger.selectors import get_booking_day
from ledger.services import Leg, Posting, post_many

ONE_DAY = timedelta(days=1)
SINCE_EVER = date(2000, 1, 1)
RANK = 9000
CHUNK = 500


@dataclass(frozen=True)
class Charged:
    """What charging came to: bills, lines and their sum in yuan."""

    bills: int = 0
    lines: int = 0
    total: Decimal = Decimal("0.00")

    def __add__(self, other: Charged) -> Charged:
        return Charged(self.bills + other.bills, self.lines + other.lines, self.total + other.total)


def charge_community(*, community: Community, as_of: date, now: datetime, by: Any) -> Charged:
    """Charge all open late fee of a community as of the end of a day, some hundred accounts a transaction.

    Safe to run again after a crash, and twice for a day: what is charged is not open any more.
    """
    # Only a list of candidates; what is charged is worked out again under each account's lock.
    columns = read_late_fees(as_of, [community.pk])
    growing = columns["fee_fen"] > columns["charged_fen"]
    account_ids = np.unique(columns["account"][growing]).tolist()
    charged = Charged()
    for start in range(0, len(account_ids), CHUNK):
        chunk = account_ids[start : start + CHUNK]
        charged += charge_late_fees(account_ids=chunk, as_of=as_of, now=now, by=by)
    return charged


def charge_at_payment(
    *,
    accounts: Mapping[int, ChargeAccount],
    as_of: date,
    now: datetime,
    by: Any = None,
    met: Iterable[OpenLine] | None = None,
    clauses: Clauses | None = None,
) -> Charged:
    """Charge the late fee of accounts that pay, where the community's clause says so.

    ``as_of`` is the value day of the money, whose beginning decides what the fee of the day is: before or after the
    money is set against the lines, the fee is the same. ``met`` are the lines it meets when it was meant for some; the
    fee of other lines stays contingent. None: all the accounts owe. ``clauses`` are handed along by whoever charges for
    many payments. Called by payments inside the transaction that books the money, which has locked the accounts.
    """
    if met is None:
        clauses = clauses or _read_clauses(accounts)
        asking = clauses.charging_at_payment()
        wanted = {pk: account for pk, account in accounts.items() if account.community_id in asking}
        return _charge(wanted, as_of=as_of, now=now, by=by, clauses=clauses) if wanted else Charged()
    overdue = [line for line in met if line.due_on < as_of and line.fee_item_code != LATE_FEE]
    if not overdue:
        return Charged()
    clauses = clauses or _read_clauses(accounts)
    bearing = [line.line_id for line in overdue if _is_bearing(line, accounts, as_of, clauses)]
    if not bearing:
        return Charged()
    return _charge(accounts, as_of=as_of, now=now, by=by, clauses=clauses, line_ids=bearing)


def _read_clauses(accounts: Mapping[int, ChargeAccount]) -> Clauses:
    return Clauses({account.community_id for account in accounts.values()})


def _is_bearing(line: OpenLine, accounts: Mapping[int, ChargeAccount], as_of: date, clauses: Clauses) -> bool:
    """Whether an overdue line is past its grace and its clause charges late fee with the payment."""
    policy = clauses.find(accounts[line.account_id].community_id, line.due_on)
    if policy is None or policy.charging != Charging.PAYMENT:
        return False
    return as_of > policy.terms.last_good_day(clauses.late_from(line.due_on))


@transaction.atomic
def charge_late_fees(
    *,
    account_ids: Collection[int],
    as_of: date,
    now: datetime,
    by: Any,
    line_ids: Collection[int] | None = None,
) -> Charged:
    """Charge what has grown on the lines of accounts as of the end of a day: one bill an account.

    ``line_ids`` narrows it to the late fee of these principal lines. Accounts are locked, and what was charged before
    counts whatever its day, so that nothing is charged twice. A bill is due on the day it is made; a day in a closed
    month is booked on the first open one. Publishes ``billing.late_fee_charged`` with ``bill_ids``.
    """
    accounts = lock_accounts(account_ids)
    clauses = _read_clauses(accounts)
    return _charge(accounts, as_of=as_of, now=now, by=by, clauses=clauses, line_ids=line_ids)


def _charge(
    accounts: Mapping[int, ChargeAccount],
    *,
    as_of: date,
    now: datetime,
    by: Any,
    clauses: Clauses,
    line_ids: Collection[int] | None = None,
) -> Charged:
    """Charge locked accounts."""
    late = _list_growing(accounts, as_of, clauses, line_ids)
    if not late:
        return Charged()
    items = _find_items({line.account_id: accounts[line.account_id].community for line in late}.values())
    bills = _create_bills(accounts, late, _find_days(accounts, as_of))
    lines = _create_lines(bills, late, items)
    _post(bills, accounts)
    _audit(bills, accounts, as_of, by)
    publish("billing.late_fee_charged", bill_ids=[bill.pk for bill in bills.values()])
    return Charged(len(bills), len(lines), sum((bill.total for bill in bills.values()), Decimal("0.00")))


@dataclass(frozen=True)
class _Growing:
    """A late line of which something has grown since it was last charged."""

    late: LateLine

    @property
    def account_id(self) -> int:
        return self.late.account_id

    @property
    def charged(self) -> Decimal:
        """What was charged before, whatever its day."""
        return self.late.charges.written

    @property
    def amount(self) -> Decimal:
        return self.late.fee.amount - self.charged


def _list_growing(
    accounts: Mapping[int, ChargeAccount], as_of: date, clauses: Clauses, line_ids: Collection[int] | None
) -> list[_Growing]:
    """The late lines with something to charge, by account and due day."""
    lines = ChargeLine.objects.filter(bill__account__in=accounts)
    # Worked out anew under the lock, whatever the list that led here said: somebody may have charged or paid.
    chosen = ever_late(lines, as_of) if line_ids is None else lines.filter(pk__in=line_ids)
    growing = map(_Growing, list_late_lines(chosen, as_of, clauses))
    return sorted((one for one in growing if one.amount > 0), key=lambda one: one.account_id)


def _find_items(communities: Collection[Community]) -> dict[int, FeeItem]:
    """The late-fee item of each community; the first charge opens it."""
    known = FeeItem.objects.filter(community__in=communities, code=LATE_FEE)
    items = {item.community_id: item for item in known}
    return items | {one.pk: _open_item(one) for one in set(communities) if one.pk not in items}


def _open_item(community: Community) -> FeeItem:
    """Open the late-fee item of a community, named as its clause names it, with late-fee revenue in the books."""
    latest = LateFeePolicy.objects.filter(community=community).latest("start")
    item, is_new = FeeItem.objects.get_or_create(
        community=community,
        code=LATE_FEE,
        defaults={"name": latest.name, "cycle": "month", "timing": "arrears", "rank": RANK},
    )
    if is_new:
        PostingProfile.objects.create(
            fee_item=item, treatment=Treatment.INCOME, ledger_code=chart.LATE_FEE, start=SINCE_EVER
        )
    return item


def _find_days(accounts: Mapping[int, ChargeAccount], as_of: date) -> dict[Community, date]:
    """The day each community's bills are issued and booked on: the day itself, or the first one its books take."""
    communities = {account.community for account in accounts.values()}
    return {
        one: get_booking_day(company_id=one.company_id, community_id=one.pk, day=as_of) for one in communities
    }


def _create_bills(
    accounts: Mapping[int, ChargeAccount], growing: Sequence[_Growing], days: Mapping[Community, date]
) -> dict[int, Bill]:
    """One issued bill an account, by account; its period is the last day that counts."""
    as_of = growing[0].late.as_of
    totals: dict[int, Decimal] = defaultdict(lambda: Decimal("0.00"))
    for one in growing:
        totals[one.account_id] += one.amount
    drafts = [
        BillDraft(
            community_id=accounts[account_id].community_id,
            account_id=account_id,
            period=Period(as_of, as_of + ONE_DAY),
            total=total,
            issued_on=days[accounts[account_id].community],
            due_on=days[accounts[account_id].community],
        )
        for account_id, total in totals.items()
    ]
    return dict(zip(totals, create_bills(LATE_FEE, drafts), strict=True))


def _create_lines(
    bills: Mapping[int, Bill], growing: Sequence[_Growing], items: Mapping[int, FeeItem]
) -> list[ChargeLine]:
    parts: dict[int, int] = defaultdict(int)
    lines, charges = [], []
    for one in growing:
        bill = bills[one.account_id]
        first = one.late.fee.parts[0].stretch.first
        line = ChargeLine(
            bill=bill,
            fee_item=items[bill.community_id],
            part=parts[bill.pk],
            period_start=first,
            period_end=one.late.as_of + ONE_DAY,
            method=LATE_FEE,
            amount=one.amount,
            inputs=one.late.inputs(one.charged),
        )
        parts[bill.pk] += 1
        lines.append(line)
        charges.append(
            LateFeeCharge(
                line=line,
                principal_id=one.late.line_id,
                policy=one.late.policy,
                through=one.late.as_of,
                number=one.late.charges.times,
            )
        )
    ChargeLine.objects.bulk_create(lines)
    LateFeeCharge.objects.bulk_create(charges)
    return lines


def _post(bills: Mapping[int, Bill], accounts: Mapping[int, ChargeAccount]) -> None:
    """Post one entry a bill: receivable against late-fee revenue."""
    by_community: dict[Community, list[Bill]] = defaultdict(list)
    for account_id, bill in bills.items():
        by_community[accounts[account_id].community].append(bill)
    for community, of_community in by_community.items():
        post_many(
            company_id=community.company_id,
            community_id=community.pk,
            kind=LATE_FEE,
            postings=[
                Posting(
                    bill.due_on,
                    f"late_fee:{bill.pk}",
                    [Leg(chart.RECEIVABLE, bill.total, bill.account_id), Leg(chart.LATE_FEE, -bill.total)],
                    bill.number,
                )
                for bill in of_community
            ],
        )


def _audit(bills: Mapping[int, Bill], accounts: Mapping[int, ChargeAccount], as_of: date, by: Any) -> None:
    by_community: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for account_id, bill in bills.items():
        by_community[accounts[account_id].community_id][bill.number] = bill.total
    for community_id, totals in by_community.items():
        audit.record(
            action="billing.charge_late_fees",
            target=f"late_fee:{as_of}",
            by=by,
            community_id=community_id,
            after={"bills": totals, "as_of": as_of},
        )
