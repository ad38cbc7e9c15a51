import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from core import invariants
from core.errors import Problem
from core.invariants import books_figure, check_all, invariant

DAY = date(2026, 9, 30)


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariants, "_invariants", {})
    monkeypatch.setattr(invariants, "_figures", {})


@pytest.fixture
def crooked() -> None:
    @invariant("ledger.entries_balance")
    def entries_balance(as_of: date | None) -> Iterator[Problem]:
        yield Problem("ledger.entries_balance", "Entry 7 is off by 0.01.", {"entry": 7, "as_of": str(as_of)})

    @invariant("billing.outstanding")
    def outstanding(as_of: date | None) -> list[Problem]:
        return []


def check_books(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    code = 0
    try:
        call_command("check_books", as_of=DAY, json=True)
    except SystemExit as error:
        code = int(str(error.code))
    return code, json.loads(capsys.readouterr().out)


def test_check_all_collects_what_every_check_finds(crooked: None) -> None:
    (problem,) = check_all(DAY)
    assert problem.as_dict() == {
        "entry": 7,
        "as_of": "2026-09-30",
        "code": "ledger.entries_balance",
        "message": "Entry 7 is off by 0.01.",
        "blocks": True,
    }


def test_check_books_is_content_with_empty_books(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_books(capsys) == (0, {"entries": 0, "imbalance": "0.00", "violations": []})


def test_check_books_names_the_rows_and_answers_1(crooked: None, capsys: pytest.CaptureFixture[str]) -> None:
    books_figure("entries")(lambda as_of: 12)
    books_figure("imbalance")(lambda as_of: Decimal("0.01"))
    code, answer = check_books(capsys)
    assert code == 1
    assert (answer["entries"], answer["imbalance"]) == (12, "0.01")
    assert answer["violations"] == [check_all(DAY)[0].as_dict()]


def test_check_books_in_words_names_the_rows(crooked: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("check_books")
    assert "Entry 7 is off by 0.01." in capsys.readouterr().out
