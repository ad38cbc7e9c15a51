"""How long the question takes whether the books balance, asked of a million legs (P-01)."""

from collections.abc import Iterator
from datetime import date

import numpy as np
from django.db import connection, transaction

from benchmarks.protocol import Measurement, Wanted, bench, stopwatch
from core.invariants import check_all
from estates.models import Community, Company
from ledger import chart
from ledger.invariants import entries_balance
from ledger.services import LegColumn, open_books, post_columns

LEGS = 1_000_000
LEGS_AN_ENTRY = 1_000
AT_MOST_SECONDS = 5.0


@bench("books.check")
def measure_check(wanted: Wanted) -> Iterator[Measurement]:
    """The invariant of the books against the bare sum of the same legs by entry."""
    fill_books()
    with stopwatch() as bare:
        sum_bare()
    with stopwatch() as check:
        assert list(entries_balance(None)) == []
    with stopwatch() as everything:
        assert check_all() == []
    name = f"books.check.{LEGS}"
    note = f"must stay under {AT_MOST_SECONDS:.0f} s; all invariants {everything.seconds:.2f} s"
    yield Measurement(
        name, LEGS, check.seconds, bare.seconds, at_most=AT_MOST_SECONDS / bare.seconds, note=note
    )


def fill_books() -> None:
    """Post a million legs, balanced in entries of a thousand, as the chunks of billing runs do."""
    company = Company.objects.create(name="bench")
    open_books(company=company)
    community = Community.objects.create(company=company, code="bench", name="bench")
    owed = np.full(LEGS_AN_ENTRY - 1, 30945, dtype=np.int64)
    columns = [LegColumn(chart.ON_BEHALF, owed), LegColumn(chart.REVENUE, np.array([-owed.sum()]))]
    with transaction.atomic():
        for number in range(LEGS // LEGS_AN_ENTRY):
            post_columns(
                company_id=company.pk,
                community_id=community.pk,
                booked_on=date(2026, 9, 1),
                kind="bench",
                source=f"bench:{number}",
                columns=columns,
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ledger_journalleg")


def sum_bare() -> None:
    """What cannot be done without: one grouped pass over all legs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id, sum(amount) FROM ledger_journalleg GROUP BY entry_id HAVING sum(amount) <> 0"
        )
        assert cursor.fetchall() == []
