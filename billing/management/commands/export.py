"""``manage.py export``: rows of billing as a file, with everything to compute them again."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from billing.models import BillState
from billing.selectors.exports import export_corrections, export_lines
from billing.selectors.late_fee_exports import export_late_fees
from core.commands import JsonCommand, parse_day
from core.errors import InvalidError
from core.periods import Period
from estates.selectors import get_community


class OptionNeededError(InvalidError):
    """What is exported asks for a month or a day that was not given."""

    code = "billing.export_option_needed"


class Command(JsonCommand):
    """Write rows to a CSV file (UTF-8)."""

    help = (
        "Write rows to a CSV file: the charge lines of a month (lines, needs --period), all corrections "
        "(corrections), or late fees as of a day with their parts (late_fees, needs --as-of)."
    )

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare what is exported, and where to."""
        parser.add_argument("what", choices=sorted(EXPORTS), help="which rows to export")
        parser.add_argument("--community", required=True, metavar="CODE", help="the code of the community")
        parser.add_argument("--period", metavar="YYYY-MM", help="the month whose lines are exported")
        parser.add_argument(
            "--as-of", type=parse_day, metavar="DAY", help="the last day late fees are counted to"
        )
        parser.add_argument(
            "--state",
            choices=[BillState.ISSUED.value, BillState.DRAFT.value],
            help="only lines of bills in this state",
        )
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.csv", help="the file to write")

    def run(self, **options: Any) -> dict[str, Any]:
        """Write the file and say how many rows it has."""
        rows = EXPORTS[options["what"]](get_community(options["community"]).pk, options)
        return {options["what"]: rows, "out": str(options["out"])}


def _export_lines(community_id: int, options: dict[str, Any]) -> int:
    period = Period.month(_need(options, "period", "--period"))
    states = [options["state"]] if options["state"] else [BillState.ISSUED.value, BillState.DRAFT.value]
    return export_lines(community_id, period, states, options["out"])


def _export_corrections(community_id: int, options: dict[str, Any]) -> int:
    return export_corrections(community_id, options["out"])


def _export_late_fees(community_id: int, options: dict[str, Any]) -> int:
    return export_late_fees(community_id, _need(options, "as_of", "--as-of"), options["out"])


def _need(options: dict[str, Any], name: str, flag: str) -> Any:
    if options[name] is None:
        raise OptionNeededError(
            _("To export %(what)s, add %(flag)s.") % {"what": options["what"], "flag": flag}
        )
    return options[name]


EXPORTS = {"lines": _export_lines, "corrections": _export_corrections, "late_fees": _export_late_fees}
