"""Requests to share a pool again, because somebody was left out of it (B4)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.requests import Request, RequestState
from billing.models.runs import PoolResult
from estates.models import Community

RESHARING = "resharing:"
"""What the name of a deed begins with under which a pool was shared again."""


class PoolResharing(Request):
    """A request to share a pool again among all its participants; another person decides (S-19)."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="pool_resharings", verbose_name=_("community")
    )
    pool = models.ForeignKey(
        PoolResult, models.PROTECT, related_name="resharings", verbose_name=_("shared pool")
    )
    requested_by = models.CharField(_("requested by"), max_length=150)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("pool shared again")
        verbose_name_plural = _("pools shared again")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(requested_by=F("decided_by")), name="billing_resharing_two_people"
            ),
            models.UniqueConstraint(
                fields=["pool"],
                condition=Q(state=RequestState.REQUESTED),
                name="billing_resharing_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool} {self.state}"

    @property
    def source(self) -> str:
        """The name under which its corrections are booked."""
        return f"{RESHARING}{self.pk}"
