"""What the register does at night."""

from datetime import date

from core.calendars import moment_of
from core.nightly import nightly
from estates.uploads import drop_old_uploads


@nightly(order=900, name="estates.drop_uploads")
def drop_uploads(day: date) -> dict[str, int]:
    """Delete roster files that nobody confirmed within two days."""
    return {"dropped": drop_old_uploads(moment_of(day))}
