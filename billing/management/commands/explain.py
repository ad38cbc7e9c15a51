"""`manage.py explain LINE`: open a charge line and compute it again."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from billing.explaining.changes import tell_change
from billing.explaining.steps import tell_steps
from billing.models import ChargeLine
from billing.selectors.explained import ExplainedLine, explain_line
from core.commands import DONE, JsonCommand
from core.errors import NotFoundError
from core.figures import format_money, format_period

DOES_NOT_AGREE = 1


class Command(JsonCommand):
    """Opens a charge line into its steps; exit 1 when the sum done again is not the billed amount."""

    help = "Show how a charge line was worked out, and work it out again."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the arguments of this command."""
        parser.add_argument(
            "line",
            type=int,
            metavar="LINE",
            help="the number of the charge line, as `export lines` writes it",
        )
        parser.add_argument("--language", choices=["zh-hans", "en"], default="zh-hans")

    def run(self, **options: Any) -> dict[str, Any]:
        """Open the line in the language asked for."""
        try:
            line = explain_line(options["line"])
        except ChargeLine.DoesNotExist as error:
            raise NotFoundError(_("There is no charge line %(line)s.") % options) from error
        with translation.override(options["language"]):
            return as_dict(line)

    def exit_code(self, result: dict[str, Any]) -> int:
        """Return 1 when the line cannot be confirmed."""
        return DONE if result["agrees"] else DOES_NOT_AGREE

    def show(self, result: dict[str, Any]) -> None:
        """Print the steps as they stand on a bill."""
        self.stdout.write(f"{result['fee_item']} {result['period']} {format_money(result['amount'])}")
        for step in result["steps"]:
            self.stdout.write(f"  {step['label']}: {step['value']}")
            if step["note"]:
                self.stdout.write(f"      {step['note']}")
        if not result["agrees"]:
            self.stderr.write(_("Computed again, the line does not come to the billed amount."))
            sys.stderr.flush()


def as_dict(line: ExplainedLine) -> dict[str, Any]:
    """Return a line opened, in the language in use."""
    opened = line.explanation
    return {
        "line": line.line_id,
        "fee_item": line.name,
        "period": format_period(line.period),
        "amount": line.amount,
        "computed": opened.computed,
        "agrees": opened.agrees,
        "contradictions": list(opened.contradictions),
        "steps": [vars(step) for step in tell_steps(opened, name=line.name)],
        "change": line.change.amount if line.change else None,
        "why": tell_change(line.change) if line.change else "",
    }
