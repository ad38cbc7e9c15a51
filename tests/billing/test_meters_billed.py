"""Months billed from meters that were changed, turned over, guessed and opened: literals, and lines that explain it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from billing.explaining.steps import tell_steps
from billing.models import Bill, ChargeLine
from billing.selectors.explained import explain_line
from billing.selectors.snapshot import load_uses
from billing.services.run import RunOutcome, bill_period
from core.periods import Period
from estates.domain.counting import Shown, Swap, go_on
from estates.models import Meter, Reading, ReadingCheck
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

D = Decimal
NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)
CHANGED = date(2026, 9, 12)


@pytest.fixture
def village() -> Village:
    village = Village()
    village.tariff(village.fee("water"), "meter", "3.45", formula={"meter_kind": "water"})
    return village


def keep(meter: Meter, shown: Shown, **facts: Any) -> Shown:
    """Write a reading as it was counted."""
    Reading.objects.create(
        meter=meter,
        read_on=shown.on,
        value=shown.value,
        base=shown.base,
        ahead=shown.ahead,
        is_estimate=shown.is_estimate,
        method="history" if shown.is_estimate else "",
        old_closing=shown.old_closing,
        new_opening=shown.new_opening,
        multiplier=shown.multiplier,
        **facts,
    )
    return shown


def bill(village: Village, month: str) -> RunOutcome:
    return bill_period(community=village.community, period=Period.month(month), now=NOW, by="test")


def told(month: int) -> list[tuple[str, str, str]]:
    """The steps of the month's only line in English, which must confirm itself."""
    line = explain_line(ChargeLine.objects.get(bill__period_start=date(2026, month, 1)).pk)
    assert line.explanation.agrees
    with translation.override("en"):
        return [(step.label, step.value, step.note) for step in tell_steps(line.explanation, name="Water")]


def test_swap_within_a_period_is_charged_on_both_dials(village: Village) -> None:
    meter = village.meter("W1", {}, unit=village.unit("8-301"))
    opening = keep(meter, Shown(AUGUST, D(812)))
    swapped = keep(meter, go_on(opening, CHANGED, D(0), swap=Swap(D(818), D(0))))
    keep(meter, go_on(swapped, SEPTEMBER, D(7)))
    assert bill(village, "2026-09").total == D("44.85")  # (818 − 812 + 7 − 0) × 3.45
    assert told(9)[:3] == [
        (
            "Counted on one dial",
            "6 m³",
            "Meter W1: 812 → 818, 31 Aug 2026 to 12 Sep 2026; then the meter was changed",
        ),
        ("Counted on one dial", "7 m³", "Meter W1: 0 → 7, 12 Sep 2026 to 30 Sep 2026"),
        ("Water used", "13 m³", "Meter W1: the parts above, together"),
    ]


def test_swap_to_another_multiplier(village: Village) -> None:
    meter = village.meter("W1", {}, unit=village.unit("8-301"))
    opening = keep(meter, Shown(AUGUST, D(100)))
    keep(meter, go_on(opening, SEPTEMBER, D(3), swap=Swap(D(104), D(2), D(10))))
    assert bill(village, "2026-09").total == D("48.30")  # (4 × 1 + 1 × 10) × 3.45


def test_turn_of_the_dial(village: Village) -> None:
    meter = village.meter("W1", {}, unit=village.unit("8-301"))
    opening = keep(meter, Shown(AUGUST, D(9_995)))
    keep(meter, go_on(opening, SEPTEMBER, D(5), top=D(10_000)))
    assert bill(village, "2026-09").total == D("34.50")
    assert told(9)[0] == (
        "Counted on one dial", "5 m³",
        "Meter W1: 9,995 → 10,000, 31 Aug 2026 to 30 Sep 2026; then the dial began again at zero",
    )  # fmt: skip


