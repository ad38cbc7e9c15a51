"""The sentences clerks read about tariff files and files of changes; the shared ones are in `core.tables.wording`."""

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.tables.wording import Sentences

FORMULAE: Sentences = {
    "expression_empty": _("The formula is empty."),
    "expression_too_long": _("The formula is longer than %(longest)s characters."),
    "expression_too_deep": _(
        "Character %(position)s, “%(near)s”: more than %(deepest)s brackets stand inside each other."
    ),
    "expression_sign": _("Character %(position)s, “%(near)s”: a formula has no sign “%(sign)s”."),
    "expression_unknown_name": _(
        "Character %(position)s: “%(name)s” is no name of a formula. There are area, inner_area, floor, households, "
        "months, use and coefficient, and min, max, round and if."
    ),
    "expression_value_missing": _(
        "Character %(position)s, “%(near)s”: a number, a name or a bracket should stand here."
    ),
    "expression_ends_early": _(
        "The formula ends after character %(position)s, where a number, a name or a bracket should follow."
    ),
    "expression_two_values": _(
        "Character %(position)s, “%(near)s”: a sign such as + or * is missing before this."
    ),
    "expression_not_closed": _("The bracket opened at character %(position)s is not closed."),
    "expression_not_opened": _("Character %(position)s closes a bracket that was not opened."),
    "expression_chain": _(
        "Character %(position)s, “%(near)s”: only two values can be compared; put one if inside another."
    ),
    "expression_comparison_as_value": _(
        "Character %(position)s, “%(near)s”: a comparison is no amount; write if(floor > 1, 5, 0)."
    ),
    "expression_no_comparison": _(
        "Character %(position)s, “%(near)s”: if begins with a comparison, like if(floor > 1, 5, 0)."
    ),
    "expression_arguments": _(
        "Character %(position)s: %(name)s does not take %(count)s values. min and max take two or more, round one or "
        "two, if three."
    ),
    "expression_places": _(
        "Character %(position)s, “%(near)s”: round takes a whole number of places, %(most)s at most."
    ),
    "expression_by_zero": _("Character %(position)s, “%(near)s”: nothing can be divided by zero."),
    "expression_without_meter": _(
        "The formula “%(value)s” asks for use; say first what is counted, like water;use * 3.2."
    ),
    "expression_idle_meter": _("“%(value)s” names a meter, but the formula does not ask for use."),
}

