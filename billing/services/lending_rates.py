"""The loan prime rate as it is published, month by month: what the court view of a late fee is worked out with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing.models import LendingRate
from core import audit


@transaction.atomic
def record_lending_rate(*, day: date, percent: Decimal, source: str, by: Any) -> LendingRate:
    """Write down the one-year rate published on a day; said again, it replaces what was said of that day."""
    before = LendingRate.objects.filter(day=day).values("percent", "source").first()
    rate, _is_new = LendingRate.objects.update_or_create(
        day=day, defaults={"percent": percent, "source": source}
    )
    audit.record(
        action="billing.record_lending_rate",
        target=rate,
        by=by,
        before=before,
        after={"day": day, "percent": percent, "source": source},
        reason=source,
    )
    return rate
