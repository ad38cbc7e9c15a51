"""Requests to change what bills ask for: asked by one person, decided by another within a limit (B9, S-19)."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.bills import Bill, ChargeLine
from billing.models.requests import MONEY, LimitedRequest, RequestState
from core.scope import ScopedQuerySet
from estates.models import Community


class RequestKind(models.TextChoices):
    """What is asked for. The first five name lines and amounts, the last two the whole bill."""

    WAIVER = "waiver", _("waiver")
    LESS = "less", _("correction, less")
    MORE = "more", _("correction, more")
    WRITE_OFF = "write_off", _("write-off of bad debt")
    RECOVERY = "recovery", _("recovery of written-off debt")
    VOID = "void", _("void the bill")
    REISSUE = "reissue", _("void the bill and issue it anew")


WHOLE_BILL = (RequestKind.VOID, RequestKind.REISSUE)


class CorrectionPolicy(models.Model):
    """Up to which amount a role may approve in a community; a company admin may approve any."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.OneToOneField(
        Community, models.CASCADE, related_name="correction_policy", verbose_name=_("community")
    )
    manager_limit = models.DecimalField(
        _("manager approves up to"),
        default=2000,
        validators=[MinValueValidator(0)],
        help_text=_("In yuan, one request. Beyond it a company admin decides."),
        **MONEY,  # type: ignore[arg-type]
    )
    finance_limit = models.DecimalField(
        _("finance approves up to"),
        default=500,
        validators=[MinValueValidator(0)],
        **MONEY,  # type: ignore[arg-type]
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("limits of corrections")
        verbose_name_plural = _("limits of corrections")

    def __str__(self) -> str:
        return str(self.community)


class CorrectionRequest(LimitedRequest):
    """A request to change what a bill asks for, with its state and decision.

    ``amount`` is the sum its limit is measured by: of its parts, or of the whole bill.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="correction_requests", verbose_name=_("community")
    )
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="correction_requests", verbose_name=_("bill"))
    kind = models.CharField(_("kind"), max_length=12, choices=RequestKind.choices)
    attachment = models.CharField(_("attachment"), max_length=120, blank=True)
    attachment_name = models.CharField(_("name of the attachment"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("correction request")
        verbose_name_plural = _("correction requests")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[RequestState.APPROVED, RequestState.REFUSED])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="billing_request_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.APPROVED) | ~Q(decided_by=F("requested_by")),
                name="billing_request_two_people",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="billing_request_reason"),
        ]
        indexes = [models.Index(fields=["community", "state"], name="billing_request_desk")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.bill}"

    @property
    def source(self) -> str:
        """The name of this request in reductions, allocations and the journal."""
        return f"request:{self.pk}"


class CorrectionPart(models.Model):
    """How much of a request is about one line."""

    request = models.ForeignKey(
        CorrectionRequest, models.CASCADE, related_name="parts", verbose_name=_("correction request")
    )
    line = models.ForeignKey(
        ChargeLine, models.PROTECT, related_name="correction_parts", verbose_name=_("charge line")
    )
    amount = models.DecimalField(_("amount"), **MONEY)  # type: ignore[arg-type]

    class Meta:
        verbose_name = _("part of a correction request")
        verbose_name_plural = _("parts of a correction request")
        constraints = [
            models.UniqueConstraint(fields=["request", "line"], name="billing_request_part_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_request_part_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.line_id} {self.amount}"
