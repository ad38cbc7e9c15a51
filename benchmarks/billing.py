"""The billing run against the writing it cannot do without.

The limit is COPY of all rows the run writes (bills, lines, run items, journal entries and legs), in the same chunks and
transactions, into a copy of the whole database made before the run: the same rows beside them, every index, key
and trigger on. Chunk by chunk the run and the limit take turns, so that what else the machine does hits both.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection, connections, models, transaction
from django.utils import timezone

from benchmarks.protocol import Measurement, Wanted, bench, peak_mb
from billing.models import Bill, BillRun, ChargeLine, FeeItem, RunItem, TariffVersion
from billing.services.accounts import open_accounts
from billing.services.run import bill_period
from core.periods import Period
from core.progress import Advance
from estates.models import Community, Company
from ledger.models import JournalEntry, JournalLeg
from ledger.services import open_books

SIZES = (10_000, 30_000, 100_000, 1_000_000)
GROWTH = ((10_000, 100_000), (100_000, 1_000_000))
AT_MOST, SLOWER_AT_MOST = 1.6, 1.15
TWIN = "nuanlin_bench_twin"
MONTH = Period.month("2026-09")
LONG_AGO = date(2020, 1, 1)

OF_CHUNK = "(SELECT bill_id FROM billing_runitem WHERE run_id = %(run)s AND chunk = %(chunk)s)"
# Each table the run writes, with the rows of one chunk; the first two are "bills and lines alone".
CHUNK_ROWS: dict[type[models.Model], str] = {
    Bill: f"id IN {OF_CHUNK}",
    ChargeLine: f"bill_id IN {OF_CHUNK}",
    RunItem: "run_id = %(run)s AND chunk = %(chunk)s",
    JournalEntry: "source = %(source)s",
    JournalLeg: "entry_id IN (SELECT id FROM ledger_journalentry WHERE source = %(source)s)",
}

FILL = """
    INSERT INTO estates_building (community_id, code, sort_key)
    SELECT %(community)s, n, lpad(n::text, 6, '0') FROM generate_series(1, %(units)s / 100) AS n;
    INSERT INTO estates_unit (community_id, building_id, code, stair, room, floor, is_top_floor, kind, state,
                              area_m2, sort_key)
    SELECT %(community)s, b.id, b.code || '-1-' || n, '1', n, n / 4, false, 'high_rise', 'occupied',
           70 + (b.id * 7 + n * 13) %% 8000 / 100.0, b.sort_key || lpad(n::text, 4, '0')
    FROM estates_building b, generate_series(1, 100) AS n WHERE b.community_id = %(community)s;
    INSERT INTO estates_person (company_id, name, phone, email, id_number, kind, contact_source, lives_alone_elderly)
    SELECT %(company)s, code, '', '', '', 'natural', '', false FROM estates_unit WHERE community_id = %(community)s;
    ANALYZE estates_unit, estates_person;
    INSERT INTO estates_occupancy (unit_id, person_id, role, is_payer, start)
    SELECT u.id, p.id, 'owner', true, DATE '2020-01-01'
    FROM estates_unit u JOIN estates_person p ON p.company_id = %(company)s AND p.name = u.code
    WHERE u.community_id = %(community)s;
    INSERT INTO estates_meter (community_id, unit_id, code, kind, multiplier)
    SELECT %(community)s, id, 'W' || code, 'water', 1 FROM estates_unit WHERE community_id = %(community)s
    UNION ALL SELECT %(community)s, NULL, 'P1', 'electricity', 1;
    INSERT INTO estates_reading (meter_id, read_on, value, source)
    SELECT m.id, day, 100 + m.id %% 50 + (day - DATE '2026-08-30') * (m.id %% 37) / 10.0, ''
    FROM estates_meter m, (VALUES (DATE '2026-08-30'), (DATE '2026-09-29')) AS days (day)
    WHERE m.community_id = %(community)s;
