"""Money that a person takes: cash, transfer or card at the desk, and what stood on the exceptions desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount
from core import audit
from core.errors import InvalidError
from core.money import FEN
from payments.models import Channel, PaymentException, Receipt
from payments.models.receipts import DESK_CHANNELS
from payments.services.booking import Incoming, book_receipt
from payments.services.doubts import close_exception
from users.models import User

LARGEST = Decimal("1000000.00")
"""More than this in one sum at a desk is a slip of the keyboard."""


class NotTakenError(InvalidError):
    """The sum or the way cannot be taken at the desk."""

    code = "payments.not_taken"
    message = _("This sum cannot be taken at the desk. Please check the amount.")


@transaction.atomic
def take_cash(
    *,
    account: ChargeAccount,
    amount: Decimal,
    channel: Channel,
    by: User,
    now: datetime,
    chosen: Mapping[int, Decimal] | None = None,
    tendered: Decimal | None = None,
    reference: str = "",
    paid_at: datetime | None = None,
    meant_for: int | None = None,
) -> Receipt:
    """Take money at the desk and write its receipt.

    Without a choice the policy says which bills of the account it meets; what is more than they need becomes
    prepayment. ``tendered`` is the cash handed over, the change being the difference. A transfer or card payment
    names its slip in ``reference`` and may have been paid earlier (``paid_at``). ``meant_for`` is the fee item its rest
    pays ahead.

    Raises NotTakenError.
    """
    if channel not in DESK_CHANNELS or not 0 < amount <= LARGEST or amount % FEN:
        raise NotTakenError()
    if tendered is not None and (channel is not Channel.CASH or tendered < amount):
        raise NotTakenError(str(_("The cash handed over is less than the amount.")))
    if paid_at is not None and paid_at > now:
        raise NotTakenError(str(_("The payment day lies in the future.")))
    incoming = Incoming(
        account_id=account.pk,
        channel=channel,
        amount=amount,
        paid_at=paid_at or now,
        chosen=chosen,
        reference=reference,
        payer=account.payer,
        tendered=tendered,
        taken_by=by.get_username(),
        meant_for=meant_for,
    )
    receipt = book_receipt(incoming=incoming, by=by, now=now)
    _audit("payments.take_cash", receipt, by)
    return receipt


@transaction.atomic
def book_exception(
    *, exception: PaymentException, account: ChargeAccount, by: User, now: datetime, outcome: str
) -> Receipt:
    """Book money from the exceptions desk as prepayment of an account, once a person has found whose it is.

    Raises NotTakenError when the exception holds no money of ours, AlreadyClosedError when it was settled before.
    """
    closed = close_exception(exception_id=exception.pk, outcome=outcome, by=by, now=now)
    paid_at = closed.details.get("paid_at")
    if (
        not closed.heard
        or not closed.details.get("transaction")
        or account.community_id != closed.community_id
    ):
        raise NotTakenError()
    incoming = Incoming(
        account_id=account.pk,
        channel=Channel(closed.merchant.gateway),
        amount=closed.heard,
        paid_at=datetime.fromisoformat(paid_at) if paid_at else closed.opened_at,
        chosen={},
        transaction_id=closed.details["transaction"],
        payer=account.payer,
        taken_by=by.get_username(),
    )
    receipt = book_receipt(incoming=incoming, by=by, now=now)
    _audit("payments.book_exception", receipt, by)
    return receipt


def _audit(action: str, receipt: Receipt, by: User) -> None:
    after = {"number": receipt.number, "amount": receipt.amount, "channel": receipt.channel}
    audit.record(action=action, target=receipt, by=by, community_id=receipt.community_id, after=after)
