"""Fee items and what they cost: dated tariff versions, and how each fee enters the books."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models import Community, SpanQuerySet, day_range


class FeeCycle(models.TextChoices):
    """How long one charge lasts."""

    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    HALF_YEAR = "half_year", _("half-year")
    YEAR = "year", _("year")


class Timing(models.TextChoices):
    """Whether the period is billed before or after it is served."""

    ADVANCE = "advance", _("in advance")
    ARREARS = "arrears", _("in arrears")


class CountedFrom(models.TextChoices):
    """Where the cycles of a fee begin: in January for all, or on the day each unit was handed over (B1)."""

    CALENDAR = "calendar", _("the calendar year")
    HANDOVER = "handover", _("each unit's hand-over")


class Method(models.TextChoices):
    """The formula of a tariff version (B2)."""

    AREA = "area", _("area × price")
    FIXED = "fixed", _("fixed")
    METER = "meter", _("metered")
    TIERS = "tiers", _("tiered meter")
    POOL = "pool", _("share of a pool")
    EXPRESSION = "expression", _("custom formula")


class Rounding(models.TextChoices):
    """The smallest coin of a printed line, half-up (B3)."""

    FEN = "fen", _("to the fen")
    JIAO = "jiao", _("to the jiao")
    YUAN = "yuan", _("to the yuan")


class FeeItem(models.Model):
    """Something a community charges for, such as the property fee or shared electricity."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="fee_items", verbose_name=_("community")
    )
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=60)
    cycle = models.CharField(_("cycle"), max_length=10, choices=FeeCycle.choices)
    timing = models.CharField(_("timing"), max_length=10, choices=Timing.choices)
    counted_from = models.CharField(
        _("cycles counted from"), max_length=10, choices=CountedFrom.choices, default=CountedFrom.CALENDAR
    )
    rank = models.PositiveSmallIntegerField(
        _("rank"), default=100, help_text=_("Order on the bill and, by contract, of settlement.")
    )
    honours_vacancy = models.BooleanField(
        _("less for vacant units"),
        default=False,
        help_text=_("What is charged by area or as a fixed sum follows a unit's approved vacancy."),
    )
    tax_rate = models.DecimalField(_("tax rate"), max_digits=6, decimal_places=4, null=True, blank=True)
    tax_code = models.CharField(_("tax category"), max_length=19, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("fee item")
        verbose_name_plural = _("fee items")
        ordering = ["rank", "code"]
        constraints = [models.UniqueConstraint(fields=["community", "code"], name="billing_fee_item_code")]

    def __str__(self) -> str:
        return self.name


class TariffVersion(models.Model):
    """What a fee item costs within one scope from ``start`` until the day before ``end``.

    ``applies_to`` is ``*``, ``kind:shop``, ``building:8`` or ``unit:8-2-301``; the narrowest scope wins.
    ``price`` is per month, tax included, for area (yuan/m²) and fixed; per metered unit for meter and pool.
    ``formula`` holds what else the method needs: ``meter_kind``; ``tiers`` as ``[["10", "2"], …, [null,
    "5"]]`` (up to, price); ``pool_meter`` and ``pool_key`` (area or household); ``expression``, as
    ``billing.domain.expressions`` writes it.
    """

    scope_community: ClassVar[str] = "fee_item__community_id"
    scope_person: ClassVar[None] = None

    fee_item = models.ForeignKey(FeeItem, models.PROTECT, related_name="versions", verbose_name=_("fee item"))
    applies_to = models.CharField(_("applies to"), max_length=60, default="*")
    method = models.CharField(_("method"), max_length=10, choices=Method.choices)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=6, null=True, blank=True)
    formula = models.JSONField(_("formula"), default=dict, blank=True)
    rounding = models.CharField(_("rounding"), max_length=5, choices=Rounding.choices, default=Rounding.FEN)
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("tariff version")
        verbose_name_plural = _("tariff versions")
        ordering = ["fee_item", "applies_to", "start"]
        constraints = [
            ExclusionConstraint(
                name="billing_tariff_no_overlap",
                expressions=[
                    ("fee_item", RangeOperators.EQUAL),
                    ("applies_to", RangeOperators.EQUAL),
                    (day_range(), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(end=None) | Q(end__gt=F("start")), name="billing_tariff_span"),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="billing_tariff_price"),
        ]

    def __str__(self) -> str:
        return f"{self.fee_item} {self.applies_to} {self.start}"


class Treatment(models.TextChoices):
    """What the company's side of a charge is (DOMAIN-RULES C1 VAT, 4.1)."""

    INCOME = "income", _("income")
    AHEAD = "ahead", _("billed ahead")
    ON_BEHALF = "on_behalf", _("collected on behalf")


class PostingProfile(models.Model):
    """How a fee item enters the books from a day on: the credit side of the receivable."""

    fee_item = models.ForeignKey(
        FeeItem, models.CASCADE, related_name="posting_profiles", verbose_name=_("fee item")
    )
    treatment = models.CharField(_("treatment"), max_length=10, choices=Treatment.choices)
    ledger_code = models.CharField(_("ledger account"), max_length=30)
    start = models.DateField(_("from"))

    class Meta:
        verbose_name = _("posting profile")
        verbose_name_plural = _("posting profiles")
        constraints = [
            models.UniqueConstraint(fields=["fee_item", "start"], name="billing_posting_profile_once")
        ]

    def __str__(self) -> str:
        return f"{self.fee_item} {self.treatment}"
