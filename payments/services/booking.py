"""Where all money meets: one receipt, its allocations, its prepayment and its journal entry, or none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from billing.models import ChargeAccount, ChargeLine
from billing.selectors.outstanding import OpenLine, open_lines
from billing.services.late_fee_bills import charge_at_payment
from billing.services.locking import Held, lock_accounts, lock_bills_of, lock_lines
from billing.services.on_time import discount_on_time
from billing.services.paid_ahead import promise_gift
from billing.services.settlement import AllocationDraft, record_allocations
from billing.services.tolerance import find_tolerance, forgive_remainders
from core.calendars import day_of
from core.events import publish
from core.failpoints import failpoint
from core.money import to_fen, to_yuan
from estates.models import Person
from ledger import chart
from ledger.selectors import get_booking_day
from ledger.services import Leg, post
from payments.domain.allocation import Decision, Policy, decide
from payments.models import Channel, Intent, PaymentPolicy, PrepaymentEntry, Receipt
from payments.selectors.claims import make_claims
from payments.selectors.policies import get_policy
from payments.services.numbering import take_numbers
from users.models import User

CLEARING = {
    Channel.WECHAT: chart.WECHAT,
    Channel.ALIPAY: chart.ALIPAY,
    Channel.CASH: chart.CASH,
    Channel.TRANSFER: chart.BANK,
    Channel.CARD: chart.BANK,
}
"""The ledger account on which the money of a channel waits for the bank."""

ENTRY_KIND = "receipt"


@dataclass(frozen=True)
class Incoming:
    """Money that is certainly ours. ``account_id`` is whom it is first of all for; None: the first chosen line's.

    ``chosen`` names charge lines and the most each may take, in yuan; an empty choice makes all of it prepayment,
    None leaves it to the policy, which then serves every open bill of the account. ``transaction_id`` is empty for
    money without a platform; ``tendered`` is the cash handed over; ``meant_for`` is the fee item its rest may pay.
    """

    account_id: int | None
    channel: Channel
    amount: Decimal
    paid_at: datetime
    chosen: Mapping[int, Decimal] | None = None
    transaction_id: str = ""
    reference: str = ""
    intent: Intent | None = None
    payer: Person | None = None
    tendered: Decimal | None = None
    taken_by: str = ""
    meant_for: int | None = None

    @property
    def gateway(self) -> str:
        """The platform the money came through, empty for the desk and the bank."""
        return str(self.channel) if self.channel in (Channel.WECHAT, Channel.ALIPAY) else ""

    @property
    def value_day(self) -> date:
        """The day the payer paid, where the community is."""
        return day_of(self.paid_at)


@transaction.atomic
def book_receipt(*, incoming: Incoming, now: datetime, by: User | None = None) -> Receipt:
    """Turn money into a receipt: allocate it, put the rest into prepayment, post it, tell the others.

    Locks accounts, then bills, then the receipt series, in that order. Money that nobody directed meets the late fee as
    of its value day too, which is charged first where the clause says so; money that was directed leaves the late fee
    of what it meets owed, on a bill of its own. A bill that it pays whole by the due day gets
    its discount first, so that the money meets what is left. Nothing is refused for want of an open bill:
    money that no line needs any more becomes the prepayment of the account it was meant for. The value day is the
    payer's; when its month is closed, the books take the receipt on their first open day. Publishes
    ``payments.received`` with ``receipt_id``. For thousands of receipts take `bulk.settle_in_bulk`.
    """
    account, held, lines = _lock_and_load(incoming, now=now, by=by)
    policy = get_policy(account.community_id)
    decision = _decide(incoming, account, lines, held.account_of, policy.for_allocation)
    if discount_on_time(
        community_id=account.community_id, parts=decision.parts, value_day=incoming.value_day, now=now
    ):
        # The discount has changed what is open, so the money is shared out again.
        lines = open_lines(line_ids=held.account_of)
        decision = _decide(incoming, account, lines, held.account_of, policy.for_allocation)
    if incoming.chosen is not None:
        met = [line for line in lines if line.line_id in decision.parts]
        charge_at_payment(accounts=held.accounts, as_of=incoming.value_day, now=now, by=by, met=met)
    failpoint("payments.book.decided")
    receipt = _write_receipt(incoming, account, policy, now)
    failpoint("payments.book.written")
    _allocate(receipt, decision, held, by=by, now=now)
    _prepay(receipt, decision, incoming.meant_for, held, now)
    failpoint("payments.book.allocated")
    _post(receipt, decision, held.account_of)
    let_go_of_remainders(
        company_id=receipt.company_id,
        community_id=receipt.community_id,
        line_ids=decision.parts,
        source=receipt.source,
        day=receipt.value_day,
        now=now,
    )
    failpoint("payments.book.posted")
    publish("payments.received", receipt_id=receipt.pk)
    return receipt


def make_legs(channel: str, decision: Decision, owners: Mapping[int, int]) -> list[Leg]:
    """Return the entry of a receipt: clearing against receivable and prepayment, account by account."""
    settled: Counter[int] = Counter()
    for line_id, fen in decision.parts.items():
        settled[owners[line_id]] += fen
    received = sum(decision.parts.values()) + sum(decision.rest.values())
    return [
        Leg(CLEARING[Channel(channel)], to_yuan(received)),
        *(Leg(chart.RECEIVABLE, -to_yuan(fen), account_id) for account_id, fen in settled.items()),
        *(Leg(chart.PREPAYMENT, -to_yuan(fen), account_id) for account_id, fen in decision.rest.items()),
    ]


def _lock_and_load(
    incoming: Incoming, *, now: datetime, by: User | None
) -> tuple[ChargeAccount, Held, Sequence[OpenLine]]:
    """Lock what the money may meet and load what is open of it; return the account it is first of all for, too."""
    wanted = [] if incoming.account_id is None else [incoming.account_id]
    if incoming.chosen is None:
        return _lock_and_load_account(wanted, incoming.value_day, now=now, by=by)
    held = lock_lines(incoming.chosen, account_ids=wanted)
    account_id = incoming.account_id or held.account_of[next(iter(incoming.chosen))]
    return held.accounts[account_id], held, open_lines(line_ids=incoming.chosen)


def _lock_and_load_account(
    account_ids: Collection[int], as_of: date, *, now: datetime, by: User | None
) -> tuple[ChargeAccount, Held, Sequence[OpenLine]]:
    """Lock one account for money that nobody directed, charge its late fee first, and load all that is open."""
    accounts = lock_accounts(account_ids)
    (account,) = accounts.values()
    charge_at_payment(accounts=accounts, as_of=as_of, now=now, by=by)
    lines = open_lines(account_ids=accounts)
    return account, lock_bills_of(lines, accounts), lines


def _decide(
    incoming: Incoming,
    account: ChargeAccount,
    lines: Sequence[OpenLine],
    owners: Mapping[int, int],
    policy: Policy,
) -> Decision:
    chosen = None
    if incoming.chosen is not None:
        chosen = {line: to_fen(amount) for line, amount in incoming.chosen.items()}
    return decide(
        to_fen(incoming.amount),
        make_claims(lines, policy=policy, as_of=incoming.value_day),
        policy=policy,
        as_of=incoming.value_day,
        chosen=chosen,
        owners=owners,
        primary=account.pk,
    )


def _write_receipt(
    incoming: Incoming, account: ChargeAccount, policy: PaymentPolicy, now: datetime
) -> Receipt:
    company_id = account.community.company_id
    (number,) = take_numbers(company_id=company_id, prefix=policy.receipt_prefix, day=incoming.value_day)
    receipt: Receipt = Receipt.objects.create(
        company_id=company_id,
        community_id=account.community_id,
        account=account,
        number=number,
        channel=incoming.channel,
        gateway=incoming.gateway,
        transaction_id=incoming.transaction_id,
        reference=incoming.reference,
        intent=incoming.intent,
        payer=incoming.payer,
        amount=incoming.amount,
        tendered=incoming.tendered,
        paid_at=incoming.paid_at,
        value_day=incoming.value_day,
        order=policy.order,
        was_chosen=incoming.chosen is not None,
        taken_by=incoming.taken_by,
        written_at=now,
    )
    return receipt


def _allocate(receipt: Receipt, decision: Decision, held: Held, *, by: User | None, now: datetime) -> None:
    drafts = [AllocationDraft(line_id, to_yuan(fen)) for line_id, fen in decision.parts.items()]
    record_allocations(
        drafts=drafts, value_day=receipt.value_day, source=receipt.source, by=by, now=now, held=held
    )


def let_go_of_remainders(
    *,
    company_id: int,
    community_id: int,
    line_ids: Collection[int],
    source: str,
    day: date,
    now: datetime,
) -> None:
    """Close the bills that a payment left open by less than the community's tolerance; nothing without a policy."""
    if not line_ids or not find_tolerance(community_id, day):
        return
    booked_on = get_booking_day(company_id=company_id, community_id=community_id, day=day)
    bills = ChargeLine.objects.filter(pk__in=line_ids).values_list("bill", flat=True)
    forgive_remainders(community_id=community_id, bill_ids=set(bills), source=source, day=booked_on, now=now)


def _prepay(receipt: Receipt, decision: Decision, meant_for: int | None, held: Held, now: datetime) -> None:
    """Keep what no line needs; where it is meant for a fee item and pays far enough ahead, it is promised a gift."""
    PrepaymentEntry.objects.bulk_create(
        PrepaymentEntry(
            account_id=account_id,
            fee_item_id=meant_for,
            amount=to_yuan(fen),
            value_day=receipt.value_day,
            source=receipt.source,
            written_at=now,
        )
        for account_id, fen in decision.rest.items()
    )
    if meant_for is None:
        return
    for account_id, fen in decision.rest.items():
        promise_gift(
            account=held.accounts[account_id],
            fee_item_id=meant_for,
            paid=to_yuan(fen),
            source=receipt.source,
            day=receipt.value_day,
            now=now,
        )


def _post(receipt: Receipt, decision: Decision, owners: Mapping[int, int]) -> None:
    post(
        company_id=receipt.company_id,
        community_id=receipt.community_id,
        booked_on=receipt.value_day,
        or_later=True,
        kind=ENTRY_KIND,
        source=receipt.source,
        memo=receipt.number,
        legs=make_legs(receipt.channel, decision, owners),
    )
