"""One mistake: where, what stands there, what would stand there instead, and why that matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """A change of one place in one file that makes the product wrong.

    tests: those that have to notice it; none: the tests of the rules alone, which need no database.
    """

    file: str
    harm: str
    old: str
    new: str
    tests: tuple[str, ...] = ()

    def apply(self, root: Path) -> None:
        """Make the mistake in a copy of the product. Raises ValueError when its place is not there exactly once."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file}: {text.count(self.old)} × {self.old!r}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def in_file(file: str, *changes: tuple[str, str, str]) -> Iterator[Mutant]:
    """Yield the mutants of one file; each change is the harm, the old text and the new."""
    return (Mutant(file, *change) for change in changes)


def noticed_by(tests: tuple[str, ...], file: str, *changes: tuple[str, str, str]) -> Iterator[Mutant]:
    """Yield mutants of a file that reads or writes rows; these tests, with their database, have to notice them."""
    return (Mutant(file, *change, tests) for change in changes)
