"""`manage.py import_meters FILE --community CODE`: take a register of meters in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from core.calendars import day_of
from core.tables.command import ImportCommand
from core.tables.reader import open_file
from estates.selectors import get_community
from estates.services.meter_register import import_meters


class Command(ImportCommand):
    """Imports meters with their units, tree, multipliers and opening values; bad rows are listed and left out."""

    help = "Import meters (unit, kind, multiplier, parent, digits, opening value, installed day) from a file."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the arguments of this command."""
        super().add_options(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be imported and write nothing"
        )

    def take_in(self, path: Path, **options: Any) -> dict[str, Any]:
        """Open the file and take it in."""
        now = timezone.now()
        outcome = import_meters(
            community=get_community(options["community"]),
            file=open_file(path),
            by=None,
            now=now,
            today=day_of(now),
            dry_run=options["dry_run"],
        )
        return outcome.as_dict()
