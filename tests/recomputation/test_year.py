"""Every line of a whole year is what the recomputation says, to the fen (issue 3, Show 3).

The size for every run is 60 units; the demo's is

    NUANLIN_PROOF_UNITS=1200 .venv/bin/python -m pytest tests/recomputation
"""

from __future__ import annotations

import ast
import os
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.recomputation import files, year
from tests.recomputation.files import read_files
from tests.recomputation.story import DEVELOPER, MONTHS, live
from tests.recomputation.year import Line, list_lines

UNITS = int(os.environ.get("NUANLIN_PROOF_UNITS", "60"))


@pytest.mark.django_db
def test_every_line_of_the_year_is_recomputed(
    settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.STATE_DIR = settings.MERCHANT_SECRETS = tmp_path
    lived = live(UNITS, tmp_path)
    known = read_files(tmp_path, DEVELOPER)
    charged: set[str] = set()

    for month in MONTHS:
        billed = [as_line(row) for row in lived.export_lines(month)]
        expected = list(list_lines(known, month))
        assert len(billed) > UNITS
        assert sorted(set(billed) ^ set(expected)) == [], f"{month:%Y-%m}"
        assert len(billed) == len(expected)
        charged |= {line.fee_item for line in billed if line.amount}

    assert charged == {version.code for version in known.versions}


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


@pytest.mark.parametrize("module", [files, year])
def test_recomputation_takes_nothing_from_the_product(module: object) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    foreign = {str(name).partition(".")[0] for name in names} - sys.stdlib_module_names
    assert foreign <= {"tests"}
