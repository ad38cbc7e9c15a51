"""What the owner's page of the prepayment holds, as values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from payments.selectors.prepayments import Purse, StatementRow
from portal.pages import Frame, PayMethod


@dataclass(frozen=True)
class AccountView:
    """One account: its unit, what it has with us and of which kinds, what may still be paid in, and its statement."""

    account_id: int
    unit: str
    balance: Decimal
    purses: tuple[Purse, ...]
    room: Decimal | None
    rows: tuple[StatementRow, ...]


@dataclass(frozen=True)
class PrepaymentPage:
    """The page: accounts, ways to pay, what was typed, and what went wrong."""

    frame: Frame
    accounts: tuple[AccountView, ...]
    methods: tuple[PayMethod, ...]
    action: str
    amount: str = ""
    error: str = ""
