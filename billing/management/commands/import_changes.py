"""`manage.py import_changes FILE --community CODE --approved-by USER`: take a file of changes in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from billing.services.changes import import_changes
from core.tables.command import ImportCommand
from core.tables.reader import open_file
from estates.selectors import get_community
from users.selectors import get_user


class Command(ImportCommand):
    """Imports changes of owners, areas, vacancies and pauses; bad rows are listed and left out."""

    help = (
        "Import changes of units from a table: owners, vacancies, measured areas and pauses of the late fee."
    )

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare who agreed, and who asks."""
        super().add_options(parser)
        parser.add_argument(
            "--approved-by",
            required=True,
            metavar="USER",
            help="log-in of the person who approved the changes",
        )
        parser.add_argument(
            "--by", metavar="USER", default="", help="log-in of the person who imports; must be another one"
        )

    def take_in(self, path: Path, **options: Any) -> dict[str, Any]:
        """Open the file and import it."""
        outcome = import_changes(
            community=get_community(options["community"]),
            file=open_file(path),
            approved_by=get_user(options["approved_by"]),
            by=get_user(options["by"]) if options["by"] else "import_changes",
            now=timezone.now(),
        )
        return outcome.as_dict()
