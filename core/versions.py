"""Rules of a community that hold from a day on, until the next version begins."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db import models

from core.scope import ScopedQuerySet

Version = TypeVar("Version", bound=models.Model)


class VersionQuerySet(ScopedQuerySet[Version]):
    """Versions with a ``start`` and no end."""

    def on(self, day: date) -> Self:
        """Those in force on a day or before it, the one that holds first."""
        return self.filter(start__lte=day).order_by("-start")
