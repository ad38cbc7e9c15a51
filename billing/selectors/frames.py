"""Lines with what is outstanding on them as a DataFrame, for dashboards, profiles and exports.

The same definition as ``billing.selectors.outstanding``, set-wise for whole communities; a test compares them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd
from django.db import connection

LINES = """
SELECT line.id, line.bill_id, bill.account_id, account.unit_id, account.payer_id, unit.building_id,
    bill.community_id, line.fee_item_id, bill.period_start, bill.due_on, bill.issued_on,
    (line.amount * 100)::bigint, coalesce(settled.fen, 0), coalesce(waived.fen, 0)
FROM billing_chargeline AS line
JOIN billing_bill AS bill ON bill.id = line.bill_id
JOIN billing_chargeaccount AS account ON account.id = bill.account_id
JOIN estates_unit AS unit ON unit.id = account.unit_id
LEFT JOIN (
    SELECT line_id, (sum(amount) * 100)::bigint AS fen FROM billing_allocation
    WHERE value_day <= %(as_of)s GROUP BY line_id
) AS settled ON settled.line_id = line.id
LEFT JOIN (
    SELECT line_id, (sum(amount) * 100)::bigint AS fen FROM billing_waiver
    WHERE value_day <= %(as_of)s GROUP BY line_id
) AS waived ON waived.line_id = line.id
WHERE bill.community_id = ANY(%(communities)s) AND bill.issued_on <= %(as_of)s
    AND (bill.state = 'issued' OR bill.voided_on > %(as_of)s)
ORDER BY line.id
"""
COLUMNS = (
    "line_id",
    "bill_id",
    "account_id",
    "unit_id",
    "payer_id",
    "building_id",
    "community_id",
    "fee_item_id",
    "period_start",
    "due_on",
    "issued_on",
    "amount_fen",
    "settled_fen",
    "waived_fen",
)
DAYS = ("period_start", "due_on", "issued_on")


def outstanding_frame(community_ids: Collection[int], as_of: date) -> pd.DataFrame:
    """Return one row a line of the bills owed on the day, settled ones too.

    DataFrame n_lines × 14: line_id (index), bill_id, account_id, unit_id, payer_id, building_id (float: a unit may
    have none), community_id, fee_item_id (int64), period_start, due_on, issued_on (datetime64), amount_fen,
    settled_fen, waived_fen, outstanding_fen (int64, fen).
    """
    with connection.cursor() as cursor:
        cursor.execute(LINES, {"communities": list(community_ids), "as_of": as_of})
        frame = pd.DataFrame(cursor.fetchall(), columns=list(COLUMNS)).set_index("line_id")
    for column in DAYS:
        frame[column] = pd.to_datetime(frame[column])
    for column in ("amount_fen", "settled_fen", "waived_fen"):
        frame[column] = frame[column].astype("int64")
    frame["outstanding_fen"] = frame["amount_fen"] - frame["settled_fen"] - frame["waived_fen"]
    return frame
