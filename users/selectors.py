"""Reads of log-ins."""

from __future__ import annotations

from users.models import User


def get_name_of(username: str) -> str:
    """Return the name of whoever has this log-in, as papers print it; the log-in itself when no name is known."""
    user = User.objects.filter(username=username).first() if username else None
    return (user.get_full_name() if user else "") or username
