"""What pools are shared by beside the register: agreed coefficients of units, and the suppliers' bills."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models import Community, SpanQuerySet, Unit, day_range

USUAL_COEFFICIENT = 1
"""The coefficient without a name of a unit for which none was agreed."""


class UnitCoefficient(models.Model):
    """How much a unit weighs in pools and formulae that ask for it, from ``start`` until the day before ``end``.

    ``name`` tells coefficients apart, such as that of the lift from that of the pumps. Formulae read the one without.
    """

    scope_community: ClassVar[str] = "unit__community_id"
    scope_person: ClassVar[str] = "unit__occupancies__person_id"

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="coefficients", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=30, blank=True)
    value = models.DecimalField(_("coefficient"), max_digits=14, decimal_places=4)
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("coefficient of a unit")
        verbose_name_plural = _("coefficients of units")
        ordering = ["unit", "name", "start"]
        constraints = [
            ExclusionConstraint(
                name="billing_coefficient_once",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    (day_range(), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="billing_coefficient_value"),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gt=F("start")), name="billing_coefficient_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.name}"


class SupplierBill(models.Model):
    """What a supplier billed for a period: the amount of the pool that names its meter, when it is shared by bill.

    It belongs to the period its last day falls in.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="supplier_bills", verbose_name=_("community")
    )
    meter_code = models.CharField(_("meter"), max_length=40)
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period until"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    number = models.CharField(_("number of the supplier's invoice"), max_length=60, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=150)
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("supplier's bill")
        verbose_name_plural = _("suppliers' bills")
        ordering = ["-period_start", "meter_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "meter_code", "period_start"], name="billing_supplier_bill_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_supplier_bill_amount"),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="billing_supplier_bill_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter_code} {self.period_start}"
