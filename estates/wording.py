"""The sentences clerks read about rosters and readings; the shared ones are in `core.tables.wording`."""

from django.utils.translation import gettext_lazy as _

from core.tables.wording import Sentences

ROSTER: Sentences = {
    "no_table": _("No sheet of the file holds a table of units."),
    "no_kind_column": _(
        "The sheet “%(sheet)s” says nothing about the kind of unit. New units are taken as flats, on stair 0 as shops."
    ),
    "no_building": _(
        "“%(value)s” in “%(column)s” names no building. Write it like 8-2-301, or fill in the building."
    ),
    "odd_code": _("“%(value)s” in “%(column)s” is not a room number."),
    "code_is_date": _(
        "“%(column)s” holds the date %(value)s; Excel has probably changed a number like 8-2. "
        "Format the column as text and type it again."
    ),
    "code_is_number": _("“%(value)s” in “%(column)s” is not a room number."),
    "room_disagrees": _(
        "“%(value)s” in “%(column)s” does not fit building %(building)s, stair %(stair)s of the same row."
    ),
    "too_long": _("“%(value)s” in “%(column)s” is too long (%(longest)s characters at most)."),
    "area_not_positive": _("The area “%(value)s” in “%(column)s” must be above zero."),
    "absurd_area": _(
        "The area “%(value)s” in “%(column)s” cannot be right for such a unit (at most %(largest)s m²)."
    ),
    "inner_above_area": _(
        "The inner area “%(value)s” is larger than the building area %(area)s. Are they swapped?"
    ),
    "area_rounded": _("The area “%(value)s” was rounded to %(rounded)s, four decimals."),
    "unknown_kind": _(
        "“%(value)s” in “%(column)s” is not a kind of unit that we know (住宅, 洋房, 别墅, 商铺, 办公, 车位, 储藏)."
    ),
    "unknown_state": _(
        "“%(value)s” in “%(column)s” is not a state that we know (未售, 未交房, 空置, 已入住, 已出租, 装修中)."
    ),
    "unknown_role": _("“%(value)s” in “%(column)s” is not one of owner, family member, tenant or temporary."),
    "not_yes_or_no": _("“%(value)s” in “%(column)s” is neither yes nor no."),
    "odd_floor": _("“%(value)s” in “%(column)s” is not a floor. Write a number, below ground with a minus."),
    "floor_above_building": _("Floor “%(value)s” lies above the building, which has %(floors)s floors."),
    "floors_differ": _("The building has different numbers of floors in this file; %(kept)s is used."),
    "handed_over_in_future": _("The hand-over on “%(value)s” is after today (%(today)s)."),
    "bad_phone": _("“%(value)s” in “%(column)s” is not a telephone number. A mobile number has 11 digits."),
    "placeholder_phone": _("“%(value)s” is a placeholder; the person is imported without a phone."),
    "placeholder_id": _("“%(value)s” is a placeholder; the person is imported without an ID number."),
    "id_lost_digits": _(
        "Excel has cut the last digits of the ID number “%(value)s”; it was left out. Format it as text."
    ),
    "odd_id": _("“%(value)s” does not look like an ID number and was left out."),
    "phone_without_name": _("There is a phone “%(value)s” but no name; it was left out."),
    "more_phones_than_names": _("Only the phone %(kept)s was taken from “%(value)s”."),
    "shop_by_stair": _("The unit stands on stair 0 and was taken as a shop."),
    "unknown_owner": _("Owner number “%(number)s” is on no sheet of this file."),
    "owner_rejected": _(
        "Owner number “%(number)s” has an error of its own in line %(owner_line)s of its sheet."
    ),
    "owner_without_unit": _("No unit names owner number “%(value)s”; the person was left out."),
    "number_twice": _("The number “%(value)s” already stands in line %(other_line)s."),
    "unknown_fee": _("The fees %(fees)s are not on the fee sheet."),
    "fee_starts_differ": _("There are %(fees)s fees but %(starts)s starting dates."),
    "fees_left_out": _("The sheet “%(sheet)s” lists %(count)s fees. They come in with the tariff import."),
    "vehicles_left_out": _("The vehicles of %(count)s parking spaces were left out."),
    "rows_disagree": _(
        "Lines %(lines)s say different things about “%(column)s” of %(unit)s. Make them agree."
    ),
    "row_repeated": _("The line says the same as line %(other_line)s."),
    "space_taken": _("Parking space %(space)s is named elsewhere too; its holder comes from there."),
    "person_unclear": _(
        "“%(name)s” stands in the register with another phone, and it is not clear whether this is the same person. "
        "Check the phone, or change it on the person's own page."
    ),
    "co_owner_added": _("“%(name)s” was added beside %(others)s. If the unit was sold, record the transfer."),
    "former_holder": _("“%(name)s” held this unit until %(end)s and was not added again."),
}

