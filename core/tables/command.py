"""The base of the commands that take a table in."""

from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from core.commands import COULD_NOT_RUN, DONE, REJECTED, JsonCommand, list_problems
from core.errors import DomainError

NOWHERE = {"sheet": "", "row": 0, "column": "", "value": ""}
"""The place of a finding about a file as a whole."""


class ImportCommand(JsonCommand):
    """A command that reads FILE for a community; exit 1 when rows were rejected, 2 when it could not run.

    A subclass writes `take_in(path, **options) -> dict`. A file that is refused as a whole answers in the
    same form with nothing counted, so that programs read one JSON object in every case. `counted` names what
    an answer counts, `summed` the amounts of money in it.
    """

    counted: ClassVar[tuple[str, ...]] = ("created", "updated", "unchanged", "rejected")
    summed: ClassVar[tuple[str, ...]] = ()
    refused = False

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare FILE and `--community`."""
        parser.add_argument("file", type=Path, metavar="FILE", help="an .xlsx, .xls or .csv file")
        parser.add_argument("--community", required=True, metavar="CODE", help="the code of the community")

    def take_in(self, path: Path, **options: Any) -> dict[str, Any]:
        """Take the file in and return the counts and problems."""
        raise TypeError(f"{type(self).__name__} has no take_in().")

    def run(self, **options: Any) -> dict[str, Any]:
        """Take the file in; a refusal becomes a result with its problems."""
        try:
            return self.take_in(options.pop("file"), **options)
        except DomainError as error:
            self.refused = True
            self.stderr.write(str(error))
            problems = [{**NOWHERE, **problem} for problem in list_problems(error)]
            return {**self.nothing(), "problems": problems}

    @classmethod
    def nothing(cls) -> dict[str, Any]:
        """Return the answer of an import that took nothing in."""
        return {**dict.fromkeys(cls.counted, 0), **dict.fromkeys(cls.summed, Decimal(0))}

    def exit_code(self, result: dict[str, Any]) -> int:
        """Return the code of the contract."""
        if self.refused:
            return COULD_NOT_RUN
        return REJECTED if result["rejected"] else DONE
