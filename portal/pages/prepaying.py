"""What the owner's page of the prepayment holds, as values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from payments.selectors.prepayments import Purse, StatementRow
from portal.pages.frames import Frame
from portal.pages.paying import PayMethod


@dataclass(frozen=True)
class OfferView:
    """A discount for paying ahead: the fee item the money is for, the rule in a sentence, the least sum, the gift."""

    fee_item_id: int
    told: str
    needed: Decimal
    gift: Decimal


@dataclass(frozen=True)
class AheadView:
    """A payment ahead that lasts: the rule's name, what is left of the money, and what is still to come of the gift."""

    name: str
    money: Decimal
    gift: Decimal


@dataclass(frozen=True)
class AccountView:
    """One account: its unit, what it has with us and of which kinds, what may still be paid in, and its statement.

    `offers` are the discounts for paying ahead, `ahead` the payments that earned one.
    """

    account_id: int
    unit: str
    balance: Decimal
    purses: tuple[Purse, ...]
    room: Decimal | None
    rows: tuple[StatementRow, ...]
    offers: tuple[OfferView, ...] = ()
    ahead: tuple[AheadView, ...] = ()


@dataclass(frozen=True)
class PrepaymentPage:
    """The page: accounts, ways to pay, what was typed, and what went wrong."""

    frame: Frame
    accounts: tuple[AccountView, ...]
    methods: tuple[PayMethod, ...]
    action: str
    amount: str = ""
    error: str = ""
