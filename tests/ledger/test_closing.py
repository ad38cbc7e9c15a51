"""P-08: a closed month takes nothing, by whatever route; the correction of a later day is taken."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core.bulk import copy_rows
from core.errors import Problem
from core.models import AuditRecord
from estates.models import Community, Company
from ledger import chart, closing
from ledger.closing import (
    AlreadyClosedError,
    NotOverError,
    NotReadyToCloseError,
    close_period,
    list_objections,
)
from ledger.models import ClosedPeriod, JournalEntry
from ledger.selectors import get_balance, get_booking_day, get_first_open_day
from ledger.services import (
    Leg,
    LegColumn,
    PeriodClosedError,
    Posting,
    open_books,
    post,
    post_columns,
    post_many,
    reverse,
)
from tests.races import KEPT_OUT, PATIENCE

OCTOBER_ENDS = date(2026, 10, 31)
NOVEMBER_BEGINS = date(2026, 11, 1)
TODAY = date(2026, 11, 9)
NOW = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)
LEGS = [Leg(chart.ON_BEHALF, Decimal("5.00")), Leg(chart.REVENUE, Decimal("-5.00"))]


def close(community: Community, through: date = OCTOBER_ENDS, *, all_of_it: bool = False) -> ClosedPeriod:
    return close_period(
        company=community.company,
        community=None if all_of_it else community,
        through=through,
        by="赵强",
        now=NOW,
        as_of=TODAY,
    )


def book(community: Community, day: date, source: str = "deed:1") -> JournalEntry:
    return post(
        company_id=community.company_id,
        community_id=community.pk,
        booked_on=day,
        kind="test",
        source=source,
        legs=LEGS,
    )


# Our own services ---------------------------------------------------------------------------------------


def by_post(community: Community) -> None:
    book(community, OCTOBER_ENDS)


def by_columns(community: Community) -> None:
    post_columns(
        company_id=community.company_id,
        community_id=community.pk,
        booked_on=OCTOBER_ENDS,
        kind="test",
        source="deed:1",
        columns=[LegColumn(leg.code, np.array([int(leg.amount * 100)])) for leg in LEGS],
    )


def by_many(community: Community) -> None:
    post_many(
        company_id=community.company_id,
        community_id=community.pk,
        kind="test",
        postings=[Posting(TODAY, "deed:1", LEGS), Posting(OCTOBER_ENDS, "deed:2", LEGS)],
    )


def by_reversal(community: Community) -> None:
    entry = book(community, TODAY, "deed:0")
    reverse(entry=entry, booked_on=OCTOBER_ENDS, source="deed:1")


@pytest.mark.parametrize("way", [by_post, by_columns, by_many, by_reversal])
def test_a_closed_month_is_refused_in_words(community: Community, way: Callable[[Community], None]) -> None:
    close(community)
    with pytest.raises(PeriodClosedError, match="2026-10-31"):
        way(community)
    assert not JournalEntry.objects.filter(booked_on__lte=OCTOBER_ENDS).exists()


def test_the_first_open_day_is_taken(community: Community) -> None:
    close(community)
    assert book(community, NOVEMBER_BEGINS).booked_on == NOVEMBER_BEGINS


def test_a_correction_of_a_later_day_is_taken(community: Community) -> None:
    entry = book(community, OCTOBER_ENDS)
    close(community)
    reverse(entry=entry, booked_on=TODAY, source="correction:1")
    assert get_balance(code=chart.REVENUE) == Decimal("0.00")
    assert get_balance(code=chart.REVENUE, as_of=OCTOBER_ENDS) == Decimal("-5.00")


def test_a_community_is_closed_with_its_company(community: Community) -> None:
    close(community, all_of_it=True)
    with pytest.raises(PeriodClosedError):
        book(community, OCTOBER_ENDS)


def test_a_community_is_closed_by_itself(community: Community) -> None:
    other = Community.objects.create(company=community.company, code="binhe", name="滨河")
    close(community)
    assert book(other, OCTOBER_ENDS).booked_on == OCTOBER_ENDS
    books = {"company_id": community.company_id}
    assert get_first_open_day(**books, community_id=community.pk) == NOVEMBER_BEGINS
    assert get_first_open_day(**books, community_id=other.pk) == date.min


@pytest.mark.parametrize(
    ("day", "booked_on"),
    [(OCTOBER_ENDS, NOVEMBER_BEGINS), (NOVEMBER_BEGINS, NOVEMBER_BEGINS), (TODAY, TODAY)],
)
def test_a_deed_of_a_closed_day_is_booked_on_the_first_open_one(
    community: Community, day: date, booked_on: date
) -> None:
    close(community)
    books = {"company_id": community.company_id, "community_id": community.pk}
    assert get_booking_day(**books, day=day) == booked_on


def test_another_company_is_not_closed(community: Community) -> None:
    stranger = Company.objects.create(name="邻家物业")
    open_books(company=stranger)
    other = Community.objects.create(company=stranger, code="binhe", name="滨河")
    close(community, all_of_it=True)
    assert book(other, OCTOBER_ENDS).booked_on == OCTOBER_ENDS


# Past our services: shell, raw SQL, COPY ------------------------------------------------------------------

RAW = """
    INSERT INTO ledger_journalentry (company_id, community_id, booked_on, kind, source, memo)
    VALUES (%s, %s, %s, 'raw', 'raw:1', '')
