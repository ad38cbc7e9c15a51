"""The product's door with row locks taken away: what the red twins of race tests talk to."""

from typing import Any

from django.db.models import QuerySet

from config.wsgi import application

__all__ = ["application"]


def read_without_lock(rows: "QuerySet[Any]", *args: Any, **kwargs: Any) -> "QuerySet[Any]":
    """Read as SELECT … FOR UPDATE would, without its lock."""
    return rows.all()


QuerySet.select_for_update = read_without_lock  # type: ignore[method-assign, assignment]
