"""When a community's months are billed by themselves, from which day on."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.domain.rhythm import Rhythm
from core.versions import VersionQuerySet
from estates.models import Community


class RunSchedule(models.Model):
    """How a community's regular runs come round from a day on; without one, drafts on the first of each month.

    ``remind_after_days``: how long a draft may wait for its reviewer before he is reminded, again and again in that
    distance; None: never. A pause is a version like any other, and so is its end.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.CASCADE, related_name="run_schedules", verbose_name=_("community")
    )
    start = models.DateField(_("from"))
    bill_on_day = models.PositiveSmallIntegerField(
        _("bill on day of the month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    month_before = models.BooleanField(
        _("in the month before"), default=False, help_text=_("December is then billed in November.")
    )
    issues = models.BooleanField(
        _("issue without review"), default=False, help_text=_("Otherwise the night leaves a draft.")
    )
    remind_after_days = models.PositiveSmallIntegerField(
        _("remind the reviewer after days"),
        null=True,
        blank=True,
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text=_("By e-mail, while a draft waits. Empty: no reminder."),
    )
    is_paused = models.BooleanField(
        _("paused"), default=False, help_text=_("No month is billed by itself; by hand it still can be.")
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("schedule of runs")
        verbose_name_plural = _("schedules of runs")
        ordering = ["community", "-start"]
        constraints = [
            models.UniqueConstraint(fields=["community", "start"], name="billing_schedule_once"),
            models.CheckConstraint(
                condition=Q(bill_on_day__gte=1, bill_on_day__lte=28), name="billing_schedule_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.start}"

    @property
    def rhythm(self) -> Rhythm:
        """The days it means, as the rules ask for them."""
        return Rhythm(self.start, self.bill_on_day, self.month_before, self.is_paused)
