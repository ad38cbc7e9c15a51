"""The form that starts a run."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.forms import MonthField
from estates.forms import OfCommunityForm


class StartRunForm(OfCommunityForm):
    """Which month to bill, and where."""

    period = MonthField(label=_("Month"))
