"""Money that leaves an account by two people (S-19): prepayment or a deposit given back, a part of a deposit kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount, RequestState
from billing.models.requests import LimitedRequest
from estates.models import Community
from payments.models.deposits import CHANNELS, Deposit
from payments.models.transfers import TransferSettlement


class PayoutKind(models.TextChoices):
    """What is asked for."""

    PREPAYMENT = "prepayment", _("give prepayment back")
    REFUND = "refund", _("give a deposit back")
    DEDUCTION = "deduction", _("keep a part of a deposit")


class Payout(LimitedRequest):
    """A request to pay money back or to keep part of a deposit, with its state and decision.

    ``channel`` is the way the money goes; empty for a deduction, which moves none. ``settlement``: the transfer of a
    unit on which the seller was to have his money back.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="payouts", verbose_name=_("community")
    )
    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, related_name="payouts", verbose_name=_("account")
    )
    deposit = models.ForeignKey(
        Deposit, models.PROTECT, null=True, blank=True, related_name="payouts", verbose_name=_("deposit")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=PayoutKind.choices)
    channel = models.CharField(_("way"), max_length=10, choices=CHANNELS, blank=True)
    reference = models.CharField(_("slip or reference"), max_length=64, blank=True)
    settlement = models.ForeignKey(
        TransferSettlement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payouts",
        verbose_name=_("settlement of a transfer"),
    )

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_payout_amount"),
            models.CheckConstraint(condition=~Q(reason=""), name="payments_payout_reason"),
            models.CheckConstraint(
                condition=Q(kind=PayoutKind.PREPAYMENT, deposit=None)
                | ~Q(kind=PayoutKind.PREPAYMENT) & Q(deposit__isnull=False),
                name="payments_payout_deposit",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.APPROVED)
                | Q(decided_by__isnull=False, booked_on__isnull=False) & ~Q(decided_by=F("requested_by")),
                name="payments_payout_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"

    @property
    def source(self) -> str:
        """The name of this payout in prepayments and in the journal."""
        return f"payout:{self.pk}"
