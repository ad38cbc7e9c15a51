"""How figures, dates and names are written for people, in the language in use (docs/look.md §5).

`¥1,684.03` stands alone, `1,684.03 元` inside a sentence, always with two decimals. A date names its year
only when it is not the year of the reader's day, which the caller gives as `as_of`; without it the year is
named. What belongs together is joined by a no-break space.
"""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.dateformat import format as format_by_pattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from core.money import format_yuan
from core.periods import Period

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NUMBER_THEN_HAN = re.compile(r"(\d) ([\u4e00-\u9fff])")
# Django writes 星期五 in full; on a bill it is 周五. Named here so that our catalogue carries them.
WEEKDAYS = (
    gettext_noop("Mon"),
    gettext_noop("Tue"),
    gettext_noop("Wed"),
    gettext_noop("Thu"),
    gettext_noop("Fri"),
    gettext_noop("Sat"),
    gettext_noop("Sun"),
)


def format_amount(amount: Decimal) -> str:
    """Write an amount for a column of figures: `1,684.03`, `−12.00`."""
    return format_yuan(amount).replace("-", MINUS)


def format_money(amount: Decimal) -> str:
    """Write an amount that stands alone: `¥1,684.03`, `−¥12.00`."""
    sign = MINUS if amount < 0 else ""
    return f"{sign}¥{format_yuan(abs(amount))}"


def format_in_sentence(amount: Decimal) -> str:
    """Write an amount inside a sentence: `1,684.03 元`, `1,684.03 yuan`."""
    return (_("%(amount)s yuan") % {"amount": format_amount(amount)}).replace(" ", NO_BREAK)


def format_change(change: Decimal) -> str:
    """Write a difference to the period before: `+24.00 元`, `−3.08 元`, `不变`."""
    if not change:
        return _("no change")
    sign = "+" if change > 0 else ""
    return sign + format_in_sentence(change)


def format_comparison(change: Decimal, cause: str = "") -> str:
    """Write what changed since the last bill as part of a sentence: `比上月多 25.67 元，主要是水费`.

    `cause` is the fee item that moved the total most; empty when none stands out.
    """
    if not change:
        return _("the same as last time")
    words = {"amount": format_in_sentence(abs(change)), "cause": cause}
    if not cause:
        return (
            _("%(amount)s more than last time") if change > 0 else _("%(amount)s less than last time")
        ) % words
    if change > 0:
        return _("%(amount)s more than last time, mostly for %(cause)s") % words
    return _("%(amount)s less than last time, mostly for %(cause)s") % words


def format_number(value: Decimal | int) -> str:
    """Write a quantity with the decimals it has and no idle zeros: `1,108`, `89.56`, `0.6283`."""
    text = f"{value:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", MINUS)


def format_area(square_metres: Decimal) -> str:
    """Write an area as on a deed, without a space: `89.56㎡`; four decimals stay when it has them."""
    return (
        f"{square_metres:,.2f}㎡"
        if square_metres == round(square_metres, 2)
        else f"{format_number(square_metres)}㎡"
    )


def format_rate(share: Decimal | float) -> str:
    """Write a share of one as a percentage with one decimal: `91.7%`."""
    return f"{share * 100:.1f}%"


def format_day(day: date, as_of: date | None = None) -> str:
    """Write a day with its weekday: `11月20日 周五`, `Fri 20 Nov`; with the year when it is another one."""
    if as_of and day.year == as_of.year:
        return format_by_pattern(day, pgettext("date pattern", "D j M"))
    return format_by_pattern(day, pgettext("date pattern", "D j M Y"))


def format_date(day: date, as_of: date | None = None) -> str:
    """Write a day without its weekday: `11月20日`, `20 Nov`; with the year when it is another one."""
    if as_of and day.year == as_of.year:
        return format_by_pattern(day, pgettext("date pattern", "j M"))
    return format_by_pattern(day, pgettext("date pattern", "j M Y"))


def format_month(day: date, as_of: date | None = None) -> str:
    """Write the month of a day: `2026年11月`, `November 2026`; within the year of `as_of` only `11月`."""
    if as_of and day.year == as_of.year:
        return format_by_pattern(day, pgettext("date pattern", "F"))
    return format_by_pattern(day, pgettext("date pattern", "F Y"))


def format_moment(moment: datetime, as_of: date | None = None) -> str:
    """Write a day and the time on the wall: `11月30日 09:12`, `30 Nov 09:12`."""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return f"{format_date(local.date(), as_of)} {local:%H:%M}"


def format_span(first: date, last: date, as_of: date | None = None) -> str:
    """Write a stretch of days, both ends included: `9月26日至10月25日`, `26 Sep to 25 Oct`."""
    return _("%(first)s to %(last)s") % {
        "first": format_date(first, as_of),
        "last": format_date(last, as_of),
    }


def format_period(period: Period, as_of: date | None = None) -> str:
    """Write a half-open period: months and years by their names, anything else as a span with its last day.

    `2026年11月`, `2026年10月至12月`, `2026年`, `9月26日至10月25日`.
    """
    first, last = period.start, period.last_day
    if first == last:
        return format_date(first, as_of)
    if not period.whole_months:
        return format_span(first, last, as_of)
    if period.whole_months == 1:
        return format_month(first, as_of)
    if period.whole_months == 12 and first.month == 1:
        return format_by_pattern(first, pgettext("date pattern", "Y"))
    return _format_months(first, last)


def _format_months(first: date, last: date) -> str:
    """Name the year once, on the side where the language has it."""
    if first.year != last.year:
        return _("%(first)s to %(last)s") % {"first": format_month(first), "last": format_month(last)}
    return pgettext("months of one year", "%(first)s to %(last)s %(year)s") % {
        "first": format_by_pattern(first, pgettext("date pattern", "F")),
        "last": format_by_pattern(last, pgettext("date pattern", "F")),
        "year": first.year,
    }


def join_units(text: str) -> str:
    """Join a number to the word behind it (7 吨, 2.35 元), so that a line never parts them."""
    return NUMBER_THEN_HAN.sub(rf"\1{NO_BREAK}\2", text)


def group_digits(number: str) -> str:
    """Part a long number into fours, as people read it to each other: `2611 0802 0301 3`."""
    return NO_BREAK.join(number[i : i + 4] for i in range(0, len(number), 4))
