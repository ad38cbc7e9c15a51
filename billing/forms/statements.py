"""The form above an account statement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DayInput


class StatementForm(forms.Form):
    """Which days a statement covers, and for whom it is drawn up."""

    first = forms.DateField(label=_("From"), required=False, widget=DayInput())
    last = forms.DateField(label=_("Until"), required=False, widget=DayInput())
    whole = forms.ChoiceField(
        label=_("For"),
        required=False,
        choices=[
            ("account", _("this account")),
            ("unit", _("the unit, whoever paid")),
            ("payer", _("everything of this payer")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a span that ends before it begins."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            raise forms.ValidationError(_("The last day lies before the first."))
        return cleaned
