"""The form of a discount rule: each kind asks for its own terms, and says what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import DiscountKind, DiscountRule, FeeItem
from billing.services.discount_rules import OverlappingRulesError, refuse_overlap
from core.forms import DayInput
from estates.models import Community

NEEDED: Mapping[str, tuple[str, ...]] = {
    DiscountKind.MONTHS: ("fee_item", "months", "gift_months"),
    DiscountKind.PERCENT: ("fee_item", "months", "percent"),
    DiscountKind.ON_TIME: (),
}
TERMS = ("months", "gift_months", "percent", "amount")


class DiscountRuleForm(forms.ModelForm):
    """What is given for what, on which days, and where it was agreed."""

    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput(),
        help_text=_("Empty: no end."),
    )

    class Meta:
        model = DiscountRule
        fields = [
            "community", "kind", "fee_item", "name", "months", "gift_months", "percent", "amount", "start", "last_day",
            "reason",
        ]  # fmt: skip
        widgets = {"start": DayInput()}
        labels = {"reason": _("agreed in")}
        help_texts = {
            "fee_item": _("Paying ahead is for one fee item; on time, empty means the whole bill."),
            "gift_months": _("For months free."),
            "months": _("For paying ahead."),
            "percent": _("For a percentage: 5 is 5 %."),
            "amount": _("On time: instead of a percentage."),
            "start": _("Paying ahead: the day of the payment counts; on time: the due day of the bill."),
            "reason": _("The resolution, contract clause or notice that offers it to all owners."),
        }

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        communities = Community.objects.visible_to(user)
        self.fields["community"].queryset = communities  # type: ignore[attr-defined]
        self.fields["community"].initial = communities[0] if len(communities) == 1 else None
        items = FeeItem.objects.filter(community__in=communities).select_related("community")
        self.fields["fee_item"].queryset = items.order_by("community", "rank")  # type: ignore[attr-defined]
        self.fields["fee_item"].empty_label = _("the whole bill")  # type: ignore[attr-defined]
        self.fields["kind"].choices = DiscountKind.choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask of each kind what it needs, clear what it does not use, and compare with the rules there are."""
        cleaned = super().clean() or {}
        kind, item = cleaned.get("kind"), cleaned.get("fee_item")
        for name in NEEDED.get(kind or "", ()):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("This kind needs it."))
        if kind == DiscountKind.ON_TIME and bool(cleaned.get("percent")) == bool(cleaned.get("amount")):
            self.add_error("percent", _("Give a percentage or an amount, one of the two."))
        if item and cleaned.get("community") and item.community_id != cleaned["community"].pk:
            self.add_error("fee_item", _("This fee item belongs to another community."))
        self._clear_terms(kind, cleaned)
        self._check_days(cleaned)
        if not self.errors:
            self._refuse_overlap(cleaned)
        return cleaned

    def _clear_terms(self, kind: str | None, cleaned: dict[str, Any]) -> None:
        used = NEEDED.get(kind or "", ()) or ("percent", "amount")
        for name in TERMS:
            if name not in used:
                cleaned[name] = None

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        start, last = cleaned.get("start"), cleaned.get("last_day")
        if start and last and last < start:
            self.add_error("last_day", _("The last day lies before the first."))
        self.instance.end = last + timedelta(days=1) if last else None

    def _refuse_overlap(self, cleaned: dict[str, Any]) -> None:
        facts = {name: cleaned[name] for name in ("community", "kind", "fee_item", "start")}
        try:
            refuse_overlap(DiscountRule(**facts, end=self.instance.end))
        except OverlappingRulesError as error:
            self.add_error("start", str(error))


class EndRuleForm(forms.Form):
    """The last day of a rule."""

    last_day = forms.DateField(label=_("Last day"), widget=DayInput())