READINGS: Sentences = {
    **{
        code: ROSTER[code]
        for code in ("odd_code", "code_is_date", "code_is_number", "no_building", "too_long")
    },
    "row_repeated": ROSTER["row_repeated"],
    "no_table": _("No sheet of the file holds a table of meter readings."),
    "unknown_meter_kind": _("“%(value)s” in “%(column)s” is not a kind of meter (水, 电, 气, 暖)."),
    "unknown_unit": _("The unit %(unit)s is not in the register of this community."),
    "meter_of_other_unit": _(
        "This meter belongs to “%(other)s”, not to “%(value)s”. An empty unit means the community."
    ),
    "meter_of_other_kind": _("This meter is of another kind (%(other)s)."),
    "meter_made": _("The meter “%(meter)s” is new. This reading opens it and bills nothing."),
    "read_in_future": _("The reading of “%(value)s” is after today (%(today)s)."),
    "previous_not_before": _("The earlier reading of “%(value)s” is not before this one."),
    "value_below_zero": _("The reading “%(value)s” is below zero."),
    "absurd_value": _("The reading “%(value)s” cannot be right."),
    "lower_than_before": _(
        "The reading “%(value)s” is lower than %(other)s on %(day)s. Was the meter changed? "
        "It waits among the readings to look at."
    ),
    "lower_than_opening": _(
        "The reading “%(value)s” is lower than %(other)s on %(day)s, from which the meter was to begin. "
        "Correct the row and import it again."
    ),
    "far_above_usual": _(
        "The reading “%(value)s” is far above what this meter usually counts (%(other)s on %(day)s). "
        "It waits among the readings to look at."
    ),
    "which_meter": _("The unit has several meters (%(meters)s). Name one, or its kind."),
    "other_multiplier": _(
        "The meter's multiplier is %(held)s, not “%(value)s”. It changes only together with the instrument."
    ),
    "odd_multiplier": _("The multiplier “%(value)s” must be above zero."),
    "above_top": _("The reading “%(value)s” has more digits than this dial, which has %(digits)s."),
    "meter_faulty": _("This meter is recorded as faulty: it is estimated until the fault has ended."),
    "swap_half": _(
        "A changed meter needs both the last value of the old and the first value of the new one."
    ),
    "below_new_opening": _("The reading “%(value)s” is below the first value of the new meter, %(opening)s."),
    "estimated_already": _(
        "An estimate of %(held)s stands for this day; the next reading on a later day evens it out."
    ),
    "higher_than_after": _("The reading “%(value)s” is higher than the later one, %(other)s on %(day)s."),
    "reading_differs": _(
        "%(held)s was recorded for this day already; a recorded reading is not overwritten."
    ),
    "readings_disagree": _("Lines %(lines)s show different readings of one meter on one day."),
}

METERS: Sentences = {
    **{
        code: READINGS[code]
        for code in (
            "odd_code",
            "code_is_date",
            "code_is_number",
            "no_building",
            "too_long",
            "row_repeated",
            "unknown_meter_kind",
            "unknown_unit",
            "meter_of_other_unit",
            "meter_of_other_kind",
            "value_below_zero",
            "absurd_value",
            "other_multiplier",
            "odd_multiplier",
            "above_top",
        )
    },
    "no_table": _("No sheet of the file holds a table of meters: it needs a number and a kind of each."),
    "unknown_mode": _("“%(value)s” in “%(column)s” is not a way to pay (预付费, 后付费)."),
    "odd_digits": _("“%(value)s” in “%(column)s” must be from 1 to %(most)s."),
    "digits_too_few": _("This meter has shown %(held)s, which is more than “%(value)s” digits can hold."),
    "opening_without_day": _("The opening value needs the day on which the meter was installed."),
    "opening_asked_for": _("Without an opening value, its first reading will ask for one."),
    "installed_in_future": _("The day “%(value)s” is after today (%(today)s)."),
    "opened_before": _("This meter has been read since %(day)s already; its opening value lies before that."),
    "other_opening": _(
        "This meter was opened on that day with %(held)s; a recorded reading is not overwritten."
    ),
    "opening_above_first": _(
        "The opening value “%(value)s” is above the first reading, %(held)s on %(day)s."
    ),
    "unknown_parent": _(
        "The meter “%(parent)s” that this one is fed through is neither here nor in the register."
    ),
    "odd_parent": _(
        "This meter cannot be fed through “%(parent)s”: that is itself, or a meter of another kind."
    ),
    "meters_in_a_ring": _("These meters are fed through one another in a ring (through “%(parent)s”)."),
    "meters_disagree": _("Lines %(lines)s say different things of one meter. Make them agree."),
}
