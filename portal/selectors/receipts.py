"""Receipts on screen."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404
from django.utils.translation import pgettext

from core.calendars import day_of
from core.figures import format_date
from core.phones import mask_name
from payments.models import Receipt
from payments.selectors.receipts import receipt_sheet
from portal.pages import ListPage, ListYear, ReceiptPage, ReceiptRow, RowView
from portal.readers import Reader
from portal.selectors.frames import make_frame


def find_receipt(reader: Reader, receipt_id: int) -> Receipt:
    """The receipt of this id.

    Raises:
        Http404: there is none, or it is not this reader's.
    """
    found: Receipt | None = _with_place(reader.receipts()).filter(pk=receipt_id).first()
    if found is None:
        raise Http404
    return found


def receipt_rows(reader: Reader, receipts: Any) -> list[RowView]:
    """Receipts as rows that open."""
    return [
        RowView(
            title=format_date(day_of(receipt.paid_at), reader.today),
            note=f"{receipt.get_channel_display()} · {receipt.account.unit.label}",
            amount=receipt.amount,
            url=reader.url("receipt", receipt.pk),
        )
        for receipt in _with_place(receipts)
    ]


def receipts_page(reader: Reader) -> ListPage:
    """All receipts of the person, newest first, by year."""
    found = list(_with_place(reader.receipts().order_by("-paid_at", "-id")))
    years = tuple(
        ListYear(year, tuple(receipt_rows(reader, list(receipts))))
        for year, receipts in groupby(found, key=lambda receipt: day_of(receipt.paid_at).year)
    )
    community = found[0].community.name if found else ""
    frame = make_frame(reader, community=community, where=pgettext("owner menu", "Receipts"), here="receipts")
    return ListPage(frame, "receipts", years)


def receipt_page(reader: Reader, receipt: Receipt) -> ReceiptPage:
    """A receipt: what came in, where it went, and why in this order; the figures of its paper."""
    sheet = receipt_sheet(receipt, reader.today)
    return ReceiptPage(
        frame=make_frame(
            reader, community=receipt.community.name, where=receipt.account.unit.label, here="receipts"
        ),
        number=receipt.number,
        received_at=receipt.paid_at,
        amount=receipt.amount,
        payer=mask_name(receipt.account.payer.name),
        method=receipt.get_channel_display(),
        rows=tuple(
            ReceiptRow(
                line.unit, line.period, line.allocated, line.open_after, reader.url("bill", line.number)
            )
            for line in sheet.lines
        ),
        order=sheet.order if sheet.lines else "",
        prepaid_before=sheet.prepaid_before,
        prepaid_after=sheet.prepaid_after,
        pdf_url=reader.url("receipt-pdf", receipt.pk),
        home_url=reader.url("home"),
    )


def _with_place(receipts: Any) -> Any:
    if isinstance(receipts, list):
        return receipts
    return receipts.select_related("account__unit__building", "account__payer", "community")
