"""Living a month: bills on the first, payments as people have habits, reminders as the night plans them.

The order of a month is that of real life. Payments up to yesterday are read from the platforms' bill files
before the night plans reminders, so nobody is reminded of what they paid; reminders move forgetful people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise

from django.db.models import F
from django.utils import timezone

from billing.models import BillRun, ChargeAccount, ReductionKind
from billing.selectors.outstanding import OpenLine, open_lines
from billing.services.approval import Approval
from billing.services.reductions import reduce_lines
from billing.services.run import bill_period
from core.calendars import moment_of, next_workday
from core.money import FEN
from core.outbox import drain_outbox
from core.periods import Period
from dunning.services import plan_reminders_of
from estates.domain.codes import parking_name
from estates.models import UnitKind
from estates.services.readings import import_readings
from messaging.services import deliver
from payments.gateways.interface import BillRecord, ErrorCode, Gateway, GatewayError
from payments.models import Channel, MerchantAccount
from payments.selectors.merchants import get_gateway
from payments.services.bill_files import settle_bill_files
from payments.services.cash_desk import take_cash
from payments.services.history import PastWish, create_intents_in_bulk
from payments.services.prepayment import use_prepayments
from simulation.domain.community import Household, SyntheticCommunity, draw_readings
from simulation.domain.files import reading_rows
from simulation.domain.habits import Answer, Habit, answer_bill
from simulation.platform import Sandbox
from simulation.services.episodes import Episodes
from simulation.services.founding import Founded, as_csv
from simulation.services.last_month import pay_over_http

AT_ONCE = 4
"""Bills fetched side by side: the platform signs one while we check another."""
LEAK_WAIVER = Decimal("0.10")
LEAK_REASON = "屋面渗水，修好前物业费减一成"


@dataclass(frozen=True)
class Payment:
    """One household setting out to pay what is open for it, or a part."""

    household: Household
    paid_at: datetime
    share: Decimal


@dataclass
class Life:
    """Everything a month needs: who lives here, who works here, and the platform people pay through."""

    plan: SyntheticCommunity
    founded: Founded
    sandbox: Sandbox
    until: date
    episodes: Episodes
    pending: list[Payment] = field(default_factory=list)

    def open_meters(self, day: date) -> None:
        """Read every meter once, so that the first month bills its use and nothing before it."""
        self._read_meters(day)

    def bill(self, period: Period, number: int) -> BillRun:
        """Read the meters on the eve, bill and issue on the first, tell everybody at ten; what is prepaid pays first.

        ``number`` counts the months of the story from 0.
        """
        first = period.start
        self.episodes.leave(number)
        self.episodes.enter_forgotten_room(number, first, at(first, 1))
        self._read_meters(first - timedelta(days=1))
        night = at(first, 2)
        community, manager = self.founded.community, self.founded.manager
        outcome = bill_period(community=community, period=period, now=night, by=manager)
        drain_outbox(now=night)
        deliver(now=at(first, 10))
        run: BillRun = BillRun.objects.get(pk=outcome.run_id)
        self._waive_for_leaks(run)
        self.episodes.happen(number, period, at(first, 11))
        use_prepayments(day=first, now=at(first, 12))
        return run

    def _read_meters(self, day: date) -> None:
        file = as_csv("readings.csv", reading_rows(draw_readings(self.plan, day)))
        import_readings(community=self.founded.community, file=file, by=self.founded.clerk, today=day)

    def draw_payments(self, run: BillRun) -> None:
        """Decide what the households will do about the bills of a run, and when; some of it next month."""
        for household in self.plan.households:
            if household.payer is None:
                continue
            answer = answer_bill(household.payer, run.period_start, self.plan.random)
            if answer is not None:
                self.pending.append(_payment(household, answer))
        self.pending.sort(key=lambda payment: payment.paid_at)

    def live(self, run: BillRun, *, over_http: bool) -> None:
        """Let the days of a month pass: money comes in stretch by stretch, reminders go out on their days."""
        month = Period(run.period_start, run.period_end)
        for first, last in _stretches(month, run.due_on, self.until):
            now = [payment for payment in self.pending if payment.paid_at.date() <= last]
            self.pending = self.pending[len(now) :]
            self.take(now, first, last, over_http=over_http)
            self._remind(last + timedelta(days=1))
        return

    def take(self, payments: Sequence[Payment], first: date, last: date, *, over_http: bool) -> None:
        """Bring in the payments of a stretch of days: through the platforms, and at the desk."""
        wishes = self._wish(payments)
        for merchant in MerchantAccount.objects.filter(community=self.founded.community).order_by("pk"):
            if over_http:
                pay_over_http(self.sandbox, merchant, wishes[merchant.gateway])
            else:
                self._record_past(merchant, wishes[merchant.gateway])
            _read_bills(merchant, first, last)
        for channel in (Channel.CASH, Channel.TRANSFER):
            self._take_at_desk(channel, wishes[channel])

    def _wish(self, payments: Sequence[Payment]) -> dict[str, list[PastWish]]:
        """Choose the lines: everything that is open for a household, or a part of it, oldest first.

        Whoever meant to pay twice in these days finds nothing open the second time.
        """
        lines = _open_lines_by_household(payments)
        wishes: dict[str, list[PastWish]] = defaultdict(list)
        for payment in payments:
            payer = payment.household.payer
            parts = _choose(lines.pop(payment.household.house.code, []), payment)
            if parts and payer:
                moment = timezone.make_aware(payment.paid_at)
                wishes[payer.channel].append(PastWish(parts, moment))
        return wishes

    def _record_past(self, merchant: MerchantAccount, wishes: Sequence[PastWish]) -> None:
        if not wishes:
            return
        numbers = create_intents_in_bulk(merchant=merchant, wishes=wishes)
        orders = [
            {"number": number, "amount": str(wish.amount), "paid_at": wish.created_at.isoformat()}
            for number, wish in zip(numbers, wishes, strict=True)
        ]
        self.sandbox.record_history(merchant.gateway, merchant.merchant_id, orders)

    def _take_at_desk(self, channel: Channel, wishes: Sequence[PastWish]) -> None:
        for wish in wishes:
            account = ChargeAccount.objects.get(bills__lines=next(iter(wish.parts)))
            take_cash(
                account=account,
                amount=wish.amount,
                channel=channel,
                chosen=wish.parts,
                by=self.founded.clerk,
                now=wish.created_at,
                paid_at=wish.created_at,
            )

    def _remind(self, day: date) -> None:
        if day <= self.until:
            plan_reminders_of(day=day)
            deliver(now=at(day, 10, 30))

    def _waive_for_leaks(self, run: BillRun) -> None:
        """Give the flats under the roof a tenth off their property fee: the reason their owners pay badly.

        The clerk asks once a month for all of them, and the manager agrees.
        """
        leaking = run.bills.filter(
            account__unit__is_top_floor=True,
            account__unit__kind=UnitKind.HIGH_RISE,
            lines__fee_item__code="wuye",
        )
        rows = leaking.annotate(line=F("lines__id"), fee=F("lines__amount")).order_by("line")
        amounts = {
            line_id: (fee * LEAK_WAIVER).quantize(FEN) for line_id, fee in rows.values_list("line", "fee")
        }
        day, moment = run.period_start, at(run.period_start, 9)
        approval = Approval("", LEAK_REASON, self.founded.clerk, self.founded.manager, day, moment)
        if amounts:
            reduce_lines(amounts=amounts, kind=ReductionKind.WAIVER, approval=approval)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A local moment of a day."""
    return moment_of(day, time(hour, minute))


