"""The late fee of single lines with its parts: for bills, exports, charging and the order of allocation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from billing.domain.court_view import CourtView, LendingRates, court_view
from billing.domain.inputs import LateFeeInputs
from billing.domain.late_fee import Debt, LateFee, Movement, Rest, late_fee
from billing.models import (
    Allocation,
    BillState,
    ChargeLine,
    LateFeeCharge,
    LateFeePause,
    LateFeePolicy,
    ReductionKind,
    Waiver,
)
from billing.models.bills import LATE_FEE
from billing.selectors.late_fee_policies import Clauses
from billing.selectors.late_fees import late_fee_items
from billing.selectors.outstanding import issued, lines_with_outstanding, up_to
from core.money import ZERO

ONE_DAY = timedelta(days=1)
CHUNK = 2000
PLACES = ("bill__account__unit", "fee_item")
MOVE = ("line_id", "value_day", "amount")


@dataclass(frozen=True)
class Charges:
    """Late fee that was charged on a line, in yuan, less what of it was taken back as wrong.

    ``as_of`` counts what stood on bills as of a day, ``written`` whatever its day, which is what decisions under a lock
    need. ``times`` counts the charges, those on bills that were voided since too.
    """

    as_of: Decimal = ZERO
    written: Decimal = ZERO
    times: int = 0


@dataclass(frozen=True)
class LateLine:
    """A charge line that is or was late, the fee it bears as of a day, and what of that was charged already."""

    line_id: int
    bill_id: int
    bill_number: str
    account_id: int
    unit: str
    fee_item: str
    policy: LateFeePolicy
    debt: Debt
    as_of: date
    fee: LateFee
    charges: Charges

    @property
    def charged(self) -> Decimal:
        """What of it stands on bills as of the day, less what of that was taken back as wrong."""
        return self.charges.as_of

    @property
    def open(self) -> Decimal:
        """What has grown and is neither charged nor paid, in yuan."""
        return max(self.fee.amount - self.charged, ZERO)

    @property
    def daily_rate(self) -> Decimal:
        """What each open yuan bears on the day after, as a share; nothing while it rests or when the fee is once."""
        resting = any(rest.holds(self.as_of + ONE_DAY) for rest in self.debt.rests)
        return Decimal(0) if resting or self.policy.is_once else self.policy.terms.rate

    def inputs(self, charged: Decimal) -> LateFeeInputs:
        """What a line that charges this fee remembers (`billing.domain.inputs.LateFeeInputs`); it opens by that alone.

        ``charged`` was charged before and is taken off.
        """
        terms = self.policy.terms
        return {
            "principal_line": self.line_id,
            "bill": self.bill_number,
            "fee_item": self.fee_item,
            "late_from": str(self.debt.due_on),
            "grace": terms.grace_days,
            "clause": self.policy.clause,
            "rate": f"{terms.rate:f}",
            "once": terms.is_once,
            "cap": f"{terms.cap * self.debt.amount:f}",
            "stretches": [
                {
                    "from": str(part.stretch.first),
                    "to": str(part.stretch.last),
                    "principal": f"{part.stretch.principal:f}",
                    "amount": f"{part.amount:f}",
                }
                for part in self.fee.parts
            ],
            "charged": f"{charged:f}",
            "rounding": "fen",
        }

    def in_court(self, rates: LendingRates) -> CourtView:
        """The same days at 1.3 × LPR."""
        return court_view(self.debt, self.policy.terms, self.as_of, rates)


def list_late_lines(
    lines: QuerySet[ChargeLine], as_of: date, clauses: Clauses | None = None
) -> list[LateLine]:
    """The lines among these that are or were late as of the end of a day, in the order of their bills.

    For the lines of a few accounts; ``clauses`` are handed along where they were read before.
    """
    rows = list(_may_be_late(lines, as_of).exclude(fee_item__code=LATE_FEE).select_related(*PLACES))
    return list(_work_out(rows, as_of, clauses or Clauses())) if rows else []


def ever_late(lines: QuerySet[ChargeLine], as_of: date) -> QuerySet[ChargeLine]:
    """Leave out lines that were settled in full by their due day and not touched since: they never bore anything."""
    owed = lines_with_outstanding(lines, as_of)
    since = {"line": OuterRef("pk"), "value_day__gt": OuterRef("bill__due_on")}
    touched = Exists(Allocation.objects.filter(**since)) | Exists(Waiver.objects.filter(**since))
    return owed.exclude(Q(outstanding=0) & ~Q(touched))


def iterate_late_lines(lines: QuerySet[ChargeLine], as_of: date) -> Iterator[LateLine]:
    """Go through many lines, some thousands at a time, in the order of due day, bill and line."""
    chosen = _may_be_late(lines, as_of).exclude(fee_item__in=late_fee_items())
    ids = list(chosen.values_list("pk", flat=True))
    if not ids:
        return
    clauses = Clauses()
    for start in range(0, len(ids), CHUNK):
        rows = ChargeLine.objects.filter(pk__in=ids[start : start + CHUNK]).select_related(*PLACES)
        yield from _work_out(list(rows.order_by("bill__due_on", "bill_id", "pk")), as_of, clauses)


def _may_be_late(lines: QuerySet[ChargeLine], as_of: date) -> QuerySet[ChargeLine]:
    """Keep lines of something that were due before a day, in the order of due day, bill and line."""
    owed = lines.filter(issued("bill__", as_of), amount__gt=0, bill__due_on__lt=as_of)
    return owed.order_by("bill__due_on", "bill_id", "pk")


def _work_out(rows: Collection[ChargeLine], as_of: date, clauses: Clauses) -> Iterator[LateLine]:
    """Load what happened to some lines in five queries and work their fees out."""
    facts = _Facts(rows, as_of)
    for line in rows:
        policy = clauses.find(line.bill.community_id, line.bill.due_on)
        if policy is None:
            continue
        debt = facts.debt_of(line, clauses.late_from(line.bill.due_on))
        if as_of > policy.terms.last_good_day(debt.due_on):
            yield LateLine(
                line_id=line.pk,
                bill_id=line.bill_id,
                bill_number=line.bill.number,
                account_id=line.bill.account_id,
                unit=line.bill.account.unit.code,
                fee_item=line.fee_item.name,
                policy=policy,
                debt=debt,
                as_of=as_of,
                fee=late_fee(debt, policy.terms, as_of),
                charges=facts.charges.get(line.pk, Charges()),
            )


class _Facts:
    """What happened to some lines up to a day: settlements, corrections, rests, and what was charged."""

    def __init__(self, lines: Collection[ChargeLine], as_of: date) -> None:
        line_ids = [line.pk for line in lines]
        of_lines = Q(line__in=line_ids, value_day__lte=as_of)
        self.movements: dict[int, list[Movement]] = defaultdict(list)
        self.corrected: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for line_id, day, amount in Allocation.objects.filter(of_lines).values_list(*MOVE):
            self.movements[line_id].append(Movement(day, amount))
        for line_id, day, amount, kind in Waiver.objects.filter(of_lines).values_list(*MOVE, "kind"):
            if kind == ReductionKind.CORRECTION:
                self.corrected[line_id] += amount
            else:
                self.movements[line_id].append(Movement(day, amount))
        self.rests = _list_rests(line_ids, {line.bill.account_id for line in lines}, as_of)
        self.charges = read_charges(line_ids, as_of)

    def debt_of(self, line: ChargeLine, late_from: date) -> Debt:
        """The line as the domain sees it."""
        rests = self.rests["line", line.pk] + self.rests["account", line.bill.account_id]
        amount = line.amount - self.corrected[line.pk]
        return Debt(amount, late_from, self.movements[line.pk], rests)


def _list_rests(
    line_ids: Collection[int], account_ids: Collection[int], as_of: date
) -> dict[tuple[str, int], list[Rest]]:
    begun = LateFeePause.objects.begun(as_of).filter(Q(line__in=line_ids) | Q(account__in=account_ids))
    rests: dict[tuple[str, int], list[Rest]] = defaultdict(list)
    for pause in begun.order_by("first_day", "pk"):
        owner = ("line", pause.line_id) if pause.line_id else ("account", pause.account_id)
        rests[owner].append(Rest(pause.first_day, pause.last_day))
    return rests


def read_charges(line_ids: Collection[int], as_of: date | None = None) -> dict[int, Charges]:
    """Return the late fee charged on each of these lines; lines on which none ever was are left out."""
    charged = LateFeeCharge.objects.filter(principal__in=line_ids).order_by().values_list("principal")
    sums = charged.annotate(
        then=Sum("line__amount", filter=issued("line__bill__", as_of), default=ZERO),
        written=Sum("line__amount", filter=issued("line__bill__"), default=ZERO),
        times=Count("pk"),
    )
    charges = {principal: Charges(*columns) for principal, *columns in sums}
    for principal, then, written in _list_taken_back(charges, as_of) if charges else ():
        before = charges[principal]
        charges[principal] = replace(before, as_of=before.as_of - then, written=before.written - written)
    return charges


def _list_taken_back(principal_ids: Collection[int], as_of: date | None) -> QuerySet[Waiver, tuple[Any, ...]]:
    """What of the late fee charged on some lines was taken back as wrong: as of a day, and whatever its day."""
    of_lines = Q(line__late_fee_of__principal__in=principal_ids)
    wrong = Waiver.objects.filter(of_lines, kind=ReductionKind.CORRECTION).order_by()
    return wrong.values_list("line__late_fee_of__principal").annotate(
        then=Sum("amount", filter=issued("line__bill__", as_of) & up_to(as_of), default=ZERO),
        written=Sum("amount", filter=issued("line__bill__"), default=ZERO),
    )


def find_bearing(lines: QuerySet[ChargeLine]) -> QuerySet[ChargeLine]:
    """Keep lines on which late fee was charged, on a bill that stands."""
    standing = LateFeeCharge.objects.filter(line__bill__state=BillState.ISSUED, principal=OuterRef("pk"))
    return lines.filter(Exists(standing))


def find_excess(principal_ids: Sequence[int], as_of: date) -> dict[int, Decimal]:
    """Return by late-fee line what was charged on these principals beyond the fee they bear as of the end of a day.

    The newest charge gives back first, and no line more than it still asks for.
    """
    charges = read_charges(principal_ids)
    if not charges:
        return {}
    late = list_late_lines(ChargeLine.objects.filter(pk__in=charges), as_of)
    borne = {line.line_id: line.fee.amount for line in late}
    return _take_from_newest({pk: one.written - borne.get(pk, ZERO) for pk, one in charges.items()})


def find_charged(principal_ids: Sequence[int]) -> dict[int, Decimal]:
    """Return by late-fee line what was charged on these principals and is still asked for.

    All of it goes when they are void.
    """
    return _take_from_newest({pk: one.written for pk, one in read_charges(principal_ids).items()})


def _take_from_newest(too_much: dict[int, Decimal]) -> dict[int, Decimal]:
    """Lay what is too much on a principal on the lines that charged it, the newest first, up to what they ask for."""
    charges = LateFeeCharge.objects.filter(principal__in=too_much).order_by("-through", "-pk")
    found = list(charges.values_list("line_id", "principal_id"))
    lines = lines_with_outstanding(ChargeLine.objects.filter(pk__in=[line for line, _principal in found]))
    asked = {line.pk: line.amount - line.waived for line in lines}
    excess = {}
    for line_id, principal in found:
        part = min(asked.get(line_id, ZERO), too_much[principal])
        if part > 0:
            excess[line_id] = part
            too_much[principal] -= part
    return excess


def find_daily_rates(lines: QuerySet[ChargeLine], as_of: date) -> Mapping[int, Decimal]:
    """Return what each open yuan of a line bears a day, by line; lines that bear nothing are left out.

    It says which debt is the heavier burden (Civil Code 560).
    """
    return {late.line_id: late.daily_rate for late in iterate_late_lines(lines, as_of) if late.daily_rate}
