"""Members of staff with a browser each: they moved to ``tests.staff``."""

from tests.staff import member

__all__ = ["member"]
