"""Forms of vacancies: applied for, inspected, decided, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import DayInput
from estates.domain.reading_rows import LARGEST
from estates.forms import UnitField
from estates.models import Meter
from estates.photos import PhotosField


class ApplyForm(forms.Form):
    """Which unit has been empty since when, and why."""

    unit = UnitField()
    empty_since = forms.DateField(label=_("Empty since"), widget=DayInput())
    reason = forms.CharField(
        label=pgettext_lazy("vacancy", "Why is it empty?"),
        max_length=200,
        help_text=_("In the words of the owner: works elsewhere, to be sold, not renovated yet."),
    )

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.offer(user)


class InspectForm(forms.Form):
    """What somebody found: the day, what each meter shows, words and photos."""

    on = forms.DateField(label=_("Inspected on"), widget=DayInput())
    findings = forms.CharField(
        label=_("What was found"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Furniture, power at the main switch, post in the box, what the neighbours say of noise."
        ),
    )
    photos = PhotosField(
        label=_("Photos"), required=False, help_text=_("JPEG, PNG or WebP, 8 MB each at most.")
    )

    def __init__(self, *args: Any, meters: Sequence[Meter], today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.meters, self.today = meters, today
        for meter in meters:
            self.fields[f"meter-{meter.pk}"] = forms.DecimalField(
                label=_("%(kind)s meter %(code)s shows")
                % {"kind": meter.get_kind_display(), "code": meter.code},
                required=False,
                min_value=0,
                max_value=LARGEST - 1,
                decimal_places=4,
            )
        self.order_fields(["on", *(f"meter-{meter.pk}" for meter in meters), "findings", "photos"])

    def clean_on(self) -> date:
        """Refuse a day to come."""
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("The inspection cannot be later than today."))
        return on

    @property
    def readings(self) -> dict[int, Decimal]:
        """What was read, by meter."""
        given = {meter.pk: self.cleaned_data.get(f"meter-{meter.pk}") for meter in self.meters}
        return {pk: value for pk, value in given.items() if value is not None}


class DecideForm(forms.Form):
    """The reason of a decision; required for a refusal."""

    reason = forms.CharField(
        label=_("Reason of the decision"),
        max_length=200,
        required=False,
        help_text=_("The applicant reads it. Required for a refusal."),
    )


class EndForm(forms.Form):
    """From which day on the unit is used again, and who says so."""

    on = forms.DateField(label=_("Used from"), widget=DayInput())
    because = forms.CharField(label=_("How do we know?"), max_length=200)
