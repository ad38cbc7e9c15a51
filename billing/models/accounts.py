"""Who owes: the charge account, and the community's rules for its bills."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models import Community, Person, SpanQuerySet, Unit, day_range


class ChargeAccount(models.Model):
    """One unit and the one person who pays for it, from ``start`` until the day before ``end``."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "payer_id"

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="accounts", verbose_name=_("community")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="accounts", verbose_name=_("unit"))
    payer = models.ForeignKey(Person, models.PROTECT, related_name="accounts", verbose_name=_("payer"))
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            ExclusionConstraint(
                name="billing_account_one_payer",
                expressions=[("unit", RangeOperators.EQUAL), (day_range(), RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.payer}"


class Proration(models.TextChoices):
    """What a part of a period counts by (DOMAIN-RULES §4.4)."""

    MONTH = "month", _("by the days of each month")
    PERIOD = "period", _("by the days of the whole period")


class BillingPolicy(models.Model):
    """A community's rules for runs and bills, set on its settings page."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.OneToOneField(
        Community, models.CASCADE, related_name="billing_policy", verbose_name=_("community")
    )
    due_after_days = models.PositiveSmallIntegerField(_("days until due"), default=19)
    rounding = models.CharField(
        _("rounding of new tariffs"),
        max_length=5,
        choices=[("fen", _("to the fen")), ("jiao", _("to the jiao")), ("yuan", _("to the yuan"))],
        default="fen",
        help_text=_("Proposed when a tariff is typed in; a tariff file says it itself."),
    )
    proration = models.CharField(
        _("parts of a period"), max_length=6, choices=Proration.choices, default=Proration.MONTH
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("billing policy")
        verbose_name_plural = _("billing policies")

    def __str__(self) -> str:
        return str(self.community)
