"""The form of closing a month."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import MonthField
from estates.models import Community


class ClosingForm(forms.Form):
    """Which month is closed, in which community's books."""

    community = forms.ModelChoiceField(Community.objects.none(), label=_("Community"), empty_label=None)
    month = MonthField(label=_("Month"))

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        visible = Community.objects.visible_to(user).select_related("company")
        self.fields["community"].queryset = visible  # type: ignore[attr-defined]
