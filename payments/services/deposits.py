"""Taking deposits at the desk (B10): money we hold for an account, never income."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from billing.models import ChargeAccount
from billing.services.locking import lock_accounts
from core import audit
from core.calendars import day_of
from core.money import FEN
from ledger import chart
from ledger.services import Leg, post
from payments.models import Channel, Deposit, DepositKind
from payments.models.receipts import DESK_CHANNELS
from payments.services.booking import CLEARING
from payments.services.cash_desk import LARGEST, NotTakenError
from payments.services.numbering import take_numbers
from users.models import User

PREFIX = "YJ"


@dataclass(frozen=True)
class DepositDraft:
    """A deposit as it is handed over at the desk."""

    kind: DepositKind
    amount: Decimal
    channel: Channel
    reference: str = ""
    note: str = ""


@transaction.atomic
def take_deposit(*, account: ChargeAccount, draft: DepositDraft, by: User, now: datetime) -> Deposit:
    """Take a deposit, number it and post it: clearing against deposits held. Raises NotTakenError."""
    if draft.channel not in DESK_CHANNELS or not 0 < draft.amount <= LARGEST or draft.amount % FEN:
        raise NotTakenError()
    account = lock_accounts([account.pk])[account.pk]
    deposit = _write(account, draft, by, now)
    _post(deposit)
    audit.record(
        action="payments.take_deposit",
        target=deposit,
        by=by,
        community_id=account.community_id,
        after={
            "number": deposit.number,
            "kind": draft.kind,
            "amount": draft.amount,
            "channel": draft.channel,
        },
    )
    return deposit


def _write(account: ChargeAccount, draft: DepositDraft, by: User, now: datetime) -> Deposit:
    company_id, day = account.community.company_id, day_of(now)
    (number,) = take_numbers(company_id=company_id, prefix=PREFIX, day=day)
    deposit: Deposit = Deposit.objects.create(
        company_id=company_id,
        community_id=account.community_id,
        account=account,
        kind=draft.kind,
        number=number,
        channel=draft.channel,
        reference=draft.reference,
        amount=draft.amount,
        note=draft.note,
        value_day=day,
        taken_by=by.get_username(),
        taken_at=now,
    )
    return deposit


def _post(deposit: Deposit) -> None:
    post(
        company_id=deposit.company_id,
        community_id=deposit.community_id,
        booked_on=deposit.value_day,
        or_later=True,
        kind="deposit",
        source=deposit.source,
        memo=deposit.number,
        legs=[
            Leg(CLEARING[Channel(deposit.channel)], deposit.amount),
            Leg(chart.DEPOSIT, -deposit.amount, deposit.account_id),
        ],
    )