def _read_bills(merchant: MerchantAccount, first: date, last: date) -> None:
    """Fetch the platform's signed bills of a stretch of days and settle them, as the product does each morning."""
    gateway, days = get_gateway(merchant), _days(first, last)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        files = dict(zip(days, pool.map(partial(_read_bill, gateway), days), strict=True))
    settle_bill_files(merchant=merchant, files=files, now=at(last, 23), tell=False)


def _read_bill(gateway: Gateway, day: date) -> list[BillRecord]:
    try:
        return gateway.read_bill(gateway.download_bill(day))
    except GatewayError as error:
        if error.code is ErrorCode.NO_BILL:
            return []
        raise


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _payment(household: Household, answer: Answer) -> Payment:
    return Payment(household, answer.paid_at, Decimal(str(round(answer.share, 2))))


def _stretches(month: Period, due_on: date, until: date) -> list[tuple[date, date]]:
    """The days of a month, cut before each day on which the night plans a reminder."""
    end = min(month.end, until + timedelta(days=1))
    cuts = {due_on - timedelta(days=3), next_workday(due_on + timedelta(days=5)), end}
    edges = [month.start, *sorted(day for day in cuts if month.start < day <= end)]
    return [(first, last - timedelta(days=1)) for first, last in pairwise(edges)]


def _open_lines_by_household(payments: Iterable[Payment]) -> dict[str, list[OpenLine]]:
    """Open lines by the code of the household's unit; its parking space counts with it."""
    owner_of = {}
    for payment in payments:
        house = payment.household.house
        owner_of[house.code] = house.code
        if house.parking:
            owner_of[parking_name("", house.parking).code] = house.code
    accounts = ChargeAccount.objects.filter(unit__code__in=owner_of).values_list("pk", flat=True)
    lines: dict[str, list[OpenLine]] = defaultdict(list)
    for line in open_lines(account_ids=list(accounts)):
        lines[owner_of[line.unit]].append(line)
    return lines


def _choose(lines: Sequence[OpenLine], payment: Payment) -> dict[int, Decimal]:
    """Everything, or a part of it from the oldest line on. A resistant household pays the newest bill only."""
    payer = payment.household.payer
    if payer is not None and payer.habit is Habit.RESISTANT and lines:
        newest = max(line.due_on for line in lines)
        lines = [line for line in lines if line.due_on == newest]
    total = sum((line.outstanding for line in lines), Decimal())
    left = (total * payment.share).quantize(FEN)
    parts: dict[int, Decimal] = {}
    for line in lines:
        take = min(left, line.outstanding)
        if take > 0:
            parts[line.line_id] = take
            left -= take
    return parts
