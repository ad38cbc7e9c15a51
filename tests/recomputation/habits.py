"""How the owners of the story pay: line by line, bill by bill, a year ahead; and which discounts they were promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from billing.models import Bill, ChargeAccount, ChargeLine, DiscountRule, RequestKind
from billing.selectors.on_time import find_offer
from billing.services.discount_rules import approve_rule, propose_rule
from core.money import round_half_up
from simulation.services.founding import Founded
from tests.recomputation.desk import Desk, Parts, list_open, on

RULES_HEAD = ("kind", "fee_item", "months", "gift_months", "percent", "amount", "from", "to")
FOUNDED_RULE = ("months", "wuye", "12", "1", "", "", "2024-12-01", "")
"""Twelve months and one: the community is founded with it."""
RULES = (
    ("percent", "dianti", "6", "", "5", "", "2025-02-01", ""),
    ("on_time", "", "", "", "2", "", "2025-02-01", "2025-09-19"),
    ("on_time", "wuye", "", "", "", "5.00", "2025-09-20", ""),
)
"""Six months at 5 % less; 2 % for a bill paid in time, later 5 yuan of the property fee."""

LINE_BY_LINE: tuple[tuple[tuple[int, Decimal], ...], ...] = (
    ((-3, Decimal(1)),),
    ((15, Decimal(1)),),
    ((16, Decimal(1)),),
    ((40, Decimal("0.5")), (90, Decimal("0.25"))),
    (),
)
"""When an owner pays a line, in days after the due day, and what share of it; the last one never does."""


def agree_on_rules(founded: Founded) -> None:
    """Let one person propose the discounts of RULES and another agree to them."""
    items = {item.code: item for item in founded.community.fee_items.all()}
    for row in RULES:
        terms = dict(zip(RULES_HEAD, row, strict=True))
        rule = DiscountRule(
            community=founded.community,
            kind=terms["kind"],
            fee_item=items.get(terms["fee_item"]),
            name=terms["kind"],
            start=date.fromisoformat(terms["from"]),
            end=date.fromisoformat(terms["to"]) + timedelta(days=1) if terms["to"] else None,
            reason="业主大会第 7 号决议",
            **{name: Decimal(terms[name]) for name in RULES_HEAD[2:6] if terms[name]},
        )
        propose_rule(rule=rule, by=founded.clerk, now=on(date(2025, 1, 15)))
        approve_rule(rule=rule, by=founded.manager, now=on(date(2025, 1, 16)))


def pay_line_by_line(desk: Desk, rows: Sequence[dict[str, str]]) -> None:
    """Pay some lines of a bill run, each by one of LINE_BY_LINE."""
    lines = ChargeLine.objects.select_related("bill").in_bulk([int(row["line"]) for row in rows])
    for number, row in enumerate(rows):
        line = lines[int(row["line"])]
        for after, share in LINE_BY_LINE[number % len(LINE_BY_LINE)]:
            amount = round_half_up(line.amount * share)
            if amount:
                desk.pay(line.bill.account, {line: amount}, line.bill.due_on + timedelta(days=after))


# Whole bills --------------------------------------------------------------------------------------------


def pay_without_looking(desk: Desk, bill: Bill, parts: Parts) -> None:
    """All of it three days early: what the discount makes too much of it stays with us."""
    desk.pay(bill.account, parts, bill.due_on - timedelta(days=3))


def pay_what_is_asked(desk: Desk, bill: Bill, parts: Parts) -> None:
    """On the last day, less the discount that the bill offers."""
    desk.pay(bill.account, parts, bill.due_on, sum(parts.values()) - find_offer(bill, bill.due_on))


def pay_a_fen_short(desk: Desk, bill: Bill, parts: Parts) -> None:
    """A fen less than would earn the discount."""
    missing = find_offer(bill, bill.due_on) + Decimal("0.01")
    most = max(parts, key=lambda line: parts[line])
    desk.pay(bill.account, {**parts, most: parts[most] - missing}, bill.due_on)


def pay_in_two(desk: Desk, bill: Bill, parts: Parts, second: int = 0) -> None:
    """Some of each line a week early, and the rest so many days after the due day."""
    first = {line: part for line, amount in parts.items() if (part := amount // 2)}
    desk.pay(bill.account, first, bill.due_on - timedelta(days=7))
    rest, day = list_open(bill), bill.due_on + timedelta(days=second)
    desk.pay(bill.account, rest, day, sum(rest.values()) - find_offer(bill, day))


def pay_the_rest_late(desk: Desk, bill: Bill, parts: Parts) -> None:
    """Half in time, half on the day after the last."""
    pay_in_two(desk, bill, parts, second=1)


def pay_after_the_grace(desk: Desk, bill: Bill, parts: Parts) -> None:
    """All of it, twenty days late."""
    desk.pay(bill.account, parts, bill.due_on + timedelta(days=20))


Habit = Callable[[Desk, Bill, Parts], None]
WHOLE: Mapping[tuple[str, int], Habit] = {
    ("flats", 8): pay_what_is_asked,
    ("flats", 9): pay_without_looking,
    ("flats", 10): pay_after_the_grace,
    ("flats", 11): pay_without_looking,
    ("flats", 12): pay_what_is_asked,
    ("flats", 13): pay_in_two,
    ("flats", 14): pay_the_rest_late,
    ("flats", 15): pay_a_fen_short,
    ("houses", 1): pay_what_is_asked,
    ("houses", 2): pay_without_looking,
    ("shops", 1): pay_after_the_grace,
    ("shops", 2): pay_in_two,
}
"""Who pays whole bills, and how; the first of flats and others have lines that were found out to be wrong in July."""


def pay_whole_bills(desk: Desk, month: date, places: Mapping[str, Sequence[str]]) -> None:
    """Let the owners of WHOLE pay their bills of a month."""
    for (kind, number), habit in WHOLE.items():
        bills = Bill.objects.filter(account__unit__code=places[kind][number], period_start=month)
        for bill in bills.filter(schedule="regular").select_related("account").order_by("pk"):
            if parts := list_open(bill):
                habit(desk, bill, parts)


# Ahead --------------------------------------------------------------------------------------------------


def pay_ahead_and_back(desk: Desk, month: date, places: Mapping[str, Sequence[str]]) -> None:
    """What happens to money paid ahead in the middle of some months."""
    first, second, third = (account_of(desk, places["flats"][number]) for number in (12, 13, 14))
    day = month.replace(day=12)
    if month.month == 3:
        desk.pay_ahead(first, "wuye", day, more="77.77")
        desk.pay_ahead(second, "dianti", day)
    elif month.month == 4:
        desk.pay_ahead(third, "wuye", day)
    elif month.month == 7:
        desk.pay_ahead(third, "wuye", day, more="0.07")
    elif month.month == 9:
        desk.pay_back(first, "612.35", day)
        desk.pay_back(third, "2000.00", day)


def use_what_was_paid_ahead(desk: Desk, day: date, places: Mapping[str, Sequence[str]]) -> None:
    """The night after a run, for those who paid ahead."""
    for number in (12, 13, 14):
        desk.use(account_of(desk, places["flats"][number]), day)


def forgive_some(desk: Desk, rows: Sequence[dict[str, str]], day: date) -> None:
    """Waive a part of one line of a run that nobody pays, and write another off."""
    never = [row for number, row in enumerate(rows) if not LINE_BY_LINE[number % len(LINE_BY_LINE)]]
    waived, lost = (ChargeLine.objects.select_related("bill").get(pk=int(row["line"])) for row in never[:2])
    desk.forgive(RequestKind.WAIVER, waived, "1.23", day)
    desk.forgive(RequestKind.WRITE_OFF, lost, f"{lost.amount}", day)


def account_of(desk: Desk, unit: str) -> ChargeAccount:
    return ChargeAccount.objects.get(community=desk.founded.community, unit__code=unit)
