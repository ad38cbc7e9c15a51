"""`manage.py import_tariffs FILE --community CODE`: take a tariff file in."""

from pathlib import Path
from typing import Any

from billing.services.tariffs import import_tariffs
from core.tables.command import ImportCommand
from core.tables.reader import open_file
from estates.selectors import get_community


class Command(ImportCommand):
    """Imports fee items and tariff versions; bad rows are listed and left out."""

    help = "Import fee items and their dated tariffs from an .xlsx, .xls or .csv file."

    def take_in(self, path: Path, **options: Any) -> dict[str, Any]:
        """Open the file and import it."""
        community = get_community(options["community"])
        return import_tariffs(community=community, file=open_file(path), by=None).as_dict()
