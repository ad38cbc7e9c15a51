"""Frames written by hand, in the shape of `dashboards.selectors.facts`."""

from __future__ import annotations

from typing import Any

import pandas as pd

BILL = {
    "unit_id": 1,
    "is_current": True,
    "is_old": False,
    "days_overdue": 10,
    "receivable": 0,
    "received": 0,
    "received_in_month": 0,
}
UNIT = {
    "community": "云杉苑",
    "building": "8",
    "stair": "2",
    "room": "301",
    "code": "8-2-301",
    "kind": "high_rise",
    "is_top_floor": False,
    "is_household": True,
    "community_key": "c1",
    "building_key": "b8",
    "stair_key": "b8.2",
    "unit_key": "u1",
}


def bills(*rows: dict[str, Any]) -> pd.DataFrame:
    """Bills by what matters of them; amounts in fen."""
    frame = pd.DataFrame([BILL | row for row in rows])
    return frame.assign(open=frame["receivable"] - frame["received"])


def old(**facts: Any) -> dict[str, Any]:
    """A bill of an earlier month."""
    return {"is_current": False, "is_old": True, **facts}


def units(*rows: dict[str, Any]) -> pd.DataFrame:
    """Units 1, 2, 3 …"""
    frame = pd.DataFrame(
        [UNIT | {"unit_key": f"u{number}"} | row for number, row in enumerate(rows, start=1)]
    )
    return frame.set_index(pd.RangeIndex(1, len(rows) + 1, name="unit_id"))
