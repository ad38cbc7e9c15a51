"""Money requests with their Idempotency-Key: the same key and body get the same answer (P-18)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MoneyRequest(models.Model):
    """One keyed POST and what it did, written in the transaction that did it.

    ``asker`` is who asked: a key means nothing in another person's hands. ``outcome`` names the rows the deed made.
    """

    asker = models.CharField(max_length=64)
    key = models.CharField(max_length=80)
    path = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    outcome = models.JSONField(default=dict)
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("money request")
        verbose_name_plural = _("money requests")
        constraints = [models.UniqueConstraint(fields=["asker", "key"], name="payments_request_once")]

    def __str__(self) -> str:
        return self.key