"""
TIERS = [["10", "2"], ["20", "3"], ["30", "4"], [None, "5"]]
TARIFFS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("property", "area", "2.35", {}),
    ("refuse", "fixed", "8", {}),
    ("water", "tiers", "0", {"meter_kind": "water", "tiers": TIERS}),
    ("lift", "pool", "0.80", {"pool_meter": "P1", "pool_key": "area"}),
)


@bench("billing.run")
def measure_runs(wanted: Wanted) -> Iterator[Measurement]:
    """Bill and issue a month of 10,000 to a million accounts, each in a community of its own."""
    thousand: dict[int, float] = {}
    for size in SIZES:
        if wanted(f"billing.run.{size}") or any(size in pair and wanted(growth(pair)) for pair in GROWTH):
            with filled_twin(f"c{size}", size) as (community, twin):
                turns = Turns(twin)
                run = turns.bill(community)
                thousand[size] = turns.run_seconds / size * 1000
                yield measurement(turns, size)
                if size == SIZES[0]:
                    yield from measure_rivals(run)
    for smaller, larger in GROWTH:
        if smaller in thousand and larger in thousand:
            name = growth((smaller, larger))
            note = f"a thousand accounts among {larger:,} against a thousand among {smaller:,}"
            seconds, limit = thousand[larger], thousand[smaller]
            yield Measurement(name, 1000, seconds, limit, SLOWER_AT_MOST, note, peak_mb())


def growth(pair: tuple[int, int]) -> str:
    """The name of the comparison of two sizes."""
    return f"billing.run.growth.{pair[1]}"


def measurement(turns: Turns, size: int) -> Measurement:
    """The row of one size; the ratio must be kept from 100,000 on."""
    note = f"{turns.run_seconds / turns.bare_seconds:.2f} × bills and lines alone"
    at_most = AT_MOST if size >= 100_000 else None
    name = f"billing.run.{size}"
    return Measurement(name, size, turns.run_seconds, turns.limit_seconds, at_most, note, peak_mb())


class Turns:
    """The run and its limit, chunk by chunk in turns, each with its own clock."""

    def __init__(self, twin: psycopg.Connection) -> None:
        self.twin = twin
        self.run_seconds = self.limit_seconds = self.bare_seconds = 0.0
        self.chunks = 0

    def bill(self, community: Community) -> BillRun:
        """Bill the month; the limit is measured in the pauses between chunks."""
        began = time.perf_counter()
        outcome = bill_period(
            community=community, period=MONTH, now=timezone.now(), by="bench", watch=self.watch
        )
        self.run_seconds += time.perf_counter() - began
        return BillRun.objects.get(pk=outcome.run_id)

    @contextmanager
    def watch(self, total: int) -> Iterator[Advance]:
        """Stand in for the progress bar: after each chunk the clock of the run rests."""
        run = BillRun.objects.latest("id")

        def advance(steps: int) -> None:
            paused = time.perf_counter()
            self.chunks += 1
            self.copy_chunk(run, self.chunks)
            self.run_seconds -= time.perf_counter() - paused

        copy_rows_of(self.twin, BillRun, f"id = {run.pk}")
        yield advance

    def copy_chunk(self, run: BillRun, chunk: int) -> None:
        """Write the rows of the chunk the run has just written into the twin, in one transaction."""
        names = {"run": run.pk, "chunk": chunk, "source": f"bill_run:{run.pk}:{chunk}"}
        blocks = {model: read_rows(model, where, names) for model, where in CHUNK_ROWS.items()}
        began = time.perf_counter()
        with self.twin.transaction():
            for number, (model, block) in enumerate(blocks.items()):
                write_rows(self.twin, model, block)
                if number == 1:
                    self.twin.execute(
                        "SET CONSTRAINTS ALL IMMEDIATE"
                    )  # their keys are checked now, not at commit
                    bare = time.perf_counter() - began
        self.limit_seconds += time.perf_counter() - began
        self.bare_seconds += bare


def read_rows(model: type[models.Model], where: str, names: dict[str, Any] | None = None) -> bytes:
    """The rows in COPY's text form."""
    with connection.cursor() as cursor:
        query = f"COPY (SELECT * FROM {model._meta.db_table} WHERE {where}) TO STDOUT"
        with cursor.copy(query, names) as copy:
            return b"".join(copy)


