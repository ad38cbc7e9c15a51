"""Units that stand empty: what a community grants them, who applied, what was found, and what ended it (§4.7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.scope import ScopedQuerySet
from core.versions import VersionQuerySet
from estates.domain.vacancy import LOCAL_MONTHS, Terms
from estates.models.meters import MeterKind, Reading
from estates.models.register import Community, SpanQuerySet, Unit, UnitKind, day_range


class VacancyPolicy(models.Model):
    """What a community's contract grants units that stand empty, from a day on; without one, the full fee is due.

    ``most_water`` and ``most_electricity`` are what a unit may use in thirty days and still count as empty: a reading
    above it ends the vacancy. Empty: readings of that kind say nothing.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.CASCADE, related_name="vacancy_policies", verbose_name=_("community")
    )
    start = models.DateField(_("from"))
    share = models.DecimalField(
        _("share still due"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text=_("0.7 for seventy per cent. Empty: the contract grants nothing, and local rules decide."),
    )
    months = models.PositiveSmallIntegerField(
        _("months it must have been empty"), default=LOCAL_MONTHS, validators=[MaxValueValidator(60)]
    )
    kinds = ArrayField(
        models.CharField(max_length=20, choices=UnitKind.choices),
        verbose_name=_("kinds of unit"),
        default=list,
        blank=True,
        help_text=_("None ticked: all kinds."),
    )
    backdates = models.BooleanField(_("days before the application count too"), default=False)
    clause = models.CharField(_("clause of the contract"), max_length=200, blank=True)
    most_water = models.DecimalField(
        _("water a month an empty unit may use (m³)"),
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("A reading above it ends the vacancy. Empty: water meters are not asked."),
    )
    most_electricity = models.DecimalField(
        _("power a month an empty unit may use (kWh)"),
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        default=Decimal(10),
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("A reading above it ends the vacancy. Empty: power meters are not asked."),
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("vacancy policy")
        verbose_name_plural = _("vacancy policies")
        ordering = ["community", "-start"]
        constraints = [
            models.UniqueConstraint(fields=["community", "start"], name="estates_vacancy_policy_once"),
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gte=0, share__lte=1), name="estates_vacancy_policy_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.start}"

    @property
    def terms(self) -> Terms:
        """What the contract grants, as the rules ask it."""
        return Terms(self.share, self.months, frozenset(self.kinds), self.backdates, self.clause)

    def most_of(self, kind: str) -> Decimal | None:
        """How much of a kind a unit may use in thirty days and still be empty; None: nobody asks."""
        return {
            MeterKind.WATER.value: self.most_water,
            MeterKind.ELECTRICITY.value: self.most_electricity,
        }.get(kind)


class EntitlementState(models.TextChoices):
    """The way of a vacancy: applied for, inspected, approved, ended when the unit is used again; or refused."""

    APPLIED = "applied", _("applied for")
    INSPECTED = "inspected", _("inspected")
    APPROVED = "approved", _("approved")
    ENDED = "ended", _("ended")
    REFUSED = "refused", pgettext_lazy("request", "refused")


GRANTED = (EntitlementState.APPROVED.value, EntitlementState.ENDED.value)
OPEN = (EntitlementState.APPLIED.value, EntitlementState.INSPECTED.value)


class EndCause(models.TextChoices):
    """What showed that a unit is used again."""

    READING = "reading", _("a meter shows use")
    TRANSFER = "transfer", _("the unit changed hands")
    MOVE_IN = "move_in", _("somebody moved in")
    HAND_OVER = "hand_over", _("the unit was handed over")
    TOLD = "told", _("somebody said so")


class EntitlementQuerySet(SpanQuerySet):
    """Predicates of vacancy entitlements."""

    def granted(self) -> EntitlementQuerySet:
        """Those that billing honours: approved, whether or not they have ended since."""
        return self.filter(state__in=GRANTED)

    def open(self) -> EntitlementQuerySet:
        """Applications that nobody has decided."""
        return self.filter(state__in=OPEN)

    def running(self) -> EntitlementQuerySet:
        """Those that go on until the unit is used."""
        return self.filter(state=EntitlementState.APPROVED)

    def unseen(self) -> EntitlementQuerySet:
        """Those that a sign of use ended, and nobody has looked at it yet."""
        ended = self.filter(state=EntitlementState.ENDED, seen_at=None)
        return ended.exclude(end_cause__in=["", EndCause.TOLD])


class VacancyEntitlement(models.Model):
    """The share of fees still due while a unit stands empty: applied for, inspected, approved, ended by use.

    ``share`` is what is still to be paid, 0.7 for seventy per cent; until the decision it and ``start`` are what the
    application would come to. Only granted rows change a bill. One that ended on its first day has no days.
    """

    scope_community: ClassVar[str] = "unit__community_id"
    scope_person: ClassVar[str] = "unit__occupancies__person_id"

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="vacancies", verbose_name=_("unit"))
    empty_since = models.DateField(_("empty since"), null=True, blank=True)
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
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision = models.CharField(_("reason of the decision"), max_length=200, blank=True)
    articles = models.CharField(_("by"), max_length=300, blank=True)
    end_cause = models.CharField(_("what ended it"), max_length=10, choices=EndCause.choices, blank=True)
    end_reading = models.ForeignKey(
        Reading, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("reading")
    )
    ended_because = models.CharField(_("ended because"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    seen_by = models.CharField(_("looked at by"), max_length=150, blank=True)
    seen_at = models.DateTimeField(_("looked at"), null=True, blank=True)

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
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state__in=OPEN), name="estates_vacancy_one_application"
            ),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=F("start")), name="estates_vacancy_span"
            ),
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="estates_vacancy_share"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.start}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it yet."""
        return self.state in OPEN

    @property
    def is_inspected(self) -> bool:
        """Whether it waits for the decision of a second person."""
        return self.state == EntitlementState.INSPECTED

    def is_running(self, day: date) -> bool:
        """Whether it was approved and has not come to its end by a day."""
        return self.state == EntitlementState.APPROVED and (self.end is None or day < self.end)


class VacancyPhoto(models.Model):
    """A photo an inspection took."""

    scope_community: ClassVar[str] = "vacancy__unit__community_id"
    scope_person: ClassVar[None] = None

    vacancy = models.ForeignKey(
        VacancyEntitlement, models.CASCADE, related_name="photos", verbose_name=_("vacancy")
    )
    photo = models.FileField(_("photo"), upload_to="vacancy/%Y/%m/")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def __str__(self) -> str:
        return str(self.photo)
