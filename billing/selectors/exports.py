"""Charge lines and their corrections as files that anyone can compute again from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db import connection

from core.periods import Period

LINES = """
    SELECT l.id AS line, u.code AS unit, p.name AS payer, f.code AS fee_item,
           l.period_start, l.period_end - 1 AS period_end, l.method, l.quantity, l.price, l.amount,
           b.number AS bill, b.state, b.due_on, u.kind AS unit_kind, u.area_m2 AS area,
           a.start AS account_start, a."end" - 1 AS account_end, f.cycle, f.timing,
           v.applies_to, v.rounding, l.part, l.inputs
    FROM billing_chargeline l
    JOIN billing_bill b ON b.id = l.bill_id
    JOIN billing_chargeaccount a ON a.id = b.account_id
    JOIN estates_unit u ON u.id = a.unit_id
    JOIN estates_person p ON p.id = a.payer_id
    JOIN billing_feeitem f ON f.id = l.fee_item_id
    LEFT JOIN billing_tariffversion v ON v.id = l.tariff_version_id
    WHERE b.community_id = %s AND b.period_start = %s AND b.schedule = 'regular' AND b.state = ANY(%s)
    ORDER BY u.sort_key, u.code COLLATE "C", a.start, f.rank, f.code COLLATE "C", l.part
"""

CORRECTIONS = """
    SELECT l.id AS line, u.code AS unit, p.name AS payer, f.code AS fee_item,
           l.period_start, l.period_end - 1 AS period_end, changed.amount, changed.day, b.due_on, b.number AS bill,
           changed.reason
    FROM (SELECT line_id, -amount AS amount, value_day AS day, reason, 1 AS step, id FROM billing_waiver
          WHERE kind = 'correction'
          UNION ALL
          SELECT line.id, line.amount, bill.issued_on, line.inputs->>'reason', 0, line.id
          FROM billing_chargeline line JOIN billing_bill bill ON bill.id = line.bill_id
          WHERE bill.schedule = 'correction' AND bill.state = 'issued'
         ) AS changed (line_id, amount, day, reason, step, id)
    JOIN billing_chargeline l ON l.id = changed.line_id
    JOIN billing_bill b ON b.id = l.bill_id
    JOIN billing_chargeaccount a ON a.id = b.account_id
    JOIN estates_unit u ON u.id = a.unit_id
    JOIN estates_person p ON p.id = a.payer_id
    JOIN billing_feeitem f ON f.id = l.fee_item_id
    WHERE b.community_id = %s
    ORDER BY changed.day, u.sort_key, u.code COLLATE "C", a.start, l.period_start, f.rank, f.code COLLATE "C",
             changed.step, changed.id
"""


def export_lines(community_id: int, period: Period, states: Sequence[str], path: Path) -> int:
    """Write the lines of a month's run to a CSV file in walking order and return their number.

    Days are inclusive; ``inputs`` is the JSON of ``billing.domain.inputs``. The file appears whole or not at all.
    """
    return _copy(LINES, [community_id, period.start, list(states)], path)


def export_corrections(community_id: int, path: Path) -> int:
    """Write what was asked for more or less than a line said, by day, and return the number of rows.

    An ``amount`` below zero reduces ``line``; one above zero is ``line`` itself, which stands on a correction bill.
    """
    return _copy(CORRECTIONS, [community_id], path)


def _copy(query: str, params: Sequence[object], path: Path) -> int:
    unfinished = path.with_name(f"{path.name}.part")
    with connection.cursor() as cursor, unfinished.open("wb") as file:
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", params) as copy:
            for data in copy:
                file.write(data)
        rows = int(cursor.rowcount)
    unfinished.replace(path)
    return rows
