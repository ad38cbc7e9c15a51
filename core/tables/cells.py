"""Typed readings of one cell: text, whole number, number, day. A cell that does not fit raises `BadCell`.

People type full-width digits, units behind numbers, thousands separators and dates in six forms; all of these are
understood. What could mean two things (a code that Excel turned into a date) is refused.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeVar

from core.tables.sheet import Cell, ErrorCell

ERROR_TEXTS = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!", "#GETTING_DATA")
)
SPACES = re.compile(r"\s+")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
UNITS = re.compile(r"(㎡|m²|m2|平方米|平米|平方|平|元|¥|吨|度|方|立方米|m³|kwh|层|楼|f)$", re.IGNORECASE)
DAY_FORMS = (
    re.compile(r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
)
CLOCK = re.compile(r"[ T]0{1,2}:00(:00)?(\.0+)?$")
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_DAYS: Final = range(18_264, 73_051)
"""Day numbers that are taken for dates: 1950-01-01 to 2099-12-31."""

Value = TypeVar("Value")


class BadCell(ValueError):
    """The cell does not hold what its column asks for; `params` fill the sentence for people."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


def shown(cell: Cell) -> str:
    """Return the cell as its clerk sees it, for quoting.

    >>> [shown(cell) for cell in (" 8-2 ", 13800138000, Decimal("26.5127"), date(2026, 2, 3))]
    ['8-2', '13800138000', '26.5127', '2026-02-03']
    """
    match cell:
        case str():
            return cell.strip()
        case ErrorCell():
            return cell.text
        case bool():
            return "TRUE" if cell else "FALSE"
        case Decimal():
            return f"{cell:f}"
        case datetime():
            return cell.isoformat(" ")
    return str(cell)


def is_error(cell: Cell) -> bool:
    """Whether the cell is a failed formula, also one that an export has written out as text."""
    if isinstance(cell, str):
        return cell[:1] in "# " and cell.strip() in ERROR_TEXTS
    return isinstance(cell, ErrorCell)


def _bare(cell: Cell) -> str:
    """What the cell shows, without the apostrophe that keeps text from becoming a formula."""
    return shown(cell).removeprefix("'")


def text(cell: Cell) -> str:
    r"""Return the text of a cell with single spaces and without invisible marks; numbers lose no digit.

    >>> text("  张 \n 三 "), text(13800138000)
    ('张 三', '13800138000')
    """
    return SPACES.sub(" ", INVISIBLE.sub("", _bare(cell))).strip()


@lru_cache(maxsize=100_000)
def text_up_to(longest: int) -> Callable[[Cell], str]:
    """Return a parser of text of at most so many characters.

    Raises:
        BadCell: `too_long`.
    """

    def parse(cell: Cell) -> str:
        value = text(cell)
        if len(value) > longest:
            raise BadCell("too_long", longest=longest)
        return value

    return parse


def _narrow(value: str) -> str:
    narrow = SPACES.sub("", unicodedata.normalize("NFKC", INVISIBLE.sub("", value)))
    return unicodedata.normalize("NFKC", narrow)  # marks that a space kept apart have met


def token(cell: Cell) -> str:
    """Return the text without any white space and with full-width signs made narrow: for codes and words.

    >>> token(" ８－２ － ３０１ ")
    '8-2-301'
    """
    value = _bare(cell)
    return value if value.isascii() and value.isalnum() else _narrow(value)


def number(cell: Cell) -> Decimal:
    """Return an exact number; a unit behind it and thousands separators are understood.

    >>> number("1,234.50 元"), number("89.56㎡"), number(7)
    (Decimal('1234.50'), Decimal('89.56'), Decimal('7'))

    Raises:
        BadCell: `letters_in_number` for anything else, `number_is_date` for a date.
    """
    if isinstance(cell, Decimal):
        return cell
    if isinstance(cell, bool) or not isinstance(cell, int | str):
        raise BadCell("number_is_date" if isinstance(cell, date) else "letters_in_number")
    return Decimal(cell) if isinstance(cell, int) else _number_in(_bare(cell))


@lru_cache(maxsize=100_000)
def _number_in(value: str) -> Decimal:
    plain = UNITS.sub("", _narrow(value).removeprefix("¥"))
    if GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not NUMBER.fullmatch(plain):
        raise BadCell("letters_in_number")
    return Decimal(plain)


def whole_number(cell: Cell) -> int:
    """Return an integer.

    Raises:
        BadCell: as `number`, and `not_whole` for a fraction.
    """
    if type(cell) is int:
        return cell
    value = number(cell)
    if value != value.to_integral_value():
        raise BadCell("not_whole")
    return int(value)


def day(cell: Cell) -> date:
    """Return a date from a date cell, text (2026-02-03, 2026/2/3, 2026.2.3, 2026年2月3日, 20260203) or day number.

    Raises:
        BadCell: `no_such_date` for a day the calendar lacks, `not_a_date` for anything else.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int) and cell in EXCEL_DAYS:
        return EXCEL_EPOCH + timedelta(days=cell)
    return _day_in(_bare(cell))


@lru_cache(maxsize=20_000)
def _day_in(value: str) -> date:
    plain = _narrow(CLOCK.sub("", value))
    for form in DAY_FORMS:
        if match := form.fullmatch(plain):
            year, month, of_month = (int(match[part]) for part in "ymd")
            try:
                return date(year, month, of_month)
            except ValueError as error:
                raise BadCell("no_such_date") from error
    raise BadCell("not_a_date")


def one_of(words: Mapping[str, Value], code: str) -> Callable[[Cell], Value]:
    """Return a parser for a column of known words; any other word raises `BadCell(code)`.

    The words are compared as tokens in lower case.
    """

    def parse(cell: Cell) -> Value:
        try:
            return words[token(cell).lower()]
        except KeyError:
            raise BadCell(code) from None

    return parse
