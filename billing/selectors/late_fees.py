"""Late fees of a whole portfolio as of any day, set-wise; those of single lines are in `late_fee_lines`.

What a line bears is linear in its settlements: the amount times the days that count, less each payment times the days
since it. So for lines whose payments all came in time, or all late, one pass over the settlements gives two sums a line
that tell. The odd ones (those that rested, were corrected or reopened, or were paid on both sides of the last good day)
come out of that pass and are walked from change to change. It is all one statement, its arithmetic exact (`numeric`),
rounded once a line. `billing.domain.late_fee` says the same, one line at a time and in other words; a property test
compares them.
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
from core.money import ZERO

# One look into the index a due day, however many bills fall due on it.
DUE_DAYS = """
WITH RECURSIVE due AS (
    SELECT id AS community_id, (SELECT min(due_on) FROM billing_bill WHERE community_id = community.id) AS day
    FROM estates_community AS community
    WHERE %(communities)s::bigint[] IS NULL OR id = ANY(%(communities)s)
    UNION ALL
    SELECT community_id, (
        SELECT min(due_on) FROM billing_bill AS bill WHERE bill.community_id = due.community_id AND due_on > day
    ) FROM due WHERE day < %(as_of)s
)
SELECT community_id, day FROM due WHERE day < %(as_of)s
"""

SUMS_OF_MOVES = """
    SELECT line_id, min(day) AS first, max(day) AS last, sum(amount) AS amount,
        sum(amount * (%(as_of)s::date - day)) AS weighted, bool_or(is_correction OR amount < 0) AS is_corrected
"""

# Nothing is materialized, so that the server's workers can share the work. One sum over all moves each of them would
# work out anew; of two, over the lines that were only paid and over those reduced, each takes one for all.
FACTS = f"""
WITH terms AS NOT MATERIALIZED (
    SELECT * FROM unnest(
        %(community_ids)s::bigint[], %(due_days)s::date[], %(good_days)s::date[], %(after_days)s::date[],
        %(rates)s::numeric[], %(daily_rates)s::numeric[], %(shares)s::numeric[], %(caps)s::numeric[],
        %(ceilings)s::numeric[]
    ) WITH ORDINALITY AS term (community_id, due_on, good, after, rate, daily_rate, share, cap, ceiling, clause)
), paid AS NOT MATERIALIZED (
    SELECT line_id, value_day AS day, amount, false AS is_correction
    FROM billing_allocation WHERE value_day <= %(as_of)s
), reduced AS NOT MATERIALIZED (
    SELECT line_id, value_day AS day, amount, kind = 'correction' AS is_correction
    FROM billing_waiver WHERE value_day <= %(as_of)s
), moves AS NOT MATERIALIZED (
    SELECT * FROM paid UNION ALL SELECT * FROM reduced
), settled AS NOT MATERIALIZED (
    {SUMS_OF_MOVES} FROM paid
    WHERE NOT EXISTS (SELECT FROM reduced WHERE reduced.line_id = paid.line_id) GROUP BY line_id
    UNION ALL
    {SUMS_OF_MOVES} FROM moves
    WHERE line_id IN (SELECT line_id FROM reduced) GROUP BY line_id
), pauses AS NOT MATERIALIZED (
    SELECT account_id, line_id, daterange(first_day, least(last_day, %(as_of)s::date), '[]') AS days
    FROM billing_latefeepause WHERE first_day <= %(as_of)s AND withdrawn_on IS NULL
), charged AS NOT MATERIALIZED (
    SELECT charge.principal_id AS line_id, sum(line.amount - coalesce(taken_back.amount, 0)) AS amount
    FROM billing_latefeecharge AS charge
    JOIN billing_chargeline AS line ON line.id = charge.line_id
    JOIN billing_bill AS bill ON bill.id = line.bill_id
    LEFT JOIN (
        SELECT line_id, sum(amount) AS amount FROM moves WHERE is_correction GROUP BY line_id
    ) AS taken_back ON taken_back.line_id = line.id
    WHERE bill.issued_on <= %(as_of)s AND (bill.state = 'issued' OR bill.voided_on > %(as_of)s)
    GROUP BY charge.principal_id
)"""

# All lines; `fee` is NULL where two sums cannot tell, and these `is_odd`. A pause makes odd whatever had days to count
# before its last one. A bill without terms has no fee either: an inner join to `terms` would say the same, but the
# planner takes it for far smaller than it is.
PLAIN = """
SELECT line_id, account_id, amount, charged, clause, clause IS NOT NULL AS is_late,
    clause IS NOT NULL AND is_odd AS is_odd,
    CASE WHEN NOT is_odd THEN round(least(grown, ceiling * amount), 2) END AS fee
