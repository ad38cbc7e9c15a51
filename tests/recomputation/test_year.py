"""Every line of a whole year is what the recomputation says, to the fen (issue 3, Show 3).

The size for every run is 60 units; the demo's is

    NUANLIN_PROOF_UNITS=1200 .venv/bin/python -m pytest tests/recomputation
"""

from __future__ import annotations

import ast
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.recomputation import files, late, year
from tests.recomputation.files import read_files
from tests.recomputation.late import Late, list_late, read_owed
from tests.recomputation.story import DEVELOPER, HABITS, MONTHS, Lived, live, write
from tests.recomputation.year import Line, list_lines

UNITS = int(os.environ.get("NUANLIN_PROOF_UNITS", "60"))
SPRING = date(2026, 3, 31)


@pytest.mark.django_db
def test_every_line_of_the_year_is_recomputed(
    settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.STATE_DIR = settings.MERCHANT_SECRETS = tmp_path
    lived = live(UNITS, tmp_path)
    rows: list[dict[str, str]] = []
    paid: list[tuple[str, str, str]] = []

    for month in MONTHS:
        exported = lived.bill(month)
        known = read_files(tmp_path, DEVELOPER)
        billed, expected = [as_line(row) for row in exported], list(list_lines(known, month))
        assert len(billed) > UNITS
        assert sorted(set(billed) ^ set(expected)) == [], f"{month:%Y-%m}"
        assert len(billed) == len(expected)
        rows += exported
        paid += lived.collect(exported[: len(HABITS) * 2])

    assert {row["fee_item"] for row in rows if Decimal(row["amount"])} == {v.code for v in known.versions}
    write(tmp_path / "payments.csv", [("line", "day", "amount"), *paid])
    assert_late_fees(lived, rows)


def assert_late_fees(lived: Lived, rows: Sequence[dict[str, str]]) -> None:
    """The late fees of the whole year as of a day in spring, their stretches of days and their sums."""
    exported = lived.export("late_fees.csv", "late_fees", "--as-of", f"{SPRING}")
    expected = [list_late(owed, SPRING) for owed in read_owed(lived.folder, rows)]
    stretches = [late for parts, _fee in expected for late in parts]
    assert sorted(set(map(as_late, exported)) ^ set(stretches)) == []
    assert len(exported) == len(stretches) > len(rows) // 2
    fees: dict[str, Decimal] = defaultdict(Decimal)
    for row in exported:
        fees[row["line"]] += Decimal(row["amount"])
    assert fees == {parts[0].line: fee for parts, fee in expected if parts}


def as_late(row: dict[str, str]) -> Late:
    """A row of ``export late_fees``, by its contract's columns alone."""
    first, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
    assert (last - first).days + 1 == int(row["days"])
    assert Decimal(row["rate"]) == Decimal("0.0005")
    return Late(row["line"], Decimal(row["principal"]), first, last)


def as_line(row: dict[str, str]) -> Line:
    """A row of ``export lines``, by its contract's columns alone."""
    return Line(
        row["unit"],
        row["payer"],
        row["fee_item"],
        date.fromisoformat(row["period_start"]),
        date.fromisoformat(row["period_end"]),
        Decimal(row["amount"]),
    )


@pytest.mark.parametrize("module", [files, year, late])
def test_recomputation_takes_nothing_from_the_product(module: object) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    foreign = {str(name).partition(".")[0] for name in names} - sys.stdlib_module_names
    assert foreign <= {"tests"}
