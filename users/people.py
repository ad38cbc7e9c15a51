"""The names behind log-ins, for the pages of all apps."""

from __future__ import annotations

from core.people import name_staff_by
from users.models import User


@name_staff_by
def map_names() -> dict[str, str]:
    """Return the names of the members of staff that have one, by log-in."""
    staff = User.objects.filter(is_staff=True)
    return {user.username: name for user in staff if (name := user.get_full_name())}
