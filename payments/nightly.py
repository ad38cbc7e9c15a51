"""What payments does at night."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from core.nightly import nightly
from payments.services.billfiles import read_ready_files

READY_AFTER = timedelta(days=2)
"""The file of a day is ready at ten the next morning, so the night reads that of the day before."""


@nightly(order=300, name="payments.bill_files")
def read_files(day: date) -> dict[str, Any]:
    """Read the platforms' bill files that are ready: lost callbacks are made good before anybody is reminded."""
    return asdict(read_ready_files(until=day - READY_AFTER, now=timezone.now()))
