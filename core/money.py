"""Exact money: yuan as `Decimal` with two places, fen as `int`, and splits that lose nothing.

Sums of money live as `numeric(14,2)` yuan in the database and as `Decimal` in Python. Vectorised code
works in integer fen. The only ways across are `to_fen` and `to_yuan`; both are exact and refuse what they
cannot carry.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from operator import index
from typing import SupportsIndex, TypeVar

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from core.errors import InvalidError

FEN = Decimal("0.01")
ZERO = Decimal("0.00")
INT64_MAX = 2**63 - 1
DIGITS = "零壹贰叁肆伍陆柒捌玖"

Tie = TypeVar("Tie", int, str)


class MoneyError(InvalidError):
    """An amount that cannot be carried exactly, or a split with nothing to split by."""

    code = "money"


def to_fen(amount: Decimal) -> int:
    """Return yuan as whole fen.

    Raises MoneyError when the amount has a part smaller than one fen: rounding is a decision, made elsewhere.

    >>> to_fen(Decimal("309.45"))
    30945
    """
    fen = amount.scaleb(2)
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise MoneyError(_("%(amount)s is not a whole number of fen.") % {"amount": amount})
    return int(fen)


def to_yuan(fen: SupportsIndex) -> Decimal:
    """Return whole fen, numpy's integers too, as yuan with exactly two places.

    >>> to_yuan(30945)
    Decimal('309.45')
    """
    return Decimal(index(fen)).scaleb(-2)


def round_half_up(value: Decimal, places: int = 2) -> Decimal:
    """Round to `places` decimals, halves away from zero, as invoices in China are rounded.

    >>> round_half_up(Decimal("0.15") * Decimal("130.70"))
    Decimal('19.61')
    >>> round_half_up(Decimal("-19.605"))
    Decimal('-19.61')
    """
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def split_fen(total: int, weights: Sequence[int], keys: Sequence[str]) -> list[int]:
    """Split `total` fen in proportion to `weights`; the parts always sum to the total.

    Every share is rounded down, and the left-over fen go one each to the largest remainders; equal
    remainders are served in the order of `keys` (unit codes, never database ids). A weight of zero gets
    nothing. A negative total is the mirror of the positive one.

    Raises MoneyError when a weight is negative or all are zero.

    >>> split_fen(100, [1, 1, 1], ["8-2-301", "8-2-302", "8-2-303"])
    [34, 33, 33]
    """
    if len(weights) != len(keys):
        raise MoneyError("A split needs one key for each weight.")
    return _split(total, weights, keys)


def split_fen_array(
    total: int, weights: npt.NDArray[np.int64], order: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Split like `split_fen`, for an int64 array of weights.

    `order` is the rank of each unit code among the codes: equal remainders are served by rising rank.
    Products that do not fit 64 bits are worked out with Python's integers instead, with the same result.

    Raises MoneyError when a weight is negative or all are zero.
    """
    if (
        weights.size == 0
        or abs(total) * int(weights.max()) > INT64_MAX
        or int(weights.max()) > INT64_MAX // weights.size
    ):
        return np.array(_split(total, weights.tolist(), order.tolist()), dtype=np.int64)
    whole = int(weights.sum())
    if int(weights.min()) < 0 or whole == 0:
        raise MoneyError("A split needs weights that are not negative and not all zero.")
    parts, remainders = np.divmod(abs(total) * weights, whole)
    left = abs(total) - int(parts.sum())
    parts[np.lexsort((order, -remainders))[:left]] += 1
    return parts if total >= 0 else -parts


def _split(total: int, weights: Sequence[int], ties: Sequence[Tie]) -> list[int]:
    whole = sum(weights)
    if not weights or min(weights) < 0 or whole == 0:
        raise MoneyError("A split needs weights that are not negative and not all zero.")
    shares = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [share for share, remainder in shares]
    left = abs(total) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (-shares[i][1], ties[i]))
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts if total >= 0 else [-part for part in parts]


def format_yuan(amount: Decimal, *, signed: bool = False) -> str:
    """Return the figure people read: thousands grouped, always two decimals, with a plus sign when `signed`.

    Raises MoneyError when there are more than two decimals.

    >>> format_yuan(Decimal("1684.03"))
    '1,684.03'
    >>> format_yuan(Decimal("24"), signed=True)
    '+24.00'
    """
    return f"{to_yuan(to_fen(amount)):{'+' if signed else ''},.2f}"


def in_words(amount: Decimal) -> str:
    """Return the amount in the capital numerals of receipts (大写).

    Written as the rules of the People's Bank for filling in bills and vouchers ask: 整 closes an amount
    without jiao and fen, 零 stands for a gap between digits and for the missing jiao before fen.

    Raises MoneyError when there are more than two decimals or more than twelve digits of yuan.

    >>> in_words(Decimal("309.45"))
    '叁佰零玖元肆角伍分'
    >>> in_words(Decimal("1684"))
    '壹仟陆佰捌拾肆元整'
    >>> in_words(Decimal("-16409.02"))
    '负壹万陆仟肆佰零玖元零贰分'
    """
    fen = to_fen(amount)
    yuan, cents = divmod(abs(fen), 100)
    if yuan >= 10**12:
        raise MoneyError(_("The amount is too large to be written in words."))
    sign = "负" if fen < 0 else ""
    if not cents:
        return f"{sign}{_whole_in_words(yuan) or '零'}元整"
    return sign + (f"{_whole_in_words(yuan)}元" if yuan else "") + _cents_in_words(cents, after_yuan=yuan > 0)


def _whole_in_words(number: int) -> str:
    words, before = "", 0
    for size, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group = number // size % 10**4
        if group:
            gap = before % 10 == 0 or group < 1000
            words += ("零" if words and gap else "") + _group_in_words(group) + name
        before = group
    return words


def _group_in_words(group: int) -> str:
    words, gap = "", False
    for digit, unit in zip(f"{group:04d}", ("仟", "佰", "拾", ""), strict=True):
        if digit != "0":
            words += ("零" if words and gap else "") + DIGITS[int(digit)] + unit
        gap = digit == "0"
    return words


def _cents_in_words(cents: int, *, after_yuan: bool) -> str:
    jiao, fen = divmod(cents, 10)
    gap = "零" if after_yuan else ""
    return (f"{DIGITS[jiao]}角" if jiao else gap) + (f"{DIGITS[fen]}分" if fen else "")
