"""The journal in the staff pages: to be read, never to be changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from core.access import may
from core.figures import format_amount
from core.staff import SCOPED, ScopedAdmin
from ledger.models import JournalEntry, JournalLeg


class JournalLegInline(TabularInline):
    """The legs of an entry, debit and credit apart."""

    model = JournalLeg
    fields = readonly_fields = ["account", "debit", "credit", "charge_account_id"]
    extra = 0
    can_delete = False
    ordering = ["id"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the legs with their ledger accounts."""
        return super().get_queryset(request).select_related("ledger_account")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "ledger.view")

    @display(description=_("ledger account"))
    def account(self, leg: JournalLeg) -> str:
        """Code and name, the names of our chart in the reader's language."""
        return f"{leg.ledger_account.code} {gettext(leg.ledger_account.name)}"

    @display(description=_("debit"))
    def debit(self, leg: JournalLeg) -> str:
        """The amount when it is a debit."""
        return format_amount(leg.amount) if leg.amount > 0 else ""

    @display(description=_("credit"))
    def credit(self, leg: JournalLeg) -> str:
        """The amount when it is a credit."""
        return format_amount(-leg.amount) if leg.amount < 0 else ""


@admin.register(JournalEntry)
class JournalEntryAdmin(ScopedAdmin):
    """Every journal entry with the business act it was posted for."""

    permission = "ledger.view"
    list_display = ["source", "booked_on", "kind", "community", "memo", "reverses"]
    list_filter = [("community", SCOPED), "kind", "booked_on"]
    list_select_related = ["community", "reverses"]
    search_fields = ["source", "memo"]
    date_hierarchy = "booked_on"
    ordering = ["-booked_on", "-id"]
    fields = readonly_fields = [
        "company",
        "community",
        "booked_on",
        "kind",
        "source",
        "memo",
        "reverses",
        "written_at",
    ]
    inlines = [JournalLegInline]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[type[TabularInline]]:
        """Leave the legs of a run's entry out: there are thousands, and they are on the bills."""
        return [] if obj and obj.legs.count() > MOST_LEGS else [JournalLegInline]


MOST_LEGS = 200
