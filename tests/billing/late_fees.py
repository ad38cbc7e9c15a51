"""Late bills for tests: facts in one line each, and the closed formula, a day at a time, that everything is held to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from billing.domain.late_fee import Debt, Movement, Rest, Terms
from billing.models import Allocation, Bill, ChargeAccount, ChargeLine, LateFeePause, LateFeePolicy, Waiver
from estates.models import Community
from tests.billing.factories import issue_bill

NOW = datetime(2026, 12, 31, 4, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


def closed_formula(debt: Debt, terms: Terms, as_of: date) -> Decimal:
    """Σ over days of what was open at the beginning of the day × rate, capped, rounded half-up once.

    Written without anything of the code under test but its records: no stretches, no joins, one day after the other.
    """
    good = debt.due_on + timedelta(days=terms.grace_days)
    total = Decimal(0)
    day = debt.due_on + ONE_DAY
    while day <= as_of and as_of > good:
        counts = (day > good or (terms.grace_counts and not terms.is_once)) and not any(
            rest.first <= day <= (rest.last or date.max) for rest in debt.rests
        )
        gone = sum((move.amount for move in debt.movements if move.day < day or move.day <= good), Decimal(0))
        if counts and debt.amount > gone:
            total += (debt.amount - gone) * terms.rate
            if terms.is_once:
                break
        day += ONE_DAY
    return min(total, terms.cap * debt.amount).quantize(Decimal("0.01"), ROUND_HALF_UP)


def make_policy(community: Community, percent: str = "0.05", **fields: Any) -> LateFeePolicy:
    """A clause from 2019 on, of 0.05 % a day without grace, unless the fields say otherwise."""
    defaults: dict[str, Any] = {"start": date(2019, 1, 1), "grace_days": 0, **fields}
    return LateFeePolicy.objects.create(community=community, percent=Decimal(percent), **defaults)


def make_line(account: ChargeAccount, amount: str, due_on: date, **fields: Any) -> ChargeLine:
    """The only line of an issued bill that fell due on the day."""
    number = Bill.objects.count()
    bill = issue_bill(
        account, {"property": amount}, due_on=due_on, issued_on=due_on, schedule=f"test-{number}", **fields
    )
    return bill.lines.get()


def pay(line: ChargeLine, day: date, amount: str, source: str = "receipt:1") -> Allocation:
    """Money against a line on a value day; the books are not looked at."""
    return Allocation.objects.create(
        line=line, amount=Decimal(amount), value_day=day, source=source, written_at=NOW
    )


def take_back(allocation: Allocation, day: date) -> Allocation:
    """The money of a row goes back on a value day."""
    return Allocation.objects.create(
        line=allocation.line,
        amount=-allocation.amount,
        value_day=day,
        source=allocation.source,
        reverses=allocation,
        written_at=NOW,
    )


def give_up(line: ChargeLine, day: date, amount: str, kind: str = "waiver") -> Waiver:
    """A reduction of a line, by two people."""
    return Waiver.objects.create(
        line=line,
        amount=Decimal(amount),
        value_day=day,
        kind=kind,
        reason="test",
        requested_by="a",
        approved_by="b",
        written_at=NOW,
    )


def pause(owner: ChargeAccount | ChargeLine, first: date, last: date | None = None) -> LateFeePause:
    """Days on which the fee of an account or a line rests."""
    line = owner if isinstance(owner, ChargeLine) else None
    account = owner if isinstance(owner, ChargeAccount) else None
    return LateFeePause.objects.create(
        community=owner.bill.community if isinstance(owner, ChargeLine) else owner.community,
        line=line,
        account=account,
        cause="other",
        first_day=first,
        last_day=last,
        reason="test",
        source=f"test:{LateFeePause.objects.count()}",
        approved_by="b",
        written_at=NOW,
    )


def moves(*pairs: tuple[date, str]) -> Sequence[Movement]:
    """Movements of a debt that no database knows."""
    return [Movement(day, Decimal(amount)) for day, amount in pairs]


def rests(*pairs: tuple[date, date | None]) -> Sequence[Rest]:
    """Rests of a debt that no database knows."""
    return [Rest(first, last) for first, last in pairs]
