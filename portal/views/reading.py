"""Pages that only show: home, bills, receipts. Each takes the token of a signed link, or none."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from payments.paper import render_receipt
from portal.readers import reader_of
from portal.selectors.bills import bill_page, bills_page, find_bill
from portal.selectors.home import home_page
from portal.selectors.receipts import find_receipt, receipt_page, receipts_page


def show_home(request: HttpRequest, token: str | None = None) -> HttpResponse:
    """What is due, as a letter; a link to a single bill opens that bill."""
    reader = reader_of(request, token)
    numbers = [] if reader.is_known else list(reader.bills().values_list("number", flat=True)[:2])
    if len(numbers) == 1:
        return render(request, "portal/bill.html", {"page": bill_page(reader, find_bill(reader, numbers[0]))})
    return render(request, "portal/home.html", {"page": home_page(reader)})


def show_bills(request: HttpRequest) -> HttpResponse:
    """All bills of the person."""
    return render(request, "portal/list.html", {"page": bills_page(reader_of(request, None))})


def show_bill(request: HttpRequest, number: str, token: str | None = None) -> HttpResponse:
    """A bill that opens line by line."""
    reader = reader_of(request, token)
    return render(request, "portal/bill.html", {"page": bill_page(reader, find_bill(reader, number))})


def show_receipts(request: HttpRequest) -> HttpResponse:
    """All receipts of the person."""
    return render(request, "portal/list.html", {"page": receipts_page(reader_of(request, None))})


def show_receipt(request: HttpRequest, receipt_id: int, token: str | None = None) -> HttpResponse:
    """A receipt on screen."""
    reader = reader_of(request, token)
    return render(
        request, "portal/receipt.html", {"page": receipt_page(reader, find_receipt(reader, receipt_id))}
    )


def show_receipt_pdf(request: HttpRequest, receipt_id: int, token: str | None = None) -> HttpResponse:
    """The receipt on paper."""
    reader = reader_of(request, token)
    receipt = find_receipt(reader, receipt_id)
    return as_pdf(
        render_receipt(receipt, now=reader.now, language=request.LANGUAGE_CODE), f"receipt-{receipt.number}"
    )


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """A PDF that opens in the browser and keeps its name when it is saved."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "X-Content-Type-Options": "nosniff",
        },
    )
