"""Bills, and the accounts they are made for."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models import (
    Bill,
    BillState,
    ChargeAccount,
)
from billing.pages.bills import bill_state
from billing.selectors.outstanding import annotate_outstanding
from core.figures import format_amount, format_period
from core.periods import Period
from core.phones import mask_name
from core.staff import SCOPED, ScopedAdmin
from core.states import word_for_staff

COLOURS = {"paid": "success", "overdue": "warning", "due": "info"}


@admin.register(Bill)
class BillAdmin(ScopedAdmin):
    """Bills with what is outstanding on them today; one opens on its own page."""

    permission = "billing.view"
    list_display = [
        "show_number",
        "unit",
        "payer",
        "period",
        "due_on",
        "show_total",
        "outstanding",
        "standing",
    ]
    list_display_links = None
    list_filter = [("community", SCOPED), "state", ("account__unit__building", SCOPED), "period_start"]
    list_select_related = ["account__unit__building", "account__payer"]
    search_fields = ["number", "account__unit__code", "account__payer__name"]
    ordering = ["-period_start", "account__unit__sort_key", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the bills with what is outstanding on them today."""
        return annotate_outstanding(super().get_queryset(request), timezone.localdate())

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Lead to the bill's own page."""
        bill = self.get_object(request, object_id)
        if bill is None or not self.has_view_permission(request):
            return super().change_view(request, object_id, *args, **kwargs)
        return HttpResponseRedirect(reverse("billing:bill", args=[bill.number]))

    @display(description=_("number"), ordering="number")
    def show_number(self, bill: Bill) -> SafeString:
        """The number as a link to the bill's own page."""
        return format_html('<a href="{}">{}</a>', reverse("billing:bill", args=[bill.number]), bill.number)

    @display(description=_("unit"), ordering="account__unit__sort_key")
    def unit(self, bill: Bill) -> str:
        """The unit's code."""
        return bill.account.unit.code

    @display(description=_("payer"))
    def payer(self, bill: Bill) -> str:
        """The masked name of who owes."""
        return mask_name(bill.account.payer.name)

    @display(description=_("period"), ordering="period_start")
    def period(self, bill: Bill) -> str:
        """The period in words."""
        return format_period(Period(bill.period_start, bill.period_end))

    @display(description=_("total"), ordering="total")
    def show_total(self, bill: Bill) -> str:
        """The total as a column of figures has it."""
        return format_amount(bill.total)

    @display(description=_("outstanding"))
    def outstanding(self, bill: Any) -> str:
        """What is left to pay today."""
        return format_amount(bill.outstanding) if bill.state == BillState.ISSUED else "—"

    @display(description=_("state"), label=COLOURS)
    def standing(self, bill: Any) -> tuple[str, str]:
        """Paid, due or overdue; draft and void in words."""
        state = bill_state(bill, bill.outstanding, timezone.localdate())
        if "word" in state:
            return bill.state, state["word"]
        return state["name"], word_for_staff(state["name"], days=state.get("days"))


@admin.register(ChargeAccount)
class ChargeAccountAdmin(ScopedAdmin):
    """Who pays for which unit, and since when; opened by the runs from the register."""

    permission = "billing.view"
    list_display = ["unit", "community", "show_payer", "start", "end"]
    list_filter = [("community", SCOPED)]
    list_select_related = ["unit", "community", "payer"]
    search_fields = ["unit__code", "payer__name"]
    ordering = ["community", "unit__sort_key", "start"]
    fields = readonly_fields = ["community", "unit", "show_payer", "start", "end"]

    @display(description=_("payer"))
    def show_payer(self, account: ChargeAccount) -> str:
        """The masked name."""
        return mask_name(account.payer.name)
