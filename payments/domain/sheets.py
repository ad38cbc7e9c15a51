"""The receipt on paper: what `templates/print/receipt-a5.html` needs and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from billing.domain.sheets import Letterhead
from core.money import ZERO
from core.periods import Period


@dataclass(frozen=True)
class ReceiptSheetLine:
    """One bill that the money was allocated to: open before, allocated now, open after."""

    number: str
    unit: str
    period: Period
    due_on: date
    open_before: Decimal
    allocated: Decimal

    @property
    def open_after(self) -> Decimal:
        """What stays open on the bill, in yuan."""
        return self.open_before - self.allocated


@dataclass(frozen=True)
class ReceiptSheet:
    """A receipt: what came in, where it went bill by bill, and what became prepayment.

    `method` is ready text (现金 610.00，找零 4.70), `order` the sentence that says in which order the money
    was allocated and why, `late_fee` the part of the allocation that is late fee, `reprint` 0 for the first
    print and n for 补打第 n 次. `verify_url` goes into the QR code: an opaque token.
    """

    letterhead: Letterhead
    number: str
    received_at: datetime
    as_of: date
    unit: str
    payer: str
    method: str
    amount: Decimal
    lines: tuple[ReceiptSheetLine, ...]
    order: str
    verify_url: str
    prepaid_before: Decimal = ZERO
    prepaid_after: Decimal = ZERO
    late_fee: Decimal = ZERO
    desk: str = ""
    copy: str = ""
    cashier: str = ""
    checker: str = ""
    reprint: int = 0

    @property
    def open_before(self) -> Decimal:
        """What was open on these bills before, in yuan."""
        return sum((line.open_before for line in self.lines), ZERO)

    @property
    def allocated(self) -> Decimal:
        """What of the money went to these bills, in yuan."""
        return sum((line.allocated for line in self.lines), ZERO)

    @property
    def open_after(self) -> Decimal:
        """What stays open on these bills, in yuan."""
        return self.open_before - self.allocated

    @property
    def prepaid_change(self) -> Decimal:
        """What went into the prepayment; negative when the prepayment paid a part."""
        return self.prepaid_after - self.prepaid_before
