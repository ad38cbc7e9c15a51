"""Money that leaves an account by two people (S-19): prepayment or a deposit given back, a part of a deposit kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.domain import requests as rules
from billing.models import ChargeAccount
from core.scope import ScopedQuerySet
from estates.models import Community
from payments.models.deposits import CHANNELS, Deposit
from payments.models.intents import MONEY
from users.models import User


class PayoutKind(models.TextChoices):
    """What is asked for."""

    PREPAYMENT = "prepayment", _("give prepayment back")
    REFUND = "refund", _("give a deposit back")
    DEDUCTION = "deduction", _("keep a part of a deposit")


class PayoutState(models.TextChoices):
    """The life of a payout; the transitions are those of every request about money."""

    REQUESTED = rules.REQUESTED, _("waiting")
    APPROVED = rules.APPROVED, _("approved")
    REFUSED = rules.REFUSED, _("refused")
    WITHDRAWN = rules.WITHDRAWN, _("withdrawn")


class PayoutQuerySet(ScopedQuerySet):
    """Predicates of payouts."""

    def waiting(self) -> PayoutQuerySet:
        """Payouts that nobody has decided yet."""
        return self.filter(state=PayoutState.REQUESTED)

    def done(self) -> PayoutQuerySet:
        """Payouts that were approved and booked."""
        return self.filter(state=PayoutState.APPROVED)


class Payout(models.Model):
    """A wish to give money back or to keep a part of a deposit, and what became of it.

    ``channel`` is the way the money goes; empty for a deduction, which moves none.
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
    state = models.CharField(
        _("state"), max_length=10, choices=PayoutState.choices, default=PayoutState.REQUESTED
    )
    amount = models.DecimalField(_("amount"), **MONEY)
    channel = models.CharField(_("way"), max_length=10, choices=CHANNELS, blank=True)
    reference = models.CharField(_("slip or reference"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    requested_by = models.ForeignKey(
        User, models.PROTECT, related_name="payouts", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    booked_on = models.DateField(_("booked on"), null=True, blank=True)
    note = models.CharField(_("note of the decision"), max_length=200, blank=True)

    objects = PayoutQuerySet.as_manager()

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
                condition=~Q(state=PayoutState.APPROVED)
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
