"""Rows that contradict each other: one set-wise pass a question, always empty while the books are right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger import chart

UNSPENT = """
SELECT receipt.number, receipt.amount, coalesce(allocated.sum, 0), coalesce(prepaid.sum, 0)
FROM payments_receipt AS receipt
LEFT JOIN (
    SELECT source, sum(amount) FROM billing_allocation WHERE source LIKE 'receipt:%%' AND amount > 0 GROUP BY source
) AS allocated ON allocated.source = 'receipt:' || receipt.id
LEFT JOIN (
    SELECT source, sum(amount) FROM payments_prepaymententry WHERE source LIKE 'receipt:%%' GROUP BY source
) AS prepaid ON prepaid.source = 'receipt:' || receipt.id
WHERE (%(as_of)s::date IS NULL OR receipt.value_day <= %(as_of)s)
    AND receipt.amount <> coalesce(allocated.sum, 0) + coalesce(prepaid.sum, 0)
ORDER BY receipt.id
"""

BOOKED_LATER = """
booked_later AS (SELECT source FROM ledger_journalentry WHERE booked_on > %(as_of)s)
"""
"""What the books took after the day: a receipt of a closed month counts from then on, whatever its value day."""

CLEARING = f"""
WITH {BOOKED_LATER}, moved AS (
    SELECT company_id,
        CASE channel WHEN 'wechat' THEN %(wechat)s WHEN 'alipay' THEN %(alipay)s WHEN 'cash' THEN %(cash)s
            ELSE %(bank)s END AS code,
        amount AS received, 0::numeric AS booked
    FROM payments_receipt WHERE %(as_of)s::date IS NULL OR (
        value_day <= %(as_of)s AND 'receipt:' || id NOT IN (SELECT source FROM booked_later)
    )
    UNION ALL
    SELECT entry.company_id, account.code, 0, leg.amount
    FROM ledger_journalentry AS entry
    JOIN ledger_journalleg AS leg ON leg.entry_id = entry.id
    JOIN ledger_ledgeraccount AS account ON account.id = leg.ledger_account_id
    WHERE entry.source LIKE 'receipt:%%' AND leg.amount > 0
        AND (%(as_of)s::date IS NULL OR entry.booked_on <= %(as_of)s)
)
SELECT company_id, code, sum(received), sum(booked) FROM moved
GROUP BY company_id, code HAVING sum(received) <> sum(booked) ORDER BY company_id, code
"""

PREPAYMENTS = f"""
WITH {BOOKED_LATER}, moved AS (
    SELECT account_id, amount AS held, 0::numeric AS booked FROM payments_prepaymententry
    WHERE %(as_of)s::date IS NULL
        OR (value_day <= %(as_of)s AND source NOT IN (SELECT source FROM booked_later))
    UNION ALL
    SELECT leg.charge_account_id, 0, -leg.amount
    FROM ledger_journalleg AS leg
    JOIN ledger_ledgeraccount AS account ON account.id = leg.ledger_account_id
    JOIN ledger_journalentry AS entry ON entry.id = leg.entry_id
    WHERE account.code = %(prepayment)s AND (%(as_of)s::date IS NULL OR entry.booked_on <= %(as_of)s)
)
SELECT account_id, sum(held), sum(booked) FROM moved
GROUP BY account_id HAVING sum(held) <> sum(booked) ORDER BY account_id
"""

OVERDRAWN = """
SELECT account_id, sum(amount) FROM payments_prepaymententry
WHERE %(as_of)s::date IS NULL OR value_day <= %(as_of)s
GROUP BY account_id, fee_item_id HAVING sum(amount) < 0 ORDER BY account_id
"""

GAPS = """
SELECT series.company_id, series.name, series.last, count(paper.number)
FROM payments_receiptseries AS series
LEFT JOIN (
    SELECT company_id, number FROM payments_receipt UNION ALL SELECT company_id, number FROM payments_deposit
) AS paper ON paper.company_id = series.company_id AND split_part(paper.number, '-', 1) = series.name
GROUP BY series.id HAVING series.last <> count(paper.number) ORDER BY series.id
"""

DEPOSITS = f"""
WITH {BOOKED_LATER}, moved AS (
    SELECT account_id, amount AS held, 0::numeric AS booked FROM payments_deposit
    WHERE %(as_of)s::date IS NULL
        OR (value_day <= %(as_of)s AND 'deposit:' || id NOT IN (SELECT source FROM booked_later))
    UNION ALL
    SELECT account_id, -amount, 0 FROM payments_deposit
    WHERE undone_on IS NOT NULL AND (%(as_of)s::date IS NULL OR undone_on <= %(as_of)s)
    UNION ALL
    SELECT account_id, -amount, 0 FROM payments_payout
    WHERE state = 'approved' AND deposit_id IS NOT NULL
        AND (%(as_of)s::date IS NULL OR booked_on <= %(as_of)s)
    UNION ALL
    SELECT before.account_id, -passed_on.amount, 0
    FROM payments_deposit AS passed_on JOIN payments_deposit AS before ON before.id = passed_on.taken_over_id
    WHERE %(as_of)s::date IS NULL OR passed_on.value_day <= %(as_of)s
    UNION ALL
    SELECT leg.charge_account_id, 0, -leg.amount
    FROM ledger_journalleg AS leg
    JOIN ledger_ledgeraccount AS account ON account.id = leg.ledger_account_id
    JOIN ledger_journalentry AS entry ON entry.id = leg.entry_id
    WHERE account.code = %(deposit)s AND leg.charge_account_id IS NOT NULL
        AND (%(as_of)s::date IS NULL OR entry.booked_on <= %(as_of)s)
)
SELECT account_id, sum(held), sum(booked) FROM moved
GROUP BY account_id HAVING sum(held) <> sum(booked) OR sum(held) < 0 ORDER BY account_id
"""


def list_unspent_receipts(as_of: date | None) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Receipts that are not their allocations and prepayment: number, amount, allocated, prepaid."""
    return _rows(UNSPENT, as_of)


def list_clearing_off_receipts(as_of: date | None) -> list[tuple[int, str, Decimal, Decimal]]:
    """Clearing accounts that hold other than the receipts brought: company, code, received, booked."""
    return _rows(CLEARING, as_of)


def list_prepayments_off_journal(as_of: date | None) -> list[tuple[int, Decimal, Decimal]]:
    """Accounts whose prepayment differs from the journal: account, held, booked."""
    return _rows(PREPAYMENTS, as_of)


def list_overdrawn_prepayments(as_of: date | None) -> list[tuple[int, Decimal]]:
    """Accounts that used more prepayment than they had: account, balance."""
    return _rows(OVERDRAWN, as_of)


def list_deposits_off_journal(as_of: date | None) -> list[tuple[int, Decimal, Decimal]]:
    """Accounts whose deposits differ from the journal, or are below zero: account, held, booked."""
    return _rows(DEPOSITS, as_of)


def list_gaps_in_series() -> list[tuple[int, str, int, int]]:
    """Series whose last number is not the count of their papers: company, series, last, count."""
    return _rows(GAPS, None)


def _rows(query: str, as_of: date | None) -> list[Any]:
    codes = {
        "wechat": chart.WECHAT,
        "alipay": chart.ALIPAY,
        "cash": chart.CASH,
        "bank": chart.BANK,
        "prepayment": chart.PREPAYMENT,
        "deposit": chart.DEPOSIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, {"as_of": as_of, **codes})
        return cursor.fetchall()
