"""Late fees of a whole portfolio as of any day, in one statement; those of single lines are in `late_fee_lines`.

What a line bears is linear in its settlements: the amount times the days that count, less each payment times the days
since it. So lines whose payments all came in time, or all late, need only sums that one pass over the settlements
gives; lines that rested, were corrected or reopened, or were paid on both sides of the last good day are walked stretch
by stretch inside the same statement. Arithmetic is exact (`numeric`), rounded once a line. `billing.domain.late_fee`
says the same, one line at a time and in other words; a property test compares them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from billing.models import FeeItem
from billing.models.bills import LATE_FEE
from billing.selectors.columns import IntArray, read_integers
from billing.selectors.late_fee_policies import Clauses

ZERO = Decimal("0.00")

DUE_DAYS = """
SELECT DISTINCT community_id, due_on FROM billing_bill
WHERE issued_on <= %(as_of)s AND due_on < %(as_of)s
    AND (%(communities)s::bigint[] IS NULL OR community_id = ANY(%(communities)s))
"""

# The stretches of one line, from the day behind which days count: what was gone by then, and how many days count.
STRETCHES = """
FROM (
    SELECT day, sum(sum(amount)) OVER (ORDER BY day) AS gone, lead(day, 1, %(as_of)s::date) OVER (ORDER BY day) AS until
    FROM (
        SELECT terms.after AS day, 0::numeric AS amount
        UNION ALL
        SELECT CASE WHEN move.day <= terms.good THEN terms.after ELSE move.day END, move.amount
        FROM moves AS move WHERE move.line_id = line.id AND NOT move.is_correction
    ) AS changes
    GROUP BY day
) AS stretch
CROSS JOIN LATERAL (
    SELECT stretch.until - stretch.day - coalesce(sum(upper(days) - lower(days)), 0) AS days
    FROM unnest(resting.days * datemultirange(daterange(stretch.day + 1, stretch.until + 1))) AS days
) AS counted
"""

# One row a late line: its fee as of the day, rounded, and what of it was charged.
FEES = f"""
WITH terms AS MATERIALIZED (
    SELECT * FROM unnest(
        %(community_ids)s::bigint[], %(due_days)s::date[], %(good_days)s::date[], %(after_days)s::date[],
        %(counts)s::int[], %(rates)s::numeric[], %(caps)s::numeric[], %(onces)s::boolean[]
    ) AS term (community_id, due_on, good, after, days, rate, cap, is_once)
), moves AS NOT MATERIALIZED (
    SELECT line_id, value_day AS day, amount, false AS is_correction
    FROM billing_allocation WHERE value_day <= %(as_of)s
    UNION ALL
    SELECT line_id, value_day, amount, kind = 'correction'
    FROM billing_waiver WHERE value_day <= %(as_of)s
), settled AS (
    SELECT line_id, min(day) AS first, max(day) AS last, sum(amount) AS amount,
        sum(amount * (%(as_of)s::date - day)) AS weighted,
        sum(amount) FILTER (WHERE is_correction) AS corrected, bool_or(is_correction OR amount < 0) AS is_odd
    FROM moves GROUP BY line_id
), resting AS (
    SELECT pause.line_id, range_agg(daterange(first_day, least(last_day, %(as_of)s::date), '[]')) AS days
    FROM (
        SELECT line_id, first_day, last_day FROM billing_latefeepause
        WHERE line_id IS NOT NULL AND first_day <= %(as_of)s AND withdrawn_on IS NULL
        UNION ALL
        SELECT line.id, first_day, last_day FROM billing_latefeepause AS pause
        JOIN billing_bill AS bill ON bill.account_id = pause.account_id
        JOIN billing_chargeline AS line ON line.bill_id = bill.id
        WHERE first_day <= %(as_of)s AND withdrawn_on IS NULL
    ) AS pause
    GROUP BY pause.line_id
), charged AS (
    SELECT charge.principal_id AS line_id, sum(line.amount - coalesce(taken_back.amount, 0)) AS amount
    FROM billing_latefeecharge AS charge
    JOIN billing_chargeline AS line ON line.id = charge.line_id
    JOIN billing_bill AS bill ON bill.id = line.bill_id
    LEFT JOIN LATERAL (
        SELECT sum(amount) AS amount FROM billing_waiver
        WHERE line_id = line.id AND kind = 'correction' AND value_day <= %(as_of)s
    ) AS taken_back ON true
    WHERE bill.issued_on <= %(as_of)s AND (bill.state = 'issued' OR bill.voided_on > %(as_of)s)
    GROUP BY charge.principal_id
)
SELECT line.id AS line_id, bill.account_id, coalesce(charged.amount, 0) AS charged,
    round(least(
        terms.cap * (line.amount - coalesce(settled.corrected, 0)),
        terms.rate * CASE
            WHEN resting.line_id IS NULL AND settled.line_id IS NULL THEN line.amount * terms.days
            WHEN resting.line_id IS NULL AND NOT settled.is_odd AND settled.last <= terms.good
                THEN (line.amount - settled.amount) * terms.days
            WHEN resting.line_id IS NULL AND NOT settled.is_odd AND settled.first > terms.good AND NOT terms.is_once
                THEN line.amount * terms.days - settled.weighted
            WHEN terms.is_once THEN coalesce((
                SELECT (array_agg(line.amount - coalesce(settled.corrected, 0) - gone ORDER BY stretch.day))[1]
                {STRETCHES}
                WHERE counted.days > 0 AND line.amount - coalesce(settled.corrected, 0) > gone
            ), 0)
            ELSE (
                SELECT sum(greatest(line.amount - coalesce(settled.corrected, 0) - gone, 0) * counted.days)
                {STRETCHES}
            )
        END
    ), 2) AS fee