"""


def by_shell(community: Community, day: date) -> None:
    JournalEntry.objects.create(
        company=community.company, community=community, booked_on=day, kind="shell", source="shell:1"
    )


def by_sql(community: Community, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RAW, [community.company_id, community.pk, day])


def by_copy(community: Community, day: date) -> None:
    row = {"company_id": community.company_id, "community_id": community.pk, "booked_on": day}
    row |= {"kind": "copy", "source": "copy:1", "memo": ""}
    copy_rows("ledger_journalentry", {name: [value] for name, value in row.items()})


@pytest.mark.parametrize("way", [by_shell, by_sql, by_copy])
def test_the_database_refuses_a_closed_month(
    community: Community, way: Callable[[Community, date], None]
) -> None:
    close(community)
    refused = pytest.raises((DatabaseError, psycopg.Error), match="closed through 2026-10-31")
    with refused, transaction.atomic():
        way(community, OCTOBER_ENDS)
    way(community, NOVEMBER_BEGINS)


@pytest.mark.parametrize("way", [by_shell, by_sql, by_copy])
def test_without_the_guard_the_closed_month_is_open(
    community: Community, way: Callable[[Community, date], None]
) -> None:
    """The red twin: take the trigger away and every back door is open."""
    close(community)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_journalentry DISABLE TRIGGER ledger_entry_open")
    way(community, OCTOBER_ENDS)
    assert JournalEntry.objects.get().booked_on == OCTOBER_ENDS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_closedperiod SET through = '2026-09-30'",
        "DELETE FROM ledger_closedperiod",
        "TRUNCATE ledger_closedperiod",
    ],
)
def test_a_closed_month_never_opens_again(community: Community, statement: str) -> None:
    close(community)
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)


# Closing --------------------------------------------------------------------------------------------------


def test_close_period_is_audited(community: Community) -> None:
    period = close(community)
    assert (period.through, period.closed_by) == (OCTOBER_ENDS, "赵强")
    audit = AuditRecord.objects.get(action="ledger.close_period")
    assert (audit.community_id, audit.after) == (community.pk, {"through": "2026-10-31", "remarks": []})


@pytest.mark.parametrize("day", [TODAY, date(2026, 11, 30)])
def test_close_period_waits_until_the_days_are_over(community: Community, day: date) -> None:
    with pytest.raises(NotOverError):
        close(community, day)
    close(community, date(2026, 11, 8))


@pytest.mark.parametrize("day", [OCTOBER_ENDS, date(2026, 9, 30)])
def test_close_period_goes_only_forward(community: Community, day: date) -> None:
    close(community, all_of_it=True)
    with pytest.raises(AlreadyClosedError):
        close(community, day)


@pytest.fixture
def objections(monkeypatch: pytest.MonkeyPatch) -> list[Problem]:
    """What some app says against closing."""
    found: list[Problem] = []
    monkeypatch.setitem(closing._checks, "test.objections", lambda scope: found)
    return found


def test_close_period_is_refused_while_something_stands_against_it(
    community: Community, objections: list[Problem]
) -> None:
    objections += [
        Problem("test.remark", "three exceptions", blocks=False),
        Problem("test.draft", "a run is not issued"),
    ]
    with pytest.raises(NotReadyToCloseError) as refused:
        close(community)
    assert [problem.code for problem in refused.value.problems] == ["test.draft"]
    assert not ClosedPeriod.objects.exists()
    shown = list_objections(company=community.company, community=community, through=OCTOBER_ENDS, as_of=TODAY)
    assert [problem.code for problem in shown] == ["test.draft", "test.remark"]


def test_close_period_takes_remarks_into_the_record(community: Community, objections: list[Problem]) -> None:
    objections.append(Problem("test.remark", "three exceptions", blocks=False))
    close(community)
    audit = AuditRecord.objects.get(action="ledger.close_period")
    assert audit.after == {"through": "2026-10-31", "remarks": ["three exceptions"]}


@pytest.mark.broken_books("an entry without balance is what must keep the month open")
def test_close_period_is_refused_while_the_books_are_wrong(community: Community) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_journalleg DISABLE TRIGGER ledger_leg_weigh")
        by_sql(community, OCTOBER_ENDS)
        cursor.execute(
            """INSERT INTO ledger_journalleg (entry_id, ledger_account_id, amount)
               SELECT entry.id, account.id, 5 FROM ledger_journalentry entry, ledger_ledgeraccount account
               WHERE account.code = '6001'"""
        )
    with pytest.raises(NotReadyToCloseError):
        close(community)


# Closing beside posting -----------------------------------------------------------------------------------


def post_beside_closing(
    community: Community, may_commit: threading.Event, *, patience: float
) -> list[BaseException]:
    """One hand has posted an October entry and commits when it may, or is tired of waiting; another closes October."""
    errors: list[BaseException] = []
    posted = threading.Event()

    def run(deed: Callable[[], object]) -> None:
        try:
            deed()
        except (IntegrityError, PeriodClosedError, NotReadyToCloseError) as error:
            errors.append(error)
        finally:
            connection.close()

    @transaction.atomic
    def post_slowly() -> None:
        book(community, OCTOBER_ENDS)
        posted.set()
        may_commit.wait(timeout=patience)

    def close_meanwhile() -> None:
        assert posted.wait(timeout=PATIENCE)
        close(community)

    threads = [threading.Thread(target=run, args=[deed]) for deed in (post_slowly, close_meanwhile)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def close_beside_posting(community: Community, *, patience: float) -> bool:
    """Whether closing saw the books with the entry that was on its way when it began.

    patience: the seconds the entry stays on its way when closing does not look at the books meanwhile.
    """
    seen: list[bool] = []
    has_looked = threading.Event()

    def look(scope: closing.ClosingScope) -> list[Problem]:
        seen.append(JournalEntry.objects.exists())
        has_looked.set()
        return []

    closing._checks["test.look"] = look
    try:
        assert post_beside_closing(community, may_commit=has_looked, patience=patience) == []
    finally:
        del closing._checks["test.look"]
    return seen == [True]


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_whoever_is_posting(community: Community) -> None:
    assert close_beside_posting(community, patience=KEPT_OUT)


@pytest.mark.django_db(transaction=True)
def test_closing_without_its_lock_overtakes_whoever_is_posting(community: Community) -> None:
    """The red twin: the books are looked through and closed while an entry is still on its way."""
    switch = "ALTER TABLE ledger_closedperiod {} TRIGGER ledger_closedperiod_alone"
    with connection.cursor() as cursor:
        cursor.execute(switch.format("DISABLE"))
        try:
            assert not close_beside_posting(community, patience=PATIENCE)
        finally:
            cursor.execute(switch.format("ENABLE"))
