"""Paying: the choice of lines, the sum, and how the payment stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.selectors.late_fee_names import name_late_fees
from billing.selectors.outstanding import OpenLine
from core.calendars import day_of, moment_of
from core.money import ZERO
from core.periods import Period
from core.phones import mask_name
from payments.models import Intent, IntentState
from payments.selectors.merchants import list_merchants
from portal.pages import (
    ChoiceBill,
    ChoiceLine,
    ChoosePage,
    PaymentPage,
    PayMethod,
    PayPage,
    PayRow,
    StateView,
)
from portal.readers import Reader
from portal.selectors.frames import make_frame, state_of_bill
from portal.selectors.rows import group_by_bill, periods_of, rows_of
from portal.selectors.wishes import NothingOpenError, Wish, list_open

STATES: Mapping[str, str] = {
    IntentState.CREATED: "failed",
    IntentState.PENDING: "due",
    IntentState.UNKNOWN: "unknown",
    IntentState.PAID: "paid",
    IntentState.CLOSED: "failed",
}
ANSWER_BY = time(10)
"""The platforms' bills of a day are there at ten the next morning: then every doubt about it ends."""


def choose_page(reader: Reader, sent: QueryDict, error: str = "") -> ChoosePage:
    """All open lines with ticks: as they were sent, else those of the bill one came from, else all.

    Raises:
        NothingOpenError: nothing is open.
    """
    lines = name_late_fees(list_open(reader))
    if not lines:
        raise NothingOpenError
    groups = group_by_bill(lines)
    periods = periods_of(reader, [group[0].bill_id for group in groups])
    return ChoosePage(
        frame=make_frame(
            reader, community=_community_of(reader, lines[0].bill_id), where=_("Choose what to pay")
        ),
        bills=tuple(_choice(reader, group, periods[group[0].bill_id], sent) for group in groups),
        action=reader.url("sum"),
        back_url=reader.url("home"),
        part=sent.get("part", "")[:20],
        error=error,
    )


def _community_of(reader: Reader, bill_id: int) -> str:
    return str(reader.bills().values_list("community__name", flat=True).get(pk=bill_id))


def _choice(reader: Reader, lines: list[OpenLine], period: Period, sent: QueryDict) -> ChoiceBill:
    first = lines[0]
    state = state_of_bill(first.outstanding, first.due_on, reader.today)
    ticks = tuple(
        ChoiceLine(str(line.line_id), line.fee_item_name, line.outstanding, _is_ticked(line, sent))
        for line in lines
    )
    return ChoiceBill(first.unit_label, period, first.due_on, state, ticks)


def _is_ticked(line: OpenLine, sent: QueryDict) -> bool:
    if "picked" in sent:
        return str(line.line_id) in sent.getlist("line")
    return sent.get("bill", "") in ("", line.bill_number)


def pay_page(reader: Reader, wish: Wish, error: str = "") -> PayPage:
    """The sum, bill by bill, and the ways to pay it that this community offers."""
    bill = reader.bills().select_related("account__payer", "community").get(pk=wish.lines[0].bill_id)
    merchants = list_merchants(bill.community_id)
    return PayPage(
        frame=make_frame(reader, community=bill.community.name, where=pgettext("page", "Pay")),
        rows=rows_of(reader, wish.lines, wish.amounts),
        total=wish.total,
        methods=tuple(
            PayMethod(merchant.gateway, merchant.get_gateway_display(), chosen=index == 0)
            for index, merchant in enumerate(merchants)
        ),
        action=reader.url("start"),
        back_url=_back_url(reader, wish),
        hidden=tuple(("part-of", f"{line_id}:{amount}") for line_id, amount in wish.amounts.items()),
        choose_url=_choose_url(reader, wish),
        payer="" if reader.is_known else mask_name(bill.account.payer.name),
        works_until=_last_day(reader.until),
        error=error
        if merchants
        else _("Paying by phone is not set up here yet. Please pay at the front desk."),
    )


