"""Make each mistake in a copy of the product, run the tests of the rules there, and say which mistakes got through.

python -m tests.mutants [--jobs N] [--only WORD …]     exit 1 when fewer than 95 in a hundred were noticed
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.mutants.catalogue import MUTANTS, TESTS, list_nearest_tests
from tests.mutants.mutant import Mutant
from tests.mutants.trial import passes
from tools.sources import list_files

ROOT = Path(__file__).resolve().parents[2]
LEAST_KILLED = 0.95
"""38 of 40."""


def main() -> int:
    """Try all mutants, or those whose file or harm holds a word."""
    options = ArgumentParser(prog="python -m tests.mutants")
    options.add_argument("--jobs", type=int, default=1, help="copies of the product at work at once")
    options.add_argument(
        "--only", nargs="+", default=[""], metavar="WORD", help="part of a file's name or a harm"
    )
    chosen = options.parse_args()
    mutants = [m for m in MUTANTS if any(word in m.file or word in m.harm for word in chosen.only)]
    with copied_product() as healthy:
        if not passes(healthy, sorted({*TESTS, *(test for mutant in mutants for test in mutant.tests)})):
            print("The tests fail without any mutant; mend that first.")
            return 1
        with ThreadPoolExecutor(chosen.jobs) as pool:
            killed = list(pool.map(partial(is_killed, healthy), mutants))
    return report(mutants, killed)


@contextmanager
def copied_product() -> Iterator[Path]:
    """A copy of sources and catalogues as they are now; what is edited meanwhile does not disturb the tests."""
    with tempfile.TemporaryDirectory(prefix="nuanlin-healthy-") as folder:
        for name in list_files(ROOT, "*.py", "pyproject.toml"):
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, Path(folder) / name)
        shutil.copytree(ROOT / "locale", Path(folder) / "locale")
        yield Path(folder)


def is_killed(healthy: Path, mutant: Mutant) -> bool:
    """Whether a test notices the mutant in a copy of its own, the nearest tests asked first; told on the way."""
    with tempfile.TemporaryDirectory(prefix="nuanlin-mutant-") as folder:
        root = Path(folder) / "product"
        shutil.copytree(healthy, root)
        mutant.apply(root)
        killed = not (passes(root, list_nearest_tests(root, mutant)) and passes(root, mutant.tests or TESTS))
    print(f"{'killed' if killed else 'SURVIVED':<10}{mutant.file:<36}{mutant.harm}", flush=True)
    return killed


def report(mutants: Sequence[Mutant], killed: Sequence[bool]) -> int:
    """Say how many were noticed; 1 when too many got through."""
    survivors = [mutant for mutant, dead in zip(mutants, killed, strict=True) if not dead]
    print(f"\n{sum(killed)} of {len(mutants)} mutants killed")
    for mutant in survivors:
        print(f"\n{mutant.file}: {mutant.harm}\n  - {mutant.old.strip()}\n  + {mutant.new.strip()}")
    return 0 if sum(killed) >= LEAST_KILLED * len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
