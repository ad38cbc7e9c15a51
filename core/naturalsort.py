"""A stored sort key, so that 8-2-301 comes before 8-10-301 whatever collation the database has."""

import re
import unicodedata

LONGEST = 10


def natural_key(code: str) -> str:
    """Return text that sorts the way people count: every run of digits padded to ten places.

    Full-width characters are folded and letters compare without case. Longer runs keep all their digits
    behind a length mark that sorts after every digit.

    >>> natural_key("8-2-301") < natural_key("8-10-301") < natural_key("A1")
    True
    """
    folded = unicodedata.normalize("NFKC", code).strip().casefold()
    return re.sub(r"\d+", lambda run: _pad(run.group()), folded)


def _pad(digits: str) -> str:
    plain = digits.lstrip("0") or "0"
    return plain.rjust(LONGEST, "0") if len(plain) <= LONGEST else f"~{len(plain):04d}{plain}"
