"""The check that runs after every database test sees what it must see."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from core.invariants import check_all, get_figures
from estates.models import Community
from ledger.models import JournalEntry, LedgerAccount
from ledger.selectors import trial_balance
from ledger.services import Leg, post


def post_pair(community: Community, day: int, amount: str, owner: int) -> JournalEntry:
    return post(
        company_id=community.company_id,
        community_id=community.pk,
        booked_on=date(2026, 11, day),
        kind="bill",
        source=f"bill:{day}",
        legs=[Leg("224101", Decimal(amount), owner), Leg("6001", -Decimal(amount))],
    )


@pytest.mark.broken_books("one leg is doubled with the guard off")
def test_entries_balance_names_the_entry(community: Community) -> None:
    entry = post_pair(community, 1, "5.00", 7)
    receivable = LedgerAccount.objects.get(code="224101").pk
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_journalleg DISABLE TRIGGER ledger_leg_weigh")
        cursor.execute(
            "INSERT INTO ledger_journalleg (entry_id, ledger_account_id, amount) VALUES (%s, %s, 0.01)",
            [entry.pk, receivable],
        )
        cursor.execute("ALTER TABLE ledger_journalleg ENABLE TRIGGER ledger_leg_weigh")
    found = [problem.where for problem in check_all() if problem.code == "ledger.entries_balance"]
    assert found == [{"entry": entry.pk}]
    assert get_figures()["imbalance"] == Decimal("0.01")


def test_figures_as_of_a_day(community: Community) -> None:
    post_pair(community, 1, "5.00", 7)
    post_pair(community, 3, "4.00", 7)
    assert [get_figures(date(2026, 11, day))["entries"] for day in (1, 2, 3)] == [1, 1, 2]
    assert get_figures()["imbalance"] == Decimal("0.00")


def test_trial_balance_sums_to_zero(community: Community) -> None:
    post_pair(community, 1, "5.00", 7)
    post_pair(community, 4, "1.00", 7)
    balance = trial_balance(company_id=community.company_id, as_of=date(2026, 11, 3))
    assert {code: str(sum_) for code, sum_ in balance.items() if sum_} == {"224101": "5.00", "6001": "-5.00"}
    assert sum(balance.values()) == 0
