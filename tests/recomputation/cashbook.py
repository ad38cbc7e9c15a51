"""What the deeds of a cash book come to: what is open, given up and kept; nothing here comes from the product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from tests.recomputation.coins import as_fen, half_up, share_out
from tests.recomputation.files import Span, after, rows_of, span_of
from tests.recomputation.late import Owed, list_late, read_pauses
from tests.recomputation.year import months

Row = dict[str, str]
Account = tuple[str, str]
"""Unit and payer."""

LATE = "late"


@dataclass(eq=False)
class Debt:
    """A charge line: what it asks for (fen), and what met it on which days, as money or as something given up.

    late: what was charged for being late with it, each time as a debt of its own. coins: the same money by the purse it
    came from, the latest last. discounts: those that stand.
    """

    line: str
    bill: str
    account: Account
    fee_item: str
    span: Span
    issued_on: date
    due_on: date
    asked: int
    is_regular: bool
    money: list[tuple[date, int]] = field(default_factory=list)
    given: list[tuple[date, int]] = field(default_factory=list)
    late: list[Debt] = field(default_factory=list)
    coins: list[tuple[str, int]] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)

    @property
    def owed(self) -> int:
        """What it asks for without what was given up."""
        return self.asked - sum(fen for _day, fen in self.given)

    @property
    def open(self) -> int:
        return self.owed - sum(fen for _day, fen in self.money)


Parts = Mapping[Debt, int]
"""Fen by debt, in the order in which they are met."""


@dataclass
class Discount:
    """Fen off a line; of a payment ahead, which one, and how much of the line money and gift cover."""

    fen: int
    ahead: Ahead | None = None
    covered: int = 0


@dataclass
class Ahead:
    """Money paid ahead with the gift promised for it; of every bill the two cover, the gift takes its share."""

    account: Account
    fee_item: str
    day: date
    paid: int
    gift: int
    money_gone: int = 0
    gift_gone: int = 0
    served: set[str] = field(default_factory=set)

    @property
    def left(self) -> int:
        return self.paid - self.money_gone

    def serve(self, owed: int) -> Discount:
        """Meet what a line asks for, and return the gift in it."""
        covered = min(owed, self.left + self.gift - self.gift_gone)
        gone = self.money_gone + self.gift_gone + covered
        gift = half_up(Fraction(gone * self.gift, self.paid + self.gift)) - self.gift_gone
        self.gift_gone += gift
        self.money_gone += covered - gift
        return Discount(gift, self, covered)

    def shrink(self, money: int) -> None:
        """Let money go back, and the gift in proportion."""
        self.money_gone += money
        self.gift_gone = max(self.gift_gone, half_up(Fraction(self.money_gone * self.gift, self.paid)))


@dataclass
class Cashbook:
    """All debts by line, the rules of discounts, and what accounts have with us by fee item ("": for anything)."""

    debts: dict[str, Debt]
    rules: Sequence[Row]
    wrong: Mapping[date, Sequence[Row]]
    pauses: Mapping[str, Sequence[Span]]
    purses: dict[Account, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    ahead: list[Ahead] = field(default_factory=list)
    discounts: list[tuple[str, date, int]] = field(default_factory=list)
    rewarded: set[str] = field(default_factory=set)

    of_account: dict[Account, list[Debt]] = field(default_factory=lambda: defaultdict(list))
    of_bill: dict[str, list[Debt]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for debt in self.debts.values():
            self.of_account[debt.account].append(debt)
            self.of_bill[debt.bill].append(debt)

    def replay(self, rows: Iterable[Row]) -> None:
        """Do all deeds again, in their order."""
        deeds = {
            "pay": self.pay,
            "ahead": self.pay_ahead,
            "back": self.pay_back,
            "use": self.use,
            "forgive": self.forgive,
            "correct": self.correct,
        }
        for _number, of_deed in groupby(rows, key=lambda row: row["deed"]):
            first, *more = of_deed
            account = first["unit"], first["payer"]
            deeds[first["what"]](account, date.fromisoformat(first["day"]), [first, *more])

    # Money for lines

    def pay(self, account: Account, day: date, rows: Sequence[Row]) -> None:
        """The lines that were named take what is open of them, and no more than was named; the rest stays with us."""
        most = {self.debts[row["line"]]: as_fen(row["amount"]) for row in rows}
        total = as_fen(rows[0]["total"])
        self.give_on_time(divide(most, total), day)
        parts = divide(most, total)
        self.charge_late_fee(parts, day)
        self.purses[account][""] += total - settle(parts, day, "")

    # Late

    def charge_late_fee(self, met: Iterable[Debt], day: date) -> None:
        """What has grown on the lines that money meets is owed from then on, as a debt of its own."""
        for debt in [debt for debt in met if debt.fee_item != LATE]:
            grown = self.late_fee(debt, day) - sum(late.asked for late in debt.late)
            if grown > 0:
                no_days = Span(day, day)
                late = Debt("", "", debt.account, LATE, no_days, day, day, grown, is_regular=False)
                debt.late.append(late)

    def late_fee(self, debt: Debt, day: date) -> int:
        _stretches, yuan = list_late(self.owed(debt), day)
        return as_fen(f"{yuan}")

    def owed(self, debt: Debt) -> Owed:
        """The debt as its late fee sees it: what was taken back as wrong was never owed."""
        met = [*debt.money, *debt.given]
        return Owed(debt.line, debt.asked, debt.due_on, met, self.pauses.get(debt.account[0], ()))

    # What is given up

    def forgive(self, _account: Account, day: date, rows: Sequence[Row]) -> None:
        for row in rows:
            self.debts[row["line"]].given.append((day, as_fen(row["amount"])))

    def correct(self, _account: Account, day: date, _rows: Sequence[Row]) -> None:
        """Lines that were wrong never asked for so much, nor bore late fee on it; what was paid too much goes back."""
        for row in self.wrong[day]:
            debt = self.debts[row["line"]]
            self.shrink(debt, debt.owed + as_fen(row["amount"]), day)
            debt.asked += as_fen(row["amount"])
            self.release(debt, day)
            too_much = sum(late.asked for late in debt.late) - self.late_fee(debt, day)
            for late in reversed(debt.late):
                part = min(max(too_much, 0), late.asked)
                late.asked -= part
                too_much -= part
                self.release(late, day)

    def release(self, debt: Debt, day: date) -> None:
        """What is too much goes back to the purse it came from, the latest first."""
        surplus = -min(debt.open, 0)
        if surplus:
            debt.money.append((day, -surplus))
        while surplus:
            purse, fen = debt.coins.pop()
            if fen > surplus:
                debt.coins.append((purse, fen - surplus))
            self.purses[debt.account][purse] += min(fen, surplus)
            surplus -= min(fen, surplus)

    def shrink(self, debt: Debt, left: int, day: date) -> None:
        """What a line costs after all, its discounts aside, keeps them in proportion; a gift, to what it covered."""
        base = debt.owed + sum(one.fen for one in debt.discounts)
        costs = left + base - debt.owed
        for one in debt.discounts:
            on = one.covered if one.ahead else base
            if costs < on:
                stays = half_up(Fraction(one.fen * costs, on))
                self.note_discount(debt, -one.fen, day)
                self.note_discount(debt, stays, day)
                if one.ahead:
                    one.ahead.gift_gone -= one.fen - stays
                    one.ahead.money_gone -= one.covered - one.fen - (costs - stays)
                one.fen, one.covered = stays, costs
        debt.discounts = [one for one in debt.discounts if one.fen]

    # On time

    def give_on_time(self, parts: Parts, day: date) -> None:
        """A bill that this money pays whole in time, but for the discount, gets it: once."""
        for bill in dict.fromkeys(debt.bill for debt in parts):
            lines = [debt for debt in self.of_bill[bill] if debt.is_regular]
            if lines and bill not in self.rewarded:
                shares = self.earned(lines, parts, day)
                if shares:
                    self.rewarded.add(bill)
                for debt, fen in shares:
                    self.discount(debt, Discount(fen), day)

    def earned(self, lines: Sequence[Debt], parts: Parts, day: date) -> list[tuple[Debt, int]]:
        due_on = lines[0].due_on
        rule = self.rule_on(due_on)
        if rule is None:
            return []
        mine = [debt for debt in lines if debt.owed > 0 and rule["fee_item"] in ("", debt.fee_item)]
        mine.sort(key=lambda debt: int(debt.line))
        base = sum(debt.owed for debt in mine)
        whole = min(as_fen(rule["amount"]), base) if rule["amount"] else half_up(base * percent_of(rule))
        in_time = sum(fen for debt in lines for when, fen in debt.money if when <= due_on)
        in_time += sum(parts.get(debt, 0) for debt in lines) if day <= due_on else 0
        if not whole or sum(debt.owed for debt in lines) - in_time > whole:
            return []
        weights = [debt.open for debt in mine]
        if sum(weights) < whole:
            weights = [debt.owed for debt in mine]
        shares = share_out([Fraction(whole * weight, sum(weights)) for weight in weights])
        return [(debt, fen) for debt, fen in zip(mine, shares, strict=True) if fen]

    def rule_on(self, day: date) -> Row | None:
        on_time = (rule for rule in self.rules if rule["kind"] == "on_time")
        return next((rule for rule in on_time if holds(rule, day)), None)

    def discount(self, debt: Debt, one: Discount, day: date) -> None:
        debt.discounts.append(one)
        self.note_discount(debt, one.fen, day)
        self.release(debt, day)

    def note_discount(self, debt: Debt, fen: int, day: date) -> None:
        if fen:
            debt.given.append((day, fen))
            self.discounts.append((debt.line, day, fen))

    # Ahead

    def pay_ahead(self, account: Account, day: date, rows: Sequence[Row]) -> None:
        """Money for a fee item: what is beyond its open lines is ahead, and earns the gift of the best rule."""
        fee_item, total = rows[0]["fee_item"], as_fen(rows[0]["total"])
        self.purses[account][fee_item] += total
        paid = total - sum(debt.open for debt in self.open_debts(account, fee_item, day))
        fee = self.monthly(account, fee_item, day)
        rules = [rule for rule in self.rules if rule["fee_item"] == fee_item and holds(rule, day)]
        gift = max((promised(rule, paid, fee) for rule in rules if rule["kind"] != "on_time"), default=0)
        if gift:
            self.ahead.append(Ahead(account, fee_item, day, paid, gift))

    def monthly(self, account: Account, fee_item: str, day: date) -> Fraction:
        """What the last bill with the fee asks for it a month."""
        mine = [debt for debt in self.of_account[account] if debt.fee_item == fee_item]
        billed = [debt for debt in mine if debt.is_regular and debt.issued_on <= day]
        last = [debt for debt in billed if debt.issued_on == max(debt.issued_on for debt in billed)]
        whole = Span(min(debt.span.first for debt in last), max(debt.span.end for debt in last))
        return sum(debt.asked for debt in last) / months(whole, 1)

    def use(self, account: Account, day: date, _rows: Sequence[Row]) -> None:
        """What is meant for a fee item meets its open lines first, and gives those billed since their gift."""
        for fee_item, held in sorted(self.purses[account].items(), reverse=True):
            for one in self.standing(account, fee_item):
                self.give_gift(one, day)
            self.give_on_time(self.meet(account, fee_item, day, held), day)
            self.charge_late_fee(self.meet(account, fee_item, day, held), day)
            self.purses[account][fee_item] -= settle(self.meet(account, fee_item, day, held), day, fee_item)

    def give_gift(self, one: Ahead, day: date) -> None:
        for debt in self.open_debts(one.account, one.fee_item, day):
            since = debt.is_regular and debt.issued_on >= one.day
            if since and debt.line not in one.served and (gift := one.serve(debt.open)).fen:
                one.served.add(debt.line)
                self.discount(debt, gift, day)

    def meet(self, account: Account, fee_item: str, day: date, total: int) -> Parts:
        return divide({debt: debt.open for debt in self.open_debts(account, fee_item, day)}, total)

    def pay_back(self, account: Account, _day: date, rows: Sequence[Row]) -> None:
        """Money that goes back takes its share of the gift along; what was paid ahead last goes first."""
        left = as_fen(rows[0]["total"])
        for fee_item in ("", *filter(None, self.purses[account])):
            part = min(left, self.purses[account][fee_item])
            self.purses[account][fee_item] -= part
            left -= part
            standing = self.standing(account, fee_item)
            too_much = sum(one.left for one in standing) - self.purses[account][fee_item]
            for one in reversed(standing):
                money = min(max(too_much, 0), one.left)
                if money:
                    one.shrink(money)
                    too_much -= money
        assert not left

    def standing(self, account: Account, fee_item: str) -> list[Ahead]:
        return [
            one for one in self.ahead if (one.account, one.fee_item) == (account, fee_item) and one.left > 0
        ]

    def open_debts(self, account: Account, fee_item: str, day: date) -> list[Debt]:
        """What is open, the earliest due first and then as bills are written, and each late fee behind its line.

        For a fee item that alone, without its late fee.
        """
        billed = [debt for debt in self.of_account[account] if debt.issued_on <= day]
        in_order = sorted(billed, key=lambda debt: debt.due_on)
        all_debts = (one for debt in in_order for one in (debt, *debt.late))
        return [debt for debt in all_debts if debt.open > 0 and fee_item in ("", debt.fee_item)]


def divide(most: Parts, total: int) -> Parts:
    """What each takes of a sum, in their order: the most it may, what is open of it, or what is left."""
    parts = {}
    for debt, fen in most.items():
        if part := min(fen, max(debt.open, 0), total):
            parts[debt] = part
            total -= part
    return parts


def settle(parts: Parts, day: date, purse: str) -> int:
    """Set the parts of a sum against their debts, and return what they come to."""
    for debt, fen in parts.items():
        debt.money.append((day, fen))
        debt.coins.append((purse, fen))
    return sum(parts.values())


def promised(rule: Row, paid: int, monthly: Fraction) -> int:
    """The gift: so many months each time the months were paid; or what a percentage off the payment saves."""
    if rule["kind"] == "months":
        times = paid // half_up(monthly * int(rule["months"]))
        return half_up(monthly * int(rule["gift_months"]) * times) if paid > 0 else 0
    percent = percent_of(rule)
    enough = paid >= half_up(monthly * int(rule["months"]) * (1 - percent))
    return half_up(paid * percent / (1 - percent)) if enough else 0


def percent_of(rule: Row) -> Fraction:
    return Fraction(rule["percent"]) / 100


def holds(rule: Row, day: date) -> bool:
    span = span_of(rule)
    return span.first <= day < span.end


def read_cashbook(folder: Path, rows: Sequence[Row], corrections: Sequence[Row]) -> Cashbook:
    """Read the exported lines and corrections, discounts.csv and cashbook.csv, and do all deeds again."""
    debts = {row["line"]: as_debt(row, row["run"], is_regular=True) for row in rows}
    wrong: dict[date, list[Row]] = defaultdict(list)
    for row in corrections:
        if as_fen(row["amount"]) > 0:
            debts[row["line"]] = as_debt(row, row["day"], is_regular=False)
        else:
            wrong[date.fromisoformat(row["day"])].append(row)
    book = Cashbook(debts, list(rows_of(folder / "discounts.csv")), wrong, read_pauses(folder))
    book.replay(rows_of(folder / "cashbook.csv"))
    return book


def as_debt(row: Row, issued_on: str, *, is_regular: bool) -> Debt:
    return Debt(
        line=row["line"],
        bill=row["bill"],
        account=(row["unit"], row["payer"]),
        fee_item=row["fee_item"],
        span=Span(date.fromisoformat(row["period_start"]), after(row["period_end"])),
        issued_on=date.fromisoformat(issued_on),
        due_on=date.fromisoformat(row["due_on"]),
        asked=as_fen(row["amount"]),
        is_regular=is_regular,
    )
