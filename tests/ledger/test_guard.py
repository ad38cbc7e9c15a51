"""P-01 and P-02 by raw SQL: what the database itself refuses, whoever asks."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core.triggers import allow_truncate
from estates.models import Community, Company
from ledger.models import JournalEntry, JournalLeg, LedgerAccount
from ledger.services import Leg, open_books, post

pytestmark = pytest.mark.django_db(transaction=True)

RAW_LEG = "INSERT INTO ledger_journalleg (entry_id, ledger_account_id, amount) VALUES (%s, %s, %s)"


@pytest.fixture
def entry(community: Community) -> JournalEntry:
    return post(
        company_id=community.company_id,
        community_id=community.pk,
        booked_on=date(2026, 11, 1),
        kind="bill",
        source="bill:1",
        legs=[Leg("224102", Decimal("5.00")), Leg("6001", Decimal("-5.00"))],
    )


def new_entry(community: Community, source: str = "raw:1") -> int:
    return JournalEntry.objects.create(
        company_id=community.company_id,
        community=community,
        booked_on=date(2026, 11, 2),
        kind="raw",
        source=source,
    ).pk


def account(code: str) -> int:
    return LedgerAccount.objects.get(code=code).pk


def insert_leg(entry_id: int, code: str, amount: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RAW_LEG, [entry_id, account(code), amount])


@transaction.atomic
def insert_entry(community: Community, *legs: tuple[str, str]) -> None:
    entry_id = new_entry(community)
    for code, amount in legs:
        insert_leg(entry_id, code, amount)


@transaction.atomic
def insert_entry_and_lose_its_last_leg(community: Community) -> None:
    entry_id = new_entry(community)
    insert_leg(entry_id, "224102", "5.00")
    savepoint = transaction.savepoint()
    insert_leg(entry_id, "6001", "-5.00")
    transaction.savepoint_rollback(savepoint)


@transaction.atomic
def insert_leg_of_account(community: Community, account_id: int) -> None:
    entry_id = new_entry(community)
    with connection.cursor() as cursor:
        cursor.execute(RAW_LEG, [entry_id, account_id, "1.00"])


def test_unbalanced_pair_fails_at_commit(community: Community) -> None:
    with pytest.raises(IntegrityError, match=r"does not balance: its legs sum to 0\.01"):
        insert_entry(community, ("224102", "5.00"), ("6001", "-4.99"))
    assert not JournalEntry.objects.exists()


def test_legs_of_several_statements_balance_at_commit(community: Community) -> None:
    insert_entry(community, ("224102", "5.00"), ("6001", "-2.00"), ("2221", "-3.00"))
    assert JournalLeg.objects.count() == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_unbalanced")
        assert cursor.fetchone() == (0,)


def test_leg_lost_with_its_savepoint_fails_at_commit(community: Community) -> None:
    with pytest.raises(IntegrityError, match="does not balance"):
        insert_entry_and_lose_its_last_leg(community)


def test_stray_leg_on_old_entry_fails(entry: JournalEntry) -> None:
    with pytest.raises(IntegrityError, match="joins only an entry of its own transaction"):
        insert_leg(entry.pk, "224102", "5.00")


def test_balanced_pair_on_old_entry_fails(entry: JournalEntry) -> None:
    with pytest.raises(IntegrityError, match="joins only an entry of its own transaction"):
        JournalLeg.objects.bulk_create(
            [
                JournalLeg(entry=entry, ledger_account_id=account("224102"), amount=Decimal("1.00")),
                JournalLeg(entry=entry, ledger_account_id=account("6001"), amount=Decimal("-1.00")),
            ]
        )
    assert entry.legs.count() == 2


def test_entry_cannot_be_dated_into_a_later_transaction(community: Community) -> None:
    with transaction.atomic():
        forged = JournalEntry.objects.create(
            company_id=community.company_id,
            community=community,
            booked_on=date(2026, 11, 2),
            kind="raw",
            source="forged",
            written_in=2**40,
        )
        forged.refresh_from_db()
    assert forged.written_in != 2**40


def test_leg_of_another_companys_account_fails(community: Community) -> None:
    other = Company.objects.create(name="另一家")
    open_books(company=other)
    foreign = LedgerAccount.objects.get(company=other, code="224102").pk
    with pytest.raises(IntegrityError, match="not of its company"):
        insert_leg_of_account(community, foreign)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_journalleg SET amount = amount * 2",
        "DELETE FROM ledger_journalleg",
        "UPDATE ledger_journalentry SET booked_on = '2026-01-01'",
        "UPDATE ledger_journalentry SET written_in = pg_current_xact_id()::text::bigint",
        "DELETE FROM ledger_journalentry",
        "UPDATE ledger_ledgeraccount SET code = '1' || code",
        "DELETE FROM ledger_ledgeraccount",
        "TRUNCATE ledger_journalleg",
        "TRUNCATE ledger_journalentry CASCADE",
    ],
)
def test_posted_rows_refuse(entry: JournalEntry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert sorted(entry.legs.values_list("amount", flat=True)) == [Decimal("-5.00"), Decimal("5.00")]


def test_orm_cannot_change_a_leg(entry: JournalEntry) -> None:
    leg = entry.legs.first()
    assert leg is not None
    leg.amount = Decimal("9.99")
    with pytest.raises(IntegrityError, match="append-only"):
        leg.save()
    with pytest.raises(IntegrityError, match="append-only"):
        entry.legs.all().delete()
    with pytest.raises(IntegrityError, match="append-only"):
        JournalEntry.objects.filter(pk=entry.pk).update(memo="x")


def test_ledger_account_may_be_renamed(entry: JournalEntry) -> None:
    assert LedgerAccount.objects.filter(code="1001").update(name="现金") == 1


def test_truncate_is_left_to_test_teardown(entry: JournalEntry) -> None:
    with allow_truncate(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE ledger_journalleg")
    assert not JournalLeg.objects.exists()
