"""A dry run that says why the month differs, against the same dry run that does not ask.

Every line of the month differs from the one before: a new price by the m², other readings, another pool. So the
comparison has as much to explain as it ever can.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from benchmarks.billing import MONTH, fill
from benchmarks.protocol import Measurement, Wanted, bench
from billing.models import TariffVersion
from billing.services.run import RunOutcome, bill_period
from core.periods import Period
from estates.models import Community

SIZES = (10_000, 100_000)
NEXT_MONTH = Period.month("2026-10")

READ_AGAIN = """
    INSERT INTO estates_reading (meter_id, read_on, value, source)
    SELECT id, DATE '2026-10-30', 100 + id %% 50 + 30 * (id %% 37) / 10.0 + 5 + id %% 23, '' FROM estates_meter
    WHERE community_id = %s
"""


@bench("billing.dry_run")
def measure_dry_runs(wanted: Wanted) -> Iterator[Measurement]:
    """Work out a month of 10,000 and 100,000 accounts and keep nothing, with and without its differences."""
    for size in SIZES:
        if wanted(name := f"billing.dry_run.{size}"):
            community = billed_once(f"d{size}", size)
            bare, _silent = timed_dry_run(community, compare=False)
            seconds, outcome = timed_dry_run(community, compare=True)
            note = ", ".join(f"{cause} {total.accounts:,}" for cause, total in outcome.differences.items())
            yield Measurement(name, size, seconds, bare, note=note)


def billed_once(code: str, size: int) -> Community:
    """A community whose September is issued and whose October differs in every line."""
    community = fill(code, size)
    bill_period(community=community, period=MONTH, now=timezone.now(), by="bench")
    version = TariffVersion.objects.get(fee_item__community=community, method="area")
    TariffVersion.objects.filter(pk=version.pk).update(end=NEXT_MONTH.start)
    TariffVersion.objects.create(
        fee_item=version.fee_item, method="area", price=Decimal("2.40"), start=date(2026, 10, 1)
    )
    with connection.cursor() as cursor:
        cursor.execute(READ_AGAIN, [community.pk])
        cursor.execute("ANALYZE")
    return community


def timed_dry_run(community: Community, *, compare: bool) -> tuple[float, RunOutcome]:
    """Seconds of a dry run of the second month, and what it came to."""
    began = time.perf_counter()
    outcome = bill_period(
        community=community, period=NEXT_MONTH, now=timezone.now(), by="bench", dry_run=True, compare=compare
    )
    return time.perf_counter() - began, outcome
