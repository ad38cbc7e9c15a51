"""The API of the account statement: the page's figures, row by row."""

from __future__ import annotations

import pytest
from django.test import Client

from billing.models import ChargeAccount
from tests.billing.api.calls import get
from tests.billing.months import bill_month
from tests.billing.village import Village

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(village: Village) -> int:
    """Of a hundred square metres, billed for October and November on the first of November."""
    bill_month(village, "2026-10")
    bill_month(village, "2026-11")
    return ChargeAccount.objects.get(unit__code="8-301").pk


def test_statement_row_by_row(cashier: Client, account: int) -> None:
    told = get(cashier, "api_statement", account, first="2026-11-01", last="2026-11-30").json()
    figures = {
        "opening": "0.00",
        "charged": "600.00",
        "paid": "0.00",
        "credited": "0.00",
        "closing": "600.00",
    }
    assert (told["account"], told["first"], told["last"]) == (account, "2026-11-01", "2026-11-30")
    assert told["figures"] == figures
    assert [(row["day"], len(row["bills"]), row["figures"]) for row in told["rows"]] == [
        ("2026-11-01", 2, figures)
    ]


def test_statement_of_twelve_months_where_nothing_is_said(cashier: Client, account: int) -> None:
    told = get(cashier, "api_statement", account).json()
    assert (told["first"], told["last"]) == ("2025-11-01", "2026-11-05")


@pytest.mark.parametrize(
    "query", [{"first": "soon"}, {"whole": "street"}, {"first": "2026-11-02", "last": "2026-11-01"}]
)
def test_statement_refuses_a_span_that_makes_no_sense(
    cashier: Client, account: int, query: dict[str, str]
) -> None:
    assert get(cashier, "api_statement", account, **query).status_code == 400


def test_a_stranger_finds_nothing(stranger: Client, account: int) -> None:
    assert get(stranger, "api_statement", account).status_code == 404
