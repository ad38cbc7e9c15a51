"""Money a charge account has with us (预存). Append-only signed rows; the balance is their sum."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount, FeeItem
from core.money import ZERO
from core.scope import ScopedQuerySet
from payments.models.intents import MONEY


class PrepaymentQuerySet(ScopedQuerySet):
    """Sums of prepayments."""

    def balance(self) -> Decimal:
        """What the accounts of these rows have with us together, in yuan."""
        return self.aggregate(sum=Sum("amount"))["sum"] or ZERO


class PrepaymentEntry(models.Model):
    """A change of an account's prepayment: positive in, negative out; ``source`` names the deed (``receipt:42``).

    ``fee_item``: money that is meant for one fee item and pays no other; without it, it pays whatever is open.
    """

    scope_community: ClassVar[str] = "account__community_id"
    scope_person: ClassVar[str] = "account__payer_id"

    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, related_name="prepayments", verbose_name=_("account")
    )
    fee_item = models.ForeignKey(
        FeeItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="prepayments",
        verbose_name=_("meant for"),
    )
    amount = models.DecimalField(_("amount"), **MONEY)
    value_day = models.DateField(_("value day"))
    source = models.CharField(_("source"), max_length=60)
    written_at = models.DateTimeField(_("written at"))

    objects = PrepaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("prepayment entry")
        verbose_name_plural = _("prepayment entries")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "account", "fee_item"],
                nulls_distinct=False,
                name="payments_prepayment_once",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="payments_prepayment_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.amount}"
