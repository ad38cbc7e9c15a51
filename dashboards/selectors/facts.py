"""What every figure of the overview is computed from: bills on two days, months, and units.

What is open is the definition of `billing.selectors.outstanding`, summed to bills in the database, because a page
needs a bill's amounts and not its lines; a test compares both to the fen. Summing allocations is the dear part,
so one statement passes over them once and feeds the day, the same day of the month before, and the months.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db import connection

from dashboards.domain.cuts import Cut
from dashboards.domain.kinds import EVERY_KIND, HOUSEHOLDS
from dashboards.domain.months import MonthFigures

BILLS = """
WITH cut AS (
    SELECT * FROM unnest(%(starts)s::date[], %(days)s::date[]) AS cut (start, day)
), owed AS MATERIALIZED (
    SELECT bill.id, account.unit_id, bill.period_start, bill.due_on, bill.total, bill.issued_on,
        CASE WHEN bill.state = 'issued' THEN 'infinity' ELSE bill.voided_on END AS until,
        cut.start AS month, cut.day AS month_day
    FROM billing_bill AS bill
    JOIN billing_chargeaccount AS account ON account.id = bill.account_id
    JOIN estates_unit AS unit ON unit.id = account.unit_id
    LEFT JOIN cut ON cut.start = date_trunc('month', bill.period_start::timestamp)::date
    WHERE bill.community_id = ANY(%(communities)s) AND unit.kind = ANY(%(kinds)s) AND bill.issued_on <= %(now)s
), settled AS (
    SELECT line.bill_id,
        sum(allocation.amount) AS now,
        sum(allocation.amount) FILTER (WHERE allocation.value_day >= %(now_start)s) AS in_month,
        sum(allocation.amount) FILTER (WHERE allocation.value_day <= %(before)s) AS before,
        sum(allocation.amount) FILTER (
            WHERE allocation.value_day BETWEEN %(before_start)s AND %(before)s
        ) AS in_month_before,
        sum(allocation.amount) FILTER (WHERE allocation.value_day <= owed.month_day) AS by_month_day
    FROM owed
    JOIN billing_chargeline AS line ON line.bill_id = owed.id
    JOIN billing_allocation AS allocation ON allocation.line_id = line.id
    WHERE allocation.value_day <= %(now)s
    GROUP BY line.bill_id
), waived AS (
    SELECT line.bill_id,
        sum(waiver.amount) AS now,
        sum(waiver.amount) FILTER (WHERE waiver.value_day <= %(before)s) AS before,
        sum(waiver.amount) FILTER (WHERE waiver.value_day <= owed.month_day) AS by_month_day
    FROM owed
    JOIN billing_chargeline AS line ON line.bill_id = owed.id
    JOIN billing_waiver AS waiver ON waiver.line_id = line.id
    WHERE waiver.value_day <= %(now)s
    GROUP BY line.bill_id
), facts AS MATERIALIZED (
    SELECT owed.*,
        total - coalesce(waived.now, 0) AS receivable,
        coalesce(settled.now, 0) AS received,
        coalesce(settled.in_month, 0) AS in_month,
        total - coalesce(waived.before, 0) AS receivable_before,
        coalesce(settled.before, 0) AS received_before,
        coalesce(settled.in_month_before, 0) AS in_month_before,
        total - coalesce(waived.by_month_day, 0) AS receivable_month,
        coalesce(settled.by_month_day, 0) AS received_month
    FROM owed
    LEFT JOIN settled ON settled.bill_id = owed.id
    LEFT JOIN waived ON waived.bill_id = owed.id
)
SELECT 'now', id, unit_id, period_start >= %(now_start)s AND period_start < %(now_stop)s,
    period_start < %(now_start)s, %(now)s::date - due_on,
    (receivable * 100)::bigint, (received * 100)::bigint, (in_month * 100)::bigint
FROM facts
WHERE until > %(now)s AND (period_start >= %(now_start)s OR receivable <> received OR in_month <> 0)
UNION ALL
SELECT 'before', id, unit_id, period_start >= %(before_start)s AND period_start < %(now_start)s,
    period_start < %(before_start)s, %(before)s::date - due_on,
    (receivable_before * 100)::bigint, (received_before * 100)::bigint, (in_month_before * 100)::bigint
FROM facts
WHERE issued_on <= %(before)s AND until > %(before)s
    AND (period_start >= %(before_start)s OR receivable_before <> received_before OR in_month_before <> 0)
UNION ALL
SELECT 'months', NULL, NULL, NULL, NULL, month - %(now_start)s::date,
    (sum(receivable_month) * 100)::bigint, (sum(received_month) * 100)::bigint, NULL
