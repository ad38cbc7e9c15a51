"""The reminders' part of a community's settings page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.policies import Section, register_section, row_of
from dunning.models import ReminderPolicy


class ReminderPolicyForm(forms.ModelForm):
    """When households are reminded, and how fresh the payment data must be for it."""

    class Meta:
        model = ReminderPolicy
        fields = ["days_before", "days_after", "remind_at", "stale_after_days"]
        widgets = {"remind_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}


register_section(Section("reminders", 60, _("Reminders"), ReminderPolicyForm, row_of(ReminderPolicy)))
