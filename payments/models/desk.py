"""Money and messages that the rules could not settle: they stand on a desk until a person has."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models import Community
from payments.domain.verification import Mismatch
from payments.models.intents import MONEY, Intent
from payments.models.merchants import MerchantAccount


class Doubt(models.TextChoices):
    """Why something stands on the desk (P-15, P-17)."""

    WRONG_AMOUNT = Mismatch.AMOUNT.value, _("another amount than ordered")
    WRONG_CURRENCY = Mismatch.CURRENCY.value, _("another currency")
    WRONG_MERCHANT = Mismatch.MERCHANT.value, _("another merchant or app than ordered")
    UNKNOWN_ORDER = "unknown_order", _("an order we do not know")
    PAID_TWICE = "paid_twice", _("a second payment of one order")
    REFUNDED = "refunded", _("given back at the platform")
    NO_ANSWER = "no_answer", _("no certain answer for a day")
    FORGED = "forged", _("forged callbacks refused")


class PaymentException(models.Model):
    """One thing on the desk: why, since when, what the payer sees meanwhile, and the next move.

    ``reference`` is what makes it one thing: a transaction, an order number, or a day for forged callbacks;
    ``count`` is how often it was seen.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="payment_exceptions", verbose_name=_("community")
    )
    merchant = models.ForeignKey(
        MerchantAccount, models.PROTECT, related_name="+", verbose_name=_("merchant account")
    )
    kind = models.CharField(_("reason"), max_length=20, choices=Doubt.choices)
    reference = models.CharField(_("reference"), max_length=64)
    intent = models.ForeignKey(
        Intent, models.PROTECT, null=True, blank=True, related_name="exceptions", verbose_name=_("intent")
    )
    expected = models.DecimalField(_("expected"), null=True, blank=True, **MONEY)
    heard = models.DecimalField(_("heard"), null=True, blank=True, **MONEY)
    details = models.JSONField(_("details"), default=dict)
    count = models.PositiveIntegerField(_("seen"), default=1)
    opened_at = models.DateTimeField(_("since"))
    closed_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    closed_by = models.CharField(_("settled by"), max_length=150, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment exception")
        verbose_name_plural = _("payment exceptions")
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind", "reference"], name="payments_exception_once"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by="") | Q(closed_at__isnull=False) & ~Q(closed_by=""),
                name="payments_exception_closed_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"
