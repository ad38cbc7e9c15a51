"""Payments' part of a community's settings page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.policies import Section, register_section, row_of
from payments.models import PaymentPolicy


class PaymentPolicyForm(forms.ModelForm):
    """In which order money is set against what is owed, and what a receipt says of it."""

    class Meta:
        model = PaymentPolicy
        fields = ["order", "inside", "clause", "receipt_prefix", "intent_minutes", "prepayment_cap_months"]


register_section(
    Section(
        "payment",
        40,
        _("Payments"),
        PaymentPolicyForm,
        row_of(PaymentPolicy),
        _("What an owner asks for comes first; this order decides the rest."),
    )
)
