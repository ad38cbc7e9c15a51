"""Every line of a whole year is what the recomputation says, to the fen (issue 3, Show 3).

The size for every run is 60 units; the demo's is

    NUANLIN_PROOF_UNITS=1200 .venv/bin/python -m pytest tests/recomputation
"""

from __future__ import annotations

import ast
import csv
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings

from billing.models import ChargeAccount, LateFeeCharge, Waiver
from billing.selectors.outstanding import open_lines
from payments.selectors.prepayments import get_balance_of
from tests.recomputation import cashbook, coins, files, late, pools, year
from tests.recomputation.cashbook import Cashbook, read_cashbook
from tests.recomputation.coins import as_fen
from tests.recomputation.files import Files, read_files
from tests.recomputation.late import Late, list_late
from tests.recomputation.story import (
    DEVELOPER,
    FOUND_OUT,
    LATE_CHANGES,
    MONTHS,
    Lived,
    live,
    write,
)
from tests.recomputation.year import Line, find_period, list_lines

UNITS = int(os.environ.get("NUANLIN_PROOF_UNITS", "60"))
SPRING = date(2026, 3, 31)

Slot = tuple[str, str, str, date]
"""Unit, payer and fee item, and the first day of the cycle."""


@pytest.mark.django_db
def test_every_line_of_the_year_is_recomputed(
    settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.STATE_DIR = settings.MERCHANT_SECRETS = tmp_path
    lived = live(UNITS, tmp_path)
    rows: list[dict[str, str]] = []
    then: dict[date, Files] = {}

    for month in MONTHS:
        exported = lived.bill(month)
        then[month] = read_files(tmp_path, DEVELOPER)
        billed, expected = Counter(map(as_line, exported)), Counter(list_lines(then[month], month))
        assert billed.total() > UNITS
        assert (billed - expected, expected - billed) == (Counter(), Counter()), f"{month:%Y-%m}"
        rows += [{**row, "run": f"{month}"} for row in exported]
        lived.collect(month, exported)
        if month == FOUND_OUT.replace(day=1):
            lived.find_out()

    assert {row["fee_item"] for row in rows if Decimal(row["amount"])} == {
        v.code for v in then[month].versions
    }
    grew_on = dict(LateFeeCharge.objects.values_list("line", "principal"))
    corrections = [
        row for row in lived.export("corrections.csv", "corrections") if int(row["line"]) not in grew_on
    ]
    write(tmp_path / "cashbook.csv", lived.desk.book)
    book = read_cashbook(tmp_path, rows, corrections)
    assert_discounts(book)
    assert_corrections(corrections, rows, then)
    assert_balances(grew_on, book)
    assert_late_fees(lived, book)


def assert_corrections(
    corrections: Sequence[dict[str, str]],
    rows: Sequence[dict[str, str]],
    then: dict[date, Files],
) -> None:
    """Lines and corrections of a payer, fee and cycle sum to what it costs by all that is known at the end."""
    known = then[MONTHS[-1]]

    def add_up(lines: Iterable[Line]) -> dict[Slot, Decimal]:
        sums: dict[Slot, Decimal] = defaultdict(Decimal)
        for line in lines:
            sums[slot_of(known, line)] += line.amount
        return {slot: amount for slot, amount in sums.items() if amount}

    expected = add_up(line for month in MONTHS for line in list_lines(known, month, then[month]))
    assert add_up(map(as_line, [*rows, *corrections])) == expected
    assert {row["reason"] for row in corrections} == {row["reason"] for row in late_changes()}
    signs = {Decimal(row["amount"]) > 0 for row in corrections}
    assert signs == {True, False}


def slot_of(known: Files, line: Line) -> Slot:
    cycle = find_period(known, known.units[line.unit], line.fee_item, line.first, MONTHS)
    return line.unit, line.payer, line.fee_item, cycle.first


def late_changes() -> Iterator[dict[str, str]]:
    return csv.DictReader(StringIO(LATE_CHANGES))


def assert_discounts(book: Cashbook) -> None:
    """Each gift and each discount for paying on time: its line, its day and its fen."""
    given = Waiver.objects.filter(kind="discount").values_list("line", "value_day", "amount")
    found = Counter((str(line), day, as_fen(f"{amount}")) for line, day, amount in given)
    expected = Counter(book.discounts)
    assert (found - expected, expected - found) == (Counter(), Counter())
    assert found.total() > 12 * 5


def assert_balances(grew_on: Mapping[int, int], book: Cashbook) -> None:
    """What is open of every line of the year, its corrections and late fees, and what every account has with us.

    ``grew_on``: the principal of each line of late fee.
    """
    owed: Counter[tuple[str, bool]] = Counter()
    for line in open_lines():
        key = f"{grew_on.get(line.line_id, line.line_id)}", line.line_id in grew_on
        owed[key] += as_fen(f"{line.outstanding}")
    expected = Counter({(debt.line, False): debt.open for debt in book.debts.values()})
    expected.update({(debt.line, True): sum(late.open for late in debt.late) for debt in book.debts.values()})
    assert owed == +expected
    assert sum(is_late for _line, is_late in owed) > 12
    accounts = ChargeAccount.objects.select_related("unit", "payer")
    held = {(a.unit.code, a.payer.name): as_fen(f"{get_balance_of(a.pk)}") for a in accounts}
    kept = {account: sum(purses.values()) for account, purses in book.purses.items()}
    assert {account: fen for account, fen in held.items() if fen} == {
        a: fen for a, fen in kept.items() if fen
    }


def assert_late_fees(lived: Lived, book: Cashbook) -> None:
    """The late fees of the whole year as of a day in spring, their stretches of days and their sums."""
    exported = lived.export("late_fees.csv", "late_fees", "--as-of", f"{SPRING}")
    expected = [list_late(book.owed(debt), SPRING) for debt in book.debts.values()]
    stretches = [late for parts, _fee in expected for late in parts]
    assert sorted(set(map(as_late, exported)) ^ set(stretches)) == []
    assert len(exported) == len(stretches) > len(book.debts) // 2
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


@pytest.mark.parametrize("module", [cashbook, coins, files, pools, year, late])
def test_recomputation_takes_nothing_from_the_product(module: object) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    foreign = {str(name).partition(".")[0] for name in names} - sys.stdlib_module_names
    assert foreign <= {"tests"}
