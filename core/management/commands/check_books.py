"""`manage.py check_books`: every invariant asked, every row that breaks one named."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from core.commands import DONE, REJECTED, JsonCommand, parse_day
from core.invariants import check_all, get_figures
from core.money import ZERO


class Command(JsonCommand):
    """Asks all registered invariants; exit code 1 and the names of the rows when something is wrong."""

    help = "Check every rule the books must keep, and name the rows that break one."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the day the books are looked at."""
        parser.add_argument(
            "--as-of",
            type=parse_day,
            metavar="DAY",
            default=None,
            help="count only what is dated up to this day",
        )

    def run(self, **options: Any) -> dict[str, Any]:
        """Return the figures and the violations."""
        as_of: date | None = options["as_of"]
        figures = {"entries": 0, "imbalance": ZERO, **get_figures(as_of)}
        return {**figures, "violations": check_all(as_of)}

    def exit_code(self, result: dict[str, Any]) -> int:
        """Return 1 when an invariant is broken."""
        return REJECTED if result["violations"] else DONE

    def show(self, result: dict[str, Any]) -> None:
        """Print the figures, then one line for each violation."""
        for name in sorted(set(result) - {"violations"}):
            self.stdout.write(f"{name}: {result[name]}")
        for violation in result["violations"]:
            self.stdout.write(f"✗ {violation.code}: {violation.message} {dict(violation.where)}")
        self.stdout.write(f"violations: {len(result['violations'])}")
