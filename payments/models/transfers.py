"""How the seller's money was settled when a unit changed hands (过户): exactly one row a transfer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount, UnitChange
from core.scope import ScopedQuerySet


class TransferSettlement(models.Model):
    """The seller's prepayment and deposits were dealt with as agreed. Append-only; the key makes it once.

    What moved are prepayment entries and deposits of this source; what is given back are payouts that name it.
    ``account`` is the seller's and ``successor`` the buyer's; empty where nobody of them was charged.
    """

    scope_community: ClassVar[str] = "change__community_id"
    scope_person: ClassVar[None] = None

    change = models.OneToOneField(
        UnitChange, models.PROTECT, related_name="settlement", verbose_name=_("change of a unit")
    )
    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, null=True, related_name="+", verbose_name=_("account")
    )
    successor = models.ForeignKey(
        ChargeAccount, models.PROTECT, null=True, related_name="+", verbose_name=_("account of the buyer")
    )
    settled_on = models.DateField(_("settled on"))
    settled_at = models.DateTimeField(_("written at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement of a transfer")
        verbose_name_plural = _("settlements of transfers")

    def __str__(self) -> str:
        return f"{self.change}"

    @property
    def source(self) -> str:
        """The name of this settlement in prepayments and in the journal."""
        return f"transfer:{self.change_id}"