def _back_url(reader: Reader, wish: Wish) -> str:
    numbers = wish.bill_numbers
    return reader.url("bill", numbers[0]) if len(numbers) == 1 else reader.url("home")


def _last_day(until: datetime | None) -> date | None:
    return day_of(until - timedelta(seconds=1)) if until else None


def _choose_url(reader: Reader, wish: Wish) -> str:
    """The page with the ticks, set as they are now."""
    ticks = [("picked", "1"), *(("line", str(line.line_id)) for line in wish.lines)]
    return f"{reader.url('choose')}?{urlencode(ticks)}"


def find_intent(reader: Reader, number: str) -> Any:
    """The payment of this order number.

    Raises:
        Http404: there is none, or it is not this reader's.
    """
    intent = reader.intents().select_related("community", "merchant").filter(number=number).first()
    if intent is None:
        raise Http404
    return intent


def payment_page(reader: Reader, intent: Intent, *, is_back: bool = False) -> PaymentPage:
    """How a payment stands and what to do next. ``is_back``: the payer comes back from the wallet.

    An order the platform took is not money on its way: until the payer was in the wallet it is still to be paid, and
    after that it is being confirmed.
    """
    state = "confirming" if is_back and intent.state == IntentState.PENDING else STATES[intent.state]
    instruction, parts = intent.instruction, list(_parts_of(intent))
    receipt = reader.receipts().filter(intent=intent).first()
    address = reader.url("payment", intent.number)
    seen = urlencode({"back": int(is_back), "seen": intent.state})
    return PaymentPage(
        frame=make_frame(reader, community=intent.community.name, where=_("Your payment")),
        state=StateView(state),
        amount=intent.amount,
        wallet=intent.merchant.get_gateway_display(),
        rows=_rows_of(parts) or _top_up_row(intent),
        status_url=f"{address}?{seen}",
        back_url=reader.url("home"),
        receipt_url=reader.url("receipt", receipt.pk) if receipt else "",
        retry_url=retry_url(reader, intent) if not intent.is_live else "",
        gateway_url=instruction.get("url", "") if instruction.get("kind") == "redirect" else "",
        drop_url=reader.url("drop", intent.number) if intent.state == IntentState.PENDING else "",
        qr=instruction.get("code", "") if instruction.get("kind") == "qr" else "",
        known_by=_known_by(intent, reader.now) if state == "unknown" else None,
        reason=_("It was not paid in its time.") if intent.state == IntentState.CLOSED else "",
    )


def retry_url(reader: Reader, intent: Intent) -> str:
    """The sum of the same lines once more; for a top-up, the page it came from."""
    if intent.account_id:
        return f"{reader.url('prepayment')}?amount={intent.amount}"
    lines = intent.parts.order_by("pk").values_list("line_id", flat=True)
    again = [*(("line", str(line)) for line in lines), ("part", str(intent.amount))]
    return f"{reader.url('sum')}?{urlencode(again)}"


def _known_by(intent: Intent, now: datetime) -> datetime | None:
    """Ten o'clock of the day after it was sent; None when that is over, since a promise is made once."""
    sent_on = day_of(intent.started_at or intent.created_at)
    answer_by = moment_of(sent_on + timedelta(days=1), ANSWER_BY)
    return answer_by if now < answer_by else None


def _parts_of(intent: Intent) -> Any:
    return intent.parts.select_related("line__bill__account__unit__building").order_by("line__bill_id", "pk")


def _rows_of(parts: Iterable[Any]) -> tuple[PayRow, ...]:
    groups = (list(group) for _bill, group in groupby(parts, key=lambda part: part.line.bill_id))
    return tuple(_row_of([part.amount for part in group], group[0].line.bill) for group in groups)


def _top_up_row(intent: Intent) -> tuple[PayRow, ...]:
    account = intent.account
    return (PayRow(account.unit.label, None, intent.amount),) if account else ()


def _row_of(amounts: list[Decimal], bill: Any) -> PayRow:
    period = Period(bill.period_start, bill.period_end)
    return PayRow(bill.account.unit.label, period, sum(amounts, ZERO))