def test_estimate_too_high_is_evened_out_by_the_next_reading(village: Village) -> None:
    """Guessed 20 of September, truly 15 until the end of October: September pays 20, October nothing, 5 stay ahead."""
    meter = village.meter("W1", {}, unit=village.unit("8-301"))
    opening = keep(meter, Shown(AUGUST, D(100)))
    guess = keep(meter, go_on(opening, SEPTEMBER, D(120), is_estimate=True))
    real = keep(meter, go_on(guess, OCTOBER, D(115)))
    keep(meter, go_on(real, date(2026, 11, 30), D(130)))
    assert bill(village, "2026-09").total == D("69.00")
    assert told(9)[0][2].endswith("the last value is an estimate; the next reading evens it out")
    assert bill(village, "2026-10").total == 0
    assert bill(village, "2026-11").total == D("34.50")  # 130 − 120
    assert told(11)[0][1:] == (
        "-5 m³", "An earlier estimate had counted 5 m³ too much; 0 m³ of it are still to come off.",
    )  # fmt: skip
    assert sum(Bill.objects.values_list("total", flat=True)) == D("103.50")  # 30 m³ as the dial says


def test_estimate_and_real_reading_within_one_period(village: Village) -> None:
    meter = village.meter("W1", {}, unit=village.unit("8-301"))
    opening = keep(meter, Shown(AUGUST, D(100)))
    guess = keep(meter, go_on(opening, CHANGED, D(120), is_estimate=True))
    keep(meter, go_on(guess, SEPTEMBER, D(115)))
    assert bill(village, "2026-09").total == D("69.00")
    assert told(9)[0] == (
        "Estimate evened out",
        "5 m³",
        "An estimate has counted 5 m³ beyond the dial; they come off later readings.",
    )


def test_opening_value_given_within_the_period_is_charged_from(village: Village) -> None:
    meter = village.meter("W1", {}, unit=village.unit("8-301"))
    opening = keep(meter, Shown(CHANGED, D(2)), is_opening=True)
    keep(meter, go_on(opening, SEPTEMBER, D(12)))
    assert bill(village, "2026-09").total == D("34.50")


def test_opening_value_alone_is_not_charged(village: Village) -> None:
    meter = village.meter("W1", {}, unit=village.unit("8-301"))
    keep(meter, Shown(CHANGED, D(2)), is_opening=True)
    assert [problem.code for problem in bill(village, "2026-09").problems] == ["meter_opened"]


@pytest.mark.parametrize("meters", [1, 3])
def test_load_uses_reads_special_meters_in_one_more_query(village: Village, meters: int) -> None:
    units = []
    for number in range(meters):
        unit = village.unit(f"8-30{number}")
        meter = village.meter(f"W{number}", {}, unit=unit)
        opening = keep(meter, Shown(AUGUST, D(9_995)))
        keep(meter, go_on(opening, SEPTEMBER, D(5), top=D(10_000)))
        units.append(unit.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        uses = load_uses("water", Period.month("2026-09"), units)
    assert (len(queries), uses.use.tolist()) == (2, [100_000] * meters)


def test_a_reading_that_waits_is_a_remark_of_the_run(village: Village) -> None:
    held = village.meter("W1", {AUGUST: "812"}, unit=village.unit("8-301"))
    village.meter("W2", {AUGUST: "10", SEPTEMBER: "12"}, unit=village.unit("8-302"))
    for read_on in (SEPTEMBER, OCTOBER):  # the second lies behind the period
        ReadingCheck.objects.create(
            meter=held, reason="lower", read_on=read_on, value=800, noticed_on=read_on
        )
    outcome = bill(village, "2026-09")
    told = [(problem.code, problem.where["unit"], problem.blocks) for problem in outcome.problems]
    assert told == [("reading_held", "8-301", False)]
    assert outcome.total == D("6.90")


def test_a_reading_that_was_settled_is_no_remark(village: Village) -> None:
    held = village.meter("W1", {AUGUST: "812", SEPTEMBER: "815"}, unit=village.unit("8-301"))
    ReadingCheck.objects.create(
        meter=held, reason="lower", read_on=SEPTEMBER, value=800, noticed_on=SEPTEMBER,
        outcome="corrected", closed_at=NOW, closed_by="wang",
    )  # fmt: skip
    assert not bill(village, "2026-09").problems
