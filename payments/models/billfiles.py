"""Which days' bill files of a platform have been read: how far our picture of the payments reaches."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from payments.models.merchants import MerchantAccount


class BillFileRead(models.Model):
    """The bill file of one merchant for one day, read and settled. A day without payments has a row too."""

    scope_community: ClassVar[str] = "merchant__community_id"
    scope_person: ClassVar[None] = None

    merchant = models.ForeignKey(
        MerchantAccount, models.PROTECT, related_name="bill_files", verbose_name=_("merchant")
    )
    day = models.DateField(_("day"))
    record_count = models.PositiveIntegerField(_("records"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    read_at = models.DateTimeField(_("read at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("bill file")
        verbose_name_plural = _("bill files")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["merchant", "day"], name="payments_bill_file_once")]

    def __str__(self) -> str:
        return f"{self.merchant} {self.day}"
