"""Where a community's money arrives, and by which rules it is allocated."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models import Community
from payments.domain import allocation
from payments.domain.allocation import Policy, Rule


class GatewayName(models.TextChoices):
    """The platforms we speak to; the names of ``payments.gateways.registry``."""

    WECHAT = "wechat", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")


class MerchantAccount(models.Model):
    """A community's account at one platform.

    Keys never stand here: ``secret_name`` names the secret that holds them (``payments.selectors.merchants``).
    ``slug`` is the unguessable last part of the callback address, so that a callback finds its key before it is
    believed.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="merchant_accounts", verbose_name=_("community")
    )
    gateway = models.CharField(_("platform"), max_length=10, choices=GatewayName.choices)
    merchant_id = models.CharField(_("merchant number"), max_length=32)
    app_id = models.CharField(_("app id"), max_length=32)
    secret_name = models.CharField(
        _("secret"),
        max_length=60,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]*$")],
        help_text=_("Name of the secret with the keys; the keys themselves are never kept here."),
    )
    slug = models.CharField(_("callback name"), max_length=40, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("merchant account")
        verbose_name_plural = _("merchant accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "gateway"],
                condition=models.Q(is_active=True),
                name="payments_one_merchant_per_gateway",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_gateway_display()} {self.merchant_id}"


class Order(models.TextChoices):
    """In which order an undirected payment meets the debts (DOMAIN-RULES §4.9)."""

    CONTRACT = Rule.CONTRACT.value, _("by contract: earliest due date first, then the order of the fee items")
    CIVIL_CODE = Rule.CIVIL_CODE.value, _("Civil Code art. 560")


class Inside(models.TextChoices):
    """What of one debt is paid first."""

    PRINCIPAL_FIRST = allocation.Inside.PRINCIPAL_FIRST.value, _("principal before late fee")
    LATE_FEE_FIRST = (
        allocation.Inside.LATE_FEE_FIRST.value,
        _("costs, then late fee, then principal (Civil Code art. 561)"),
    )


class PaymentPolicy(models.Model):
    """A community's rules for money that comes in; a community without a row has the defaults."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.OneToOneField(
        Community, models.CASCADE, related_name="payment_policy", verbose_name=_("community")
    )
    order = models.CharField(
        _("order of allocation"), max_length=12, choices=Order.choices, default=Order.CONTRACT
    )
    inside = models.CharField(
        _("inside a debt"), max_length=16, choices=Inside.choices, default=Inside.PRINCIPAL_FIRST
    )
    clause = models.CharField(
        _("contract clause"),
        max_length=60,
        blank=True,
        help_text=_("Printed on the receipt, e.g. Article 13."),
    )
    receipt_prefix = models.CharField(
        _("receipt prefix"), max_length=6, default="SJ", validators=[RegexValidator(r"^[A-Z]{1,6}$")]
    )
    intent_minutes = models.PositiveSmallIntegerField(_("minutes to pay an order"), default=30)
    prepayment_cap_months = models.PositiveSmallIntegerField(
        _("most months of prepayment"),
        null=True,
        blank=True,
        help_text=_("An owner may have at most so many months of fees with us; empty: no cap."),
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment policy")
        verbose_name_plural = _("payment policies")

    def __str__(self) -> str:
        return str(self.community)

    @property
    def for_allocation(self) -> Policy:
        """The policy in the words of the allocator."""
        return Policy(Rule(self.order), allocation.Inside(self.inside))
