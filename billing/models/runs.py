"""The bill run: one set of bills for one community and one period."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.accounts import ChargeAccount
from billing.models.tariffs import FeeItem, Rounding, TariffVersion
from core.scope import ScopedQuerySet
from estates.models import Community

REGULAR = "regular"
"""The schedule of runs, and of the bills they make."""


class RunState(models.TextChoices):
    """The life of a run; the transitions stand in ``billing.domain.lifecycle``."""

    DRAFT = "draft", _("draft")
    REVIEWED = "reviewed", _("reviewed")
    ISSUED = "issued", _("issued")


class BillRun(models.Model):
    """One run of a schedule for one period. ``schedule`` is ``regular`` for the month's own bills."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="bill_runs", verbose_name=_("community")
    )
    schedule = models.CharField(_("schedule"), max_length=30, default=REGULAR)
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period until"))
    state = models.CharField(_("state"), max_length=10, choices=RunState.choices, default=RunState.DRAFT)
    due_on = models.DateField(_("due on"))
    chunk_count = models.PositiveIntegerField(_("chunks"), default=0)
    chunks_done = models.PositiveIntegerField(_("chunks done"), default=0)
    account_count = models.PositiveIntegerField(_("accounts"), default=0)
    bill_count = models.PositiveIntegerField(_("bills"), default=0)
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2, default=0)
    booked_on = models.DateField(
        _("booked on"), null=True, blank=True, help_text=_("Set when issuing begins; bills carry it.")
    )
    reviewed_by = models.CharField(_("reviewed by"), max_length=150, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)
    reminded_on = models.DateField(_("reviewer reminded on"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("bill run")
        verbose_name_plural = _("bill runs")
        ordering = ["-period_start", "community"]
        constraints = [
            models.UniqueConstraint(fields=["community", "schedule", "period_start"], name="billing_run_once")
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.period_start:%Y-%m}"


class RunChunk(models.Model):
    """Some accounts of a run, billed in one transaction: by the calling process or by any worker, once."""

    run = models.ForeignKey(BillRun, models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    account_ids = ArrayField(models.BigIntegerField())
    is_billed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="billing_run_chunk_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"


BY_CORRECTION = 0
"""No chunk of a run: chunks count from 1."""


class RunItem(models.Model):
    """One account was billed in a run, once and for all: a bill voided later does not come back by itself.

    Accounts with nothing to pay and parked ones have no item; the next pass over the run looks at them again. An
    account that came later and was charged its days by a correction has one, of the chunk `BY_CORRECTION`.
    """

    run = models.ForeignKey(BillRun, models.CASCADE, related_name="items", db_index=False)
    account = models.ForeignKey(ChargeAccount, models.PROTECT, related_name="+", db_index=False)
    chunk = models.PositiveIntegerField()
    bill_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "account"], name="billing_run_item_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.account_id}"


class RunProblem(models.Model):
    """A parked account, or a remark a reviewer should read, with its reason in words."""

    scope_community: ClassVar[str] = "run__community_id"
    scope_person: ClassVar[None] = None

    run = models.ForeignKey(BillRun, models.CASCADE, related_name="problems", verbose_name=_("run"))
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    code = models.CharField(_("code"), max_length=60)
    message = models.TextField(_("message"))
    where = models.JSONField(_("where"), default=dict)
    blocks = models.BooleanField(_("parked"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("run problem")
        verbose_name_plural = _("run problems")

    def __str__(self) -> str:
        return f"{self.unit} {self.code}"


class RunSample(models.Model):
    """Bills of a run drawn at random, for a person to work out by hand. Once signed it stays as it is.

    The seed brings the same bills again; ``right_ids`` are those the person found right, and ``is_right`` is the
    result: all of them were.
    """

    scope_community: ClassVar[str] = "run__community_id"
    scope_person: ClassVar[None] = None

    run = models.ForeignKey(BillRun, models.CASCADE, related_name="samples", verbose_name=_("run"))
    seed = models.CharField(_("seed"), max_length=20)
    bill_ids = ArrayField(models.BigIntegerField(), verbose_name=_("bills drawn"))
    right_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("bills found right"))
    drawn_by = models.CharField(_("drawn by"), max_length=150)
    drawn_at = models.DateTimeField(_("drawn at"))
    signed_by = models.CharField(_("signed by"), max_length=150, blank=True)
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    is_right = models.BooleanField(_("all right"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("sample of a run")
        verbose_name_plural = _("samples of runs")
        ordering = ["-drawn_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at=None, is_right=None, signed_by="")
                | (Q(signed_at__isnull=False, is_right__isnull=False) & ~Q(signed_by="")),
                name="billing_sample_signed_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.seed}"


class PoolResult(models.Model):
    """A pool as it was shared by one key: what it came to, and the frozen list of who took which part.

    A pool of several keys has one row a key; their amounts sum to ``whole``. ``unit_ids``, ``weights`` and
    ``shares_fen`` run in parallel, in the order of unit codes; the shares sum to the amount to the fen. A weight
    divided by ``scale`` reads in m², units of use or households; ``times`` says how much of each counts, of the
    largest among them, and is empty where all count in full. ``measured`` holds what the meters counted or the
    supplier billed (``billing.domain.losses``).
    """

    scope_community: ClassVar[str] = "fee_item__community_id"
    scope_person: ClassVar[None] = None

    fee_item = models.ForeignKey(FeeItem, models.PROTECT, related_name="pools", verbose_name=_("fee item"))
    run = models.ForeignKey(BillRun, models.CASCADE, related_name="pools", verbose_name=_("run"))
    applies_to = models.CharField(_("applies to"), max_length=60)
    meter_code = models.CharField(_("meter"), max_length=40)
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period until"))
    opening = models.DecimalField(_("reading before"), max_digits=14, decimal_places=4, null=True)
    closing = models.DecimalField(_("reading after"), max_digits=14, decimal_places=4, null=True)
    use = models.DecimalField(_("use"), max_digits=14, decimal_places=4, null=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=6, null=True)
    measured = models.JSONField(_("measured"), default=dict, blank=True)
    rule = models.TextField(_("rule"), default="")
    agreement = models.CharField(_("agreement"), max_length=200, blank=True, default="")
    whole = models.DecimalField(_("whole amount"), max_digits=14, decimal_places=2, default=0)
    percents = ArrayField(models.CharField(max_length=8), verbose_name=_("per cent"), default=list)
    place = models.PositiveSmallIntegerField(_("place"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    key = models.CharField(_("shared by"), max_length=60)
    rounding = models.CharField(_("rounding"), max_length=5, choices=Rounding.choices, default=Rounding.FEN)
    tariff_version = models.ForeignKey(
        TariffVersion, models.PROTECT, related_name="+", verbose_name=_("tariff version")
    )
    unit_ids = ArrayField(models.BigIntegerField())
    weights = ArrayField(models.BigIntegerField())
    times = ArrayField(models.BigIntegerField(), default=list)
    scale = models.BigIntegerField(default=1)
    shares_fen = ArrayField(models.BigIntegerField())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pool")
        verbose_name_plural = _("pools")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "fee_item", "applies_to", "meter_code", "period_start", "rule", "place"],
                name="billing_pool_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.fee_item} {self.meter_code}"
