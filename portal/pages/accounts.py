"""What an account had and has: receipts, the statement, and its part in shared costs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.pages.pools import ShownPool
from billing.selectors.statement import AccountStatement
from core.money import ZERO
from core.periods import Period
from portal.pages.frames import Frame


@dataclass(frozen=True)
class ReceiptRow:
    """A bill the money went to."""

    unit: str
    period: Period
    allocated: Decimal
    open_after: Decimal
    url: str = ""


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt on screen: what came in, where it went and why in this order."""

    frame: Frame
    number: str
    received_at: datetime
    amount: Decimal
    payer: str
    method: str
    rows: tuple[ReceiptRow, ...]
    order: str
    prepaid_before: Decimal = ZERO
    prepaid_after: Decimal = ZERO
    pdf_url: str = ""
    invoice_url: str = ""
    home_url: str = ""

    @property
    def prepaid_change(self) -> Decimal:
        """What went into the prepayment; negative when it paid a part."""
        return self.prepaid_after - self.prepaid_before


@dataclass(frozen=True)
class StatementPage:
    """An account statement on a phone; ``prepaid`` is what the account has with us besides."""

    frame: Frame
    unit: str
    statement: AccountStatement
    prepaid: Decimal
    pdf_url: str


@dataclass(frozen=True)
class PoolsOfUnits:
    """What the reader's units in one community shared in a year; ``pdf_url``: the same on paper."""

    community: str
    units: str
    pools: tuple[ShownPool, ...]
    pdf_url: str


@dataclass(frozen=True)
class PoolsPage:
    """The shared costs of a year. `years`: each year that has some, with its address."""

    frame: Frame
    year: int
    years: tuple[tuple[int, str], ...]
    groups: tuple[PoolsOfUnits, ...]
