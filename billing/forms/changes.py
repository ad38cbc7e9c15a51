"""The form of a single change, checked as a row of a file would be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.domain.change_rows import AREA, HAND_OVER, LARGEST_AREA, PAUSE, TRANSFER, VACANCY
from billing.models import UnitChange
from billing.models.changes import ChangeKind
from core.forms import DayInput
from core.phones import normalise_phone
from estates.models import Unit


class ChangeForm(forms.ModelForm):
    """What changes about which unit, from when, and why; of a transfer also what becomes of the old owner's money."""

    unit_code = forms.CharField(label=_("unit"), max_length=40, help_text=_("As in the register: 8-2-301."))

    class Meta:
        model = UnitChange
        fields = [
            "kind", "unit_code", "first_day", "last_day", "value", "name", "phone", "prepayment", "deposits",
            "reason",
        ]  # fmt: skip
        widgets = {"first_day": DayInput(), "last_day": DayInput()}
        labels = {
            "first_day": pgettext_lazy("of a change", "from"),
            "value": pgettext_lazy("of a change", "value"),
        }
        help_texts = {
            "last_day": _("Inclusive; empty: no end. A change of owner has none."),
            "value": _("Vacancy: the share still due, 0.7. Measured area: square metres. Otherwise empty."),
            "name": _("Of a change of owner."),
            "prepayment": _("Of a change of owner: ask the seller and the buyer."),
            "deposits": _("Of a change of owner: ask the seller and the buyer."),
        }

    def __init__(self, *args: Any, user: Any, community: str = "", **options: Any) -> None:
        """Offer the units the person may see, or only those of the community with this code."""
        super().__init__(*args, **options)
        kind: Any = self.fields["kind"]
        asked_here = [choice for choice in ChangeKind.choices if choice[0] != HAND_OVER]
        kind.choices = [("", _("please choose")), *asked_here]
        units = Unit.objects.visible_to(user)
        self.units = units.filter(community__code=community) if community else units

    def clean_unit_code(self) -> str:
        """Find the unit among those the person may see."""
        code: str = self.cleaned_data["unit_code"].strip()
        units = list(self.units.filter(code=code).select_related("community")[:2])
        if len(units) != 1:
            raise forms.ValidationError(_("There is no such unit, or several communities have it."))
        self.instance.unit, self.instance.community = units[0], units[0].community
        return code

    def clean_phone(self) -> str:
        """Return the number as it is stored."""
        text = self.cleaned_data["phone"]
        phone = normalise_phone(text) if text else ""
        if phone is None:
            raise forms.ValidationError(_("“%(value)s” is not a telephone number.") % {"value": text})
        return phone

    def clean(self) -> dict[str, Any]:
        """Ask of each kind what it needs, as the file does."""
        cleaned = super().clean() or {}
        kind, value = cleaned.get("kind"), cleaned.get("value")
        if kind == TRANSFER and not cleaned.get("name"):
            self.add_error("name", _("Who is the new owner?"))
        if kind == TRANSFER and cleaned.get("last_day"):
            self.add_error("last_day", _("A change of owner has no last day."))
        largest = {VACANCY: 1, AREA: LARGEST_AREA}.get(kind or "")
        if largest and (value is None or not 0 <= value <= largest or (kind == AREA and not value)):
            self.add_error("value", _("This cannot be right for this change."))
        if kind in (TRANSFER, PAUSE):
            cleaned["value"] = self.instance.value = None
        return cleaned
