"""The base of our commands: one JSON object on standard output, everything else on standard error."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.context import request_context
from core.contract import as_json
from core.errors import DomainError

DONE, REJECTED, COULD_NOT_RUN = 0, 1, 2


class JsonCommand(BaseCommand):
    """A command whose result is a mapping: printed as JSON with `--json`, else as words.

    A subclass writes `add_options(parser)`, `run(**options) -> dict` and, where rows may be rejected,
    `exit_code(result)`. A DomainError becomes its message on standard error and exit code 2.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `--json` and what the subclass adds."""
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        self.add_options(parser)

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the arguments of this command."""

    def run(self, **options: Any) -> dict[str, Any]:
        """Do the work and return its result."""
        raise TypeError(f"{type(self).__name__} has no run().")

    def exit_code(self, result: dict[str, Any]) -> int:
        """Return 0; an import answers 1 when it rejected rows."""
        return DONE

    def show(self, result: dict[str, Any]) -> None:
        """Print the result for a person: one line a key."""
        for key, value in as_json(result).items():
            self.stdout.write(
                f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print and leave with the exit code of the contract."""
        try:
            with request_context(request_id=f"command-{type(self).__module__.rpartition('.')[2]}"):
                result = self.run(**options)
        except DomainError as error:
            self.stderr.write("\n".join([str(error), *(str(problem.message) for problem in error.problems)]))
            sys.exit(COULD_NOT_RUN)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(result), ensure_ascii=False))
        else:
            self.show(result)
        if code := self.exit_code(result):
            sys.exit(code)
