"""Corrections as a file: what was asked for more or less, on which line, and why."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from billing.models import UnitChange
from billing.services.changes import approve_change, request_change
from billing.services.run import bill_period
from core.periods import Period
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)


def test_corrections_of_a_sale_are_a_reduction_and_a_line(tmp_path: Path) -> None:
    village = Village()
    village.tariff(village.fee("property"), "area", "2.35")
    unit = village.unit("8-301", "100.24", owner="李明")
    bill_period(community=village.community, period=Period.month("2026-11"), now=NOW, by="t")
    sale = UnitChange(
        community=village.community,
        unit=unit,
        kind="transfer",
        first_day=date(2026, 11, 17),
        name="王芳",
        reason="网签",
    )
    approve_change(change=request_change(change=sale, by="chen", now=NOW), by="zhao", now=NOW)

    file = tmp_path / "corrections.csv"
    call_command("export", "corrections", community=village.community.code, out=file)

    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    names = ("payer", "fee_item", "period_start", "period_end", "amount", "day", "reason")
    # 14 of 30 days: 235.56 = 125.63 + 109.93
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("李明 8-301", "property", "2026-11-01", "2026-11-30", "-109.93", "2026-11-20", "网签"),
        ("王芳", "property", "2026-11-17", "2026-11-30", "109.93", "2026-11-20", "网签"),
    ]
