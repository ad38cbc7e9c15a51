"""The late fee of a whole portfolio as of a day, against the bare sum of what the same bills leave open.

A million bills of one line, all past their last good day and none paid in full: one in ten was paid in part, in time
or late, some twice, a few on both sides of the last good day; one in a hundred was waived in part, one in two hundred
accounts rested for two months. The limit is the sum that cannot be done without: the same lines, less what was
settled, by bill state and day. Both are asked in turns, nine times, and the best of each counts: what else runs on the
machine makes some rounds slower, on either side, but none quicker, and neither has the warmer cache.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from benchmarks.protocol import Measurement, Wanted, bench, peak_mb, stopwatch
from billing.models import FeeItem, LateFeePolicy
from billing.selectors.late_fees import sum_late_fees
from estates.models import Community, Company

SIZE = 1_000_000
AT_MOST = 1.5
ROUNDS = 9
AS_OF = date(2026, 11, 20)
MONTHS = 12

# Twelve bills an account; triggers rest while the facts are filled in, since they are not what is measured.
FILL = """
    INSERT INTO estates_person (company_id, name, phone, email, id_number, kind, contact_source, lives_alone_elderly)
    VALUES (%(company)s, 'bench', '', '', '', 'natural', '', false);
    INSERT INTO estates_unit (community_id, code, stair, room, floor, is_top_floor, kind, state, area_m2, sort_key)
    SELECT %(community)s, n::text, '', n::text, 1, false, 'high_rise', 'occupied', 90, n::text
    FROM generate_series(1, %(accounts)s) AS n;
    INSERT INTO billing_chargeaccount (community_id, unit_id, payer_id, start)
    SELECT %(community)s, unit.id, (SELECT max(id) FROM estates_person), DATE '2020-01-01' FROM estates_unit AS unit;
    INSERT INTO billing_bill (community_id, account_id, number, schedule, period_start, period_end, due_on, total,
                              state, issued_on)
    SELECT %(community)s, account.id, lpad((account.id * 12 + month)::text, 13, '0'), 'regular', day,
        day + interval '1 month', day + 19, 100 + account.id %% 30000 / 100.0, 'issued', day
    FROM billing_chargeaccount AS account, generate_series(0, 11) AS month,
        LATERAL (SELECT (DATE '2025-09-01' + month * interval '1 month')::date AS day) AS days
    LIMIT %(bills)s;
    INSERT INTO billing_chargeline (bill_id, fee_item_id, part, period_start, period_end, method, amount, inputs)
    SELECT id, %(item)s, 0, period_start, period_end, 'area', total, %(inputs)s
    FROM billing_bill;
    SET session_replication_role = replica;
    INSERT INTO billing_allocation (line_id, amount, value_day, source, written_at)
    SELECT line.id, 20, bill.due_on + shift, 'receipt:1', now()
    FROM billing_chargeline AS line JOIN billing_bill AS bill ON bill.id = line.bill_id,
        LATERAL (SELECT unnest(CASE WHEN line.id %% 100 < 3 THEN '{5}'::int[] WHEN line.id %% 100 < 9 THEN '{40}'
                               WHEN line.id %% 100 < 10 THEN '{45,60}' ELSE '{}' END) AS shift) AS shifts;
    INSERT INTO billing_allocation (line_id, amount, value_day, source, written_at)
    SELECT line.id, 10, bill.due_on + shift, 'receipt:2', now()
    FROM billing_chargeline AS line JOIN billing_bill AS bill ON bill.id = line.bill_id, (VALUES (5), (60)) AS s (shift)
    WHERE line.id %% 200 = 10;
    INSERT INTO billing_waiver (line_id, kind, amount, value_day, source, reason, requested_by, approved_by, written_at)
    SELECT line.id, 'waiver', 5, bill.due_on + 50, '', '', 'a', 'b', now()
    FROM billing_chargeline AS line JOIN billing_bill AS bill ON bill.id = line.bill_id WHERE line.id %% 100 = 11;
    INSERT INTO billing_latefeepause (community_id, account_id, cause, first_day, last_day, reason, source, approved_by,
                                      written_at)
    SELECT %(community)s, id, 'plan', DATE '2026-03-01', DATE '2026-04-30', '', 'plan:' || id, 'b', now()
    FROM billing_chargeaccount WHERE id %% 200 = 8;
    SET session_replication_role = DEFAULT;
    VACUUM ANALYZE
"""

INPUTS = {
    "area": "89.5600",
    "rounding": "fen",
    "parts": [{"from": "2026-09-01", "to": "2026-09-30", "months": "1", "price": "2.350000", "version": 1}],
}

BARE = """
SELECT count(*), sum(line.amount - coalesce(settled.amount, 0))
FROM billing_chargeline AS line
JOIN billing_bill AS bill ON bill.id = line.bill_id
LEFT JOIN (
    SELECT line_id, sum(amount) AS amount FROM (
        SELECT line_id, amount FROM billing_allocation WHERE value_day <= %(as_of)s
        UNION ALL SELECT line_id, amount FROM billing_waiver WHERE value_day <= %(as_of)s
    ) AS moves GROUP BY line_id
) AS settled ON settled.line_id = line.id
WHERE bill.issued_on <= %(as_of)s AND (bill.state = 'issued' OR bill.voided_on > %(as_of)s)
"""


@bench("billing.late_fee")
def measure_late_fees(wanted: Wanted) -> Iterator[Measurement]:
    """The late fee of a million open bills as of a day beside the bare sum of their outstanding amounts."""
    name = f"billing.late_fee.{SIZE}"
    if not wanted(name):
        return
    fill(SIZE)
    bare: list[float] = []
    full: list[float] = []
    for _round in range(ROUNDS):
        bare.append(seconds(sum_bare))
        full.append(seconds(lambda: sum_late_fees(AS_OF)))
    total = sum_late_fees(AS_OF)
    note = f"{total.lines:,} late lines, {total.grown:,} yuan"
    yield Measurement(name, SIZE, min(full), min(bare), AT_MOST, note, peak_mb())


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    with stopwatch() as watch:
        work()
    return watch.seconds


def sum_bare() -> tuple[int, Decimal]:
    """What cannot be done without: one pass over the same lines and settlements."""
    with connection.cursor() as cursor:
        cursor.execute(BARE, {"as_of": AS_OF})
        count, total = cursor.fetchall()[0]
    return count, total


def fill(bills: int) -> None:
    """A community of so many issued bills, twelve an account, with a clause of 0.05 % a day and 15 days of grace."""
    company = Company.objects.create(name="bench")
    community = Community.objects.create(company=company, code="bench", name="bench")
    item = FeeItem.objects.create(
        community=community, code="property", name="property", cycle="month", timing="advance"
    )
    LateFeePolicy.objects.create(
        community=community, start=date(2020, 1, 1), percent=Decimal("0.05"), grace_days=15
    )
    names: dict[str, Any] = {
        "company": company.pk,
        "community": community.pk,
        "item": item.pk,
        "bills": bills,
        "inputs": json.dumps(INPUTS),
        "accounts": -(-bills // MONTHS),
    }
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            cursor.execute(statement, names)
