"""Fen as whole numbers, and yuan as text."""

import re

YUAN = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")


def yuan(fen: int) -> str:
    """Return fen as yuan with two decimals.

    >>> yuan(30945), yuan(-5)
    ('309.45', '-0.05')
    """
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{cents:02d}"


def read_yuan(text: str) -> int:
    """Return yuan as fen. Raises ValueError for anything but plain digits with at most two decimals.

    >>> read_yuan("88.5")
    8850
    """
    found = YUAN.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no amount in yuan.")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def fee(fen: int, per_mille: int = 6) -> int:
    """Return the platform's fee on an amount, 0.6 % rounded half up."""
    return (abs(fen) * per_mille + 500) // 1000
