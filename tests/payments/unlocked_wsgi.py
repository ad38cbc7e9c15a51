"""The product's door with row locks taken away: what the red twins of race tests talk to."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db.models import QuerySet


def make_application() -> WSGIHandler:
    """Take the locks out of this process, which serves nothing else, and return the product's application."""
    from config.wsgi import (
        application,
    )  # app registry: set up by the server's worker, not by whoever imports us

    QuerySet.select_for_update = read_without_lock  # type: ignore[method-assign, assignment]
    return application


def read_without_lock(rows: "QuerySet[Any]", *args: Any, **kwargs: Any) -> "QuerySet[Any]":
    """Read as SELECT … FOR UPDATE would, without its lock."""
    return rows.all()
