"""A check digit for numbers that people copy by hand, such as the bill number in the remark of a transfer.

ISO 7064, MOD 11,10: one decimal digit that finds every slip of a single digit and nearly all swapped
neighbours.
"""


def append(digits: str) -> str:
    """Return `digits` with the check digit behind them.

    Raises ValueError when there is no digit or anything but ASCII digits.

    >>> append("0794")
    '07945'
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"Only digits can carry a check digit: {digits!r}.")
    return f"{digits}{(11 - _product(digits)) % 10}"


def is_right(number: str) -> bool:
    """Return whether the last digit is the check digit of those before it; False when it is no number."""
    if not (number.isascii() and number.isdigit() and len(number) > 1):
        return False
    return append(number[:-1]) == number


def _product(digits: str) -> int:
    product = 10
    for digit in digits:
        product = (int(digit) + product) % 10 or 10
        product = product * 2 % 11
    return product
