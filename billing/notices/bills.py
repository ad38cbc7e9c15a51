"""The message that a bill is ready, and what any message about bills may say when it leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.links import make_pay_link
from billing.models import Bill, BillRun, BillState
from billing.selectors.outstanding import bill_balances
from core.calendars import day_of, moment_of
from core.figures import format_amount, format_day, format_month
from messaging.domain.verdict import Drop, Go, Verdict
from messaging.kinds import MessageKind, register_kind
from messaging.models import OutboundMessage
from messaging.services import MessagePlan, plan_messages

PLACEHOLDERS = ("community", "units", "month", "amount", "due_day", "link")


@dataclass(frozen=True)
class OwedBill:
    """A bill and what is left to pay of it, in yuan."""

    bill: Bill
    outstanding: Decimal


def plan_bill_notices(*, run_id: int) -> int:
    """Plan one notice a payer for the bills of a run issued on one day, over all units; return how many are new."""
    run = BillRun.objects.get(pk=run_id)
    rows = Bill.objects.filter(run=run, state=BillState.ISSUED).order_by("pk")
    told_together: dict[tuple[int, date | None], list[int]] = {}
    for bill_id, payer_id, issued_on in rows.values_list("pk", "account__payer_id", "issued_on"):
        told_together.setdefault((payer_id, issued_on), []).append(bill_id)
    return plan_messages(
        MessagePlan(
            dedupe_key=f"{notices_of(run)}{payer_id}:{issued_on}",
            community_id=run.community_id,
            person_id=payer_id,
            kind=BILL_NOTICE.name,
            subjects={"bills": bill_ids},
            not_before=_start_of(issued_on),
        )
        for (payer_id, issued_on), bill_ids in told_together.items()
    )


def plan_notices_of_bills(*, kind: str, bill_ids: Collection[int]) -> int:
    """Plan one notice a payer and day for bills made beside a run, all units together; return how many are new.

    What comes later on a day is read with the first: nobody is told twice a day that a bill was put right.
    """
    rows = Bill.objects.filter(pk__in=bill_ids, state=BillState.ISSUED).order_by("pk")
    told_together: dict[tuple[int, int, date | None], list[int]] = {}
    for bill_id, community_id, payer_id, day in rows.values_list(
        "pk", "community_id", "account__payer_id", "issued_on"
    ):
        told_together.setdefault((community_id, payer_id, day), []).append(bill_id)
    return plan_messages(
        MessagePlan(
            dedupe_key=f"{kind}:{community_id}:{payer_id}:{day}",
            community_id=community_id,
            person_id=payer_id,
            kind=kind,
            subjects={"bills": of_payer},
            not_before=_start_of(day),
        )
        for (community_id, payer_id, day), of_payer in told_together.items()
    )


def notices_of(run: BillRun) -> str:
    """What the dedupe keys of all notices of a run begin with."""
    return f"notice:{run.pk}:"


def judge_by_bills(messages: Sequence[OutboundMessage], now: datetime) -> Mapping[int, Verdict]:
    """Answer for messages about bills: what is open at this moment, or drop the message when nothing is.

    Four queries for a batch, however long it is.
    """
    open_bills = _find_open({bill_id for message in messages for bill_id in message.subjects["bills"]})
    return {message.pk: _judge(message, open_bills, now) for message in messages}


def _find_open(bill_ids: Collection[int]) -> dict[int, OwedBill]:
    balances = bill_balances(bill_ids)
    still_open = [bill_id for bill_id, balance in balances.items() if balance.outstanding > 0]
    bills = Bill.objects.filter(pk__in=still_open).select_related("account__unit__building", "community")
    return {bill.pk: OwedBill(bill, balances[bill.pk].outstanding) for bill in bills}


def _judge(message: OutboundMessage, open_bills: Mapping[int, OwedBill], now: datetime) -> Verdict:
    bills = [open_bills[bill_id] for bill_id in message.subjects["bills"] if bill_id in open_bills]
    if not bills:
        return Drop("nothing_open")
    with translation.override(message.language):
        return Go(_values(bills, message.pk, day_of(now)))


def _values(owed: Sequence[OwedBill], message_id: int, today: date) -> dict[str, str]:
    bills = [one.bill for one in owed]
    first = min(bills, key=lambda bill: bill.due_on)
    return {
        "community": first.community.name,
        "units": str(_(", ")).join(bill.account.unit.label for bill in bills[:3]) + _more(len(bills) - 3),
        "month": format_month(first.period_start, today),
        "amount": format_amount(sum((one.outstanding for one in owed), Decimal())),
        "due_day": format_day(first.due_on, today),
        "link": make_pay_link([bill.pk for bill in bills], first.issued_on or today, message_id=message_id),
    }


def _more(count: int) -> str:
    return _(" and %(count)d more") % {"count": count} if count > 0 else ""


def _start_of(day: date | None) -> datetime:
    return moment_of(day or date.min)


def register_bill_kind(
    *, name: str, label: str | Promise, subject: str | Promise, body: str | Promise, is_reminder: bool = False
) -> MessageKind:
    """Register a kind of message about bills: all may say the same, and are judged alike before they leave."""
    return register_kind(
        MessageKind(
            name=name,
            label=label,
            subject=subject,
            body=body,
            placeholders=PLACEHOLDERS,
            ask=judge_by_bills,
            is_reminder=is_reminder,
        )
    )


BILL_NOTICE = register_bill_kind(
    name="bill.notice",
    label=_("Bill is ready"),
    subject=_("Your bill for {{ month }}"),
    body=_(
        "To the neighbours of {{ units }}: your bill for {{ month }} is ready, {{ amount }} yuan, "
        "by {{ due_day }} is fine. See what it is for, and pay: {{ link }}"
    ),
)

CORRECTION_NOTICE = register_bill_kind(
    name="bill.correction",
    label=_("Bill was corrected"),
    subject=_("A bill of yours was corrected"),
    body=_(
        "To the neighbours of {{ units }}: an earlier bill was corrected, and {{ amount }} yuan are "
        "still to pay, by {{ due_day }} is fine. What changed and why: {{ link }}"
    ),
)
LATE_FEE_NOTICE = register_bill_kind(
    name="bill.late_fee",
    label=_("Late fee was charged"),
    subject=_("The late fee of a bill"),
    body=_(
        "To the neighbours of {{ units }}: a bill was paid after its day, and {{ amount }} yuan of late fee stand "
        "on a bill of their own, as the contract has it. Day by day, how it came about: {{ link }}"
    ),
    is_reminder=True,
)
