"""Payments' part of a community's settings page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.policies import Section, register_section, row_of
from estates.domain.city_packs import NO_CAP, Topic, find_rule
from payments.models import PaymentPolicy


class PaymentPolicyForm(forms.ModelForm):
    """In which order money is set against what is owed, and what a receipt says of it."""

    class Meta:
        model = PaymentPolicy
        fields = ["order", "inside", "clause", "receipt_prefix", "intent_minutes", "prepayment_cap_months"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rule = find_rule(self.instance.community.city_pack, Topic.PREPAYMENT, timezone.localdate())
        if rule.value != NO_CAP:
            told = _("The local rule allows 12 months at most (%(article)s); the narrower counts.")
            self.fields["prepayment_cap_months"].help_text = told % {"article": rule.article}


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
