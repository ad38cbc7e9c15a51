"""The base of our commands: one JSON object on standard output, everything else on standard error."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from core.context import request_context
from core.contract import as_json
from core.errors import DomainError, Problem

DONE, REJECTED, COULD_NOT_RUN = 0, 1, 2
NOT_A_PLACE = ("value", "code", "message", "blocks")


def parse_day(text: str) -> date:
    """Read a day given as an argument, such as 2026-11-20.

    Raises: ArgumentTypeError, which argparse prints beside the name of the argument.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"there is no day {text!r}; write it like 2026-11-20") from error


class JsonCommand(BaseCommand):
    """A command whose result is a mapping: printed as JSON with `--json`, else as words.

    A subclass writes `add_options(parser)`, `run(**options) -> dict` and, where rows may be rejected,
    `exit_code(result)`. A DomainError, or a file that cannot be opened, becomes a sentence on standard error and
    exit code 2; with `--json`, standard output then holds an object with the `problems` alone.
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
        """Print the result for a person: one line a key, and below the key of a list one line an entry."""
        for key, value in as_json(result).items():
            for line in _tell(key, value):
                self.stdout.write(line)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print and leave with the exit code of the contract."""
        try:
            with request_context(request_id=f"command-{type(self).__module__.rpartition('.')[2]}"):
                result = self.run(**options)
        except (DomainError, OSError) as error:
            self._refuse(error, as_object=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(as_json(result), ensure_ascii=False))
        else:
            self.show(result)
        if code := self.exit_code(result):
            sys.exit(code)

    def _refuse(self, error: DomainError | OSError, *, as_object: bool) -> NoReturn:
        problems = list_problems(error)
        sentences = [str(error), *(problem["message"] for problem in problems)]
        self.stderr.write("\n".join(dict.fromkeys(sentences)))
        if as_object:
            self.stdout.write(json.dumps({"problems": problems}, ensure_ascii=False))
        sys.exit(COULD_NOT_RUN)


def list_problems(error: DomainError | OSError) -> list[dict[str, Any]]:
    """Return why a command could not run: the findings of the error, or the error itself as the only one."""
    if isinstance(error, OSError):
        return [Problem("file_not_opened", str(error)).as_dict()]
    return [problem.as_dict() for problem in error.problems] or [Problem(error.code, str(error)).as_dict()]


def _tell(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield f"{key}: {len(value)}"
        yield from (f"  {_tell_entry(entry)}" for entry in value)
    else:
        yield f"{key}: {_in_words(value)}"


def _tell_entry(entry: Any) -> str:
    """Write an entry of a list on one line; a finding as its place and its sentence, a remark with a dot before it."""
    if not isinstance(entry, Mapping):
        return _in_words(entry)
    if "message" not in entry:
        return ", ".join(f"{name} {_in_words(value)}" for name, value in entry.items() if value != "")
    mark = "✗" if entry.get("blocks", True) else "·"
    place = ", ".join(f"{name} {entry[name]}" for name in entry if name not in NOT_A_PLACE and entry[name])
    return f"{mark} {place}: {entry['message']}" if place else f"{mark} {entry['message']}"


def _in_words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
