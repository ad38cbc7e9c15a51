"""The night: jobs that apps register, run once for each business day, in order (P-43)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

NightlyFunction = Callable[[date], dict[str, Any] | None]


@dataclass(frozen=True)
class NightlyJob:
    """A registered function and its place in the night."""

    order: int
    name: str
    function: NightlyFunction


_jobs: dict[str, NightlyJob] = {}


def nightly(*, order: int, name: str) -> Callable[[NightlyFunction], NightlyFunction]:
    """Register a job for every night; lower orders run first.

    The function takes the business day, is safe to run twice for it, and returns figures for the record
    of the run.
    """

    def register(function: NightlyFunction) -> NightlyFunction:
        _jobs[name] = NightlyJob(order, name, function)
        return function

    return register


def list_jobs() -> list[NightlyJob]:
    """Return the registered jobs in the order of the night."""
    return sorted(_jobs.values(), key=lambda job: (job.order, job.name))
