"""Rows that contradict each other: one set-wise pass a question, always empty while the books are right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.chart import RECEIVABLE

TOTALS = """
SELECT bill.number, bill.total, coalesce(sum(line.amount), 0)
FROM billing_bill AS bill LEFT JOIN billing_chargeline AS line ON line.bill_id = bill.id
WHERE %(as_of)s::date IS NULL OR bill.issued_on <= %(as_of)s
GROUP BY bill.id HAVING bill.total <> coalesce(sum(line.amount), 0) ORDER BY bill.id
"""

SETTLED = """
SELECT line.id, line.amount, sums.settled
FROM (
    SELECT line_id, sum(amount) AS settled FROM (
        SELECT line_id, amount, value_day FROM billing_allocation
        UNION ALL SELECT line_id, amount, value_day FROM billing_waiver
    ) AS rows
    WHERE %(as_of)s::date IS NULL OR value_day <= %(as_of)s
    GROUP BY line_id
) AS sums
JOIN billing_chargeline AS line ON line.id = sums.line_id
JOIN billing_bill AS bill ON bill.id = line.bill_id
WHERE settled > greatest(line.amount, 0) OR settled < least(line.amount, 0)
    OR (settled <> 0 AND bill.state <> 'issued')
ORDER BY line.id
"""

RECEIVABLES = """
WITH booked_later AS (
    SELECT source FROM ledger_journalentry WHERE booked_on > %(as_of)s
), moved AS (
    SELECT account_id, amount, 0::numeric AS booked FROM (
        SELECT account_id, total AS amount, issued_on AS day FROM billing_bill WHERE issued_on IS NOT NULL
        UNION ALL
        SELECT account_id, -total, voided_on FROM billing_bill WHERE issued_on IS NOT NULL AND state = 'void'
        UNION ALL
        SELECT bill.account_id, -rows.amount, rows.value_day
        FROM (
            SELECT line_id, amount, value_day FROM billing_allocation
            WHERE source NOT IN (SELECT source FROM booked_later)
            UNION ALL SELECT line_id, amount, value_day FROM billing_waiver
        ) AS rows
        JOIN billing_chargeline AS line ON line.id = rows.line_id
        JOIN billing_bill AS bill ON bill.id = line.bill_id
    ) AS owed
    WHERE %(as_of)s::date IS NULL OR day <= %(as_of)s
    UNION ALL
    SELECT leg.charge_account_id, 0, leg.amount
    FROM ledger_journalleg AS leg JOIN ledger_ledgeraccount AS account ON account.id = leg.ledger_account_id
    WHERE account.code = %(receivable)s AND (
        %(as_of)s::date IS NULL
        OR leg.entry_id IN (SELECT id FROM ledger_journalentry WHERE booked_on <= %(as_of)s)
    )
)
SELECT account_id, sum(amount), sum(booked) FROM moved
GROUP BY account_id HAVING sum(amount) <> sum(booked) ORDER BY account_id
"""


def list_totals_off_lines(as_of: date | None) -> list[tuple[str, Decimal, Decimal]]:
    """Bills whose total is not the sum of their lines: number, total, sum of lines."""
    return _rows(TOTALS, as_of)


def list_wrongly_settled_lines(as_of: date | None) -> list[tuple[int, Decimal, Decimal]]:
    """Lines settled beyond their amount, below zero, or on a bill that is not issued: id, amount, settled."""
    return _rows(SETTLED, as_of)


def list_receivables_off_journal(as_of: date | None) -> list[tuple[int | None, Decimal, Decimal]]:
    """Accounts whose open bills and receivable legs differ: account (None: legs of nobody), owed, booked.

    Money of a closed month counts from the day its entry was booked, whatever its value day.
    """
    return _rows(RECEIVABLES, as_of)


def _rows(query: str, as_of: date | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"as_of": as_of, "receivable": RECEIVABLE})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
