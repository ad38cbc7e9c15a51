"""Money that came in. Append-only: a receipt never changes; what goes wrong is corrected by a new row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount
from core.scope import ScopedQuerySet
from estates.models import Community, Company, Person
from payments.models.intents import MONEY, Intent
from payments.models.merchants import Order


class Channel(models.TextChoices):
    """The way the money came."""

    WECHAT = "wechat", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")
    CASH = "cash", _("cash")
    TRANSFER = "transfer", _("transfer")
    CARD = "card", _("card")


DESK_CHANNELS = (Channel.CASH, Channel.TRANSFER, Channel.CARD)


class ReceiptSeries(models.Model):
    """The last number given in a company's series; the row is locked until the receipt commits (P-21)."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="receipt_series")
    name = models.CharField(max_length=12)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="payments_series_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.last}"


class Receipt(models.Model):
    """One sum of money received, under one number of its company's series.

    ``account`` is the charge account the money is first of all for; what no bill takes becomes its prepayment.
    ``order`` and ``was_chosen`` say how the money met the bills, as printed. ``tendered`` is the cash handed over.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "account__payer_id"

    company = models.ForeignKey(Company, models.PROTECT, related_name="receipts", verbose_name=_("company"))
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="receipts", verbose_name=_("community")
    )
    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, related_name="receipts", verbose_name=_("account")
    )
    number = models.CharField(_("number"), max_length=24)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    gateway = models.CharField(_("platform"), max_length=10, blank=True)
    transaction_id = models.CharField(_("transaction"), max_length=64, blank=True)
    reference = models.CharField(_("slip or reference"), max_length=64, blank=True)
    intent = models.OneToOneField(
        Intent, models.PROTECT, null=True, blank=True, related_name="receipt", verbose_name=_("intent")
    )
    payer = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="receipts", verbose_name=_("payer")
    )
    amount = models.DecimalField(_("amount"), **MONEY)
    tendered = models.DecimalField(_("handed over"), null=True, blank=True, **MONEY)
    paid_at = models.DateTimeField(_("paid at"))
    value_day = models.DateField(_("value day"), db_index=True)
    order = models.CharField(_("order of allocation"), max_length=12, choices=Order.choices)
    was_chosen = models.BooleanField(_("chosen by the payer"), default=False)
    taken_by = models.CharField(_("taken by"), max_length=150, blank=True)
    written_at = models.DateTimeField(_("written at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-paid_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="payments_receipt_number"),
            models.UniqueConstraint(
                fields=["gateway", "transaction_id"],
                condition=~Q(transaction_id=""),
                name="payments_receipt_transaction_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_receipt_amount"),
            models.CheckConstraint(
                condition=Q(tendered=None) | Q(tendered__gte=models.F("amount")),
                name="payments_receipt_tendered",
            ),
        ]
        indexes = [models.Index(fields=["community", "value_day"], name="payments_receipt_day")]

    def __str__(self) -> str:
        return self.number

    @property
    def source(self) -> str:
        """The name of this receipt in allocations and in the journal."""
        return f"receipt:{self.pk}"


class ReceiptPrint(models.Model):
    """One print of a receipt; every one after the first says which reprint it is."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="prints", verbose_name=_("receipt"))
    copy = models.PositiveSmallIntegerField(_("print"))
    printed_at = models.DateTimeField(_("printed at"))
    printed_by = models.CharField(_("printed by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("print of a receipt")
        verbose_name_plural = _("prints of receipts")
        constraints = [models.UniqueConstraint(fields=["receipt", "copy"], name="payments_print_once")]

    def __str__(self) -> str:
        return f"{self.receipt_id} #{self.copy}"
