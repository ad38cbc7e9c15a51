"""Changes of units that move what is owed: who asked for them, who agreed, and that they were made (A4, B5)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.domain.change_rows import AREA, HAND_OVER, PAUSE, TRANSFER, VACANCY
from billing.models.requests import Request, RequestState
from estates.models import Community, Unit


class ChangeKind(models.TextChoices):
    """What changes about a unit."""

    TRANSFER = TRANSFER, _("change of owner")
    VACANCY = VACANCY, _("vacancy")
    PAUSE = PAUSE, _("pause of the late fee")
    AREA = AREA, _("measured area")
    HAND_OVER = HAND_OVER, _("hand-over")


class Balance(models.TextChoices):
    """What becomes of money the old owner has with us."""

    STAY = "stay", _("stays with the old owner")
    REFUND = "refund", _("is paid back")
    GO = "go", _("goes with the unit")


class UnitChange(Request):
    """One change of one unit, asked for by one person and approved by a second (S-19). Days are inclusive.

    ``value`` is the share still due of a vacancy, or square metres; name and phone are the new owner's. ``prepayment``
    and ``deposits`` are the answers to what becomes of the old owner's money. ``was_refused`` is of a hand-over.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="unit_changes", verbose_name=_("community")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="changes", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind.choices)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("last day"), null=True, blank=True)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=4, null=True, blank=True)
    name = models.CharField(_("new owner"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    prepayment = models.CharField(
        _("prepayment of the old owner"), max_length=6, choices=Balance.choices, default=Balance.STAY
    )
    deposits = models.CharField(
        _("deposits of the old owner"), max_length=6, choices=Balance.choices, default=Balance.STAY
    )
    was_refused = models.BooleanField(_("the owner refused to take it over"), default=False)
    source = models.CharField(_("source"), max_length=200, blank=True)
    requested_by = models.CharField(_("requested by"), max_length=150)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("change of a unit")
        verbose_name_plural = _("changes of units")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(requested_by=F("decided_by")), name="billing_change_two_people"
            ),
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")), name="billing_change_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.kind} {self.first_day}"

    @property
    def is_made_transfer(self) -> bool:
        """Whether the unit has a new owner by this change, so that there is a hand-over to print."""
        return self.kind == ChangeKind.TRANSFER and self.state == RequestState.APPROVED
