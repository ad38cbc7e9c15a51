"""Whether bills and lines cut by period would pay: the same year in tables as they are and in tables of twelve parts.

Beside the tables of the product stand copies of them, one pair whole and one pair partitioned by the month of the bill,
each with the keys and indexes such tables can have, equally full. `seconds` are the partitioned pair's, the limit is
the whole pair's; a ratio below 1 speaks for partitions. Both are asked in turns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date

from django.db import connection, transaction

from benchmarks.late_fee import INPUTS
from benchmarks.protocol import Measurement, Wanted, bench, stopwatch

ACCOUNTS, MONTHS, LINES = 50_000, 12, 4
SLICES = 10
ASKED = 1_000
YEAR = 2026

WHOLE = """
CREATE SCHEMA whole;
CREATE TABLE whole.bill (LIKE billing_bill INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE whole.line (LIKE billing_chargeline INCLUDING DEFAULTS INCLUDING INDEXES);
ALTER TABLE whole.line ADD FOREIGN KEY (bill_id) REFERENCES whole.bill (id) DEFERRABLE INITIALLY DEFERRED
"""
# A unique key must hold the month, so a number is unique within its month only, and a line must carry its bill's month.
PARTED = """
CREATE SCHEMA parted;
CREATE TABLE parted.bill (LIKE billing_bill INCLUDING DEFAULTS) PARTITION BY RANGE (period_start);
CREATE TABLE parted.line (LIKE billing_chargeline INCLUDING DEFAULTS, bill_period date NOT NULL)
    PARTITION BY RANGE (bill_period);
ALTER TABLE parted.bill ADD PRIMARY KEY (id, period_start), ADD UNIQUE (number, period_start);
CREATE UNIQUE INDEX ON parted.bill (account_id, schedule, period_start)
    WHERE state <> 'void' AND schedule NOT IN ('correction', 'opening');
CREATE INDEX ON parted.bill (account_id);
CREATE INDEX ON parted.bill (run_id);
CREATE INDEX ON parted.bill (community_id, period_start);
ALTER TABLE parted.line ADD PRIMARY KEY (id, bill_period), ADD UNIQUE (bill_id, fee_item_id, part, bill_period),
    ADD CONSTRAINT of_bill FOREIGN KEY (bill_id, bill_period) REFERENCES parted.bill (id, period_start)
    DEFERRABLE INITIALLY DEFERRED
"""
PART = """
CREATE TABLE parted.bill_{number} PARTITION OF parted.bill FOR VALUES FROM ('{first}') TO ('{end}');
CREATE TABLE parted.line_{number} PARTITION OF parted.line FOR VALUES FROM ('{first}') TO ('{end}')
"""
BILLS = """
INSERT INTO {schema}.bill (id, community_id, account_id, run_id, number, schedule, period_start, period_end, due_on,
                           total, state, issued_on)
SELECT {number} * {accounts} + n, 1, n, {number}, lpad(({number} * {accounts} + n)::text, 13, '0'), 'regular',
    DATE '{first}', DATE '{end}', DATE '{first}' + 19, 100 + n % 30000 / 100.0, 'issued', DATE '{first}'
FROM generate_series({low} + 1, {high}) AS n
"""
LINES_OF_BILLS = """
INSERT INTO {schema}.line (id, bill_id, fee_item_id, part, period_start, period_end, method, quantity, price, amount,
                           inputs{period_column})
SELECT ({number} * {accounts} + n) * {lines} + item, {number} * {accounts} + n, item, 0, DATE '{first}', DATE '{end}',
    'area', 89.56, 2.35, 25 + n % 7500 / 100.0, '{inputs}'{period}
FROM generate_series({low} + 1, {high}) AS n, generate_series(1, {lines}) AS item
"""
OF_ACCOUNT = """
SELECT bill.number, bill.total, line.amount, line.inputs FROM {schema}.bill AS bill
JOIN {schema}.line AS line ON line.bill_id = bill.id {also} WHERE bill.account_id = {account}
ORDER BY bill.period_start DESC, line.id
"""
BY_NUMBER = """
SELECT bill.total, line.amount, line.inputs FROM {schema}.bill AS bill
JOIN {schema}.line AS line ON line.bill_id = bill.id {also} WHERE bill.number = lpad('{account}', 13, '0')
"""
OF_MONTH = """
SELECT line.fee_item_id, sum(line.amount) FROM {schema}.bill AS bill
JOIN {schema}.line AS line ON line.bill_id = bill.id {also}
WHERE bill.community_id = 1 AND bill.period_start = '2026-06-01' GROUP BY line.fee_item_id
"""
SAME_MONTH = "AND line.bill_period = bill.period_start"
DELETE = """
DELETE FROM whole.line USING whole.bill WHERE bill.id = line.bill_id AND bill.period_start = '2026-01-01';
DELETE FROM whole.bill WHERE period_start = '2026-01-01'
"""
DETACH = """
ALTER TABLE parted.line DETACH PARTITION parted.line_0;
ALTER TABLE parted.line_0 DROP CONSTRAINT of_bill;
ALTER TABLE parted.bill DETACH PARTITION parted.bill_0
"""

Turn = Callable[[str, int], None]
"""Something that is done in a schema, for the how-manieth time."""


@bench("billing.partitions")
def measure_partitions(wanted: Wanted) -> Iterator[Measurement]:
    """Write a month, read an account, a bill and a month, and take the oldest month away."""
    if not any(
        wanted(f"billing.partitions.{name}") for name in ("write", "account", "number", "month", "archive")
    ):
        return
    make_tables()
    size = ACCOUNTS * MONTHS
    yield in_turns("write", ACCOUNTS, SLICES, write_slice, "a month of bills and lines into eleven others")
    call("VACUUM ANALYZE")
    yield in_turns("account", ASKED, ASKED, ask(OF_ACCOUNT), "an owner's year of bills in the portal")
    yield in_turns("number", ASKED, ASKED, ask(BY_NUMBER), "a bill found by its number alone")
    yield in_turns("month", ACCOUNTS, SLICES, ask(OF_MONTH), "the sums of a month by fee item")
    yield archive(size)


def in_turns(name: str, size: int, rounds: int, turn: Turn, note: str) -> Measurement:
    """Do the same in both schemas, one after the other, and return what each took in all."""
    seconds = dict.fromkeys(("whole", "parted"), 0.0)
    for number in range(rounds):
        for schema in seconds:
            with stopwatch() as watch:
                turn(schema, number)
            seconds[schema] += watch.seconds
    return Measurement(f"billing.partitions.{name}", size, seconds["parted"], seconds["whole"], note=note)


def make_tables() -> None:
    """Make both pairs of tables and fill eleven months of them."""
    call(WHOLE)
    call(PARTED)
    for month in range(MONTHS):
        call(PART.format(number=month, **days(month)))
    for month in range(MONTHS - 1):
        for schema in ("whole", "parted"):
            write(schema, month, 0, ACCOUNTS)
    call("VACUUM ANALYZE")


def write_slice(schema: str, number: int) -> None:
    """Write a tenth of the last month in one transaction."""
    with transaction.atomic():
        size = ACCOUNTS // SLICES
        write(schema, MONTHS - 1, number * size, (number + 1) * size)


def write(schema: str, month: int, low: int, high: int) -> None:
    """Write the bills and lines of some accounts."""
    period = {"period_column": ", bill_period", "period": f", DATE '{days(month)['first']}'"}
    own = period if schema == "parted" else {"period_column": "", "period": ""}
    names = {"schema": schema, "number": month, "accounts": ACCOUNTS, "low": low, "high": high, **days(month)}
    call(BILLS.format(**names))
    call(LINES_OF_BILLS.format(**names, **own, lines=LINES, inputs=json.dumps(INPUTS)))


def ask(query: str) -> Turn:
    """Return what asks the query of another account in each round."""

    def turn(schema: str, number: int) -> None:
        also = SAME_MONTH if schema == "parted" else ""
        with connection.cursor() as cursor:
            cursor.execute(query.format(schema=schema, also=also, account=1 + number * 7919 % ACCOUNTS))
            cursor.fetchall()

    return turn


def archive(size: int) -> Measurement:
    """Take the oldest month away: rows deleted and their room swept, against a part unhooked."""
    with stopwatch() as parted:
        call(DETACH)
    with stopwatch() as whole:
        call(DELETE)
        call("VACUUM whole.bill, whole.line")
    note = "the oldest month unhooked, against deleted and swept"
    return Measurement("billing.partitions.archive", size, parted.seconds, whole.seconds, note=note)


def days(month: int) -> dict[str, date]:
    """The first day of a month, and of the one after."""
    return {"first": date(YEAR, month + 1, 1), "end": date(YEAR + (month + 1) // 12, (month + 1) % 12 + 1, 1)}


def call(statements: str) -> None:
    """Run statements one by one."""
    with connection.cursor() as cursor:
        for statement in statements.split(";\n"):
            cursor.execute(statement)
