"""`manage.py nightly --date D`: the night's work of a business day, and of the days that were missed."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from core.commands import COULD_NOT_RUN, DONE, JsonCommand, parse_day
from core.night import list_due, run_night
from core.progress import progress


class Command(JsonCommand):
    """Runs the nightly jobs; a job already done for a day is left alone, whoever did it."""

    help = "Run the nightly jobs of a business day once, catching up on missed days."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the business day."""
        parser.add_argument(
            "--date", type=parse_day, required=True, metavar="DAY", help="business day, like 2026-11-20"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        """Run the night and return what became of each job."""
        day: date = options["date"]
        with progress("nightly", total=len(list_due(day))) as advance:
            reports = run_night(day, advance=advance)
        return {
            "day": day,
            "done": sum(report.state == "done" for report in reports),
            "already": sum(report.state == "already" for report in reports),
            "failed": sum(report.state == "failed" for report in reports),
            "jobs": [report.as_dict() for report in reports],
        }

    def exit_code(self, result: dict[str, Any]) -> int:
        """Return 2 when a job failed; its error is in the result and in the log."""
        return COULD_NOT_RUN if result["failed"] else DONE

    def show(self, result: dict[str, Any]) -> None:
        """Print one line for each job."""
        for report in result["jobs"]:
            self.stdout.write(
                f"{report['day']}  {report['job']:<32} {report['state']}  {report['error']}".rstrip()
            )
