"""Charge lines as a file that anyone can compute again from."""

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


def export_lines(community_id: int, period: Period, states: Sequence[str], path: Path) -> int:
    """Write the lines of a month's run to a CSV file in walking order and return their number.

    Days are inclusive; ``inputs`` is the JSON of ``billing.domain.inputs``. The file appears whole or not at all.
    """
    unfinished = path.with_name(f"{path.name}.part")
    params = [community_id, period.start, list(states)]
    with connection.cursor() as cursor, unfinished.open("wb") as file:
        with cursor.copy(f"COPY ({LINES}) TO STDOUT (FORMAT csv, HEADER)", params) as copy:
            for data in copy:
                file.write(data)
        rows = int(cursor.rowcount)
    unfinished.replace(path)
    return rows