TARIFFS: Sentences = {
    "no_table": _(
        "No sheet of the file holds a table of tariffs: code, name, cycle, timing, method, price, effective_from."
    ),
    "odd_fee_code": _(
        "“%(value)s” in “%(column)s” is not a code: letters, digits, dots and dashes, 30 at most."
    ),
    "too_long": _("“%(value)s” in “%(column)s” is too long (%(longest)s characters at most)."),
    "unknown_cycle": _(
        "“%(value)s” in “%(column)s” is not a cycle. Write month, quarter, half_year or year."
    ),
    "unknown_timing": _("“%(value)s” in “%(column)s” is neither advance nor arrears."),
    "unknown_method": _(
        "“%(value)s” in “%(column)s” is not a method. Write area, fixed, meter, tiers, pool or expression."
    ),
    "unknown_rounding": _("“%(value)s” in “%(column)s” is not a rounding. Write fen, jiao or yuan."),
    "price_negative": _("A price must not be below zero: “%(value)s”."),
    "price_absurd": _("A price of “%(value)s” cannot be right (below %(largest)s)."),
    "price_too_fine": _("“%(value)s” has more than %(places)s decimals."),
    "meter_notation": _("“%(value)s” should name the meter and the price, like water;3.45."),
    "pool_notation": _(
        "“%(value)s” should name the community meter, the price and the key, like P1;0.80;area."
    ),
    "pool_key_name": _(
        "“%(key)s” (character %(at)s): fixed asks for the unit in brackets, like fixed(8-0-1):30; area, inner and "
        "household stand alone."
    ),
    "pool_percent": _(
        "“%(text)s” (character %(at)s) is not a part of the pool: above 0, at most 100 per cent."
    ),
    "pool_percents": _(
        "The parts of the pool (from character %(at)s) must add up to 100 per cent, like area:60+household:40; "
        "they come to %(sum)s."
    ),
    "pool_option": _(
        "“%(option)s” (character %(at)s) is not understood. Write like floor>=2, kind!=parking, stair=8-2, "
        "unit=8-2-301,8-2-302, floor=1*0.5, less=W1,W2, without=W3, common=C1, loss=5%%, agreement=…"
    ),
    "pool_option_twice": _("“%(option)s” (character %(at)s) is given twice."),
    "pool_weight": _("“%(text)s” (character %(at)s) is not a weight such as 0.5 or 1/2."),
    "pool_vacancy": _(
        "“%(text)s” (character %(at)s): a vacant unit weighs full, or by the share still due (share)."
    ),
    "pool_moves": _(
        "“%(text)s” (character %(at)s): a unit with a payer for some days weighs by days, or full."
    ),
    "pool_loss": _(
        "“%(text)s” (character %(at)s): a loss is shared, borne by the company, or shared up to 5%%."
    ),
    "pool_loss_of_what": _(
        "A loss is what sub-meters did not count: name them, like less=W1,W2 or less=* for all (from character %(at)s)."
    ),
    "agreement_missing": _(
        "Shared otherwise than by building area, a pool needs what was agreed (Civil Code 283). "
        "Add its reference, like agreement=业主大会2025-03."
    ),
    "agreement_unknown": _(
        "Shared by household, a pool needs what was agreed (Civil Code 283), and no reference is given. "
        "Add it, like agreement=业主大会2025-03."
    ),
    "tier_notation": _(
        "“%(value)s” should name the meter and then each slab as limit:price, like water;10:2;20:3;:5."
    ),
    "last_tier_not_open": _(
        "Only the last slab of “%(value)s” may be without a limit, and it must be: end with :5."
    ),
    "tiers_not_rising": _("The limits of the slabs in “%(value)s” must rise from one to the next."),
    "unknown_meter_kind": _("“%(kind)s” is not a kind of meter. Write water, electricity, gas or heat."),
    "unknown_pool_key": _(
        "A pool is not shared by “%(key)s” (character %(at)s). Write area, inner, household, use, coefficient or fixed."
    ),
    **FORMULAE,
    "unknown_counting": _(
        "“%(value)s” in “%(column)s” is neither calendar nor handover: where do the cycles begin?"
    ),
    "pool_by_anniversary": _("A pool is shared by all at once; its cycles cannot begin with each hand-over."),
    "handling_fee": _(
        "“%(value)s”: what is collected for water, power, gas and heat companies may carry no handling fee "
        "(Regulation on Property Management, art. 44)."
    ),
    "scope_notation": _(
        "“%(value)s” in “%(column)s” is not a scope. Write *, kind:商铺, building:8, stair:8-2 or unit:8-2-301."
    ),
    "unknown_kind": _(
        "“%(name)s” is not a kind of unit that we know (住宅, 洋房, 别墅, 商铺, 办公, 车位, 储藏)."
    ),
    "no_such_building": _("There is no building “%(name)s” in the register."),
    "no_such_stair": _("There is no stair “%(name)s” in the register. Write it like 8-2."),
    "no_such_unit": _("There is no unit “%(name)s” in the register."),
    "odd_code": _("“%(value)s” in “%(column)s” is not a room number."),
    "absurd_day": _("“%(value)s” in “%(column)s” is too long ago to be right."),
    "ends_before_start": _("The last day “%(value)s” lies before the first day, %(start)s."),
    "metered_in_advance": _(
        "What a meter counts is known after the period; billed in advance, it needs readings of days to come."
    ),
    "code_disagrees": _("The rows of one code must agree, but “%(column)s” differs in the lines %(lines)s."),
    "version_twice": _("The same tariff stands in line %(other_line)s; it counts once."),
    "version_disagrees": _(
        "Line %(other_line)s says something else about the same code, scope and first day."
    ),
    "overlaps_line": _("The days overlap with line %(other_line)s, which has the same code and scope."),
    "overlaps_held": _(
        "The days overlap with the tariff in force from %(start)s to %(last)s. Give that one a last day first."
    ),
    "item_has_bills": _(
        "“%(code)s” has bills already; its “%(column)s” cannot become “%(value)s”. Take a new code."
    ),
}

