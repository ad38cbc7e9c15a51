"""All mutants, and the tests that have to notice them."""

from pathlib import Path

from tests.mutants.amounts import AMOUNTS
from tests.mutants.dated import DATED
from tests.mutants.mutant import Mutant
from tests.mutants.reduced import REDUCED
from tests.mutants.rules import RULES
from tests.mutants.shared import SHARED

MUTANTS: tuple[Mutant, ...] = (*AMOUNTS, *RULES, *DATED, *SHARED, *REDUCED)

TESTS = (
    "tests/billing/domain",
    "tests/billing/test_tariff_rows.py",
    "tests/billing/test_tariff_notation.py",
    "tests/estates/test_domain_counting.py",
    "tests/estates/test_domain_vacancy.py",
)
"""Tests of the rules alone: quick, and without a database."""


def list_nearest_tests(root: Path, mutant: Mutant) -> list[str]:
    """The doctests of the spoilt file and the tests named after it: most mutants do not get past them."""
    if mutant.tests:
        return [mutant.file]
    name = f"test_{Path(mutant.file).stem}.py"
    named = (path for folder in TESTS for path in (root / folder).glob(name))
    return [mutant.file, *(str(path.relative_to(root)) for path in named)]
