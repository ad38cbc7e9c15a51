"""Bill numbers: year and month, eight digits of a sequence and a check digit, thirteen in all.

Short enough to be read aloud and to be typed into the remark of a transfer (B11).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

DIGITS = 13


def bill_numbers(period_start: date, sequence: npt.NDArray[np.int64]) -> list[str]:
    """Return a number for each value of the sequence, which may be used modulo 10⁸.

    The last digit is the ISO 7064 MOD 11,10 check digit, as ``core.checkdigit`` works it out one at a time.

    >>> bill_numbers(date(2026, 9, 1), np.array([123]))
    ['2609000001239']
    """
    digits = f"{period_start:%y%m}"
    numbers = int(digits) * 10**8 + sequence % 10**8
    product = np.full(sequence.shape, 10, dtype=np.int64)
    for place in range(DIGITS - 2, -1, -1):
        total = (numbers // 10**place + product) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    checked = numbers * 10 + (11 - product) % 10
    return [f"{number:0{DIGITS}d}" for number in checked.tolist()]
