"""``manage.py export``: rows of billing as a file, with everything to compute them again."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from billing.models import BillState
from billing.selectors.exports import export_corrections, export_lines
from billing.selectors.late_fee_exports import export_late_fees
from core.commands import JsonCommand
from core.periods import Period
from estates.models import Community
from estates.selectors import get_community


class Command(JsonCommand):
    """Write rows to a CSV file (UTF-8)."""

    help = (
        "export lines --community CODE --period 2026-09 --out FILE.csv (the charge lines of a month), "
        "export corrections --community CODE --out FILE.csv (what was asked for more or less afterwards), "
        "export late_fees --community CODE --as-of 2026-11-20 --out FILE.csv (late fees with their parts)"
    )

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare what is exported, and where to."""
        parser.add_argument("what", choices=sorted(EXPORTS))
        parser.add_argument("--community", required=True, metavar="CODE")
        parser.add_argument("--period", metavar="YYYY-MM", help="the month, of lines")
        parser.add_argument("--as-of", type=date.fromisoformat, metavar="D", help="the day, of late fees")
        parser.add_argument("--state", choices=[BillState.ISSUED.value, BillState.DRAFT.value])
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.csv")

    def run(self, **options: Any) -> dict[str, Any]:
        """Write the file and say how many rows it has."""
        rows = EXPORTS[options["what"]](get_community(options["community"]), options)
        return {options["what"]: rows, "out": str(options["out"])}


def _export_lines(community: Community, options: dict[str, Any]) -> int:
    period = Period.month(_need(options, "period", "--period"))
    states = [options["state"]] if options["state"] else [BillState.ISSUED.value, BillState.DRAFT.value]
    return export_lines(community.pk, period, states, options["out"])


def _export_corrections(community: Community, options: dict[str, Any]) -> int:
    return export_corrections(community.pk, options["out"])


def _export_late_fees(community: Community, options: dict[str, Any]) -> int:
    return export_late_fees(community.pk, _need(options, "as_of", "--as-of"), options["out"])


def _need(options: dict[str, Any], name: str, flag: str) -> Any:
    if options[name] is None:
        raise CommandError(f"export {options['what']} needs {flag}.", returncode=2)
    return options[name]


EXPORTS = {"lines": _export_lines, "corrections": _export_corrections, "late_fees": _export_late_fees}
