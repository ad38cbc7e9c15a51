"""Dated facts of a unit that billing asks for: measured area, vacancy, hand-over (A2, B5; ADR 0010)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models.register import SpanQuerySet, Unit, day_range


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


class EntitlementState(models.TextChoices):
    """The way of a vacancy: applied for, inspected, approved, ended when the unit is used again; or refused."""

    APPLIED = "applied", _("applied for")
    INSPECTED = "inspected", _("inspected")
    APPROVED = "approved", _("approved")
    ENDED = "ended", _("ended")
    REFUSED = "refused", _("refused")


GRANTED = (EntitlementState.APPROVED.value, EntitlementState.ENDED.value)


class EntitlementQuerySet(SpanQuerySet):
    """Predicates of vacancy entitlements."""

    def granted(self) -> EntitlementQuerySet:
        """Those that billing honours: approved, whether or not they have ended since."""
        return self.filter(state__in=GRANTED)


class VacancyEntitlement(models.Model):
    """The share of fees still due while a unit stands empty: applied for, inspected, approved, ended by use.

    ``share`` is what is still to be paid, 0.7 for seventy per cent. Only granted rows change a bill.
    """

    scope_community: ClassVar[str] = "unit__community_id"
    scope_person: ClassVar[str] = "unit__occupancies__person_id"

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="vacancies", verbose_name=_("unit"))
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)
    share = models.DecimalField(_("share still due"), max_digits=5, decimal_places=4)
    state = models.CharField(
        _("state"), max_length=10, choices=EntitlementState.choices, default=EntitlementState.APPLIED
    )
    reason = models.CharField(_("reason"), max_length=200)
    recorded_by = models.CharField(_("recorded by"), max_length=150)
    recorded_at = models.DateTimeField(_("recorded at"))
    inspected_by = models.CharField(_("inspected by"), max_length=150, blank=True)
    inspected_on = models.DateField(_("inspected on"), null=True, blank=True)
    findings = models.TextField(_("what was found"), blank=True)
    photo = models.FileField(_("photo"), upload_to="vacancy/%Y/%m/", blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    ended_because = models.CharField(_("ended because"), max_length=200, blank=True)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        verbose_name = _("vacancy")
        verbose_name_plural = _("vacancies")
        ordering = ["-start"]
        constraints = [
            ExclusionConstraint(
                name="estates_vacancy_once",
                expressions=[("unit", RangeOperators.EQUAL), (day_range(), RangeOperators.OVERLAPS)],
                condition=Q(state__in=GRANTED),
            ),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gt=F("start")), name="estates_vacancy_span"
            ),
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="estates_vacancy_share"),
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
