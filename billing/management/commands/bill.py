"""``manage.py bill``: compute and issue the bills of a month."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.utils import timezone

from billing.services.run import bill_period
from billing.tasks import queue_chunks
from core.commands import JsonCommand
from core.periods import Period
from core.progress import progress
from estates.selectors import get_community


class Command(JsonCommand):
    """Bill a month of a community; a second time it creates nothing."""

    help = "Compute and issue the bills of a month. Running it again creates nothing twice."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare community, month and how far to go."""
        parser.add_argument("--community", required=True, metavar="CODE", help="the code of the community")
        parser.add_argument("--period", required=True, metavar="YYYY-MM", help="the month to bill")
        parser.add_argument("--draft", action="store_true", help="leave the bills as drafts for review")
        parser.add_argument("--dry-run", action="store_true", help="compute everything and write nothing")
        parser.add_argument("--queue", action="store_true", help="let the Celery workers compute the bills")

    def run(self, **options: Any) -> dict[str, Any]:
        """Bill and report."""
        community, period = get_community(options["community"]), Period.month(options["period"])
        started = time.monotonic()
        outcome = bill_period(
            community=community,
            period=period,
            now=timezone.now(),
            by="command bill",
            issue=not options["draft"],
            dry_run=options["dry_run"],
            compare=True,
            biller=queue_chunks if options["queue"] else None,
            watch=partial(progress, f"bill {community.code} {options['period']}"),
        )
        figures = {key: value for key, value in vars(outcome).items() if key != "run_id"}
        figures["differences"] = {cause: vars(total) for cause, total in outcome.differences.items()}
        return {**figures, "seconds": round(time.monotonic() - started, 3)}
