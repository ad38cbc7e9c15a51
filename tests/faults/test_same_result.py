"""Nothing around a run changes what it comes to: how often it runs, by how many, in which order and where (P-03, P-05).

P-03's full size is 20,000 accounts of three fee items:

    NUANLIN_PROOF_ACCOUNTS=20000 .venv/bin/python -m pytest tests/faults/test_same_result.py -k parallel
"""

from __future__ import annotations

import hashlib
import os
import random
import re
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from psycopg.errors import UniqueViolation

from billing.models import Bill, BillRun, ChargeLine, RunChunk
from billing.selectors import snapshot
from billing.services.run import bill_chunk, bill_chunks, discard_run
from billing.services.run.driving import Biller
from billing.services.tariffs import import_tariffs
from estates.models import Community
from estates.services.communities import create_community
from estates.services.readings import import_readings
from estates.services.roster import import_roster
from simulation.services.founding import Founded, as_csv
from tests.faults.conftest import FIRST_NIGHT, PATIENCE, Start, bill
from tests.races import all_at_once, no_locks

ACCOUNTS = int(os.environ.get("NUANLIN_PROOF_ACCOUNTS", "320"))
WORKERS = 4
BEFORE, AFTER = date(2026, 8, 31), date(2026, 9, 30)
TARIFFS = (
    ("code", "name", "cycle", "timing", "method", "price", "effective_from"),
    ("wuye", "物业费", "month", "advance", "area", "2.35", "2026-01-01"),
    ("laji", "垃圾清运费", "month", "advance", "fixed", "8", "2026-01-01"),
    ("shui", "水费", "month", "arrears", "tiers", "water;10:2;20:3;30:4;:5", "2026-01-01"),
)
SHARED_POWER = ((BEFORE.isoformat(), "20000"), (AFTER.isoformat(), "21733.5"))
POOLS = (
    ("dian", "公摊电费", "month", "arrears", "pool", "E1;0.6283;area", "2026-01-01"),
    ("ting", "门厅照明", "month", "arrears", "pool", "E1;0.0717;household", "2026-01-01"),
)
"""Of the second, 1,733.5 × 0.0717 = 124.29 yuan over 60 households, nine get a fen more: the first by code."""
LINES = """
    SELECT u.code, p.name, f.code, l.part, l.period_start, l.period_end, l.method, l.quantity, l.price, l.amount,
           l.inputs::text
    FROM billing_chargeline l
    JOIN billing_bill b ON b.id = l.bill_id
    JOIN billing_chargeaccount a ON a.id = b.account_id
    JOIN estates_unit u ON u.id = a.unit_id
    JOIN estates_person p ON p.id = a.payer_id
    JOIN billing_feeitem f ON f.id = l.fee_item_id
    ORDER BY u.code COLLATE "C", a.start, f.code COLLATE "C", l.part
"""
NUMBERS_OF_ROWS = re.compile(r'"(version|pool)": \d+')


def digest() -> str:
    """A hash of all that the lines say, by unit, payer and fee item, without the numbers the database gave to rows."""
    with connection.cursor() as cursor:
        cursor.execute(LINES)
        said = NUMBERS_OF_ROWS.sub("", repr(cursor.fetchall()))
    return hashlib.sha256(said.encode()).hexdigest()


def found_town(units: Sequence[int], *extra: Sequence[str]) -> Community:
    """Found a town whose units stand in the files, and so in the tables, in this order; each is charged three fees.

    extra: further rows of the tariff file.
    """
    community = create_community(code="town", name="云杉苑", by=None)
    codes = [(f"{n // 100 + 1}", "1", f"{n % 100 + 101}") for n in units]
    roster = [("楼栋", "单元", "房号", "建筑面积", "业主姓名")]
    roster += [
        (*code, f"{60 + n % 97}.{n % 89:02d}", f"业主{n}") for n, code in zip(units, codes, strict=True)
    ]
    readings: list[Sequence[str]] = [("unit", "meter", "kind", "date", "value")]
    readings += [("", "E1", "electricity", day, value) for day, value in SHARED_POWER]
    readings += [
        ("-".join(code), f"W{n}", "water", day.isoformat(), f"{100 + n % 50 + used}")
        for n, code in zip(units, codes, strict=True)
        for day, used in ((BEFORE, 0), (AFTER, n % 41))
    ]
    facts: dict[str, Any] = {"community": community, "by": None}
    import_roster(file=as_csv("roster.csv", roster), today=AFTER, now=FIRST_NIGHT, **facts)
    import_tariffs(file=as_csv("tariffs.csv", (*TARIFFS, *extra)), **facts)
    import_readings(file=as_csv("readings.csv", readings), today=AFTER, **facts)
    return community


