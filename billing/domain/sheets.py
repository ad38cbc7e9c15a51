"""The bill on paper: what `templates/print/bill-a4.html` needs and nothing else.

Amounts and dates come as values; the template writes them in its language. Texts (names, steps, causes) come
ready in the language of the letter, because the explanation of a line makes them.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import ZERO
from core.periods import Period

MANY_LINES = 6  # above it the columns change so that twenty lines with long names fit two pages


@dataclass(frozen=True)
class Letterhead:
    """Who writes: the service centre of a community as printed at the head and foot of its letters."""

    name: str
    address: str
    phone: str
    hours: str


@dataclass(frozen=True)
class Contact:
    """Whom to ask about the letter; both as they may be printed, that is masked by default."""

    name: str
    phone: str


@dataclass(frozen=True)
class BankAccount:
    """Where a transfer goes; the number as it may be printed."""

    holder: str
    bank: str
    number: str


@dataclass(frozen=True)
class Phrase:
    """A piece of an explanation; the step that makes the amount is strong."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class BillSheetLine:
    """One charge line: its step in words, and what changed against the period before.

    `change` is None when there is nothing to compare with (a first bill, a new fee item).
    """

    name: str
    how: tuple[Phrase, ...]
    amount: Decimal
    change: Decimal | None
    change_note: str = ""


@dataclass(frozen=True)
class DiscountLine:
    """A discount on the bill: the fee item, the rule's name, how it was worked out, and yuan."""

    item: str
    name: str
    how: tuple[Phrase, ...]
    amount: Decimal


@dataclass(frozen=True)
class BillSheet:
    """A bill as the letter of page one, its table and its tear-off slip.

    `number` is the 13 digits with check digit, `room` the short name for the salutation (301), `address` the
    lines of the window: only place and name, never an amount. `main_cause` names the fee item that moved the
    total most. `paid` is what is settled or waived, without the discounts. `pay_url` goes into the QR code: an opaque
    token, nothing a finder could read. `as_of` is the day of the figures.
    """

    letterhead: Letterhead
    number: str
    period: Period
    issued_on: date
    due_on: date
    as_of: date
    unit: str
    room: str
    address: tuple[str, ...]
    lines: tuple[BillSheetLine, ...]
    pay_url: str
    steward: Contact
    change: Decimal | None = None
    main_cause: str = ""
    paid: Decimal = ZERO
    notes: tuple[str, ...] = ()
    bank: BankAccount | None = None
    discounts: tuple[DiscountLine, ...] = ()

    @property
    def total(self) -> Decimal:
        """The sum of the lines, in yuan."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def is_compared(self) -> bool:
        """Whether anything stands beside what the bill before asked for."""
        said = (line.change is not None or line.change_note for line in self.lines)
        return self.change is not None or any(said)

    @property
    def outstanding(self) -> Decimal:
        """What is still to pay on the day of the figures, in yuan."""
        return self.total - self.paid - self.discounted

    @property
    def discounted(self) -> Decimal:
        """The sum of the discounts, in yuan."""
        return sum((row.amount for row in self.discounts), ZERO)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to pay, so that the paper asks for nothing."""
        return not self.outstanding

    @property
    def has_many_lines(self) -> bool:
        """Whether the wide name column of long bills is needed."""
        return len(self.lines) > MANY_LINES