FROM billing_chargeline AS line
JOIN billing_bill AS bill ON bill.id = line.bill_id
JOIN terms ON terms.community_id = bill.community_id AND terms.due_on = bill.due_on
LEFT JOIN settled ON settled.line_id = line.id
LEFT JOIN resting ON resting.line_id = line.id
LEFT JOIN charged ON charged.line_id = line.id
WHERE line.amount > 0 AND line.fee_item_id <> ALL(%(late_fee_items)s::bigint[])
    AND bill.issued_on <= %(as_of)s AND (bill.state = 'issued' OR bill.voided_on > %(as_of)s)
"""

TOTAL = f"""
SELECT count(*), coalesce(sum(fee), 0), coalesce(sum(charged), 0), coalesce(sum(greatest(fee - charged, 0)), 0)
FROM ({FEES}) AS fees
"""
COLUMNS = f"""
SELECT line_id, account_id, (fee * 100)::bigint, (charged * 100)::bigint FROM ({FEES}) AS fees
ORDER BY line_id
"""


@dataclass(frozen=True)
class LateFeeTotal:
    """The late fees of a portfolio as of a day, in yuan.

    ``grown`` is all that lines paid late or not at all have borne; ``charged`` what of it stands on bills; ``open``
    what is neither charged nor paid yet. ``lines``: how many lines were late at all.
    """

    lines: int = 0
    grown: Decimal = ZERO
    charged: Decimal = ZERO
    open: Decimal = ZERO


def sum_late_fees(as_of: date, community_ids: Collection[int] | None = None) -> LateFeeTotal:
    """Return the late fees of some communities, or of all of them, as of the end of a day."""
    params = _make_params(as_of, community_ids)
    with connection.cursor() as cursor:
        cursor.execute(TOTAL, params)
        lines, *amounts = cursor.fetchall()[0]
    return LateFeeTotal(lines, *(amount.quantize(ZERO) for amount in amounts))


def read_late_fees(as_of: date, community_ids: Collection[int] | None = None) -> dict[str, IntArray]:
    """Return the late fee of every line that was late, as parallel columns in the order of the lines.

    Columns, int64: line, account, fee_fen, charged_fen.
    """
    names = ["line", "account", "fee_fen", "charged_fen"]
    return read_integers(names, COLUMNS, _make_params(as_of, community_ids))


def late_fee_items() -> list[int]:
    """Return the ids of the fee items that are late fee, which never bear late fee."""
    return list(FeeItem.objects.filter(code=LATE_FEE).values_list("pk", flat=True))


def _make_params(as_of: date, community_ids: Collection[int] | None) -> dict[str, Any]:
    communities = None if community_ids is None else list(community_ids)
    params: dict[str, Any] = {"as_of": as_of, "communities": communities}
    with connection.cursor() as cursor:
        cursor.execute(DUE_DAYS, params)
        due_days = cursor.fetchall()
    return {
        **params,
        "late_fee_items": late_fee_items(),
        **_make_terms(due_days, as_of, Clauses(communities)),
    }


def _make_terms(due_days: Iterable[tuple[int, date]], as_of: date, clauses: Clauses) -> dict[str, list[Any]]:
    """The clause of every due day that is past its last good day, as columns the statement unnests."""
    rows = []
    for community_id, due_on in due_days:
        policy = clauses.find(community_id, due_on)
        if policy is None:
            continue
        terms, late_from = policy.terms, clauses.late_from(due_on)
        good = terms.last_good_day(late_from)
        after = good if terms.is_once else terms.counts_after(late_from)
        if as_of > good:
            days = 1 if terms.is_once else (as_of - after).days
            rows.append((community_id, due_on, good, after, days, terms.rate, terms.cap, terms.is_once))
    names = ("community_ids", "due_days", "good_days", "after_days", "counts", "rates", "caps", "onces")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}
