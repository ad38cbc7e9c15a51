"""Pages that only show: home, bills, receipts, and their papers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from billing.paper.bills import render_bills
from billing.paper.pools import render_disclosure
from messaging.services import note_opened
from payments.paper import render_receipt
from portal.doors import for_reader
from portal.readers import Reader
from portal.selectors.bills import bill_page, bills_page, find_bill
from portal.selectors.family import family_page
from portal.selectors.home import home_page
from portal.selectors.pools import find_own_community, held_by, name_units, pools_page
from portal.selectors.receipts import find_receipt, receipt_page, receipts_page


@for_reader
def show_home(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What is due, as a letter; a link to a single bill opens that bill. The link of a message notes the opening."""
    if reader.message_id:
        note_opened(message_id=reader.message_id, now=reader.now)
    numbers = [] if reader.is_known else list(reader.bills().values_list("number", flat=True)[:2])
    if len(numbers) == 1:
        return render(request, "portal/bill.html", {"page": bill_page(reader, find_bill(reader, numbers[0]))})
    return render(request, "portal/home.html", {"page": home_page(reader)})


@for_reader
def show_bills(request: HttpRequest, reader: Reader) -> HttpResponse:
    """All bills of the person."""
    return render(request, "portal/list.html", {"page": bills_page(reader)})


@for_reader
def show_bill(request: HttpRequest, reader: Reader, number: str) -> HttpResponse:
    """A bill that opens line by line."""
    return render(request, "portal/bill.html", {"page": bill_page(reader, find_bill(reader, number))})


@for_reader
def show_bill_pdf(request: HttpRequest, reader: Reader, number: str) -> HttpResponse:
    """The bill on paper."""
    bills = reader.bills().filter(pk=find_bill(reader, number).pk)
    content = render_bills(bills, now=reader.now, language=request.LANGUAGE_CODE)
    return as_pdf(content, f"bill-{number}")


@for_reader
def show_family(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The link for whoever pays instead."""
    page = family_page(reader, request.GET.get("bill", ""))
    return render(request, "portal/family.html", {"page": page})


@for_reader
def show_receipts(request: HttpRequest, reader: Reader) -> HttpResponse:
    """All receipts of the person."""
    return render(request, "portal/list.html", {"page": receipts_page(reader)})


@for_reader
def show_receipt(request: HttpRequest, reader: Reader, receipt_id: int) -> HttpResponse:
    """A receipt on screen."""
    page = receipt_page(reader, find_receipt(reader, receipt_id))
    return render(request, "portal/receipt.html", {"page": page})


@for_reader
def show_receipt_pdf(request: HttpRequest, reader: Reader, receipt_id: int) -> HttpResponse:
    """The receipt on paper."""
    receipt = find_receipt(reader, receipt_id)
    content = render_receipt(receipt, now=reader.now, language=request.LANGUAGE_CODE)
    return as_pdf(content, f"receipt-{receipt.number}")


@for_reader
def show_pools(request: HttpRequest, reader: Reader) -> HttpResponse:
    """A year of what the reader's units shared."""
    return render(request, "portal/pools.html", {"page": pools_page(reader, read_year(request))})


@for_reader
def show_pools_pdf(request: HttpRequest, reader: Reader, code: str) -> HttpResponse:
    """The same on paper, for the units in one community."""
    community, accounts = find_own_community(reader, code)
    year = read_year(request) or reader.today.year
    content = render_disclosure(
        community,
        year,
        now=reader.now,
        language=request.LANGUAGE_CODE,
        own=held_by(accounts),
        unit=name_units(accounts),
    )
    return as_pdf(content, f"pools-{year}")


def read_year(request: HttpRequest) -> int | None:
    """The year asked for, or None. Raises Http404 for what is no year."""
    asked = request.GET.get("year", "")
    if asked and not (asked.isdecimal() and 1990 <= int(asked) <= 2200):
        raise Http404
    return int(asked) if asked else None


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
