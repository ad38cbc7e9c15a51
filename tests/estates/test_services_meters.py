"""Acts on meters, and the list of readings to look at: nothing is lost, nothing bills twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.errors import ConflictError, DomainError, InvalidError
from core.models import AuditRecord
from core.periods import Period
from estates.models import (
    CheckOutcome,
    CheckReason,
    Community,
    FaultKind,
    Meter,
    MeterFault,
    Reading,
    ReadingCheck,
)
from estates.selectors import meter_tree, meter_uses
from estates.services.checks import ClosedAlready, FactMissing, Found, MoveNotAllowed, settle_check
from estates.services.meters import OddTree, end_fault, hang_meter, open_fault, swap_meter
from estates.services.recording import (
    MeterIsFaulty,
    NoHistory,
    NotTheLatest,
    OddValue,
    ReadAlready,
    Taken,
    estimate_reading,
    give_opening,
    record_reading,
    skip_meter,
)

pytestmark = pytest.mark.django_db

D = Decimal
NOW = datetime(2026, 10, 9, 2, tzinfo=UTC)
TAKEN = Taken("王工", NOW, "round", "王工")
DAYS = [date(2026, month, 28) for month in range(1, 10)]
OCTOBER = date(2026, 10, 28)


@pytest.fixture
def meter(community: Community) -> Meter:
    """A water meter read every month since January: 10 a month, 180 in September."""
    meter = Meter.objects.create(community=community, code="W1", kind="water")
    for number, day in enumerate(DAYS):
        Reading.objects.create(meter=meter, read_on=day, value=D(100 + 10 * number))
    return meter


def use(meter: Meter, month: str) -> Decimal:
    found = meter_uses(meter.community, Period.month(month))
    return D(found.use.tolist()[found.meter.index(meter.code)]).scaleb(-4)


def check(reason: str = "") -> ReadingCheck:
    rows = ReadingCheck.objects.filter(closed_at=None)
    return rows.get(reason=reason) if reason else rows.get()


def settle(outcome: CheckOutcome, row: ReadingCheck | None = None, **found: Any) -> ReadingCheck:
    return settle_check(check=row or check(), outcome=outcome, found=Found(**found), by="李会计", now=NOW)


# Readings --------------------------------------------------------------------------------------------------


def test_record_reading_keeps_reader_and_note(meter: Meter) -> None:
    recorded = record_reading(meter=meter, on=OCTOBER, value=D("191.5"), taken=TAKEN)
    assert recorded.check is None
    reading = Reading.objects.get(pk=recorded.reading.pk) if recorded.reading else None
    assert reading is not None
    assert (reading.reader, reading.source, reading.value) == ("王工", "round", D("191.5"))
    assert use(meter, "2026-10") == D("11.5")
    assert AuditRecord.objects.filter(action="estates.read_meter").count() == 1


def test_record_reading_refuses_a_second_one_of_the_day(meter: Meter) -> None:
    with pytest.raises(ReadAlready):
        record_reading(meter=meter, on=DAYS[-1], value=D(181), taken=TAKEN)


def test_record_reading_holds_back_what_is_lower(meter: Meter) -> None:
    recorded = record_reading(meter=meter, on=OCTOBER, value=D(150), taken=TAKEN)
    assert recorded.reading is None
    row = check()
    assert (row.reason, row.value, row.last_value, row.last_on) == ("lower", D(150), D(180), DAYS[-1])
    assert Reading.objects.count() == 9


def test_record_reading_holds_back_a_jump_until_the_reader_has_looked_again(meter: Meter) -> None:
    assert record_reading(meter=meter, on=OCTOBER, value=D(280), taken=TAKEN).reading is None
    assert check("jump").reading is None
    recorded = record_reading(meter=meter, on=OCTOBER, value=D(280), taken=TAKEN, confirmed=True)
    assert recorded.reading is not None
    assert check("jump").reading == recorded.reading
    assert ReadingCheck.objects.count() == 2  # the first one is closed, not gone


def test_record_reading_lists_zero_use_and_records_it(meter: Meter) -> None:
    assert record_reading(meter=meter, on=OCTOBER, value=D(180), taken=TAKEN).reading is not None
    assert check().reason == CheckReason.ZERO


def test_record_reading_respects_the_digits_of_the_dial(meter: Meter) -> None:
    meter.digits = 3
    with pytest.raises(OddValue):
        record_reading(meter=meter, on=OCTOBER, value=D(1000), taken=TAKEN)


def test_first_reading_of_a_late_meter_asks_for_its_opening_value(meter: Meter) -> None:
    """812 when handed over on the 3rd, 815 read on the 9th, 820 at the end: October bills 8, not 820 and not 5."""
    late = Meter.objects.create(community=meter.community, code="W2", kind="water")
    record_reading(meter=late, on=date(2026, 10, 9), value=D(815), taken=TAKEN)
    assert check().reason == CheckReason.OPENING
    with pytest.raises(FactMissing):
        settle(CheckOutcome.OPENED, value=D(812), on=date(2026, 10, 3))
    settle(CheckOutcome.OPENED, value=D(812), on=date(2026, 10, 3), note="交接单 2026-031")
    record_reading(meter=late, on=OCTOBER, value=D(820), taken=TAKEN)
    assert use(late, "2026-10") == D(8)
    opening = Reading.objects.get(meter=late, is_opening=True)
    assert (opening.source, opening.method) == ("交接单 2026-031", "given")


def test_first_reading_confirmed_bills_from_itself(meter: Meter) -> None:
    late = Meter.objects.create(community=meter.community, code="W2", kind="water")
    record_reading(meter=late, on=date(2026, 10, 9), value=D(0), taken=TAKEN)
    settle(CheckOutcome.CONFIRMED)
    record_reading(meter=late, on=OCTOBER, value=D(5), taken=TAKEN)
    assert use(late, "2026-10") == D(5)


def test_first_readings_of_a_new_community_ask_for_nothing(community: Community) -> None:
    meter = Meter.objects.create(community=community, code="W1", kind="water")
    assert record_reading(meter=meter, on=OCTOBER, value=D(5), taken=TAKEN).check is None


def test_give_opening_must_come_first_and_be_lower(meter: Meter) -> None:
    with pytest.raises(NotTheLatest):
        give_opening(meter=meter, on=OCTOBER, value=D(1), taken=TAKEN)
    with pytest.raises(OddValue):
        give_opening(meter=meter, on=date(2025, 12, 1), value=D(101), taken=TAKEN)


def test_skip_meter_stands_on_the_list_once(meter: Meter) -> None:
    for _ in range(2):
        skip_meter(meter=meter, on=OCTOBER, reason="没人在家", taken=TAKEN)
    assert (check().reason, check().note, check().last_value) == ("skipped", "没人在家", D(180))


# Estimates, swaps, faults ----------------------------------------------------------------------------------


def test_estimate_reading_by_history_and_true_up(meter: Meter) -> None:
    """A third of a cubic metre a day: 30 days after 28 September it has about 10 more."""
    reading = estimate_reading(meter=meter, on=OCTOBER, taken=TAKEN)
    assert (reading.is_estimate, reading.method, reading.value) == (True, "history", D("189.89"))
    record_reading(meter=meter, on=date(2026, 11, 28), value=D(195), taken=TAKEN)
    assert (use(meter, "2026-10"), use(meter, "2026-11")) == (D("9.89"), D("5.11"))


def test_estimate_reading_needs_a_history(community: Community) -> None:
    meter = Meter.objects.create(community=community, code="W1", kind="water")
    Reading.objects.create(meter=meter, read_on=DAYS[0], value=1)
    with pytest.raises(NoHistory):
        estimate_reading(meter=meter, on=OCTOBER, taken=TAKEN)
    assert estimate_reading(meter=meter, on=OCTOBER, value=D(4), taken=TAKEN).method == "given"


def test_estimate_goes_behind_all_readings(meter: Meter) -> None:
    with pytest.raises(NotTheLatest):
        estimate_reading(meter=meter, on=date(2026, 9, 1), taken=TAKEN)


def test_swap_meter_spans_both_instruments(meter: Meter) -> None:
    swap_meter(meter=meter, on=date(2026, 10, 12), old_closing=D(186), new_opening=D(2), taken=TAKEN)
    record_reading(meter=meter, on=OCTOBER, value=D(9), taken=TAKEN)
    assert use(meter, "2026-10") == D(13)


def test_swap_meter_to_another_multiplier_leaves_the_past_alone(meter: Meter) -> None:
    swap_meter(
        meter=meter,
        on=date(2026, 10, 12),
        old_closing=D(186),
        new_opening=D(0),
        multiplier=D(10),
        taken=TAKEN,
    )
    record_reading(meter=meter, on=OCTOBER, value=D(2), taken=TAKEN, confirmed=True)
    assert (use(meter, "2026-09"), use(meter, "2026-10")) == (D(10), D(26))
    assert Meter.objects.get().multiplier == 10


@pytest.mark.parametrize(("old", "new", "value"), [("179", "0", None), ("185", "5", "4")])
def test_swap_meter_refuses_odd_values(meter: Meter, old: str, new: str, value: str | None) -> None:
    with pytest.raises(OddValue):
        swap_meter(
            meter=meter,
            on=OCTOBER,
            old_closing=D(old),
            new_opening=D(new),
            value=D(value) if value else None,
            taken=TAKEN,
        )


def test_stuck_meter_is_estimated_until_it_counts_again(meter: Meter) -> None:
    fault = open_fault(meter=meter, kind=FaultKind.STUCK, start=DAYS[-1], reason="表盘不转", taken=TAKEN)
    with pytest.raises(MeterIsFaulty):
        record_reading(meter=meter, on=OCTOBER, value=D(180), taken=TAKEN)
    with pytest.raises(ConflictError):
        open_fault(meter=meter, kind=FaultKind.STUCK, start=OCTOBER, reason="again", taken=TAKEN)
    end_fault(fault=fault, on=OCTOBER, value=D(180), taken=TAKEN)
    assert use(meter, "2026-10") == D("9.89")  # by history; the dial had stood still at 180
    record_reading(meter=meter, on=date(2026, 11, 28), value=D(192), taken=TAKEN)
    assert use(meter, "2026-11") == D(12)
    assert MeterFault.objects.get().end == OCTOBER
    with pytest.raises(ConflictError):
        end_fault(fault=MeterFault.objects.get(), on=OCTOBER, value=D(180), taken=TAKEN)


def test_swapped_stuck_meter_is_estimated_up_to_the_swap(meter: Meter) -> None:
    open_fault(meter=meter, kind=FaultKind.STUCK, start=DAYS[-1], reason="表盘不转", taken=TAKEN)
    swap_meter(meter=meter, on=OCTOBER, old_closing=D(180), new_opening=D(0), taken=TAKEN)
    assert (use(meter, "2026-10"), MeterFault.objects.get().end) == (D("9.89"), OCTOBER)


def test_reversed_meter_counts_as_much_as_it_went_down(meter: Meter) -> None:
    open_fault(meter=meter, kind=FaultKind.REVERSED, start=DAYS[-1], reason="装反", taken=TAKEN)
    reading = estimate_reading(meter=meter, on=OCTOBER, shown=D(172), taken=TAKEN)
    assert (reading.value, reading.method, use(meter, "2026-10")) == (D(188), "backwards", D(8))


# The list of readings to look at -----------------------------------------------------------------------------


def held(meter: Meter, value: str = "150") -> ReadingCheck:
    record_reading(meter=meter, on=OCTOBER, value=D(value), taken=TAKEN)
    return check()


def test_settle_corrected_records_the_other_value(meter: Meter) -> None:
    row = settle(CheckOutcome.CORRECTED, held(meter), value=D(191), note="看错")
    assert (row.outcome, row.closed_by, row.closing_note, row.value) == (
        "corrected",
        "李会计",
        "看错",
        D(150),
    )
    assert use(meter, "2026-10") == D(11)


def test_settle_corrected_refuses_what_is_lower_too_and_stays_open(meter: Meter) -> None:
    with pytest.raises(InvalidError):
        settle(CheckOutcome.CORRECTED, held(meter), value=D(151))
    assert check().value == D(150)


def test_settle_confirmed_records_a_jump_and_leaves_nothing_open(meter: Meter) -> None:
    settle(CheckOutcome.CONFIRMED, held(meter, "300"))
    assert use(meter, "2026-10") == D(120)
    assert not ReadingCheck.objects.filter(closed_at=None).exists()


def test_settle_estimated(meter: Meter) -> None:
    settle(CheckOutcome.ESTIMATED, held(meter))
    assert use(meter, "2026-10") == D("9.89")


def test_settle_swapped_earlier_in_the_month(meter: Meter) -> None:
    settle(CheckOutcome.SWAPPED, held(meter), on=date(2026, 10, 2), old_closing=D(181), new_opening=D(145))
    assert use(meter, "2026-10") == D(6)


def test_settle_turned_needs_declared_digits(meter: Meter) -> None:
    row = held(meter)
    with pytest.raises(MoveNotAllowed):
        settle(CheckOutcome.TURNED, row)
    Meter.objects.update(digits=3)
    settle(CheckOutcome.TURNED, ReadingCheck.objects.get())
    assert use(meter, "2026-10") == D(970)


def test_settle_misread_evens_the_wrong_reading_out(meter: Meter) -> None:
    """180 of September was wrong, 175 at the end of October is right: October bills nothing, 5 come off later."""
    settle(CheckOutcome.MISREAD, held(meter, "175"))
    record_reading(meter=meter, on=date(2026, 11, 28), value=D(190), taken=TAKEN)
    assert (use(meter, "2026-09"), use(meter, "2026-10"), use(meter, "2026-11")) == (D(10), D(0), D(10))


def test_settle_faulty_from_zero_use(meter: Meter) -> None:
    record_reading(meter=meter, on=OCTOBER, value=D(180), taken=TAKEN)
    settle(CheckOutcome.FAULTY, fault=FaultKind.STUCK)
    assert MeterFault.objects.get().start == DAYS[-1]


def test_settle_dropped_says_why(meter: Meter) -> None:
    row = held(meter)
    with pytest.raises(FactMissing):
        settle(CheckOutcome.DROPPED, row)
    settle(CheckOutcome.DROPPED, row, note="抄的是别家的表")
    assert (ReadingCheck.objects.get().value, Reading.objects.count()) == (D(150), 9)


def test_settle_twice_is_refused(meter: Meter) -> None:
    row = held(meter)
    settle(CheckOutcome.ESTIMATED, row)
    with pytest.raises(ClosedAlready):
        settle(CheckOutcome.ESTIMATED, row)


@pytest.mark.parametrize("outcome", [CheckOutcome.CONFIRMED, CheckOutcome.OPENED, CheckOutcome.FAULTY])
def test_settle_lower_refuses_other_moves(meter: Meter, outcome: CheckOutcome) -> None:
    with pytest.raises(DomainError):
        settle(outcome, held(meter), value=D(1), note="x")


# The tree ------------------------------------------------------------------------------------------------------


def test_meter_tree_shows_losses(meter: Meter) -> None:
    main = Meter.objects.create(community=meter.community, code="MAIN", kind="water")
    for day, value in ((DAYS[-2], 1000), (DAYS[-1], 1025)):
        Reading.objects.create(meter=main, read_on=day, value=value)
    other = Meter.objects.create(community=meter.community, code="W9", kind="water")
    hang_meter(meter=meter, parent=main, by="李会计")
    hang_meter(meter=other, parent=main, by="李会计")
    (top,) = meter_tree(meter.community, Period.month("2026-09"))
    assert (top.code, top.use, top.passed_on, top.loss, top.unknown) == ("MAIN", D(25), D(10), D(15), 1)
    assert [(depth, branch.code, branch.loss) for depth, branch in top.walk()][1:] == [
        (1, "W1", None),
        (1, "W9", None),
    ]


def test_hang_meter_refuses_circles_and_other_kinds(meter: Meter) -> None:
    power = Meter.objects.create(community=meter.community, code="E1", kind="electricity")
    child = Meter.objects.create(community=meter.community, code="W2", kind="water", parent=meter)
    for lower, upper in ((meter, child), (meter, meter), (meter, power)):
        with pytest.raises(OddTree):
            hang_meter(meter=lower, parent=upper, by=None)