FROM facts
WHERE issued_on <= month_day AND until > month_day
GROUP BY month
"""
COLUMNS = (
    "bill_id",
    "unit_id",
    "is_current",
    "is_old",
    "days_overdue",
    "receivable",
    "received",
    "received_in_month",
)
TYPES = {
    "unit_id": "int64",
    "is_current": "bool",
    "is_old": "bool",
    "days_overdue": "int64",
    "receivable": "int64",
    "received": "int64",
    "received_in_month": "int64",
}
UNITS = """
SELECT unit.id, unit.community_id, community.name, unit.building_id, building.code, unit.stair, unit.room, unit.code,
    unit.kind, unit.floor, unit.is_top_floor
FROM estates_unit AS unit
JOIN estates_community AS community ON community.id = unit.community_id
LEFT JOIN estates_building AS building ON building.id = unit.building_id
WHERE unit.community_id = ANY(%(communities)s) AND unit.kind = ANY(%(kinds)s)
ORDER BY community.code, building.sort_key NULLS LAST, unit.sort_key, unit.code
"""
UNIT_COLUMNS = (
    "unit_id",
    "community_id",
    "community",
    "building_id",
    "building",
    "stair",
    "room",
    "code",
    "kind",
    "floor",
    "is_top_floor",
)


@dataclass(frozen=True)
class Sight:
    """Whose figures: the communities, narrowed to one or all of those a person may see, and kinds of units."""

    community_ids: Collection[int]
    kinds: Sequence[str] = EVERY_KIND


@dataclass(frozen=True)
class Facts:
    """Bills on the cut's day, bills on the same day of the month before, and the months, the oldest first.

    `now`, `before`: DataFrame n_bills × 8: bill_id (index), unit_id (int64), is_current, is_old (bool: of the month,
    of earlier months), days_overdue (int64, negative before the due day), receivable = billed − waived, received,
    received_in_month, open = receivable − received (int64, fen). Of older bills only those with something open
    or paid in the month are there.
    """

    now: pd.DataFrame
    before: pd.DataFrame
    months: list[MonthFigures]


def get_facts(sight: Sight, cut: Cut, *, months: int) -> Facts:
    """Read the bills for a cut and its last `months` months in one statement."""
    cuts, before = cut.latest(months), cut.previous()
    params = {
        "communities": list(sight.community_ids),
        "kinds": list(sight.kinds),
        "now": cut.as_of,
        "now_start": cut.month.start,
        "now_stop": cut.month.end,
        "before": before.as_of,
        "before_start": before.month.start,
        "starts": [one.month.start for one in cuts],
        "days": [one.as_of for one in cuts],
    }
    parts: dict[str, list[tuple[Any, ...]]] = {"now": [], "before": [], "months": []}
    for part, *values in _read(BILLS, params):
        parts[part].append(tuple(values))
    return Facts(_bills(parts["now"]), _bills(parts["before"]), _months(parts["months"], cuts))


def _bills(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).set_index("bill_id").astype(TYPES)
    return frame.assign(open=frame["receivable"] - frame["received"])


def _months(rows: list[tuple[Any, ...]], cuts: list[Cut]) -> list[MonthFigures]:
    """Put sums of months, named by their distance in days from the newest one, in the order of the cuts."""
    newest = cuts[-1].month.start
    sums = {days: (receivable, received) for *_nothing, days, receivable, received, _none in rows}
    return [MonthFigures(cut, *sums.get((cut.month.start - newest).days, (0, 0))) for cut in cuts]


def list_units(sight: Sight) -> pd.DataFrame:
    """Read the units in walking order.

    DataFrame n_units × 16: unit_id (index), community_id, community (name), building_id (None for a space outside),
    building (its code), stair, room, code, kind, floor, is_top_floor, is_household (bool), and the names of the
    places a unit lies in, one a level: community_key, building_key, stair_key, unit_key (str).
    """
    rows = _read(UNITS, {"communities": list(sight.community_ids), "kinds": list(sight.kinds)})
    frame = pd.DataFrame(rows, columns=list(UNIT_COLUMNS), dtype="object").set_index("unit_id")
    community = "c" + frame["community_id"].astype("str")
    building = ("b" + frame["building_id"].astype("str")).where(frame["building_id"].notna(), community + "-")
    return frame.assign(
        is_household=frame["kind"].isin(HOUSEHOLDS),
        community_key=community,
        building_key=building,
        stair_key=building + "." + frame["stair"].astype("str"),
        unit_key="u" + frame.index.astype("str"),
    )


def _read(query: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()
