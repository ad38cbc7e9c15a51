"""What reduces a line: allocations of money and reductions. Append-only; a mistake is reversed by a new row."""

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


class ReductionKind(models.TextChoices):
    """Why a line asks for less. The books tell them apart.

    A person gave it up, gave up hope of it or found it wrong from the start; or a rule that is the same for everybody
    let go of a remainder, or gave a discount.
    """

    WAIVER = "waiver", _("waiver")
    WRITE_OFF = "write_off", _("write-off")
    CORRECTION = "correction", _("correction")
    TOLERANCE = "tolerance", _("remainder let go of")
    DISCOUNT = "discount", _("discount")


class Waiver(models.Model):
    """An amount a line no longer asks for: asked for by one person, approved by a second (S-19).

    ``source`` names the deed, such as ``request:7``; one deed reduces a line once.
    """

    scope_community: ClassVar[str] = "line__bill__community_id"
    scope_person: ClassVar[str] = "line__bill__account__payer_id"

    line = models.ForeignKey(
        ChargeLine, models.PROTECT, related_name="waivers", verbose_name=_("charge line")
    )
    kind = models.CharField(
        _("kind"), max_length=12, choices=ReductionKind.choices, default=ReductionKind.WAIVER
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    value_day = models.DateField(_("value day"))
    source = models.CharField(_("source"), max_length=60, blank=True)
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
            models.UniqueConstraint(
                fields=["source", "line"], condition=~Q(source=""), name="billing_waiver_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.amount}"
