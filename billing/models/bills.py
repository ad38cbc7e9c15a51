"""Bills and their charge lines."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.accounts import ChargeAccount
from billing.models.runs import REGULAR, BillRun
from billing.models.tariffs import FeeItem, Method, TariffVersion
from core.scope import ScopedQuerySet
from estates.models import Community

CORRECTION = "correction"
"""The schedule of bills that correct earlier ones, and the method of their lines."""

LATE_FEE = "late_fee"
"""The code of a community's late-fee item, the schedule of bills that charge it, and the method of their lines."""

OPENING = "opening"
"""The schedule of bills that were brought in when the community went live, and the method of their lines."""

LINE_METHODS = [
    *Method.choices,
    (CORRECTION, _("correction")),
    (LATE_FEE, _("late fee")),
    (OPENING, _("brought in")),
]
"""How a line came about: by a formula of a tariff, or by an act of its own."""


class BillState(models.TextChoices):
    """The life of a bill; the transitions stand in ``billing.domain.lifecycle``. Paid and overdue are derived."""

    DRAFT = "draft", _("draft")
    ISSUED = "issued", _("issued")
    VOID = "void", _("void")


class BillQuerySet(ScopedQuerySet):
    """Predicates of bills."""

    def issued(self) -> BillQuerySet:
        """Bills that are owed: issued and not void."""
        return self.filter(state=BillState.ISSUED)

    def past_due(self, as_of: date) -> BillQuerySet:
        """Issued bills whose due day lies before the day; whether any of it is still open is not asked."""
        return self.issued().filter(due_on__lt=as_of)


class Bill(models.Model):
    """What one account is asked to pay for one period of a schedule, under one number.

    Once a period, but for corrections, each of which is once by the deed its journal entry names, and for late fees,
    each charge of which counts the charges before it (`LateFeeCharge`).
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "account__payer_id"

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="bills", db_index=False, verbose_name=_("community")
    )
    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, related_name="bills", verbose_name=_("account")
    )
    run = models.ForeignKey(BillRun, models.PROTECT, null=True, related_name="bills", verbose_name=_("run"))
    number = models.CharField(_("number"), max_length=13)
    schedule = models.CharField(_("schedule"), max_length=30, default=REGULAR)
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period until"))
    due_on = models.DateField(_("due on"))
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    state = models.CharField(_("state"), max_length=10, choices=BillState.choices, default=BillState.DRAFT)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    voided_on = models.DateField(_("voided on"), null=True, blank=True)

    objects = BillQuerySet.as_manager()

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        constraints = [
            models.UniqueConstraint(fields=["number"], name="billing_bill_number"),
            models.UniqueConstraint(
                fields=["account", "schedule", "period_start"],
                condition=~Q(state="void") & ~Q(schedule__in=[CORRECTION, LATE_FEE, OPENING]),
                name="billing_bill_once",
            ),
        ]
        indexes = [
            models.Index(fields=["community", "period_start"], name="billing_bill_period"),
            models.Index(fields=["community", "due_on"], name="billing_bill_due"),
        ]

    def __str__(self) -> str:
        return self.number


class ChargeLine(models.Model):
    """One amount of a bill and everything it was computed from. Written by the ten thousand, so it carries no
    index beyond its keys.

    ``inputs`` holds the stored inputs of the explanation (B7). ``quantity`` is m², months, metered units or a
    pool weight, ``price`` yuan per unit of it; ``part`` counts the parts of one fee item on one bill from 0.
    """

    scope_community: ClassVar[str] = "bill__community_id"
    scope_person: ClassVar[str] = "bill__account__payer_id"

    bill = models.ForeignKey(
        Bill, models.CASCADE, related_name="lines", db_index=False, verbose_name=_("bill")
    )
    fee_item = models.ForeignKey(
        FeeItem, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("fee item")
    )
    tariff_version = models.ForeignKey(
        TariffVersion,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("tariff version"),
    )
    part = models.PositiveSmallIntegerField(_("part"), default=0)
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period until"))
    method = models.CharField(_("method"), max_length=10, choices=LINE_METHODS)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=4, null=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=6, null=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    inputs = models.JSONField(_("inputs"), default=dict)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("charge line")
        verbose_name_plural = _("charge lines")
        constraints = [models.UniqueConstraint(fields=["bill", "fee_item", "part"], name="billing_line_once")]

    def __str__(self) -> str:
        return f"{self.bill_id} {self.fee_item_id} {self.amount}"
