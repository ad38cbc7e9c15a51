"""The mutants still fit the code they spoil; whether they are noticed is `python -m tests.mutants`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.catalogue import MUTANTS, TESTS
from tests.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]


def test_there_are_at_least_forty_and_none_twice() -> None:
    assert len(MUTANTS) >= 40
    assert Counter((mutant.file, mutant.old, mutant.new) for mutant in MUTANTS).most_common(1)[0][1] == 1


def test_every_mutant_has_its_place_and_is_python() -> None:
    """Red after a change of the rules: move the mutants named here to the new text, in `tests/mutants/`."""
    assert [f"{mutant.file}: {mutant.harm}" for mutant in MUTANTS if not fits(mutant)] == []


def fits(mutant: Mutant) -> bool:
    """Whether the old text stands in the file exactly once; raises SyntaxError when the new one is no Python."""
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    compile(text.replace(mutant.old, mutant.new), mutant.file, "exec")
    return text.count(mutant.old) == 1


def test_apply_changes_one_place_of_the_copy(tmp_path: Path) -> None:
    (tmp_path / "rule.py").write_text("FEE = 2\n")
    Mutant("rule.py", "the fee rises", "2", "3").apply(tmp_path)
    assert (tmp_path / "rule.py").read_text() == "FEE = 3\n"
    with pytest.raises(ValueError, match=r"rule\.py: 0"):
        Mutant("rule.py", "the fee rises", "2", "3").apply(tmp_path)


def test_the_tests_that_must_notice_are_there() -> None:
    named = {name for mutant in MUTANTS for name in mutant.tests}
    assert [name for name in {*TESTS, *named} if not (ROOT / name).exists()] == []
