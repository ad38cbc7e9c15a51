"""How small a remainder a community lets go of, from which day on."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.versions import VersionQuerySet
from estates.models import Community


class Tolerance(models.Model):
    """What a payment may leave on a bill without keeping it open, in yuan, from a day on; nothing unless it is set."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.CASCADE, related_name="tolerances", verbose_name=_("community")
    )
    amount = models.DecimalField(
        _("let go of at most (yuan)"),
        max_digits=4,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal("0.00")), MaxValueValidator(Decimal("1.00"))],
    )
    start = models.DateField(_("from"))

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("tolerance")
        verbose_name_plural = _("tolerances")
        constraints = [
            models.UniqueConstraint(fields=["community", "start"], name="billing_tolerance_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, amount__lte=1), name="billing_tolerance_small"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.amount}"
