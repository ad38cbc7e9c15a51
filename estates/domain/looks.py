"""What may be done about a reading that somebody must look at: the one table of next moves."""

from collections.abc import Mapping, Sequence

MOVES: Mapping[str, Sequence[str]] = {
    "lower": ("corrected", "swapped", "turned", "misread", "estimated", "dropped"),
    "jump": ("confirmed", "corrected", "swapped", "estimated", "dropped"),
    "jump_recorded": ("confirmed", "misread"),
    "zero": ("confirmed", "faulty"),
    "opening": ("opened", "confirmed"),
    "skipped": ("corrected", "estimated", "faulty", "dropped"),
}


def moves_for(reason: str, *, is_recorded: bool, has_digits: bool) -> tuple[str, ...]:
    """Return what may be done, the likeliest first; a dial can have turned only if its digits are declared.

    >>> moves_for("jump", is_recorded=True, has_digits=False)
    ('confirmed', 'misread')
    """
    key = f"{reason}_recorded" if is_recorded and f"{reason}_recorded" in MOVES else reason
    return tuple(move for move in MOVES[key] if move != "turned" or has_digits)
