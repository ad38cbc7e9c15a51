"""Dated facts of a unit that billing asks for: measured area, hand-over (A2, B5; ADR 0010)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models.register import Unit


class UnitArea(models.Model):
    """A unit's measured area from a day on, until the next one. Before the first, the roster's area holds."""

    scope_community: ClassVar[str] = "unit__community_id"
    scope_person: ClassVar[str] = "unit__occupancies__person_id"

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="areas", verbose_name=_("unit"))
    start = models.DateField(_("from"))
    area_m2 = models.DecimalField(_("building area, m²"), max_digits=14, decimal_places=4)
    inner_area_m2 = models.DecimalField(
        _("inner area, m²"), null=True, blank=True, max_digits=14, decimal_places=4
    )
    reason = models.CharField(_("reason"), max_length=200)
    recorded_by = models.CharField(_("recorded by"), max_length=150)
    approved_by = models.CharField(_("approved by"), max_length=150)
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("measured area")
        verbose_name_plural = _("measured areas")
        ordering = ["unit", "start"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "start"], name="estates_area_a_day"),
            models.CheckConstraint(condition=Q(area_m2__gt=0), name="estates_area_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.start}"


class HandOver(models.Model):
    """How a unit was handed over: taken, or refused without reason, which counts as handed over all the same.

    ``Unit.handed_over_on`` is the day billing reads; this row says where it came from (丽水 art. 35).
    """

    scope_community: ClassVar[str] = "unit__community_id"
    scope_person: ClassVar[str] = "unit__occupancies__person_id"

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="hand_over", verbose_name=_("unit"))
    on = models.DateField(_("handed over on"))
    was_refused = models.BooleanField(_("the owner refused to take it over"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=150)
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints = [
            models.CheckConstraint(
                condition=Q(was_refused=False) | ~Q(reason=""), name="estates_refusal_has_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.on}"
