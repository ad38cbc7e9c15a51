"""Meters in a tree, what they showed, when they could not be trusted, and the readings somebody must look at.

A *meter* is the place where something is counted; the instrument that hangs there may be changed. What it has
counted since it was opened is, at every reading,

    value × multiplier + base + ahead

so the use of any span is a difference between two rows, however often the instrument was changed or its dial has
passed the top (ADR 12). `estates.domain.counting` works these figures out.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models.register import Community, SpanQuerySet, Unit


class MeterKind(models.TextChoices):
    """What a meter counts."""

    WATER = "water", _("water")
    ELECTRICITY = "electricity", _("electricity")
    GAS = "gas", _("gas")
    HEAT = "heat", _("heat")


class Meter(models.Model):
    """A meter of a unit, or of the community when no unit is named; `parent` is the meter before it in the pipe.

    `digits`: whole digits of the dial, after which it begins again at zero; None when nobody has declared them.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "unit__occupancies__person_id"

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="meters", verbose_name=_("community")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="meters", verbose_name=_("unit")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("fed through")
    )
    code = models.CharField(_("meter"), max_length=40)
    name = models.CharField(_("name"), max_length=60, blank=True, db_default="")
    kind = models.CharField(_("kind"), max_length=12, choices=MeterKind.choices)
    multiplier = models.DecimalField(_("multiplier"), max_digits=14, decimal_places=4, default=1)
    digits = models.PositiveSmallIntegerField(_("whole digits of the dial"), null=True, blank=True)
    maker = models.CharField(_("maker"), max_length=60, blank=True, db_default="")
    is_prepaid = models.BooleanField(_("prepaid, not read"), default=False, db_default=False)
    retired_on = models.DateField(_("taken out of use on"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("meter")
        verbose_name_plural = _("meters")
        constraints = [
            models.UniqueConstraint(fields=["community", "code"], name="estates_meter_code"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="estates_meter_not_own_parent"),
            models.CheckConstraint(condition=Q(multiplier__gt=0), name="estates_meter_multiplier_positive"),
            models.CheckConstraint(
                condition=Q(digits=None) | Q(digits__gte=1, digits__lte=9), name="estates_meter_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ReadingMethod(models.TextChoices):
    """How a value came about that nobody has read off the dial."""

    HISTORY = "history", _("by the meter's own history")
    BACKWARDS = "backwards", _("as much as the meter ran backwards")
    MISREAD = "misread", _("a misreading, kept as an estimate")
    GIVEN = "given", _("given by a clerk")


class Reading(models.Model):
    """What a meter showed on a day; never overwritten, because bills stand on it.

    An instrument changed on the day has left `old_closing` and begun at `new_opening`. `multiplier` is None
    while it is the meter's own of today. `base` is what the dials and turns before this reading add; `ahead` is
    what estimates have counted beyond it, which the next real readings even out.
    """

    scope_community: ClassVar[str] = "meter__community_id"
    scope_person: ClassVar[str] = "meter__unit__occupancies__person_id"

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="readings", verbose_name=_("meter"))
    read_on = models.DateField(_("read on"))
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=4)
    source = models.CharField(_("source"), max_length=50, blank=True)
    reader = models.CharField(_("read by"), max_length=50, blank=True, db_default="")
    photo = models.FileField(_("photo"), upload_to="readings", blank=True, db_default="")
    note = models.CharField(_("note"), max_length=200, blank=True, db_default="")
    is_estimate = models.BooleanField(_("estimate"), default=False, db_default=False)
    method = models.CharField(
        _("method"), max_length=12, choices=ReadingMethod.choices, blank=True, db_default=""
    )
    is_opening = models.BooleanField(_("opens the meter"), default=False, db_default=False)
    old_closing = models.DecimalField(
        _("last value of the old instrument"), null=True, blank=True, max_digits=14, decimal_places=4
    )
    new_opening = models.DecimalField(
        _("first value of the new instrument"), null=True, blank=True, max_digits=14, decimal_places=4
    )
    multiplier = models.DecimalField(_("multiplier"), null=True, blank=True, max_digits=14, decimal_places=4)
    base = models.DecimalField(max_digits=24, decimal_places=8, default=0, db_default=0, editable=False)
    ahead = models.DecimalField(max_digits=24, decimal_places=8, default=0, db_default=0, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [
            models.UniqueConstraint(fields=["meter", "read_on"], name="estates_reading_a_day"),
            models.CheckConstraint(
                condition=Q(old_closing=None, new_opening=None)
                | Q(old_closing__isnull=False, new_opening__isnull=False),
                name="estates_reading_swap_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_estimate=False) | ~Q(method=""), name="estates_reading_estimate_says_how"
            ),
            models.CheckConstraint(condition=Q(ahead__gte=0), name="estates_reading_ahead_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.read_on}"


class FaultKind(models.TextChoices):
    """Why a meter's dial says nothing about use."""

    STUCK = "stuck", _("stuck")
    REVERSED = "reversed", _("counts backwards")


class MeterFault(models.Model):
    """A span in which a meter could not be trusted, with the reason; its use is estimated meanwhile."""

    scope_community: ClassVar[str] = "meter__community_id"
    scope_person: ClassVar[None] = None

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="faults", verbose_name=_("meter"))
    kind = models.CharField(_("fault"), max_length=10, choices=FaultKind.choices)
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = SpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("meter fault")
        verbose_name_plural = _("meter faults")
        constraints = [
            models.UniqueConstraint(
                fields=["meter"], condition=Q(end=None), name="estates_fault_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(end=None) | Q(end__gte=F("start")), name="estates_fault_span"),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.kind}"


class CheckReason(models.TextChoices):
    """Why somebody must look at a meter."""

    LOWER = "lower", _("lower than the last reading")
    JUMP = "jump", _("far above what it usually counts")
    ZERO = "zero", _("nothing counted")
    OPENING = "opening", _("first reading, opening value unknown")
    SKIPPED = "skipped", _("could not be read")


class CheckOutcome(models.TextChoices):
    """What came of a look."""

    CONFIRMED = "confirmed", _("right as it is")
    CORRECTED = "corrected", _("corrected")
    ESTIMATED = "estimated", _("estimated")
    SWAPPED = "swapped", _("instrument changed")
    TURNED = "turned", _("dial passed its top")
    MISREAD = "misread", _("the reading before was wrong")
    FAULTY = "faulty", _("a fault recorded")
    OPENED = "opened", _("opening value given")
    DROPPED = "dropped", _("left out")


class ReadingCheck(models.Model):
    """Something about a meter that waits for a look: a value held back, a recorded one to see, or none at all.

    A held value (`reading` is None) bills nothing until somebody decides; nothing given is ever lost.
    """

    scope_community: ClassVar[str] = "meter__community_id"
    scope_person: ClassVar[None] = None

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="checks", verbose_name=_("meter"))
    reason = models.CharField(_("reason"), max_length=10, choices=CheckReason.choices)
    read_on = models.DateField(_("read on"))
    value = models.DecimalField(_("value"), null=True, blank=True, max_digits=14, decimal_places=4)
    reading = models.ForeignKey(
        Reading, models.CASCADE, null=True, blank=True, related_name="checks", verbose_name=_("reading")
    )
    last_value = models.DecimalField(_("last value"), null=True, blank=True, max_digits=14, decimal_places=4)
    last_on = models.DateField(_("last read on"), null=True, blank=True)
    usual = models.DecimalField(_("usual use a day"), null=True, blank=True, max_digits=14, decimal_places=4)
    source = models.CharField(_("source"), max_length=50, blank=True)
    reader = models.CharField(_("read by"), max_length=50, blank=True)
    photo = models.FileField(_("photo"), upload_to="readings", blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    noticed_on = models.DateField(_("noticed on"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=CheckOutcome.choices, blank=True)
    closed_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    closed_by = models.CharField(_("settled by"), max_length=150, blank=True)
    closing_note = models.CharField(_("what was found"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading to look at")
        verbose_name_plural = _("readings to look at")
        ordering = ["noticed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meter", "read_on"], condition=Q(closed_at=None), name="estates_check_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="estates_check_closed_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.read_on} {self.reason}"
