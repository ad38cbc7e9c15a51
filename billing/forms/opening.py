"""The form that takes in opening balances."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DayInput
from estates.forms import TableUploadForm


class OpeningUploadForm(TableUploadForm):
    """Which file of opening balances, for which community, as of which day."""

    as_of = forms.DateField(
        label=_("As of"),
        widget=DayInput(),
        help_text=_("The first day on which this system bills; everything of the file is booked on it."),
    )
