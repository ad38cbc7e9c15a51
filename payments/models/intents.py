"""A wish to pay: what for, how much, through which merchant, and how far it got."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount, ChargeLine, FeeItem
from core.scope import ScopedQuerySet
from estates.models import Community, Person
from payments.domain import lifecycle
from payments.models.merchants import MerchantAccount

MONEY: Any = {"max_digits": 14, "decimal_places": 2}


class IntentState(models.TextChoices):
    """The life of an intent; the transitions stand in ``payments.domain.lifecycle``."""

    CREATED = lifecycle.IntentState.CREATED.value, _("noted")
    PENDING = lifecycle.IntentState.PENDING.value, _("confirming")
    UNKNOWN = lifecycle.IntentState.UNKNOWN.value, _("unknown")
    PAID = lifecycle.IntentState.PAID.value, _("paid")
    CLOSED = lifecycle.IntentState.CLOSED.value, _("closed")


LIVE = (IntentState.CREATED, IntentState.PENDING, IntentState.UNKNOWN)


class IntentQuerySet(ScopedQuerySet):
    """Predicates of intents."""

    def for_people(self, person_ids: frozenset[int]) -> Self:
        """Keep orders for bills of these people, and orders that top their accounts up."""
        rows: Self = super().for_people(person_ids) | self.filter(account__payer__in=person_ids)
        return rows

    def live(self) -> IntentQuerySet:
        """Intents that may still turn into money by themselves."""
        return self.filter(state__in=LIVE)

    def on_lines(self, line_ids: list[int]) -> IntentQuerySet:
        """Intents with a part on one of these lines."""
        return self.filter(parts__line_id__in=line_ids).distinct()

    def to_query(self, now: datetime) -> IntentQuerySet:
        """Live intents whose next question to the platform is due."""
        return self.live().filter(next_query_at__lte=now)


class Intent(models.Model):
    """One order at one platform; ``number`` is its order number there (out_trade_no).

    Its parts name the charge lines it pays. A top-up has none: all of it is prepayment of ``account``, for ``fee_item``
    where one is named.

    ``next_query_at`` is when the platform is asked next (P-17), ``query_count`` how often it was; both are facts of
    the beat scan, no task waits for them. ``instruction`` is what the platform told the payer's page to do.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "parts__line__bill__account__payer_id"

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="intents", verbose_name=_("community")
    )
    merchant = models.ForeignKey(
        MerchantAccount, models.PROTECT, related_name="intents", verbose_name=_("merchant account")
    )
    account = models.ForeignKey(
        ChargeAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="top_ups",
        verbose_name=_("account topped up"),
    )
    fee_item = models.ForeignKey(
        FeeItem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("meant for")
    )
    number = models.CharField(_("order number"), max_length=32, unique=True)
    amount = models.DecimalField(_("amount"), **MONEY)
    state = models.CharField(
        _("state"), max_length=10, choices=IntentState.choices, default=IntentState.CREATED
    )
    payer = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="intents", verbose_name=_("payer")
    )
    opened_by_link = models.BooleanField(_("opened by link"), default=False)
    instruction = models.JSONField(_("instruction"), default=dict, blank=True)
    created_at = models.DateTimeField(_("noted at"))
    expires_at = models.DateTimeField(_("open until"))
    started_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    next_query_at = models.DateTimeField(_("next question"), null=True, blank=True)
    query_count = models.PositiveSmallIntegerField(_("questions asked"), default=0)
    last_word = models.CharField(_("last word of the platform"), max_length=200, blank=True)

    objects = IntentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment intent")
        verbose_name_plural = _("payment intents")
        ordering = ["-created_at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payments_intent_amount")]
        indexes = [
            models.Index("next_query_at", name="payments_intent_to_query", condition=Q(state__in=LIVE)),
            models.Index(fields=["community", "created_at"], name="payments_intent_recent"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_live(self) -> bool:
        """Whether the intent may still turn into money by itself."""
        return self.state in LIVE

    @property
    def is_closed(self) -> bool:
        """Whether it came to its end without money: the lines may be paid in another way."""
        return self.state == IntentState.CLOSED


class IntentPart(models.Model):
    """How much of an intent is meant for one charge line, as the owner chose it."""

    intent = models.ForeignKey(Intent, models.CASCADE, related_name="parts", verbose_name=_("intent"))
    line = models.ForeignKey(
        ChargeLine, models.PROTECT, related_name="intent_parts", verbose_name=_("charge line")
    )
    amount = models.DecimalField(_("amount"), **MONEY)

    class Meta:
        verbose_name = _("part of an intent")
        verbose_name_plural = _("parts of an intent")
        constraints = [
            models.UniqueConstraint(fields=["intent", "line"], name="payments_intent_part_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_intent_part_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.intent_id}/{self.line_id} {self.amount}"
