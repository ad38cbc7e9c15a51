"""`manage.py import_roster FILE --community CODE`: take a roster into the register."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.calendars import day_of
from core.errors import NotFoundError
from core.tables.command import ImportCommand
from core.tables.reader import OpenedFile, open_file
from estates.models import Community
from estates.selectors import find_community, find_roster_import, get_community
from estates.services.communities import create_community
from estates.services.roster import RosterOutcome, import_roster, preview_roster
from estates.services.roster_undo import undo_roster


class NoSuchRosterError(NotFoundError):
    """No import of this file, still in force, is known in the community."""

    code = "estates.no_such_roster"
    message = _("This file was not imported, or its import has been undone.")


class Command(ImportCommand):
    """Imports a roster; bad rows are listed and left out."""

    help = "Import buildings, units, owners and parking spaces from a roster file."
    counted = (*ImportCommand.counted, "units", "people")

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the arguments of this command."""
        super().add_options(parser)
        parser.add_argument(
            "--create", metavar="NAME", help="create the community with this name if its code is new"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be imported and write nothing"
        )
        parser.add_argument("--undo", action="store_true", help="undo the newest import of this file")

    def take_in(self, path: Path, **options: Any) -> dict[str, Any]:
        """Open the file, then import or preview it in one transaction with the community it may have to make."""
        file = open_file(path)
        if options["undo"]:
            return _undo(get_community(options["community"]), file)
        with transaction.atomic():
            community = _community(options["community"], options["create"])
            outcome = _preview(community, file) if options["dry_run"] else _import(community, file)
            transaction.set_rollback(options["dry_run"])
        return outcome.as_dict()


def _community(code: str, name: str | None) -> Community:
    if name and find_community(code) is None:
        return create_community(code=code, name=name, by=None)
    return get_community(code)


def _undo(community: Community, file: OpenedFile) -> dict[str, Any]:
    record = find_roster_import(community, file.digest)
    if record is None:
        raise NoSuchRosterError()
    undo_roster(record=record, by=None, now=timezone.now())
    return {**Command.nothing(), "undone": record.pk, "problems": []}


def _preview(community: Community, file: OpenedFile) -> RosterOutcome:
    return preview_roster(community=community, file=file, today=timezone.localdate())


def _import(community: Community, file: OpenedFile) -> RosterOutcome:
    now = timezone.now()
    return import_roster(community=community, file=file, by=None, today=day_of(now), now=now)
