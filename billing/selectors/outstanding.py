"""What is outstanding: the one place every page, letter, export and decision gets an open amount from.

outstanding = amount − allocations − waivers, for lines of bills that are issued and not void. ``as_of`` counts
bills issued and money of a value day up to and including the day; without it everything written counts, which is
what decisions under a lock need.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import Allocation, Bill, BillState, ChargeLine, Waiver
from core.money import FEN, ZERO
from core.periods import Period
from estates.models import name_unit

OPEN_LINE_COLUMNS = (
    "bill__account_id",
    "bill__account__unit__code",
    "bill__account__unit__kind",
    "bill__account__unit__building__code",
    "bill__account__unit__stair",
    "bill__account__unit__room",
    "period_start",
    "period_end",
    "pk",
    "bill_id",
    "bill__number",
    "bill__due_on",
    "fee_item_id",
    "fee_item__code",
    "fee_item__name",
    "fee_item__rank",
    "amount",
    "settled",
    "waived",
)
"""What an OpenLine is made from: its account, what names the unit, its period, then its fields in their order."""


@dataclass(frozen=True)
class OpenLine:
    """A charge line with something left to pay, and what a policy needs to choose among such lines."""

    account_id: int
    unit: str
    unit_columns: tuple[str, str | None, str, str]
    period: Period
    line_id: int
    bill_id: int
    bill_number: str
    due_on: date
    fee_item_id: int
    fee_item_code: str
    fee_item_name: str
    fee_item_rank: int
    amount: Decimal
    settled: Decimal
    waived: Decimal

    @property
    def unit_label(self) -> str:
        """How people name the unit, in the reader's language."""
        return name_unit(self.unit, *self.unit_columns)

    @property
    def outstanding(self) -> Decimal:
        """What is left to pay, in yuan."""
        return self.amount - self.settled - self.waived


@dataclass(frozen=True)
class Balance:
    """Charged, settled and waived amounts of a bill or an account, in yuan."""

    amount: Decimal = ZERO
    settled: Decimal = ZERO
    waived: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        """What is left to pay, in yuan."""
        return self.amount - self.settled - self.waived


def lines_with_outstanding(lines: QuerySet[ChargeLine], as_of: date | None = None) -> QuerySet[Any]:
    """Keep lines of issued bills and annotate ``settled``, ``waived`` and ``outstanding``."""
    return _with_settlement(lines, as_of).annotate(outstanding=F("amount") - F("settled") - F("waived"))


def _with_settlement(lines: QuerySet[ChargeLine], as_of: date | None) -> QuerySet[Any]:
    settled = _sum_of(Allocation.objects.filter(line=OuterRef("pk")), "line", as_of)
    waived = _sum_of(Waiver.objects.filter(line=OuterRef("pk")), "line", as_of)
    return lines.filter(issued("bill__", as_of)).annotate(settled=settled, waived=waived)


def bills_with_outstanding(bills: QuerySet[Bill], as_of: date | None = None) -> QuerySet[Any]:
    """Keep issued bills and annotate ``settled``, ``waived`` and ``outstanding``; filter on them as you like."""
    return annotate_outstanding(bills.filter(issued("", as_of)), as_of)


def annotate_outstanding(bills: QuerySet[Bill], as_of: date | None = None) -> QuerySet[Any]:
    """Annotate bills of every state with ``settled``, ``waived`` and ``outstanding``; a draft owes nothing yet."""
    settled = _sum_of(Allocation.objects.filter(line__bill=OuterRef("pk")), "line__bill", as_of)
    waived = _sum_of(Waiver.objects.filter(line__bill=OuterRef("pk")), "line__bill", as_of)
    return bills.annotate(settled=settled, waived=waived).annotate(
        outstanding=F("total") - F("settled") - F("waived")
    )


def open_lines(
    *,
    as_of: date | None = None,
    account_ids: Collection[int] | None = None,
    bill_ids: Collection[int] | None = None,
    line_ids: Collection[int] | None = None,
) -> list[OpenLine]:
    """Lines with something left to pay, by due day, bill, rank of the fee item and line, in one query."""
    chosen = {"bill__account_id__in": account_ids, "bill_id__in": bill_ids, "pk__in": line_ids}
    lines = ChargeLine.objects.filter(**{path: ids for path, ids in chosen.items() if ids is not None})
    rows = _with_settlement(lines, as_of).order_by("bill__due_on", "bill_id", "fee_item__rank", "pk")
    found = (_open_line(*row) for row in rows.values_list(*OPEN_LINE_COLUMNS))
    return [line for line in found if line.outstanding > 0]


def bill_balances(bills: QuerySet[Bill] | Collection[int], as_of: date | None = None) -> dict[int, Balance]:
    """The balance of each issued bill by its id, in three queries however many bills there are."""
    return _balances("bill_id", Q(bill__in=bills), as_of)


def account_balances(account_ids: Collection[int], as_of: date | None = None) -> dict[int, Balance]:
    """The balance of each account over all its issued bills; an account without bills is at zero."""
    found = _balances("bill__account_id", Q(bill__account__in=account_ids), as_of)
    return {account_id: found.get(account_id, Balance()) for account_id in account_ids}


def account_balance(account_id: int, as_of: date | None = None) -> Balance:
    """The balance of one account over all its issued bills."""
    return account_balances([account_id], as_of)[account_id]


def _balances(key: str, chosen: Q, as_of: date | None) -> dict[int, Balance]:
    """Group lines, allocations and waivers by a key of the line and put them side by side."""
    lines = ChargeLine.objects.filter(chosen, issued("bill__", as_of))
    amounts = _grouped(lines, key, Q())
    settled = _grouped(Allocation.objects.filter(line__in=lines), f"line__{key}", up_to(as_of))
    waived = _grouped(Waiver.objects.filter(line__in=lines), f"line__{key}", up_to(as_of))
    return {
        group: Balance(amount, settled.get(group, ZERO), waived.get(group, ZERO))
        for group, amount in amounts.items()
    }


def _grouped(rows: QuerySet[Any], key: str, condition: Q) -> dict[int, Decimal]:
    sums = rows.filter(condition).order_by().values_list(key).annotate(Sum("amount"))
    return {group: amount.quantize(FEN) for group, amount in sums}


def _open_line(account_id: int, *columns: Any) -> OpenLine:
    unit, name, (start, end), others = columns[0], columns[1:5], columns[5:7], columns[7:]
    return OpenLine(account_id, unit, name, Period(start, end), *others)


def issued(bill: str, as_of: date | None = None) -> Q:
    """A bill is owed from its issue on; one that was voided later was owed until the day before.

    ``bill`` is the path to it, such as ``line__bill__``.
    """
    standing = Q(**{f"{bill}state": BillState.ISSUED})
    if as_of is None:
        return standing
    voided_later = Q(**{f"{bill}state": BillState.VOID, f"{bill}voided_on__gt": as_of})
    return (standing | voided_later) & Q(**{f"{bill}issued_on__lte": as_of})


def up_to(as_of: date | None) -> Q:
    """Money of a value day up to and including the day; all of it without one."""
    return Q() if as_of is None else Q(value_day__lte=as_of)


def _sum_of(rows: QuerySet[Any], key: str, as_of: date | None) -> Coalesce:
    sums = rows.filter(up_to(as_of)).order_by().values(key).annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(sums), ZERO)
