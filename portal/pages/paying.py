"""The pages of a payment: choose lines, choose how to pay, see the result; or ask somebody else to pay."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.periods import Period
from portal.pages.frames import Frame, StateView


@dataclass(frozen=True)
class ChoiceLine:
    """A charge line to tick: `key` is sent back as `line`."""

    key: str
    name: str
    outstanding: Decimal
    chosen: bool = True


@dataclass(frozen=True)
class ChoiceBill:
    """An open bill of one unit and period with its lines; overdue ones come first."""

    unit: str
    period: Period
    due_on: date
    state: StateView
    lines: tuple[ChoiceLine, ...]


@dataclass(frozen=True)
class ChoosePage:
    """The choice of lines over several bills and units, without script: ticks, then the sum on the next page.

    `part` may be sent with it: an amount below the sum, for people who pay a part. `error` is said aloud.
    """

    frame: Frame
    bills: tuple[ChoiceBill, ...]
    action: str
    back_url: str
    part: str = ""
    error: str = ""


@dataclass(frozen=True)
class PayRow:
    """A bill in the sum to pay."""

    unit: str
    period: Period | None
    amount: Decimal


@dataclass(frozen=True)
class PayMethod:
    """A way to pay; `key` is posted back as `method`."""

    key: str
    name: str
    note: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class PayPage:
    """The sum, what it pays, and how: one button. `works_until` is the last day of a signed link.

    `hidden` is posted back with the method, as (name, value) pairs: the chosen lines, the key against paying
    twice.
    """

    frame: Frame
    rows: tuple[PayRow, ...]
    total: Decimal
    methods: tuple[PayMethod, ...]
    action: str
    back_url: str
    hidden: tuple[tuple[str, str], ...] = ()
    choose_url: str = ""
    payer: str = ""
    works_until: date | None = None
    error: str = ""


@dataclass(frozen=True)
class PaymentPage:
    """A payment from its start to its end: to be paid in the wallet, confirming, unknown, paid or failed, in words.

    While it is open the page asks again by itself: `status_url` answers the inner part for htmx (or no news) and this
    page otherwise. `wallet` is the name of the way of paying, `gateway_url` leads there, `qr` is for paying with a
    telephone; `drop_url` takes a POST and lets another way be chosen. `known_by` is when we will know at the latest.
    """

    frame: Frame
    state: StateView
    amount: Decimal
    rows: tuple[PayRow, ...]
    status_url: str
    back_url: str
    wallet: str = ""
    receipt_url: str = ""
    retry_url: str = ""
    gateway_url: str = ""
    drop_url: str = ""
    qr: str = ""
    known_by: datetime | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the page should ask again."""
        return self.state.name in {"due", "confirming", "unknown"}


@dataclass(frozen=True)
class FamilyPage:
    """The link for whoever pays instead: as a code to scan and as text to send. It opens these bills and no more."""

    frame: Frame
    rows: tuple[PayRow, ...]
    total: Decimal
    link: str
    back_url: str
