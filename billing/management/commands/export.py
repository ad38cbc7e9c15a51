"""``manage.py export lines``: the charge lines of a month, with everything to compute them again."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from billing.models import BillState
from billing.selectors.exports import export_lines
from core.commands import JsonCommand
from core.periods import Period
from estates.selectors import get_community


class Command(JsonCommand):
    """Write rows to a CSV file (UTF-8)."""

    help = "Export the charge lines of a month: export lines --community CODE --period 2026-09 --out FILE.csv"

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare what is exported, and where to."""
        parser.add_argument("what", choices=["lines"])
        parser.add_argument("--community", required=True, metavar="CODE")
        parser.add_argument("--period", required=True, metavar="YYYY-MM")
        parser.add_argument("--state", choices=[BillState.ISSUED.value, BillState.DRAFT.value])
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.csv")

    def run(self, **options: Any) -> dict[str, Any]:
        """Write the file and say how many rows it has."""
        community, period = get_community(options["community"]), Period.month(options["period"])
        states = [options["state"]] if options["state"] else [BillState.ISSUED.value, BillState.DRAFT.value]
        lines = export_lines(community.pk, period, states, options["out"])
        return {"lines": lines, "out": str(options["out"])}
