"""Discounts that are open to all owners of a community: the dated rules, what they promised, what they gave (B5).

What a discount takes off a line is a reduction like any other (``Waiver``, kind ``discount``); the rows here say which
rule it follows and from which figures it was worked out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing.models.accounts import ChargeAccount
from billing.models.requests import MONEY, Request, RequestState
from billing.models.settlement import Waiver
from billing.models.tariffs import FeeItem
from core.scope import ScopedQuerySet
from estates.models import Community, day_range


class DiscountKind(models.TextChoices):
    """What earns the discount, and what it is."""

    MONTHS = "months", _("months free for paying ahead")
    PERCENT = "percent", _("percentage for paying ahead")
    ON_TIME = "on_time", _("for paying the whole bill on time")


AHEAD = (DiscountKind.MONTHS, DiscountKind.PERCENT)
"""The kinds that money paid ahead for one fee item earns."""


TERMS = ("fee_item", "months", "gift_months", "percent", "amount")


def _has(kind: DiscountKind, *needed: str, maybe: Collection[str] = ()) -> Q:
    """Rules of a kind that have the terms it needs and none that mean nothing to it."""
    given = {f"{term}__isnull": term not in needed for term in TERMS if term not in maybe}
    return Q(kind=kind, **given)


class DiscountRule(Request):
    """A discount of a community from ``start`` until the day before ``end``, the same for every owner.

    Paying ahead: the day of the payment decides, ``months`` of ``fee_item`` at once earn ``gift_months`` or
    ``percent``. On time: the due day of the bill decides; ``percent`` or ``amount`` (yuan) of ``fee_item``, or of the
    whole bill where none is named. ``reason`` is where it was agreed.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="discount_rules", verbose_name=_("community")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=DiscountKind.choices)
    fee_item = models.ForeignKey(
        FeeItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="discount_rules",
        verbose_name=_("fee item"),
    )
    name = models.CharField(_("name on bills"), max_length=60)
    months = models.PositiveSmallIntegerField(
        _("months to pay ahead"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    gift_months = models.PositiveSmallIntegerField(
        _("months free"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    percent = models.DecimalField(
        _("percent"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal("99.00"))],
    )
    amount = models.DecimalField(
        _("yuan a bill"),
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        **MONEY,  # type: ignore[arg-type]
    )
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)
    requested_by = models.CharField(_("requested by"), max_length=150)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("discount rule")
        verbose_name_plural = _("discount rules")
        ordering = ["community", "-start", "-pk"]
        constraints = [
            ExclusionConstraint(
                name="billing_discount_one_at_a_time",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (Coalesce(F("fee_item"), 0), RangeOperators.EQUAL),
                    (day_range(), RangeOperators.OVERLAPS),
                ],
                condition=Q(state=RequestState.APPROVED),
            ),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gt=F("start")), name="billing_discount_span"
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.APPROVED)
                | ~Q(decided_by="") & ~Q(decided_by=F("requested_by")),
                name="billing_discount_two_people",
            ),
            models.CheckConstraint(
                condition=_has(DiscountKind.MONTHS, "fee_item", "months", "gift_months")
                | _has(DiscountKind.PERCENT, "fee_item", "months", "percent")
                | _has(DiscountKind.ON_TIME, "percent", maybe=("fee_item",))
                | _has(DiscountKind.ON_TIME, "amount", maybe=("fee_item",)),
                name="billing_discount_terms",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> date | None:
        """The last day, as people say it."""
        return self.end and self.end - timedelta(days=1)


class PaidAhead(models.Model):
    """Money that one receipt paid ahead for a fee item, and the gift it was promised, in yuan.

    ``inputs`` holds what the gift was worked out from. What is gone of either follows from the discounts that name
    this row and from `PaidAheadReturn`; nothing here changes.
    """

    scope_community: ClassVar[str] = "account__community_id"
    scope_person: ClassVar[str] = "account__payer_id"

    rule = models.ForeignKey(
        DiscountRule, models.PROTECT, related_name="promises", verbose_name=_("discount rule")
    )
    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, related_name="paid_ahead", verbose_name=_("account")
    )
    source = models.CharField(_("source"), max_length=60)
    day = models.DateField(_("value day"))
    paid = models.DecimalField(_("paid ahead"), **MONEY)  # type: ignore[arg-type]
    gift = models.DecimalField(_("gift"), **MONEY)  # type: ignore[arg-type]
    inputs = models.JSONField(_("inputs"), default=dict)
    written_at = models.DateTimeField(_("written at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment ahead")
        verbose_name_plural = _("payments ahead")
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "account"], name="billing_paid_ahead_once"),
            models.CheckConstraint(condition=Q(paid__gt=0, gift__gt=0), name="billing_paid_ahead_amounts"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.paid} + {self.gift}"


class PaidAheadReturn(models.Model):
    """Money paid ahead that was given back, and the share of the gift that went with it; ``source`` names the deed."""

    ahead = models.ForeignKey(
        PaidAhead, models.PROTECT, related_name="returns", verbose_name=_("payment ahead")
    )
    source = models.CharField(_("source"), max_length=60)
    day = models.DateField(_("value day"))
    money = models.DecimalField(_("given back"), **MONEY)  # type: ignore[arg-type]
    gift = models.DecimalField(_("gift taken back"), **MONEY)  # type: ignore[arg-type]
    written_at = models.DateTimeField(_("written at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("return of a payment ahead")
        verbose_name_plural = _("returns of payments ahead")
        constraints = [
            models.UniqueConstraint(fields=["ahead", "source"], name="billing_ahead_return_once"),
            models.CheckConstraint(
                condition=Q(money__gt=0, gift__gte=0), name="billing_ahead_return_amounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ahead_id} {self.source} −{self.gift}"


class Discount(models.Model):
    """Which rule a reduction of kind ``discount`` follows, and the figures it is worked out from again."""

    scope_community: ClassVar[str] = "rule__community_id"
    scope_person: ClassVar[None] = None

    waiver = models.OneToOneField(
        Waiver, models.PROTECT, primary_key=True, related_name="discount", verbose_name=_("reduction")
    )
    rule = models.ForeignKey(
        DiscountRule, models.PROTECT, related_name="discounts", verbose_name=_("discount rule")
    )
    ahead = models.ForeignKey(
        PaidAhead,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="discounts",
        verbose_name=_("payment ahead"),
    )
    inputs = models.JSONField(_("inputs"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")

    def __str__(self) -> str:
        return f"{self.rule} {self.waiver}"
