"""Deposits (押金): taken, held, and given back or deducted from by two people. Never income while they are held."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount
from core.scope import ScopedQuerySet
from estates.models import Community, Company
from payments.models.intents import MONEY
from payments.models.receipts import DESK_CHANNELS

CHANNELS = [(channel.value, channel.label) for channel in DESK_CHANNELS]


class DepositKind(models.TextChoices):
    """What the deposit is for."""

    RENOVATION = "renovation", _("renovation deposit")
    ACCESS_CARD = "access_card", _("access card deposit")
    OTHER = "other", _("other deposit")


class Deposit(models.Model):
    """One deposit as it was taken, under one number of its company's series. Append-only.

    What was deducted or given back are approved rows of `Payout`. A deposit that goes with its unit is taken over,
    once, by one of the buyer's account under a new number; ``taken_over`` names the seller's.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "account__payer_id"

    company = models.ForeignKey(Company, models.PROTECT, related_name="deposits", verbose_name=_("company"))
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="deposits", verbose_name=_("community")
    )
    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, related_name="deposits", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=DepositKind.choices)
    number = models.CharField(_("number"), max_length=24)
    channel = models.CharField(_("way"), max_length=10, choices=CHANNELS)
    reference = models.CharField(_("slip or reference"), max_length=64, blank=True)
    amount = models.DecimalField(_("amount"), **MONEY)
    note = models.CharField(_("note"), max_length=200, blank=True)
    value_day = models.DateField(_("value day"))
    taken_by = models.CharField(_("taken by"), max_length=150)
    taken_at = models.DateTimeField(_("taken at"))
    undone_on = models.DateField(
        _("undone on"), null=True, blank=True, help_text=_("The import that brought it in was taken back.")
    )

    taken_over = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successor",
        verbose_name=_("taken over from"),
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        ordering = ["-taken_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="payments_deposit_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_deposit_amount"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def source(self) -> str:
        """The name of this deposit in the journal."""
        return f"deposit:{self.pk}"