def write_rows(twin: psycopg.Connection, model: type[models.Model], block: bytes) -> None:
    """Append rows with COPY."""
    with twin.cursor().copy(f"COPY {model._meta.db_table} FROM STDIN") as copy:
        copy.write(block)


def copy_rows_of(twin: psycopg.Connection, model: type[models.Model], where: str) -> None:
    """Bring rows over that the run's rows point to; they are few and count for neither."""
    with twin.transaction():
        write_rows(twin, model, read_rows(model, where))


def measure_rivals(run: BillRun) -> Iterator[Measurement]:
    """The same rows through the ORM, into the twin emptied of them: bulk_create, then one save() a row of a bill."""
    rows = {model: list(model._default_manager.all()) for model in CHUNK_ROWS}
    yield Measurement("billing.run.rival_bulk_create", run.bill_count, write_in_bulk(rows))
    yield Measurement("billing.run.rival_save", run.bill_count, save_one_by_one(rows))


def write_in_bulk(rows: dict[type[models.Model], list[models.Model]]) -> float:
    """Seconds for bulk_create in transactions of 1,000 bills' worth."""
    empty_twin()
    began = time.perf_counter()
    with transaction.atomic(using="twin"):
        for model, objects in rows.items():
            model._default_manager.using("twin").bulk_create(objects, batch_size=1000)
    return time.perf_counter() - began


def save_one_by_one(rows: dict[type[models.Model], list[models.Model]]) -> float:
    """Seconds for one save() a bill, a line and a run item, each bill in a transaction of its own."""
    empty_twin()
    lines: dict[int, list[models.Model]] = {}
    for line in rows[ChargeLine]:
        lines.setdefault(line.bill_id, []).append(line)  # type: ignore[attr-defined]
    began = time.perf_counter()
    for bill, item in zip(rows[Bill], rows[RunItem], strict=True):
        with transaction.atomic(using="twin"):
            for row in (bill, *lines[bill.pk], item):
                row.save(using="twin", force_insert=True)
    return time.perf_counter() - began


def empty_twin() -> None:
    """Remove the measured rows again."""
    tables = ", ".join(model._meta.db_table for model in CHUNK_ROWS)
    with connections["twin"].cursor() as cursor:
        cursor.execute("SET nuanlin.allow_truncate = 'on'")
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        cursor.execute("RESET nuanlin.allow_truncate")


@contextmanager
def filled_twin(code: str, units: int) -> Iterator[tuple[Community, psycopg.Connection]]:
    """A community with stored areas, tariffs and readings, and a copy of the database it lies in."""
    community = fill(code, units)
    here = connection.settings_dict
    connections.close_all()
    server = psycopg.connect(address("postgres"), autocommit=True)
    server.execute(f"DROP DATABASE IF EXISTS {TWIN} WITH (FORCE)")
    server.execute(f"CREATE DATABASE {TWIN} TEMPLATE {here['NAME']} STRATEGY FILE_COPY")
    connections.databases["twin"] = {**here, "NAME": TWIN}
    try:
        with psycopg.connect(address(TWIN), autocommit=True) as twin:
            yield community, twin
    finally:
        connections["twin"].close()
        server.execute(f"DROP DATABASE IF EXISTS {TWIN} WITH (FORCE)")
        server.close()


def address(database: str) -> str:
    """The address of another database on the same server."""
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{database}").geturl()


def fill(code: str, units: int) -> Community:
    """A community of so many flats with owners, water meters, readings and four fees: one of each kind."""
    company = Company.objects.create(name=code)
    open_books(company=company)
    community = Community.objects.create(company=company, code=code, name=code)
    names = {"community": community.pk, "company": company.pk, "units": units}
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n")[:-1]:
            cursor.execute(statement, names)
    for fee, method, price, formula in TARIFFS:
        item = FeeItem.objects.create(
            community=community, code=fee, name=fee, cycle="month", timing="advance"
        )
        TariffVersion.objects.create(
            fee_item=item, method=method, price=Decimal(price), formula=formula, start=LONG_AGO
        )
    open_accounts(community=community, as_of=MONTH.start)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return community
