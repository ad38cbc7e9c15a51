"""A bill as staff see it: opened, settled, delivered, printed. What is wrong with it: `billing.views.corrections`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation

from billing.models import Bill
from billing.pages.bills import bill_page
from billing.paper.bills import render_bills
from billing.services.printing import note_printed
from billing.views.runs import as_pdf
from core.access import requires
from core.staff import StaffView
from users.acting import acting_user


def find_bill(request: HttpRequest, number: str) -> Bill:
    """The bill, when the person may see it; else 404."""
    places = ("account__unit__building", "account__payer", "community", "run")
    bill: Bill = get_object_or_404(
        Bill.objects.visible_to(request.user).select_related(*places), number=number
    )
    return bill


@requires("billing.view")
class BillView(StaffView):
    """One bill with every line opened."""

    template_name = "billing/bill.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return everything about the bill."""
        bill = find_bill(self.request, context.pop("number"))
        page = bill_page(bill, self.request.user, timezone.localdate())
        title = f"{bill.account.unit.label} · {page['period']}"
        return super().get_context_data(**page, **context) | {"title": title}


@requires("billing.view")
def show_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The bill on paper; that it was printed is noted."""
    bill = find_bill(request, number)
    bills = Bill.objects.filter(pk=bill.pk)
    language = translation.get_language() or "zh-hans"
    content = render_bills(bills, now=timezone.now(), language=language)
    note_printed(bills=bills, by=acting_user(request))
    return as_pdf(content, bill.number)
