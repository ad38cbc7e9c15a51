"""The late fee: what the contract says, where it rests, what was charged of it, and the rate courts look at.

There is no running total: what has grown follows from these rows, bills and settlements (``billing.domain.late_fee``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.domain.late_fee import Terms
from billing.models.accounts import ChargeAccount
from billing.models.bills import ChargeLine
from core.scope import ScopedQuerySet
from estates.models import Community

HUNDRED = Decimal(100)


class Charging(models.TextChoices):
    """When the late fee that has grown becomes a line of a bill."""

    PAYMENT = "payment", _("when the overdue bill is paid")
    HAND = "hand", _("when somebody charges it, such as once a month")


class LateFeePolicy(models.Model):
    """A community's late-fee clause from a day on: it governs the bills that fall due while it is in force.

    A later version never touches a bill that fell due before it, so no owner's figure moves because a setting did.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="late_fee_policies", verbose_name=_("community")
    )
    start = models.DateField(
        _("for bills due from"), help_text=_("Bills that fell due before keep the clause they had.")
    )
    percent = models.DecimalField(
        _("late fee, % of the open amount"),
        max_digits=7,
        decimal_places=4,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    is_once = models.BooleanField(
        _("once instead of every day"), default=False, help_text=_("Otherwise the rate is that of every day.")
    )
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=15)
    grace_counts = models.BooleanField(
        _("days of grace count once they have passed"),
        default=False,
        help_text=_("Otherwise they are forgiven."),
    )
    cap_percent = models.DecimalField(
        _("at most, % of the amount billed"),
        max_digits=6,
        decimal_places=2,
        default=HUNDRED,
        validators=[MinValueValidator(Decimal(0))],
    )
    charging = models.CharField(
        _("charged"), max_length=7, choices=Charging.choices, default=Charging.PAYMENT
    )
    name = models.CharField(
        _("name on bills"),
        max_length=60,
        default="违约金",
        help_text=_("As the contract has it. 滞纳金 is a word of public law; courts speak of 违约金."),
    )
    clause = models.CharField(
        _("contract clause"),
        max_length=200,
        blank=True,
        help_text=_("Shown wherever the late fee is explained, e.g. Article 13."),
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("late-fee policy")
        verbose_name_plural = _("late-fee policies")
        ordering = ["community", "start"]
        constraints = [
            models.UniqueConstraint(fields=["community", "start"], name="billing_late_fee_policy_once"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, cap_percent__gte=0), name="billing_late_fee_policy_sign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.start}"

    @property
    def terms(self) -> Terms:
        """The clause in the words of the domain."""
        return Terms(
            rate=self.percent / HUNDRED,
            grace_days=self.grace_days,
            grace_counts=self.grace_counts,
            is_once=self.is_once,
            cap=self.cap_percent / HUNDRED,
        )


class PauseCause(models.TextChoices):
    """Why a late fee rests."""

    PLAN = "plan", _("an instalment plan is kept")
    DISPUTE = "dispute", _("a complaint is being looked at")
    HARDSHIP = "hardship", _("hardship")
    JUDGMENT = "judgment", _("a court has decided")
    OTHER = "other", _("another reason")


class PauseQuerySet(ScopedQuerySet):
    """Predicates of pauses."""

    def standing(self) -> PauseQuerySet:
        """Pauses that were not taken back."""
        return self.filter(withdrawn_on=None)

    def begun(self, as_of: date) -> PauseQuerySet:
        """Standing pauses with at least one day up to the day."""
        return self.standing().filter(first_day__lte=as_of)


class LateFeePause(models.Model):
    """Days, both included, on which the late fee of an account or of one line rests.

    Written from above, by plans and disputes too: ``source`` names the deed, such as ``plan:12``. Without a last day
    it rests until one is set; after a judgment it rests for good.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="late_fee_pauses", verbose_name=_("community")
    )
    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, null=True, related_name="late_fee_pauses", verbose_name=_("account")
    )
    line = models.ForeignKey(
        ChargeLine, models.PROTECT, null=True, related_name="late_fee_pauses", verbose_name=_("charge line")
    )
    cause = models.CharField(_("cause"), max_length=10, choices=PauseCause.choices)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("last day"), null=True)
    reason = models.CharField(_("reason"), max_length=200)
    source = models.CharField(_("source"), max_length=60)
    approved_by = models.CharField(_("approved by"), max_length=150)
    written_at = models.DateTimeField(_("written at"))
    withdrawn_on = models.DateField(_("taken back on"), null=True)

    objects = PauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("late-fee pause")
        verbose_name_plural = _("late-fee pauses")
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None, line__isnull=False) | Q(account__isnull=False, line=None),
                name="billing_pause_of_one",
            ),
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=models.F("first_day")), name="billing_pause_span"
            ),
            models.CheckConstraint(
                condition=~Q(cause="judgment") | Q(last_day=None), name="billing_pause_judgment_stays"
            ),
            models.UniqueConstraint(
                fields=["account", "line", "source", "first_day"],
                condition=Q(withdrawn_on=None),
                nulls_distinct=False,
                name="billing_pause_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.first_day}"

    @property
    def change_id(self) -> int | None:
        """The change of a unit that opened it; None when it was written from above."""
        deed, _colon, key = self.source.partition(":")
        return int(key) if deed == "change" and key.isdecimal() else None


class LateFeeCharge(models.Model):
    """Late fee that was charged: ``line`` is the line of a ``late_fee`` bill, ``principal`` the line it grew on.

    ``through`` is the last day it counts. The amount is the line's; it counts while that bill is not void. ``number``
    counts the charges of one principal from 0, void ones too: of two that did not see each other one is refused.
    """

    scope_community: ClassVar[str] = "line__bill__community_id"
    scope_person: ClassVar[str] = "line__bill__account__payer_id"

    line = models.OneToOneField(
        ChargeLine, models.PROTECT, related_name="late_fee_of", verbose_name=_("charge line")
    )
    principal = models.ForeignKey(
        ChargeLine, models.PROTECT, related_name="late_fee_charges", verbose_name=_("principal")
    )
    policy = models.ForeignKey(
        LateFeePolicy, models.PROTECT, related_name="charges", verbose_name=_("late-fee policy")
    )
    through = models.DateField(_("up to and including"))
    number = models.PositiveSmallIntegerField(_("number"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("charged late fee")
        verbose_name_plural = _("charged late fees")
        constraints = [
            models.UniqueConstraint(fields=["principal", "number"], name="billing_late_fee_charge_once")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} of {self.principal_id}"


class LendingRate(models.Model):
    """The one-year loan prime rate from the day it was published; adds to the bundled table, or corrects it."""

    day = models.DateField(_("published on"), unique=True)
    percent = models.DecimalField(_("% a year"), max_digits=5, decimal_places=2)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("loan prime rate")
        verbose_name_plural = _("loan prime rates")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {self.percent}"
