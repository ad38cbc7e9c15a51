"""What days should cost by the facts of today against what was asked for them, and where the difference goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from core.money import ZERO
from core.periods import Period


class Slot(NamedTuple):
    """One fee item of one account in one run: what is compared."""

    account: int
    fee_item: int


@dataclass(frozen=True)
class Asked:
    """A line that was billed. billed: its amount after earlier corrections; left: what it asks for, discounts aside."""

    line: int
    billed: Decimal
    left: Decimal


@dataclass(frozen=True)
class Due:
    """What a slot comes to by the facts of today, and the days it is for."""

    amount: Decimal
    period: Period


@dataclass(frozen=True)
class More:
    """What an account still owes for a slot; ``line``: the line that asked for too little, where there is one."""

    slot: Slot
    period: Period
    amount: Decimal
    line: int | None


@dataclass(frozen=True)
class Differences:
    """Lines that asked for too much, and by how much; and what nobody has asked for yet."""

    less: Mapping[int, Decimal]
    more: Sequence[More]


def find_differences(due: Mapping[Slot, Due], asked: Mapping[Slot, Sequence[Asked]]) -> Differences:
    """Return what has to be corrected. Nothing is due in a slot that only ``asked`` has.

    Billed and due alike, there is no difference: whoever compares again after the corrections finds none.
    """
    less: dict[int, Decimal] = {}
    more: list[More] = []
    for slot in sorted({*due, *asked}):
        lines = asked.get(slot, ())
        wanted = due[slot].amount if slot in due else ZERO
        difference = wanted - sum((line.billed for line in lines), ZERO)
        if difference < 0:
            less |= take_back(-difference, lines)
        elif difference > 0:
            line = lines[0].line if lines else None
            more.append(More(slot, due[slot].period, difference, line))
    return Differences(less, more)


def take_back(amount: Decimal, lines: Sequence[Asked]) -> dict[int, Decimal]:
    """Return by how much each line goes down, the newest first; what was waived already is not taken twice.

    >>> lines = [Asked(1, Decimal(80), Decimal(80)), Asked(2, Decimal(20), Decimal(20))]
    >>> take_back(Decimal(30), lines)
    {2: Decimal('20'), 1: Decimal('10')}
    """
    parts: dict[int, Decimal] = {}
    for line in reversed(lines):
        part = min(amount, line.left)
        if part > 0:
            parts[line.line] = part
            amount -= part
    return parts
