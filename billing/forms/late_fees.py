"""Forms of the late fee's desk: a pause ended or taken back, a rate that was published."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import LateFeePause, LendingRate
from core.forms import DayInput


class EndPauseForm(forms.Form):
    """The last day on which a late fee rests."""

    last_day = forms.DateField(
        label=_("Last day"), widget=DayInput(), help_text=_("The late fee accrues again from the day after.")
    )

    def __init__(self, *args: Any, pause: LateFeePause, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        self.pause = pause

    def clean_last_day(self) -> date:
        """Refuse a day before the first."""
        last_day: date = self.cleaned_data["last_day"]
        if last_day < self.pause.first_day:
            raise forms.ValidationError(_("The last day lies before the first day."))
        return last_day


class WithdrawPauseForm(forms.Form):
    """Why a pause should never have been."""

    reason = forms.CharField(label=_("Why was it wrong?"), max_length=200)


class LendingRateForm(forms.ModelForm):
    """A rate and the day it was published; the same day again corrects it."""

    class Meta:
        model = LendingRate
        fields = ["day", "percent", "source"]
        widgets = {"day": DayInput()}
        help_texts = {"source": _("Where it was published, such as the National Interbank Funding Center.")}

    def clean_percent(self) -> Decimal:
        """Refuse what is no rate a year."""
        percent: Decimal = self.cleaned_data["percent"]
        if not 0 < percent < 30:
            raise forms.ValidationError(_("This is not a rate in per cent a year."))
        return percent

    def validate_unique(self) -> None:
        """A day that is there already is corrected."""
