"""Writing a story quickly: what the machine would lose in a crash is told again."""

from __future__ import annotations

from django.db import connection


def write_ahead() -> None:
    """Let commits of this connection return before the disk has them: a story lost with the machine is told again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
