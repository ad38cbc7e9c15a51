"""`manage.py import_readings FILE --community CODE`: take meter readings into the register."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from core.tables.command import ImportCommand
from core.tables.reader import open_file
from estates.selectors import get_community
from estates.services.readings import import_readings


class Command(ImportCommand):
    """Imports meter readings; bad rows are listed and left out."""

    help = "Import meter readings (unit, meter, kind, date, value) from a file."
    counted = (*ImportCommand.counted, "meters_created", "held")

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the arguments of this command."""
        super().add_options(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be imported and write nothing"
        )
        parser.add_argument(
            "--accept-jumps",
            action="store_true",
            help="import readings far above the usual use too, after somebody has checked them",
        )

    def take_in(self, path: Path, **options: Any) -> dict[str, Any]:
        """Open the file and take it in."""
        outcome = import_readings(
            community=get_community(options["community"]),
            file=open_file(path),
            by=None,
            today=timezone.localdate(),
            dry_run=options["dry_run"],
            accept_jumps=options["accept_jumps"],
        )
        return outcome.as_dict()
