"""What a receipt says: where its money went, bill by bill, and what became prepayment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.conf import settings
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import Allocation, Bill, Waiver
from billing.selectors.sheets import letterhead_of
from core import tokens
from core.figures import format_amount
from core.money import ZERO
from core.periods import Period
from core.phones import mask_name
from payments.domain.sheets import ReceiptSheet, ReceiptSheetLine
from payments.models import Order, PrepaymentEntry, Receipt
from users.selectors import get_name_of

VERIFY = "receipt"


@dataclass(frozen=True)
class BillShare:
    """What one bill took of a receipt, and what was open on it just before."""

    bill: Bill
    open_before: Decimal
    allocated: Decimal

    @property
    def period(self) -> Period:
        """The bill's period."""
        return Period(self.bill.period_start, self.bill.period_end)

    @property
    def open_after(self) -> Decimal:
        """What stayed open, in yuan."""
        return self.open_before - self.allocated


def list_bill_shares(receipt: Receipt) -> list[BillShare]:
    """Where the money of a receipt went, by bill in order of their due days, as it was when it was written."""
    rows = Allocation.objects.filter(source=receipt.source, amount__gt=0).select_related(
        "line__bill__account__unit__building"
    )
    in_order = sorted(rows, key=lambda row: (row.line.bill.due_on, row.line.bill_id, row.pk))
    groups = [list(group) for _bill, group in groupby(in_order, key=lambda row: row.line.bill_id)]
    earlier = _settled_before(groups)
    waived = _waived_before(receipt, groups)
    return [_share(group, earlier, waived) for group in groups]


def _share(group: Sequence[Allocation], earlier: dict[int, Decimal], waived: dict[int, Decimal]) -> BillShare:
    bill = group[0].line.bill
    taken = earlier.get(bill.pk, ZERO) + waived.get(bill.pk, ZERO)
    return BillShare(bill, bill.total - taken, sum((row.amount for row in group), ZERO))


def _settled_before(groups: Sequence[Sequence[Allocation]]) -> dict[int, Decimal]:
    """What each bill had got before the first row of this receipt."""
    first = min((row.pk for group in groups for row in group), default=0)
    bills = [group[0].line.bill_id for group in groups]
    rows = Allocation.objects.filter(line__bill__in=bills, pk__lt=first)
    return dict(rows.order_by().values_list("line__bill").annotate(Sum("amount")))


def _waived_before(receipt: Receipt, groups: Sequence[Sequence[Allocation]]) -> dict[int, Decimal]:
    bills = [group[0].line.bill_id for group in groups]
    rows = Waiver.objects.filter(line__bill__in=bills, written_at__lt=receipt.written_at)
    return dict(rows.order_by().values_list("line__bill").annotate(Sum("amount")))


def receipt_sheet(receipt: Receipt, as_of: date, *, reprint: int = 0) -> ReceiptSheet:
    """The receipt as its paper and its page show it, in the language that is active."""
    unit = receipt.account.unit
    before, change = _prepaid(receipt)
    return ReceiptSheet(
        letterhead=letterhead_of(receipt.community),
        number=receipt.number,
        received_at=receipt.paid_at,
        as_of=as_of,
        unit=unit.label,
        payer=mask_name(receipt.account.payer.name),
        method=_method(receipt),
        amount=receipt.amount,
        lines=tuple(_line(share) for share in list_bill_shares(receipt)),
        order=tell_order(receipt),
        verify_url=verify_url(receipt),
        prepaid_before=before,
        prepaid_after=before + change,
        cashier=get_name_of(receipt.taken_by),
        reprint=reprint,
    )


def _line(share: BillShare) -> ReceiptSheetLine:
    return ReceiptSheetLine(
        number=share.bill.number,
        unit=share.bill.account.unit.label,
        period=share.period,
        due_on=share.bill.due_on,
        open_before=share.open_before,
        allocated=share.allocated,
    )


def verify_url(receipt: Receipt) -> str:
    """The address in the code on the paper: an opaque token that never expires, as paper does not."""
    token = tokens.sign(VERIFY, receipt.pk)
    return f"{settings.PUBLIC_URL}{reverse('payments:verify_receipt', args=[token])}"


def find_verified(token: str, now: datetime) -> Receipt | None:
    """The receipt behind the code on a paper, or None when we never printed such a code."""
    try:
        return Receipt.objects.select_related("community").get(pk=tokens.read(VERIFY, token, now))
    except (tokens.TokenError, Receipt.DoesNotExist):
        return None


def prepaid_by(receipt: Receipt) -> Decimal:
    """What of a receipt became prepayment, over all accounts, in yuan."""
    return PrepaymentEntry.objects.filter(source=receipt.source).balance()


def _prepaid(receipt: Receipt) -> tuple[Decimal, Decimal]:
    """What the account had with us before this receipt, and what the receipt added."""
    entries = PrepaymentEntry.objects.filter(account=receipt.account)
    own = entries.filter(source=receipt.source).first()
    if own is None:
        return entries.filter(written_at__lt=receipt.written_at).balance(), ZERO
    return entries.filter(pk__lt=own.pk).balance(), own.amount


def _method(receipt: Receipt) -> str:
    name = receipt.get_channel_display()
    if receipt.tendered is None or receipt.tendered == receipt.amount:
        return str(name)
    figures = {
        "name": name,
        "tendered": format_amount(receipt.tendered),
        "change": format_amount(receipt.tendered - receipt.amount),
    }
    return _("%(name)s %(tendered)s, change %(change)s") % figures


def tell_order(receipt: Receipt) -> str:
    """Say in which order the money met the bills, and by which rule (Civil Code 560)."""
    if receipt.was_chosen:
        return _("As the payer chose (Civil Code, article 560).")
    if receipt.order == Order.CONTRACT:
        return _("By the contract: the oldest bill first, its items in the order of the contract.")
    return _(
        "By law: what is due first, of that what weighs most, then the earliest (Civil Code, article 560)."
    )
