"""``manage.py print_bills``: the bills of a month on paper, one PDF a building, in walking order."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from billing.models import Bill
from billing.paper.bills import NothingToPrintError, render_bills
from core.commands import JsonCommand
from core.periods import Period
from core.progress import track
from estates.selectors import get_community


class Command(JsonCommand):
    """Print the issued bills of a month, building by building."""

    help = "Write the issued bills of a month as PDF files, one for each building."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare community, month, building and folder."""
        parser.add_argument("--community", required=True, metavar="CODE", help="the code of the community")
        parser.add_argument("--period", required=True, metavar="YYYY-MM", help="the month of the bills")
        parser.add_argument("--building", metavar="CODE", help="only this building")
        parser.add_argument("--language", choices=["zh-hans", "en"], default=settings.LANGUAGE_CODE)
        parser.add_argument(
            "--out", required=True, type=Path, metavar="FOLDER", help="the folder to write to"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        """Write one PDF a building and report what was written."""
        community, period = get_community(options["community"]), Period.month(options["period"])
        bills = Bill.objects.issued().filter(community=community, period_start=period.start)
        if options["building"]:
            bills = bills.filter(account__unit__building__code=options["building"])
        buildings = bills.values_list("account__unit__building__code").annotate(Count("pk"))
        counts = dict(buildings.order_by("account__unit__building__sort_key"))
        if not counts:
            raise NothingToPrintError
        options["out"].mkdir(parents=True, exist_ok=True)
        files = []
        for code in track(counts, label=f"print {community.code} {options['period']}"):
            target = options["out"] / f"{community.code}-{options['period']}-{code}.pdf"
            of_building = bills.filter(account__unit__building__code=code)
            target.write_bytes(render_bills(of_building, now=timezone.now(), language=options["language"]))
            files.append(str(target))
        return {"bills": sum(counts.values()), "buildings": len(counts), "files": files}
