"""Bills with their books: what tests above the run start from, without running one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import count

from django.db import transaction

from billing.models import Bill, BillState, ChargeAccount, ChargeLine, FeeItem, ReductionKind, Waiver
from billing.services.approval import Approval
from billing.services.reductions import reduce_lines
from core import checkdigit
from core.periods import Period
from estates.models import Building, Community, Company, Occupancy, Person, Unit, UnitKind
from ledger import chart
from ledger.services import Leg, open_books, post

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
numbers = count(1)


def waive(
    line: ChargeLine, amount: str, day: date, now: datetime, *, asked: str = "王芳", agreed: str = "赵强"
) -> Waiver:
    """Give up an amount of a line because the lift stood still, by two people."""
    approval = Approval("", "电梯停了 6 天", asked, agreed, day, now)
    amounts = {line.pk: Decimal(amount)}
    (waiver,) = reduce_lines(amounts=amounts, kind=ReductionKind.WAIVER, approval=approval)
    return waiver


def make_community(code: str = "yunshan", *, company: Company | None = None) -> Community:
    """A community of a company with open books."""
    if company is None:
        company = Company.objects.create(name=f"{code} 物业")
        open_books(company=company)
    return Community.objects.create(company=company, code=code, name=code)


def make_account(
    community: Community, unit: str = "8-2-301", payer: str = "李明", *, start: date = date(2026, 1, 1)
) -> ChargeAccount:
    """A unit of 100.24 m² with its owner, who pays."""
    building_code, stair, room = unit.split("-")
    building, _ = Building.objects.get_or_create(
        community=community, code=building_code, defaults={"sort_key": building_code.zfill(4)}
    )
    flat = Unit.objects.create(
        community=community,
        building=building,
        code=unit,
        stair=stair,
        room=room,
        kind=UnitKind.HIGH_RISE,
        area_m2=Decimal("100.24"),
        sort_key="-".join(part.zfill(6) for part in unit.split("-")),
    )
    person, _ = Person.objects.get_or_create(company=community.company, name=payer, phone="")
    Occupancy.objects.create(unit=flat, person=person, is_payer=True, start=start)
    return ChargeAccount.objects.create(community=community, unit=flat, payer=person, start=start)


def make_fee_item(community: Community, code: str = "property", **fields: object) -> FeeItem:
    """A monthly fee item billed in advance, unless the fields say otherwise."""
    defaults = {"name": code, "cycle": "month", "timing": "advance", **fields}
    return FeeItem.objects.get_or_create(community=community, code=code, defaults=defaults)[0]


@transaction.atomic
def issue_bill(
    account: ChargeAccount,
    amounts: Mapping[str, str],
    *,
    period: Period = NOVEMBER,
    due_on: date | None = None,
    issued_on: date | None = None,
    schedule: str = "regular",
) -> Bill:
    """An issued bill with one line a fee item code, and its entry in the books."""
    bill = draft_bill(account, amounts, period=period, due_on=due_on, schedule=schedule)
    Bill.objects.filter(pk=bill.pk).update(state=BillState.ISSUED, issued_on=issued_on or period.start)
    bill.refresh_from_db()
    post(
        company_id=account.community.company_id,
        community_id=account.community_id,
        booked_on=issued_on or period.start,
        kind="bill",
        source=f"bill:{bill.number}",
        legs=[Leg(chart.RECEIVABLE, bill.total, account.pk), Leg(chart.REVENUE, -bill.total)],
    )
    return bill


def draft_bill(
    account: ChargeAccount,
    amounts: Mapping[str, str],
    *,
    period: Period = NOVEMBER,
    due_on: date | None = None,
    schedule: str = "regular",
) -> Bill:
    """A bill that is not issued yet."""
    bill = Bill.objects.create(
        community=account.community,
        account=account,
        number=checkdigit.append(f"{next(numbers):012d}"),
        schedule=schedule,
        period_start=period.start,
        period_end=period.end,
        due_on=due_on or period.start.replace(day=20),
        total=sum(map(Decimal, amounts.values())),
    )
    for code, amount in amounts.items():
        ChargeLine.objects.create(
            bill=bill,
            fee_item=make_fee_item(account.community, code),
            period_start=period.start,
            period_end=period.end,
            method="fixed",
            quantity=Decimal(1),
            price=Decimal(amount),
            amount=Decimal(amount),
        )
    return bill


@transaction.atomic
def book_receipt(account: ChargeAccount, amount: str, day: date, source: str) -> None:
    """Reduce the receivable as a receipt would; against deposits, which no other app looks at."""
    post(
        company_id=account.community.company_id,
        community_id=account.community_id,
        booked_on=day,
        kind="receipt",
        source=source,
        legs=[Leg(chart.DEPOSIT, Decimal(amount)), Leg(chart.RECEIVABLE, -Decimal(amount), account.pk)],
    )
