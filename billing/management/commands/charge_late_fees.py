"""`manage.py charge_late_fees --community CODE --as-of D`: what has grown becomes lines of late-fee bills."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from billing.selectors.late_fees import sum_late_fees
from billing.services.late_fee_bills import charge_community
from core.calendars import day_of
from core.commands import JsonCommand, parse_day
from estates.selectors import get_community


class Command(JsonCommand):
    """Charges the open late fee of a community, such as once a month; twice a day is once."""

    help = "Charge the late fee that has accrued on overdue bills and was not charged yet."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare where, through which day, and whether anything is written."""
        parser.add_argument("--community", required=True, metavar="CODE", help="the code of the community")
        parser.add_argument(
            "--as-of", type=parse_day, metavar="DAY", help="last day that counts; today if left out"
        )
        parser.add_argument("--by", metavar="USER", default="", help="log-in of the person who charges")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be charged and write nothing"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        """Charge and return bills, lines and their sum; of a dry run only the sum."""
        community = get_community(options["community"])
        now = timezone.now()
        as_of = options["as_of"] or day_of(now)
        if options["dry_run"]:
            return {"total": sum_late_fees(as_of, [community.pk]).open}
        by = options["by"] or "charge_late_fees"
        return asdict(charge_community(community=community, as_of=as_of, now=now, by=by))