@pytest.fixture
def town(transactional_db: None) -> Community:
    return found_town(range(ACCOUNTS))


def billed_by(workers: int, results: list[Any]) -> Biller:
    """Have every chunk of the run billed by every worker at once, each in an order of its own."""

    def bill_all(run: BillRun, numbers: Sequence[int], seed: int) -> int:
        own = random.Random(seed).sample(numbers, len(numbers))
        return sum(bill_chunk(run.pk, number) for number in own)

    def biller(run: BillRun, _watch: Any) -> None:
        numbers = list(RunChunk.objects.filter(run=run).values_list("number", flat=True))
        results.extend(all_at_once(*(partial(bill_all, run, numbers, seed) for seed in range(workers))))

    return biller


def taking_digest(found: list[str]) -> Biller:
    """Bill in this process, and note what it came to before a dry run takes it back."""

    def biller(run: BillRun, _watch: Any) -> None:
        bill_chunks(run)
        found.append(digest())

    return biller


def test_month_run_three_times_by_parallel_workers_is_billed_once(town: Community) -> None:
    size = max(8, ACCOUNTS // 40)
    undisturbed: list[str] = []
    bill(town, dry_run=True, chunk_size=size, biller=taking_digest(undisturbed))

    for bills_expected in (ACCOUNTS, 0, 0):
        bills_made: list[Any] = []
        outcome = bill(town, chunk_size=size, biller=billed_by(WORKERS, bills_made))
        assert sum(bills_made) == outcome.bills_created == bills_expected
        assert digest() == undisturbed[0]

    assert (Bill.objects.count(), ChargeLine.objects.count()) == (ACCOUNTS, 3 * ACCOUNTS)


def test_parallel_workers_without_the_lock_run_into_the_unique_keys(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: without the chunk's lock all write the same bills, and only the database stops them."""
    results: list[Any] = []
    with no_locks(monkeypatch, "billing.chunk.looked", count=WORKERS):
        bill(town, issue=False, chunk_size=ACCOUNTS, biller=billed_by(WORKERS, results))

    assert results.count(ACCOUNTS) == 1
    assert sum(isinstance(result, UniqueViolation) for result in results) == WORKERS - 1


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_number_of_workers_does_not_matter(founded: Founded, workers: int) -> None:
    alone: list[str] = []
    bill(founded.community, dry_run=True, chunk_size=1000, biller=taking_digest(alone))

    bill(founded.community, chunk_size=3, biller=billed_by(workers, []))

    assert digest() == alone[0]


def bill_in_orders(count: int) -> set[str]:
    """Bill a town whose units stand in the tables in so many orders; return what it came to."""
    found: list[str] = []
    for seed in range(count):
        town = found_town(random.Random(seed).sample(range(60), 60), *POOLS)
        bill(town, dry_run=True, biller=taking_digest(found))
        call_command("flush", interactive=False, verbosity=0)
    assert len(found) == count
    return set(found)


def test_order_of_units_in_the_tables_does_not_matter(transactional_db: None) -> None:
    assert len(bill_in_orders(3)) == 1


def test_order_of_units_would_matter_if_coins_went_by_the_numbers_of_rows(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: the coins that are left over go to whoever was entered first."""
    by_number = snapshot.UNITS.replace('ORDER BY u.code COLLATE "C"', "ORDER BY u.id")
    assert by_number != snapshot.UNITS
    monkeypatch.setattr(snapshot, "UNITS", by_number)
    assert len(bill_in_orders(2)) == 2


ELSEWHERE = {
    "Apia": {"TZ": "Pacific/Apia", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    "Istanbul": {"TZ": "Europe/Istanbul", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"},
    "Los Angeles": {"TZ": "America/Los_Angeles", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "3"},
}


def test_host_of_another_zone_and_language_bills_the_same(founded: Founded, start: Start) -> None:
    here: list[str] = []
    bill(founded.community, dry_run=True, biller=taking_digest(here))
    for place, environment in ELSEWHERE.items():
        command = (
            "manage.py",
            "bill",
            "--community",
            founded.community.code,
            "--period",
            "2026-10",
            "--draft",
        )
        assert start(*command, **environment).wait(timeout=PATIENCE) == 0
        assert digest() == here[0], place
        discard_run(run=BillRun.objects.get(), by="test")
