"""`manage.py import_opening FILE --community CODE --as-of D`: take opening balances in, or take an import back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import OpeningImport
from billing.selectors.opening import find_opening_import
from billing.services.opening import import_opening, preview_opening
from billing.services.opening_undo import undo_opening
from core.calendars import day_of
from core.commands import parse_day
from core.errors import InvalidError, NotFoundError
from core.tables.command import ImportCommand
from core.tables.reader import open_file
from estates.selectors import get_community


class NoDayError(InvalidError):
    """Opening balances are as of a day; without one nothing can be booked."""

    code = "billing.opening_no_day"
    message = _("Say the day of the opening: --as-of 2026-11-01.")


class NoSuchImportError(NotFoundError):
    """No import of this file, still in force, is known in the community."""

    code = "billing.no_such_opening"
    message = _("This file was not imported, or its import has been undone.")


class Command(ImportCommand):
    """Imports opening balances; bad rows are listed and left out. With `--undo` the file's import is taken back."""

    help = "Import opening balances from another system: arrears, prepayments, deposits and past payments."
    counted = ("created", "unchanged", "rejected", "accounts", "lines", "history")
    summed = ("owed", "prepaid", "deposits")

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the arguments of this command."""
        super().add_options(parser)
        parser.add_argument(
            "--as-of", type=parse_day, metavar="DAY", help="first day that this system bills, like 2026-11-01"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be imported and write nothing"
        )
        parser.add_argument("--undo", action="store_true", help="undo the import of this file")

    def take_in(self, path: Path, **options: Any) -> dict[str, Any]:
        """Open the file, then import it, preview it, or take its import back."""
        community, file = get_community(options["community"]), open_file(path)
        if options["undo"]:
            return _undo(find_opening_import(community, file.digest))
        if options["as_of"] is None:
            raise NoDayError()
        wanted = {"community": community, "file": file, "as_of": options["as_of"]}
        if options["dry_run"]:
            return preview_opening(**wanted).as_dict()
        return import_opening(**wanted, by=None, now=timezone.now()).as_dict()


def _undo(record: OpeningImport | None) -> dict[str, Any]:
    """Take back the newest import of the file that brought something in."""
    if record is None:
        raise NoSuchImportError()
    now = timezone.now()
    undo_opening(record=record, day=day_of(now), now=now, by=None)
    return {**Command.nothing(), "undone": record.pk, "problems": []}
