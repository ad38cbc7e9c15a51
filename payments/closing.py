"""What payments says against closing a month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from core.calendars import moment_of
from core.errors import Problem
from core.figures import format_money
from ledger.closing import ClosingScope, closing_check
from payments.models import Intent, PaymentException


@closing_check("payments.exceptions")
def exceptions(scope: ClosingScope) -> Iterator[Problem]:
    """Payments that nobody has settled: no reason to wait, since they are booked on an open day, but to be known."""
    waiting = PaymentException.objects.filter(
        community__in=scope.community_ids, closed_at=None, opened_at__lt=_end_of(scope.through)
    )
    for doubt in waiting.select_related("community"):
        message = _("%(community)s: a payment exception waits: %(reason)s, %(amount)s.")
        words = {
            "community": doubt.community.name,
            "reason": doubt.get_kind_display(),
            "amount": format_money(doubt.heard) if doubt.heard is not None else "—",
        }
        yield Problem("payments.exceptions", message % words, {"exception": doubt.pk}, blocks=False)


@closing_check("payments.intents")
def intents(scope: ClosingScope) -> Iterator[Problem]:
    """Orders of the month of which no platform has said yet how they ended."""
    live = Intent.objects.live().filter(
        community__in=scope.community_ids, created_at__lt=_end_of(scope.through)
    )
    if count := live.count():
        message = _("%(count)s payment orders of the month wait for the platform's final answer.")
        yield Problem("payments.intents", message % {"count": count}, blocks=False)


def _end_of(day: date) -> datetime:
    return moment_of(day + timedelta(days=1))
