"""The property-service contract a community is billed under."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from estates.models import Community, SpanQuerySet, day_range


class ContractKind(models.TextChoices):
    """Who signed: the developer before the owners had a committee, or the committee (Civil Code 939)."""

    EARLY = "early", _("early-stage, signed by the developer")
    COMMITTEE = "committee", _("signed by the owners' committee")


class PriceBasis(models.TextChoices):
    """Whose the profit and the loss are."""

    LUMP_SUM = "lump_sum", _("lump sum")
    COMMISSION = "commission", _("commission")


class AfterEnd(models.TextChoices):
    """What happens after the last day; only a person decides it."""

    UNDECIDED = "", _("not decided: nothing is billed")
    CONTINUE = "continue", _("service goes on until a new contract is signed (Civil Code 948, 950)")
    STOP = "stop", _("service ends, and with it the fee (Civil Code 949)")


class Contract(models.Model):
    """A contract from ``start`` until the day before ``end``; no ``end``: without term.

    Clauses are references for people and letters. ``included_meters`` are the community meters whose cost a lump-sum
    price holds already, so that no pool may share it again.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="contracts", verbose_name=_("community")
    )
    number = models.CharField(_("number"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=ContractKind.choices)
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)
    price_basis = models.CharField(_("price basis"), max_length=10, choices=PriceBasis.choices)
    included_meters = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("meters the price holds"),
        default=list,
        blank=True,
        help_text=_(
            "Codes of community meters, such as the office's or the greening's. They are not shared again."
        ),
    )
    fee_clause = models.TextField(_("clauses on fees"), blank=True)
    allocation_clause = models.TextField(_("clause on the order of settlement"), blank=True)
    late_fee_clause = models.TextField(_("clause on late fees"), blank=True)
    documents = models.TextField(
        _("documents"), blank=True, help_text=_("One a line: what it is, and where the signed original lies.")
    )
    after_end = models.CharField(
        _("after the end"), max_length=10, choices=AfterEnd.choices, default=AfterEnd.UNDECIDED, blank=True
    )
    decision_reason = models.CharField(_("reason of the decision"), max_length=200, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["community", "-start"]
        constraints = [
            ExclusionConstraint(
                name="billing_contract_one_at_a_time",
                expressions=[("community", RangeOperators.EQUAL), (day_range(), RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gt=F("start")), name="billing_contract_span"
            ),
            models.CheckConstraint(
                condition=Q(after_end="") | ~Q(decided_by=""), name="billing_contract_decided_by_a_person"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def last_day(self) -> date | None:
        """The last day, as people say it."""
        return self.end and self.end - timedelta(days=1)