FROM (
    SELECT line.id AS line_id, bill.account_id, line.amount, charged.amount AS charged, terms.clause, terms.ceiling,
        coalesce(
            settled.is_corrected OR settled.first <= terms.good AND terms.good < settled.last
                OR terms.after < paused.until,
            false
        ) AS is_odd,
        CASE
            WHEN settled.line_id IS NULL THEN line.amount * terms.share
            WHEN settled.last <= terms.good THEN (line.amount - settled.amount) * terms.share
            ELSE line.amount * terms.share - settled.weighted * terms.daily_rate
        END AS grown
    FROM billing_chargeline AS line
    JOIN billing_bill AS bill ON bill.id = line.bill_id
    LEFT JOIN terms ON terms.community_id = bill.community_id AND terms.due_on = bill.due_on
    LEFT JOIN settled ON settled.line_id = line.id
    LEFT JOIN (
        SELECT coalesce(pauses.account_id, bill.account_id) AS account_id, max(upper(pauses.days)) - 1 AS until
        FROM pauses
        LEFT JOIN billing_chargeline AS line ON line.id = pauses.line_id
        LEFT JOIN billing_bill AS bill ON bill.id = line.bill_id
        GROUP BY 1
    ) AS paused ON paused.account_id = bill.account_id
    LEFT JOIN charged ON charged.line_id = line.id
    WHERE line.amount > 0 AND line.fee_item_id <> ALL(%(late_fee_items)s::bigint[])
        AND bill.issued_on <= %(as_of)s AND (bill.state = 'issued' OR bill.voided_on > %(as_of)s)
) AS late
"""

# What the odd lines bear that were `found`: all that is known of them, what was gone by when, and how many days count
# from one such change to the next. OFFSET 0 keeps the planner from counting them anew wherever they are named.
WALK = """, odd AS MATERIALIZED (
    SELECT found.line_id, found.account_id, found.charged, terms.good, terms.after, terms.rate, terms.daily_rate,
        terms.cap, found.amount - coalesce(corrected.amount, 0) AS billed,
        coalesce(paused.days + resting.days, paused.days, resting.days) AS rests
    FROM found
    JOIN terms ON terms.clause = found.clause
    LEFT JOIN (
        SELECT line_id, sum(amount) AS amount FROM moves WHERE is_correction GROUP BY line_id
    ) AS corrected ON corrected.line_id = found.line_id
    LEFT JOIN (
        SELECT account_id, range_agg(days) AS days FROM pauses WHERE line_id IS NULL GROUP BY account_id
    ) AS paused ON paused.account_id = found.account_id
    LEFT JOIN (
        SELECT line_id, range_agg(days) AS days FROM pauses WHERE line_id IS NOT NULL GROUP BY line_id
    ) AS resting ON resting.line_id = found.line_id
), changes AS NOT MATERIALIZED (
    SELECT line_id, day, sum(sum(amount)) OVER (PARTITION BY line_id ORDER BY day) AS gone,
        lead(day, 1, %(as_of)s::date) OVER (PARTITION BY line_id ORDER BY day) AS until
    FROM (
        SELECT line_id, after AS day, 0::numeric AS amount FROM odd
        UNION ALL
        SELECT line_id, CASE WHEN move.day <= good THEN after ELSE move.day END, amount
        FROM odd JOIN moves AS move USING (line_id) WHERE NOT is_correction
    ) AS moved
    GROUP BY line_id, day
), walked AS MATERIALIZED (
    SELECT line_id, account_id, charged,
        round(least(max(cap * billed), max(rate) * CASE
            WHEN max(daily_rate) = 0
                THEN coalesce((array_agg(billed - gone ORDER BY day) FILTER (WHERE billed > gone AND days > 0))[1], 0)
            ELSE sum(greatest(billed - gone, 0) * days)
        END), 2) AS fee
    FROM odd JOIN changes USING (line_id) CROSS JOIN LATERAL (
        SELECT until - day - CASE WHEN rests IS NULL THEN 0 ELSE (
            SELECT coalesce(sum(upper(rest) - lower(rest)), 0)
            FROM unnest(rests * datemultirange(daterange(day + 1, until + 1))) AS rest
        ) END AS days
        OFFSET 0
    ) AS counted
    GROUP BY line_id, account_id, charged
)"""

# Every expression is worked out for each of a million lines: what few of them have is asked for first, by IS NOT NULL,
# since a comparison with NULL is not false and lets the rest be worked out too.
SUMS = """
    coalesce(sum(fee), 0) AS grown,
    coalesce(sum(charged) FILTER (WHERE charged IS NOT NULL AND fee IS NOT NULL), 0) AS charged,
    coalesce(sum(least(charged, fee)) FILTER (WHERE charged IS NOT NULL AND fee IS NOT NULL), 0) AS met
