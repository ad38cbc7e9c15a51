"""A community's rules for reminders."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from dunning.domain.reminders import Ladder
from estates.models import Community


class ReminderPolicy(models.Model):
    """When households are reminded, and how fresh the payment data must be for it."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.OneToOneField(
        Community, models.CASCADE, related_name="reminder_policy", verbose_name=_("community")
    )
    days_before = models.PositiveSmallIntegerField(_("days before the due day"), default=3)
    days_after = models.PositiveSmallIntegerField(_("days after the due day"), default=5)
    remind_at = models.TimeField(_("reminders leave at"), default=time(10, 0))
    stale_after_days = models.PositiveSmallIntegerField(
        _("payment data may be this many days old"),
        default=3,
        help_text=_("With older data nobody is reminded: they may have paid."),
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder policy")
        verbose_name_plural = _("reminder policies")

    def __str__(self) -> str:
        return str(self.community)

    @property
    def ladder(self) -> Ladder:
        """The days of the two reminders."""
        return Ladder(self.days_before, self.days_after)