OPENING: Sentences = {
    "no_table": _(
        "No sheet of the file holds opening balances: unit, fee item and amount; or unit and columns such as "
        "前期欠费_物业费; or unit, fee item, day and amount paid."
    ),
    "too_long": TARIFFS["too_long"],
    "absurd_day": TARIFFS["absurd_day"],
    "ends_before_start": TARIFFS["ends_before_start"],
    "no_such_unit": TARIFFS["no_such_unit"],
    "opening_unclear_unit": _("“%(value)s” in “%(column)s” may be any of %(units)s. Write the whole code."),
    "opening_no_payer": _(
        "%(unit)s has nobody who pays by the day of the opening. Complete the register first."
    ),
    "opening_no_occupant": _(
        "The row is about occupant %(occupant)s of %(unit)s, but the register knows only the newest %(count)s. "
        "Enter the earlier ones as transfers first, or settle this amount outside."
    ),
    "opening_negative": _(
        "“%(value)s” in “%(column)s” is below zero. Put what was paid too much into 前期预收."
    ),
    "opening_absurd": _("“%(value)s” in “%(column)s” cannot be right (below %(largest)s)."),
    "opening_too_fine": _("“%(value)s” in “%(column)s” has more than two decimals."),
    "opening_received_more": _(
        "“%(value)s” in “%(column)s” is more than the %(due)s charged. Put the surplus into 前期预收."
    ),
    "opening_total_differs": _("“%(column)s” says %(value)s, but the row sums to %(sum)s."),
    "opening_paid_later": _("“%(value)s” in “%(column)s” lies after the day of the opening, %(as_of)s."),
    "opening_differs": _(
        "This is in already with the amount %(held)s. Undo that import first if the file is right."
    ),
    "opening_disagrees": _("Line %(other_line)s gives another amount for the same unit, fee item and days."),
    "opening_twice": _("The same stands in line %(other_line)s; it counts once."),
}

HANGING: Sentences = {
    "opening_paid": _("payments on %(count)s units (%(units)s)"),
    "opening_being_paid": _("payments under way on %(count)s units (%(units)s)"),
    "opening_reduced": _("waivers or write-offs on %(count)s units (%(units)s)"),
    "opening_corrected": _("corrections on %(count)s units (%(units)s)"),
    "opening_late_fee": _("late fee charged on %(count)s units (%(units)s)"),
    "opening_deposit_given_back": _("deposits given back to %(count)s units (%(units)s)"),
    "opening_prepayment_used": _("prepayments used by %(count)s units (%(units)s)"),
}


TOLD = "%(told)s"

CHANGES: Sentences = {
    "no_table": _(
        "No sheet of the file holds a table of changes: kind, unit, from, to, value, name, phone, reason."
    ),
    "unknown_change": _(
        "“%(value)s” in “%(column)s” is not a change. Write transfer, vacancy, pause or area."
    ),
    "no_such_unit": TARIFFS["no_such_unit"],
    "absurd_day": _("“%(value)s” in “%(column)s” cannot be the right day."),
    "share_outside": _("The share still due lies between 0 and 1, like 0.7; “%(value)s” does not."),
    "area_absurd": _("An area of “%(value)s” square metres cannot be right."),
    "too_fine": _("“%(value)s” has more than %(places)s decimals."),
    "too_long": TARIFFS["too_long"],
    "odd_phone": _("“%(value)s” is not a telephone number."),
    "transfer_for_good": _("A change of owner has a first day only; leave “%(column)s” empty."),
    "ends_before_start": TARIFFS["ends_before_start"],
    "not_asked": _("“%(value)s” in “%(column)s” is not needed for this change and was left out."),
    "row_disagrees": _("Line %(other_line)s says something else about the same unit and day."),
    "no_owner_before": TOLD,
    "later_owner": TOLD,
    "vacancy_overlaps": TOLD,
    "no_account": TOLD,
    "refused": TOLD,
}


def join(words: Iterable[str]) -> str:
    """Return words as a list within a sentence."""
    return gettext(", ").join(words)
