"""Progress for people at a terminal: on standard error, and only for work of more than two seconds."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Advance = Callable[[int], object]

SHOW_AFTER = 2.0


def track(items: Iterable[Item], *, label: str, total: int | None = None) -> Iterator[Item]:
    """Iterate over `items` and show how far we are; silent when nobody watches."""
    yield from tqdm(items, **_options(label, total))


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """Show a bar of `total` steps; the block calls what it gets with the number of steps just done."""
    with tqdm(**_options(label, total)) as bar:
        yield bar.update


def no_progress(steps: int) -> None:
    """Take the place of a bar where nobody watches."""


def _options(label: str, total: int | None) -> dict[str, object]:
    quiet = not sys.stderr.isatty()
    return {
        "desc": label,
        "total": total,
        "file": sys.stderr,
        "delay": SHOW_AFTER,
        "disable": quiet,
        "leave": False,
    }
