"""Forms of the cash desk, the exceptions desk, and of what accounts have with us."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import ChargeAccount
from billing.selectors.outstanding import OpenLine
from core.money import FEN
from payments.models import Channel, Deposit, DepositKind, PayoutKind
from payments.models.receipts import DESK_CHANNELS
from users.models import User


class TakeForm(forms.Form):
    """Money handed over at the desk; ticked lines are the payer's choice, none leaves it to the policy."""

    lines = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=_("What is paid")
    )
    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=10, decimal_places=2)
    channel = forms.ChoiceField(
        label=_("Way"), choices=[(channel.value, channel.label) for channel in DESK_CHANNELS]
    )
    tendered = forms.DecimalField(
        label=_("Cash handed over"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
    )
    reference = forms.CharField(label=_("Slip or reference"), required=False, max_length=64)
    meant_for = forms.TypedChoiceField(
        label=_("Use what is left over for"), required=False, coerce=int, empty_value=None
    )

    def __init__(
        self, *args: Any, open_lines: list[OpenLine], offers: Sequence[tuple[int, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        meant_for: Any = self.fields["meant_for"] if offers else self.fields.pop("meant_for")
        meant_for.choices = [("", _("whatever comes due")), *offers]
        self.open = {str(line.line_id): line.outstanding for line in open_lines}
        lines: Any = self.fields["lines"]
        lines.choices = [(key, key) for key in self.open]

    def clean_channel(self) -> Channel:
        """Return the way as payments knows it."""
        return Channel(self.cleaned_data["channel"])

    @property
    def chosen(self) -> dict[int, Decimal] | None:
        """The ticked lines with what is open on each, or None when nothing was ticked."""
        ticked = self.cleaned_data["lines"]
        return {int(key): self.open[key] for key in ticked} if ticked else None


class SettleForm(forms.Form):
    """How something on the exceptions desk ended."""

    unit = forms.CharField(
        label=_("Book it for unit"),
        required=False,
        max_length=40,
        help_text=_("The money becomes this unit's prepayment. Leave it empty when no money stays with us."),
    )
    outcome = forms.CharField(
        label=_("What you found out"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, user: User, community_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = ChargeAccount.objects.visible_to(user).filter(community_id=community_id)
        self.accounts = accounts.order_by("-start")

    def clean_unit(self) -> ChargeAccount | None:
        """Return the newest account of the unit."""
        code = self.cleaned_data["unit"].strip()
        account: ChargeAccount | None = self.accounts.filter(unit__code=code).first() if code else None
        if code and account is None:
            raise forms.ValidationError(_("There is no unit %(code)s here."), params={"code": code})
        return account


WAYS = [(channel.value, channel.label) for channel in DESK_CHANNELS]


class DepositForm(forms.Form):
    """A deposit handed over at the desk."""

    kind = forms.ChoiceField(label=_("What for"), choices=DepositKind.choices)
    amount = forms.DecimalField(label=_("Amount"), min_value=FEN, max_digits=10, decimal_places=2)
    channel = forms.ChoiceField(label=_("Way"), choices=WAYS)
    reference = forms.CharField(label=_("Slip or reference"), required=False, max_length=64)
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def clean_kind(self) -> DepositKind:
        """Return the kind as payments knows it."""
        return DepositKind(self.cleaned_data["kind"])

    def clean_channel(self) -> Channel:
        """Return the way as payments knows it."""
        return Channel(self.cleaned_data["channel"])


class PayoutForm(forms.Form):
    """Money to give back, or a part of a deposit to keep."""

    kind = forms.ChoiceField(label=_("What should happen?"), choices=PayoutKind.choices)
    deposit = forms.ModelChoiceField(
        Deposit.objects.none(), label=_("Of which deposit"), required=False, empty_label=_("none: prepayment")
    )
    amount = forms.DecimalField(label=_("Amount"), min_value=FEN, max_digits=10, decimal_places=2)
    channel = forms.ChoiceField(
        label=_("Way"), required=False, choices=[("", _("none: it is kept")), *WAYS], initial=WAYS[0][0]
    )
    reference = forms.CharField(label=_("Account or slip"), required=False, max_length=64)
    reason = forms.CharField(label=pgettext_lazy("correction", "Why?"), max_length=200)

    def __init__(self, *args: Any, account: ChargeAccount, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["deposit"].queryset = Deposit.objects.filter(account=account)  # type: ignore[attr-defined]

    def clean_kind(self) -> PayoutKind:
        """Return the kind as payments knows it."""
        return PayoutKind(self.cleaned_data["kind"])

    def clean_channel(self) -> Channel | None:
        """Return the way as payments knows it, or None when no money moves."""
        chosen = self.cleaned_data["channel"]
        return Channel(chosen) if chosen else None
