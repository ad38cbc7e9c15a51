"""Paying: the choice of lines, the sum, and how the payment stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from billing.models import ChargeLine
from billing.selectors.outstanding import OpenLine, open_lines
from core.money import FEN
from core.periods import Period
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

STATES = {
    IntentState.CREATED: "failed",
    IntentState.PENDING: "confirming",
    IntentState.UNKNOWN: "unknown",
    IntentState.PAID: "paid",
    IntentState.CLOSED: "failed",
}


@dataclass(frozen=True)
class Wish:
    """What a reader wants to pay: the lines, and how much of each (None: all of it)."""

    lines: tuple[OpenLine, ...]
    amounts: Mapping[int, Decimal]

    @property
    def total(self) -> Decimal:
        """The sum, in yuan."""
        return sum(self.amounts.values(), Decimal("0.00"))


def read_wish(reader: Reader, sent: QueryDict) -> Wish:
    """Read a wish from a form or an address: ``line`` ids, or a ``bill`` number, or everything that is open.

    ``part`` is an amount below the sum; it goes to the lines in order of their due days. Lines of others are
    not found.

    Raises:
        Http404: nothing of it is open for this reader.
    """
    bills = reader.bills()
    if number := sent.get("bill"):
        bills = bills.filter(number=number)
    wanted = {int(line) for line in sent.getlist("line") if line.isdigit()}
    found = open_lines(bill_ids=list(bills.values_list("pk", flat=True)))
    lines = tuple(line for line in found if not wanted or line.line_id in wanted)
    if not lines:
        raise Http404
    return Wish(lines, _share(lines, read_part(sent.get("part", ""))))


def read_part(text: str) -> Decimal | None:
    """The amount someone wrote; None when the field is empty or is no amount in fen.

    >>> read_part(" 1,200.5 "), read_part("1.234"), read_part("all")
    (Decimal('1200.5'), None, None)
    """
    try:
        amount = Decimal(text.strip().replace(",", "").removeprefix("¥"))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount > 0 and amount % FEN == 0 else None


def _share(lines: Sequence[OpenLine], part: Decimal | None) -> dict[int, Decimal]:
    left = part
    amounts = {}
    for line in lines:
        take = line.outstanding if left is None else min(left, line.outstanding)
        if take > 0:
            amounts[line.line_id] = take
        left = None if left is None else left - take
    return amounts


def choose_page(reader: Reader, sent: QueryDict, error: str = "") -> ChoosePage:
    """All open lines with ticks; those of the bill one came from are ticked, or all of them."""
    lines = open_lines(bill_ids=list(reader.bills().values_list("pk", flat=True)))
    if not lines:
        raise Http404
    chosen = sent.get("bill", "")
    return ChoosePage(
        frame=make_frame(reader, where=_("Choose what to pay")),
        bills=tuple(
            _choice(reader, list(group), chosen) for _bill, group in groupby(lines, lambda line: line.bill_id)
        ),
        action=reader.url("sum"),
        back_url=reader.url("home"),
        error=error,
    )


def _choice(reader: Reader, lines: list[OpenLine], chosen: str) -> ChoiceBill:
    first = lines[0]
    is_chosen = chosen in ("", first.bill_number)
    ticks = tuple(
        ChoiceLine(str(line.line_id), line.fee_item_name, line.outstanding, is_chosen) for line in lines
    )
    state = state_of_bill(first.outstanding, first.due_on, reader.today)
    return ChoiceBill(first.unit_label, first.period, first.due_on, state, ticks)


def pay_page(reader: Reader, wish: Wish, error: str = "") -> PayPage:
    """The sum, bill by bill, and the ways to pay it that this community offers."""
    community_id = (
        reader.bills().filter(pk=wish.lines[0].bill_id).values_list("community_id", flat=True).get()
    )
    merchants = list_merchants(community_id)
    return PayPage(
        frame=make_frame(reader, where=_("Pay")),
        rows=_rows(wish),
        total=wish.total,
        methods=tuple(
            PayMethod(merchant.gateway, merchant.get_gateway_display(), chosen=index == 0)
            for index, merchant in enumerate(merchants)
        ),
        action=reader.url("start"),
        back_url=reader.url("home"),
        hidden=tuple(("part-of", f"{line_id}:{amount}") for line_id, amount in wish.amounts.items()),
        choose_url=reader.url("choose"),
        error=error,
    )


def read_amounts(reader: Reader, sent: QueryDict) -> dict[int, Decimal | None]:
    """The lines and amounts the pay page posts back.

    Raises:
        Http404: the form names no line, no amount, or a line that is not this reader's.
    """
    try:
        pairs = [text.split(":") for text in sent.getlist("part-of")]
        amounts: dict[int, Decimal | None] = {int(line): Decimal(amount) for line, amount in pairs}
    except (ValueError, InvalidOperation) as error:
        raise Http404 from error
    own = ChargeLine.objects.filter(bill__in=reader.bills(), pk__in=amounts).count()
    if not amounts or own != len(amounts):
        raise Http404
    return amounts


def _rows(wish: Wish) -> tuple[PayRow, ...]:
    return tuple(
        PayRow(
            group[0].unit_label,
            group[0].period,
            sum((wish.amounts.get(line.line_id, Decimal()) for line in group), Decimal("0.00")),
        )
        for group in (list(lines) for _bill, lines in groupby(wish.lines, lambda line: line.bill_id))
        if any(line.line_id in wish.amounts for line in group)
    )


def find_intent(reader: Reader, number: str) -> Any:
    """The payment of this order number.

    Raises:
        Http404: there is none, or it is not this reader's.
    """
    intent = reader.intents().select_related("community").filter(number=number).first()
    if intent is None:
        raise Http404
    return intent


def payment_page(reader: Reader, intent: Intent) -> PaymentPage:
    """How a payment stands: confirming, unknown, paid or failed, and what to do next."""
    instruction = intent.instruction
    receipt = reader.receipts().filter(intent=intent).first()
    return PaymentPage(
        frame=make_frame(reader, community=intent.community.name),
        state=StateView(STATES[IntentState(intent.state)]),
        amount=intent.amount,
        rows=_rows_of(intent),
        status_url=reader.url("payment", intent.number),
        back_url=reader.url("home"),
        receipt_url=reader.url("receipt", receipt.pk) if receipt else "",
        retry_url=reader.url("sum") if not intent.is_live else "",
        gateway_url=instruction.get("url", "") if instruction.get("kind") == "redirect" else "",
        qr=instruction.get("code", "") if instruction.get("kind") == "qr" else "",
    )


def _rows_of(intent: Intent) -> tuple[PayRow, ...]:
    parts = intent.parts.select_related("line__bill__account__unit__building").order_by("line__bill_id", "id")
    groups = (list(group) for _bill, group in groupby(parts, lambda part: part.line.bill_id))
    return tuple(
        PayRow(
            group[0].line.bill.account.unit.label,
            Period(group[0].line.bill.period_start, group[0].line.bill.period_end),
            sum((part.amount for part in group), Decimal("0.00")),
        )
        for group in groups
    )
