"""A bill as staff see it: opened, settled, delivered; printed, or taken back with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.forms import ReasonForm
from billing.models import Bill
from billing.pages import bill_page
from billing.paper import render_bills
from billing.services.bills import reissue_bill, void_bill
from billing.services.printing import note_printed
from billing.views.runs import as_pdf
from core.access import requires
from core.errors import DomainError
from core.staff import StaffView
from users.models import acting_user


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


@requires("billing.void")
class VoidBillView(StaffView):
    """Take a bill back, with a reason, and issue another one in its place when asked to."""

    title = gettext_lazy("Take a bill back")
    template_name = "billing/void_bill.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the bill and the form."""
        bill = find_bill(self.request, context.pop("number"))
        form = context.pop("form", None) or ReasonForm()
        lead = f"{bill.account.unit.label} · {bill.number}"
        return super().get_context_data(bill=bill, form=form, **{"lead": lead, **context})

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Void the bill, and issue anew when asked to."""
        form = ReasonForm(request.POST)
        bill = find_bill(request, number)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(number=number, form=form), status=422)
        try:
            messages.success(request, _take_back(request, bill, form.cleaned_data))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("billing:bill", number)


def _take_back(request: HttpRequest, bill: Bill, wish: dict[str, Any]) -> str:
    """Do what the form asks for and say what came of it."""
    now, by = timezone.now(), acting_user(request)
    day = timezone.localdate(now)
    if not wish["reissue"]:
        void_bill(bill=bill, reason=wish["reason"], day=day, by=by)
        return _("The bill is void.")
    anew = reissue_bill(bill=bill, reason=wish["reason"], now=now, day=day, by=by)
    if anew is None:
        return _(
            "The bill is void; by the facts of today there is nothing to bill, or the account is parked."
        )
    return _("The bill is void. Number %(number)s takes its place.") % {"number": anew.number}
