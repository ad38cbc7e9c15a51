"""The doors of the late fee in the shell: the export, the figure of the books, and charging by hand."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from billing.models import ChargeAccount
from tests.billing.factories import make_account
from tests.billing.late_fees import make_line, make_policy, pay

DUE = date(2026, 11, 20)
BROKEN = pytest.mark.broken_books("settlements here have no entries in the journal")


def in_days(number: int) -> date:
    return DUE + timedelta(days=number)


def told(capsys: pytest.CaptureFixture[str], *arguments: Any, **options: Any) -> dict[str, Any]:
    call_command(*arguments, json=True, **options)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


@BROKEN
def test_export_lists_parts_that_sum_to_the_figure_of_the_books(
    account: ChargeAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1,000 for 10 days and 749.50 for 5 are 6.87375, so 6.87; 333.33 for 15 days are 2.499975, so 2.50."""
    make_policy(account.community)
    line = make_line(account, "1000.00", DUE)
    pay(line, in_days(10), "250.50")
    other = make_line(make_account(account.community, "8-2-302", "王芳"), "333.33", DUE)
    out = tmp_path / "late.csv"
    where = {"community": account.community.code, "as_of": in_days(15), "out": out}
    assert told(capsys, "export", "late_fees", **where) == {"late_fees": 3, "out": str(out)}
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    names = ("line", "principal", "from", "to", "rate", "days", "amount", "rounding")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (str(line.pk), "1000.00", "2026-11-21", "2026-11-30", "0.0005", "10", "5.00", "0.00"),
        (str(line.pk), "749.50", "2026-12-01", "2026-12-05", "0.0005", "5", "1.87", "-0.00375"),
        (str(other.pk), "333.33", "2026-11-21", "2026-12-05", "0.0005", "15", "2.50", "0.000025"),
    ]
    figure = told_books(capsys, in_days(15))
    assert figure == str(sum(Decimal(row["amount"]) for row in rows)) == "9.37"


def told_books(capsys: pytest.CaptureFixture[str], as_of: date) -> str:
    """The figure `check_books` gives; the books are broken here on purpose, so it leaves with 1."""
    with pytest.raises(SystemExit):
        call_command("check_books", as_of=as_of, json=True)
    found: str = json.loads(capsys.readouterr().out)["late_fee_open"]
    return found


def test_check_books_gives_the_open_late_fee_of_a_day(
    account: ChargeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    make_policy(account.community)
    make_line(account, "1000.00", DUE)
    assert [told(capsys, "check_books", as_of=in_days(days))["late_fee_open"] for days in (0, 1, 30)] == [
        "0.00",
        "0.50",
        "15.00",
    ]


def test_charge_command_charges_once_and_says_what(
    account: ChargeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    make_policy(account.community, charging="hand")
    make_line(account, "1000.00", DUE)
    where = {"community": account.community.code, "as_of": in_days(10)}
    assert told(capsys, "charge_late_fees", dry_run=True, **where) == {"total": "5.00"}
    assert told(capsys, "charge_late_fees", **where) == {"bills": 1, "lines": 1, "total": "5.00"}
    assert told(capsys, "charge_late_fees", **where) == {"bills": 0, "lines": 0, "total": "0.00"}
    assert told(capsys, "check_books", as_of=in_days(10))["late_fee_open"] == "0.00"


def test_export_of_late_fees_needs_a_day(account: ChargeAccount, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        call_command("export", "late_fees", community=account.community.code, out=tmp_path / "x")
    assert (left.value.code, list(tmp_path.iterdir())) == (2, [])
