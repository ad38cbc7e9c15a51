"""The form that asks for a correction of a bill."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import RequestKind
from billing.selectors.requests import LineOutlook, Outlook
from core.money import FEN
from core.staff import FilePicker


class CorrectionForm(forms.Form):
    """What should change on a bill: a kind, an amount a line, a reason, and a file that proves it."""

    kind = forms.ChoiceField(label=_("What should happen?"), choices=RequestKind.choices)
    reason = forms.CharField(
        label=pgettext_lazy("correction", "Why?"),
        max_length=200,
        help_text=_("The owner reads this on the bill, and it goes into the audit trail."),
    )
    attachment = forms.FileField(
        label=_("Proof"),
        required=False,
        help_text=_("PDF, PNG or JPEG, 10 MB at most."),
        widget=FilePicker(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )

    def __init__(self, *args: Any, outlook: Outlook, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = outlook.lines
        for line in self.lines:
            self.fields[f"line-{line.line_id}"] = forms.DecimalField(
                label=line.name, required=False, min_value=FEN, max_digits=14, decimal_places=2
            )

    def rows(self) -> list[tuple[LineOutlook, forms.BoundField]]:
        """Each line of the bill with its field."""
        return [(line, self[f"line-{line.line_id}"]) for line in self.lines]

    @property
    def parts(self) -> dict[int, Decimal]:
        """The amounts that were given, by line."""
        given = {line.line_id: self.cleaned_data.get(f"line-{line.line_id}") for line in self.lines}
        return {line_id: amount for line_id, amount in given.items() if amount is not None}
