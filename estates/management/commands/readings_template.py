"""`manage.py readings_template --community CODE --out FILE.xlsx`: the sheet a round is filled in on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import JsonCommand
from estates.exports import write_readings_template
from estates.selectors import get_community
from estates.selectors.checks import list_last_read


class Command(JsonCommand):
    """Writes every meter of a community with its last value into a workbook that `import_readings` takes."""

    help = "Write a workbook of all meters with their last values, to be filled in and imported again."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the arguments of this command."""
        parser.add_argument("--community", required=True, metavar="CODE", help="the code of the community")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.xlsx", help="where to write it")

    def run(self, **options: Any) -> dict[str, Any]:
        """Write the workbook and say how many meters it lists."""
        community = get_community(options["community"])
        options["out"].write_bytes(write_readings_template(community))
        return {"meters": len(list_last_read(community)), "file": str(options["out"])}
