"""What every request that two people decide has in common, whatever it asks for (S-19)."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.domain import requests as rules
from core.scope import Row, ScopedQuerySet
from users.models import User

MONEY = {"max_digits": 14, "decimal_places": 2}


class RequestState(models.TextChoices):
    """The life of a request; the transitions stand in ``billing.domain.requests``."""

    REQUESTED = rules.REQUESTED, _("waiting for approval")
    APPROVED = rules.APPROVED, _("approved")
    REFUSED = rules.REFUSED, pgettext_lazy("request", "refused")
    WITHDRAWN = rules.WITHDRAWN, _("withdrawn")


class RequestQuerySet(ScopedQuerySet[Row]):
    """Predicates of requests."""

    def waiting(self) -> Self:
        """Requests that nobody has decided yet."""
        return self.filter(state=RequestState.REQUESTED)

    def decided(self) -> Self:
        """Requests that were approved, refused or withdrawn."""
        return self.exclude(state=RequestState.REQUESTED)

    def approved(self) -> Self:
        """Requests that were approved, and so took effect."""
        return self.filter(state=RequestState.APPROVED)


class Request(models.Model):
    """A wish of one person that takes effect once another has approved it."""

    requested_by: Any
    decided_by: Any

    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.REQUESTED
    )
    reason = models.CharField(_("reason"), max_length=200)
    requested_at = models.DateTimeField(_("requested at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has decided it yet."""
        return self.state == RequestState.REQUESTED


class LimitedRequest(Request):
    """A request whose amount is measured against the limits of who approves it (``CorrectionPolicy``)."""

    amount = models.DecimalField(_("amount"), **MONEY)  # type: ignore[arg-type]
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("requested by"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    booked_on = models.DateField(_("booked on"), null=True, blank=True)
    note = models.CharField(_("note of the decision"), max_length=200, blank=True)

    class Meta(Request.Meta):
        abstract = True
