"""The journal: entries of signed legs, debit positive, that sum to zero and never change."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.scope import ScopedQuerySet
from estates.models import Community, Company


class CurrentTransaction(models.Func):
    """The number of the top-level database transaction, savepoints or not."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class LedgerAccountKind(models.TextChoices):
    """The four sides of the books that a property company keeps here."""

    ASSET = "asset", _("asset")
    LIABILITY = "liability", _("liability")
    INCOME = "income", _("income")
    EXPENSE = "expense", _("expense")


class LedgerAccount(models.Model):
    """An account of a company's books, known by its code."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="ledger_accounts", verbose_name=_("company")
    )
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=LedgerAccountKind.choices)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="ledger_account_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ClosedPeriod(models.Model):
    """The books of a company, or of one of its communities, are closed through a day (B12).

    Nothing is booked on that day or before it any more, and it never opens again: what was wrong is corrected by an
    entry of a later day. The triggers of migration 0003 keep this, whoever writes.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="closed_periods", verbose_name=_("company")
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="closed_periods",
        verbose_name=_("community"),
    )
    through = models.DateField(_("closed through"))
    closed_by = models.CharField(pgettext_lazy("books", "closed by"), max_length=150)
    closed_at = models.DateTimeField(pgettext_lazy("books", "closed at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("closed period")
        verbose_name_plural = _("closed periods")
        ordering = ["-through", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "community", "through"],
                nulls_distinct=False,
                name="ledger_closed_period_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.community or self.company} {self.through}"


class JournalEntry(models.Model):
    """One event in the books. ``source`` names the deed and is unique: posting it twice is refused.

    ``written_in`` is the database transaction that wrote it; a leg joins only an entry of its own.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("community"))
    booked_on = models.DateField(_("booked on"), db_index=True)
    kind = models.CharField(_("kind"), max_length=30)
    source = models.CharField(_("source"), max_length=100)
    memo = models.CharField(_("memo"), max_length=200, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    written_at = models.DateTimeField(_("written at"), db_default=Now())
    written_in = models.BigIntegerField(editable=False, db_default=CurrentTransaction())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        constraints = [models.UniqueConstraint(fields=["company", "source"], name="ledger_entry_source")]

    def __str__(self) -> str:
        return self.source


class JournalLeg(models.Model):
    """One signed amount of an entry: debit positive, credit negative, in yuan.

    ``charge_account_id`` says whose receivable, prepayment or deposit it is; a plain number, since the
    charge account lives above the ledger. Both references are kept by the guard of migration 0002 instead of
    foreign keys: it checks all legs of a statement at once, where a key looks at each row (0.7 s per 100,000).
    """

    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, db_constraint=False, related_name="legs", verbose_name=_("entry")
    )
    ledger_account = models.ForeignKey(
        LedgerAccount,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="legs",
        verbose_name=_("ledger account"),
    )
    charge_account_id = models.BigIntegerField(_("account"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("journal leg")
        verbose_name_plural = _("journal legs")
        indexes = [
            models.Index(fields=["charge_account_id", "ledger_account"], name="ledger_leg_charge_account")
        ]

    def __str__(self) -> str:
        return f"{self.ledger_account_id} {self.amount}"
