"""What a community brought along when it went live: the files taken in, and every fact of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.accounts import ChargeAccount
from billing.models.bills import ChargeLine
from billing.models.tariffs import FeeItem
from core.periods import Period
from core.scope import ScopedQuerySet
from estates.models import Community, FileImport


class OpeningImport(FileImport):
    """One file of opening balances taken in, as of a day; once undone, its facts count no more."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="opening_imports", verbose_name=_("community")
    )
    as_of = models.DateField(_("as of"))

    class Meta(FileImport.Meta):
        verbose_name = _("import of opening balances")
        verbose_name_plural = _("imports of opening balances")

    @property
    def source(self) -> str:
        """The name of this import in the journal and among prepayments."""
        return f"opening:{self.pk}"


class OpeningKind(models.TextChoices):
    """What a fact of an opening file is."""

    OWED = "owed", _("still owed")
    PREPAID = "prepaid", _("prepaid")
    DEPOSIT = "deposit", _("deposit held")
    HISTORY = "history", _("paid long ago")


class OpeningItem(models.Model):
    """One fact of an opening file with its place there. What is owed has a charge line; history is only kept.

    ``amount`` is what was open, held or paid; ``due`` and ``received`` are what the file says. ``key`` makes the fact
    the same one again when the file comes a second time.
    """

    scope_community: ClassVar[str] = "opening__community_id"
    scope_person: ClassVar[str] = "account__payer_id"

    opening = models.ForeignKey(OpeningImport, models.PROTECT, related_name="items", verbose_name=_("import"))
    community = models.ForeignKey(Community, models.PROTECT, related_name="+", verbose_name=_("community"))
    kind = models.CharField(_("kind"), max_length=10, choices=OpeningKind.choices)
    account = models.ForeignKey(
        ChargeAccount, models.PROTECT, related_name="opening_items", verbose_name=_("account")
    )
    fee_item = models.ForeignKey(
        FeeItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fee item")
    )
    fee_name = models.CharField(_("fee item as written"), max_length=60, blank=True)
    line = models.OneToOneField(
        ChargeLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opening",
        verbose_name=_("charge line"),
    )
    period_start = models.DateField(_("period from"), null=True, blank=True)
    period_end = models.DateField(_("period until"), null=True, blank=True)
    day = models.DateField(_("due or paid on"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    due = models.DecimalField(_("charged"), max_digits=14, decimal_places=2, default=0)
    received = models.DecimalField(_("received"), max_digits=14, decimal_places=2, default=0)
    note = models.TextField(_("note"), blank=True)
    sheet = models.CharField(_("sheet"), max_length=100)
    row = models.PositiveIntegerField(_("row"))
    key = models.CharField(max_length=64)
    is_undone = models.BooleanField(_("undone"), default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("opening balance")
        verbose_name_plural = _("opening balances")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "key"], condition=Q(is_undone=False), name="billing_opening_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row} {self.amount}"

    @property
    def period(self) -> Period | None:
        """The days the fact is about, where the file says them."""
        return Period(self.period_start, self.period_end) if self.period_start and self.period_end else None
