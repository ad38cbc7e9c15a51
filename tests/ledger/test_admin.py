"""The journal in the staff pages is read, never written (P-02)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from estates.models import Community
from ledger.models import JournalEntry
from ledger.services import Leg, post
from tests.staff import member
from users.roles import Role


@pytest.fixture
def entry(community: Community) -> JournalEntry:
    return post(
        company_id=community.company_id,
        community_id=community.pk,
        booked_on=date(2026, 11, 1),
        kind="bill",
        source="bill:1",
        legs=[Leg("224102", Decimal("1684.03")), Leg("6001", Decimal("-1684.03"))],
    )


@pytest.fixture
def finance(community: Community) -> Client:
    return member(Role.FINANCE, community)


def address(verb: str, entry: JournalEntry) -> str:
    return reverse(f"admin:ledger_journalentry_{verb}", args=[entry.pk])


def test_entry_is_shown_with_debit_and_credit(finance: Client, entry: JournalEntry) -> None:
    page = finance.get(address("change", entry)).content.decode()
    assert "224102 Deposits held" in page
    assert page.count("1,684.03") == 2


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_entry_cannot_be_written(finance: Client, entry: JournalEntry, verb: str) -> None:
    assert finance.post(address(verb, entry), {"memo": "x", "post": "yes"}).status_code == 403
    entry.refresh_from_db()
    assert (entry.memo, entry.legs.count()) == ("", 2)


def test_entry_cannot_be_added(finance: Client) -> None:
    assert finance.get(reverse("admin:ledger_journalentry_add")).status_code == 403


def test_journal_is_for_those_who_keep_the_books(community: Community, entry: JournalEntry) -> None:
    cashier = member(Role.CASHIER, community)
    assert cashier.get(address("change", entry)).status_code == 403


def test_other_companies_entries_are_not_there(entry: JournalEntry) -> None:
    other = Community.objects.create(
        company=type(entry.company).objects.create(name="另一家"), code="other", name="别处"
    )
    stranger = member(Role.FINANCE, other, "stranger")
    answer = stranger.get(reverse("admin:ledger_journalentry_changelist"))
    assert "bill:1" not in answer.content.decode()
    assert stranger.get(address("change", entry)).status_code in {302, 404}
