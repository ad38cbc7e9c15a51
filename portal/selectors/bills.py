"""The bill page and the lists of bills."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Any

from django.http import Http404
from django.utils.translation import pgettext

from billing.models import Bill
from billing.selectors.explained import explain_bill
from billing.selectors.on_time import find_offer
from billing.selectors.outstanding import bills_with_outstanding
from billing.selectors.sheets import tell_other_periods
from core.figures import format_period
from core.money import ZERO
from core.periods import Period
from estates.models import UnitKind
from payments.models import Receipt
from portal.pages import BillPage, ListPage, ListYear, RowView
from portal.readers import Reader
from portal.selectors.frames import make_frame, phone_link, state_of_bill, steward_of, with_place
from portal.selectors.lines import compare_with_previous, view_late_fee, view_lines
from portal.selectors.reductions import list_reductions


def find_bill(reader: Reader, number: str) -> Any:
    """The bill of this number with what is outstanding.

    Raises:
        Http404: there is none, or it is not this reader's.
    """
    bill = with_place(bills_with_outstanding(reader.bills())).filter(number=number).first()
    if bill is None:
        raise Http404
    return bill


def bill_page(reader: Reader, bill: Any) -> BillPage:
    """A bill as a letter: the sum, the lines that open, what changed, whom to ask."""
    unit, community = bill.account.unit, bill.community
    opened = explain_bill(bill.pk)
    comparison = compare_with_previous(opened)
    is_open = bill.outstanding > 0
    return BillPage(
        frame=make_frame(reader, community=community.name, where=unit.label, here="bills"),
        room=unit.label if unit.kind == UnitKind.PARKING else unit.room,
        unit=unit.label,
        period=Period(bill.period_start, bill.period_end),
        issued_on=bill.issued_on,
        due_on=bill.due_on,
        state=state_of_bill(bill.outstanding, bill.due_on, reader.today),
        lines=view_lines(opened),
        total=bill.total,
        paid=bill.settled,
        reductions=list_reductions(bill),
        offer=find_offer(bill, reader.today) if is_open else ZERO,
        change=comparison.change,
        main_cause=comparison.main_cause,
        changes=comparison.changes,
        notes=tell_other_periods(bill, opened.lines, reader.today),
        late_fee=view_late_fee(bill.pk, reader.today),
        steward=steward_of(community),
        hours=community.service_hours,
        phone_url=phone_link(community),
        pay_url=f"{reader.url('sum')}?bill={bill.number}" if is_open else "",
        choose_url=f"{reader.url('choose')}?bill={bill.number}" if is_open else "",
        family_url=f"{reader.url('family')}?bill={bill.number}" if is_open else "",
        pdf_url=reader.url("bill-pdf", bill.number),
        receipt_url=_receipt_url(reader, bill),
    )


def _receipt_url(reader: Reader, bill: Bill) -> str:
    source = bill.lines.filter(allocations__source__startswith="receipt:").values_list(
        "allocations__source", flat=True
    )
    newest = source.order_by("-allocations__id").first()
    if newest is None:
        return ""
    found: Receipt | None = reader.receipts().filter(pk=int(newest.split(":")[1])).first()
    return reader.url("receipt", found.pk) if found else ""


def _row(reader: Reader, bill: Any) -> RowView:
    period = Period(bill.period_start, bill.period_end)
    return RowView(
        title=format_period(period, reader.today),
        note=bill.account.unit.label,
        amount=bill.total,
        url=reader.url("bill", bill.number),
        state=state_of_bill(bill.outstanding, bill.due_on, reader.today),
    )


def bills_page(reader: Reader) -> ListPage:
    """All bills of the person, newest first, by year."""
    newest_first = reader.bills().order_by("-period_start", "account__unit__sort_key", "-id")
    found = list(with_place(bills_with_outstanding(newest_first)))
    years = tuple(
        ListYear(year, tuple(_row(reader, bill) for bill in bills))
        for year, bills in groupby(found, key=lambda bill: bill.period_start.year)
    )
    community = found[0].community.name if found else ""
    frame = make_frame(reader, community=community, where=pgettext("owner menu", "Bills"), here="bills")
    return ListPage(frame, "bills", years)


def total_open(bills: list[Any]) -> Decimal:
    """What these bills leave to pay."""
    return sum((bill.outstanding for bill in bills), ZERO)
