"""Fields that forms of several apps share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from core.periods import Period, PeriodError


class DayInput(forms.DateInput):
    """A day as browsers ask for it; they show nothing of a value that is not written 2026-09-30."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class FigureInput(forms.NumberInput):
    """A figure as a person writes it, without the zeros its column keeps behind it: 0.7, not 0.7000."""

    def format_value(self, value: Any) -> str | None:
        """Write a figure of the database; leave alone what was typed."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else super().format_value(value)


class MonthField(forms.CharField):
    """A calendar month, written 2026-09; cleaned to its Period."""

    widget = forms.TextInput(attrs={"type": "month", "pattern": r"\d{4}-\d{2}", "placeholder": "2026-09"})

    def clean(self, value: Any) -> Period:
        """Return the month as a period."""
        text = super().clean(value)
        try:
            return Period.month(text)
        except PeriodError as error:
            raise forms.ValidationError(str(error)) from error
