"""All mutants, and the tests that have to notice them."""

from tests.mutants.amounts import AMOUNTS
from tests.mutants.mutant import Mutant
from tests.mutants.rules import RULES

MUTANTS: tuple[Mutant, ...] = (*AMOUNTS, *RULES)

TESTS = (
    "tests/billing/domain",
    "tests/billing/test_tariff_rows.py",
    "tests/billing/test_tariff_notation.py",
    "tests/estates/test_domain_counting.py",
)
"""Tests of the rules alone: quick, and without a database."""
