"""The contracts of a community in the staff pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from billing.models import Contract
from billing.services.contracts import keep_contract
from core.figures import format_date
from core.staff import SCOPED, ScopedAdmin
from users.acting import acting_user

CLAUSES = ("fee_clause", "allocation_clause", "late_fee_clause", "documents")


class ContractForm(forms.ModelForm):
    """A contract with its last day as people say it; a decision about its end needs an end and a reason."""

    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=UnfoldAdminSingleDateWidget(),
        help_text=_("Empty: without term."),
    )

    class Meta:
        model = Contract
        fields = [
            "community", "number", "kind", "start", "last_day", "price_basis", "included_meters", "fee_clause",
            "allocation_clause", "late_fee_clause", "documents", "after_end", "decision_reason",
        ]  # fmt: skip
        widgets = {
            "included_meters": UnfoldAdminTextInputWidget(),
            **{name: UnfoldAdminTextareaWidget(attrs={"rows": 3}) for name in CLAUSES},
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["last_day"] = self.instance.last_day

    def clean(self) -> dict[str, Any]:
        """Compare the days, with each other and with those of the community's other contracts."""
        cleaned = super().clean() or {}
        start, last, community = (cleaned.get(name) for name in ("start", "last_day", "community"))
        end = last + timedelta(days=1) if last else None
        if start and end and end <= start:
            self.add_error("last_day", _("The last day lies before the first."))
        if cleaned.get("after_end") and not end:
            self.add_error("after_end", _("A contract without a last day has no end to decide about."))
        if cleaned.get("after_end") and not cleaned.get("decision_reason"):
            self.add_error("decision_reason", _("Say why; owners may ask."))
        if start and community and not self.errors:
            self._refuse_overlap(community, start, end)
        self.instance.end = end
        return cleaned

    def _refuse_overlap(self, community: Any, start: Any, end: Any) -> None:
        others = Contract.objects.filter(community=community).exclude(pk=self.instance.pk)
        other = others.overlapping(start, end or start.max).first()
        if other:
            self.add_error(
                "start", _("The days overlap with the contract %(number)s.") % {"number": other.number}
            )


@admin.register(Contract)
class ContractAdmin(ScopedAdmin):
    """What a community is billed under. Outside its days a run bills nothing and says so."""

    permission = "billing.view"
    change_permission = "settings.change"
    form = ContractForm
    list_display = ["number", "community", "kind", "price_basis", "first", "last", "after_end"]
    list_filter = [("community", SCOPED), "kind", "price_basis"]
    list_select_related = ["community"]
    search_fields = ["number"]
    ordering = ["community", "-start"]
    readonly_fields = ["decided_by", "decided_on"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the contract and write an audit record of the change."""
        keep_contract(contract=obj, day=timezone.localdate(), by=acting_user(request))

    @display(description=_("from"), ordering="start")
    def first(self, contract: Contract) -> str:
        """The first day."""
        return format_date(contract.start)

    @display(description=_("last day"), ordering="end")
    def last(self, contract: Contract) -> str:
        """The last day, inclusive."""
        return format_date(contract.last_day) if contract.last_day else "—"