"""

# One pass over all lines. The odd ones come out of it with what the walk needs, so that none is looked up again: in
# whole numbers and without NULL, since only in such an array every place is found at once. `found` is materialized
# lest a join carry the whole array in each of its rows.
PORTFOLIO = f"""{FACTS}, plain AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE is_late) AS lines, {SUMS},
        array_agg(ARRAY[line_id, account_id, (amount * 100)::bigint, (coalesce(charged, 0) * 100)::bigint, clause])
            FILTER (WHERE is_odd) AS odd
    FROM ({PLAIN}) AS fees
), found AS MATERIALIZED (
    SELECT odd[at][1] AS line_id, odd[at][2] AS account_id, odd[at][3] / 100.00 AS amount,
        odd[at][4] / 100.00 AS charged, odd[at][5] AS clause
    FROM plain, generate_subscripts(odd, 1) AS at
){WALK}
SELECT lines, plain.grown + walked.grown, plain.charged + walked.charged,
    plain.grown + walked.grown - plain.met - walked.met
FROM plain, (SELECT {SUMS} FROM walked) AS walked
"""

# The same line by line: all that are not odd, then those.
COLUMNS = f"""{FACTS}, plain AS MATERIALIZED ({PLAIN}), found AS NOT MATERIALIZED (
    SELECT line_id, account_id, amount, charged, clause FROM plain WHERE is_odd
){WALK}
SELECT line_id, account_id, (fee * 100)::bigint, (coalesce(charged, 0) * 100)::bigint
FROM (
    SELECT line_id, account_id, charged, fee FROM plain
    UNION ALL SELECT line_id, account_id, charged, fee FROM walked
) AS fees
WHERE fee IS NOT NULL
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
    with connection.cursor() as cursor:
        cursor.execute(PORTFOLIO, _make_params(as_of, community_ids))
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
            daily = Decimal(0) if terms.is_once else terms.rate
            share = terms.rate if terms.is_once else terms.rate * (as_of - after).days
            ceiling = terms.cap if share > terms.cap else None
            rows.append((community_id, due_on, good, after, terms.rate, daily, share, terms.cap, ceiling))
    names = (
        "community_ids", "due_days", "good_days", "after_days", "rates", "daily_rates", "shares", "caps", "ceilings",
    )  # fmt: skip
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}
