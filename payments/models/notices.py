"""What the platforms told us, exactly as it arrived."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from payments.models.intents import Intent
from payments.models.merchants import MerchantAccount


class NoticeState(models.TextChoices):
    """What became of a notice: applied once, a copy of one that was, refused as forged, or of no concern to us."""

    NEW = "new", _("not read yet")
    APPLIED = "applied", _("applied")
    COPY = "copy", _("copy")
    REFUSED = "refused", _("refused")
    DOUBTED = "doubted", _("on the desk")


class GatewayNotice(models.Model):
    """One callback, stored raw before anything is believed (P-11).

    Headers, body and hash never change; what we made of it does. ``notice_id`` is filled in once the signature has
    been verified. One applied notice per id: the constraint is what makes a hundred copies one payment.
    """

    scope_community: ClassVar[str] = "merchant__community_id"
    scope_person: ClassVar[None] = None

    merchant = models.ForeignKey(
        MerchantAccount, models.PROTECT, related_name="notices", verbose_name=_("merchant account")
    )
    headers = models.JSONField(_("headers"))
    body = models.BinaryField(_("body"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    received_at = models.DateTimeField(_("received at"))
    notice_id = models.CharField(_("notice id"), max_length=64, blank=True)
    intent = models.ForeignKey(
        Intent, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name=_("intent")
    )
    state = models.CharField(_("state"), max_length=10, choices=NoticeState.choices, default=NoticeState.NEW)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("platform notice")
        verbose_name_plural = _("platform notices")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "notice_id"],
                condition=Q(state="applied"),
                name="payments_notice_applied_once",
            )
        ]
        indexes = [models.Index("received_at", name="payments_notice_unread", condition=Q(state="new"))]

    def __str__(self) -> str:
        return self.notice_id or self.sha256[:12]
