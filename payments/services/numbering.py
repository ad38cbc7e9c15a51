"""Receipt numbers: one series per company, prefix and year, without gap or repeat (P-21)."""

from __future__ import annotations

from datetime import date

from django.db import connection

TAKE = """
    INSERT INTO payments_receiptseries (company_id, name, last) VALUES (%(company)s, %(name)s, %(count)s)
    ON CONFLICT (company_id, name) DO UPDATE SET last = payments_receiptseries.last + EXCLUDED.last
    RETURNING last
"""


def take_numbers(*, company_id: int, prefix: str, day: date, count: int = 1) -> list[str]:
    """Take the next numbers of a company's series for receipts written in the open transaction.

    The series stays locked until that transaction ends: a number is used, or free again for the next one. Take them
    last, after every other lock.

    >>> format_number("SJ2026", 1842)
    'SJ2026-001842'
    """
    name = f"{prefix}{day:%Y}"
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"company": company_id, "name": name, "count": count})
        (last,) = cursor.fetchone() or (0,)
    return [format_number(name, number) for number in range(last - count + 1, last + 1)]


def format_number(series: str, number: int) -> str:
    """Return a receipt number as it is printed."""
    return f"{series}-{number:06d}"
