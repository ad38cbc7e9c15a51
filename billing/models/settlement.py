"""What reduces a line: allocations of money and waivers. Append-only; a mistake is reversed by a new row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.bills import ChargeLine
from core.scope import ScopedQuerySet


class Allocation(models.Model):
    """Money set against a line on a value day; ``source`` names it, such as ``receipt:42``.

    A reversal is a row of the negative amount that names the row it takes back.
    """

    scope_community: ClassVar[str] = "line__bill__community_id"
    scope_person: ClassVar[str] = "line__bill__account__payer_id"

    line = models.ForeignKey(
        ChargeLine, models.PROTECT, related_name="allocations", verbose_name=_("charge line")
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    value_day = models.DateField(_("value day"), db_index=True)
    source = models.CharField(_("source"), max_length=60, db_index=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    written_at = models.DateTimeField(_("written at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="billing_allocation_sign",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.amount}"


class Waiver(models.Model):
    """An amount of a line the company gives up: asked for by one person, approved by a second (S-19)."""

    scope_community: ClassVar[str] = "line__bill__community_id"
    scope_person: ClassVar[str] = "line__bill__account__payer_id"

    line = models.ForeignKey(
        ChargeLine, models.PROTECT, related_name="waivers", verbose_name=_("charge line")
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    value_day = models.DateField(_("value day"))
    reason = models.CharField(_("reason"), max_length=200)
    requested_by = models.CharField(_("requested by"), max_length=150)
    approved_by = models.CharField(_("approved by"), max_length=150)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    written_at = models.DateTimeField(_("written at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(requested_by=models.F("approved_by")), name="billing_waiver_two_people"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="billing_waiver_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.amount}"
