"""How a benchmark is written.

A file `benchmarks/<subject>.py` holds functions that are registered under the prefix of their results' names and yield
what they measured. Each function runs in a process of its own, on a freshly migrated, empty database that forgets
nothing (fsync on), so that memory and data of one never help or hurt another.

    @bench("billing.run")
    def measure_runs(wanted: Wanted) -> Iterator[Measurement]:
        for accounts in (10_000, 30_000, 100_000):
            if wanted(f"billing.run.{accounts}"):
                yield Measurement(f"billing.run.{accounts}", size=accounts, seconds=…, limit_seconds=…, at_most=1.6)

A limit is measured in the same run, never remembered: the time of what cannot be done without, such as the COPY of
the same rows. Rivals, other ways to do the same, have seconds and no limit.
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Wanted = Callable[[str], bool]
"""Whether a result of this name was asked for; skip the work for those that were not."""


def peak_mb() -> float:
    """The most memory this process and its ended children ever held, in megabytes."""
    own, children = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return round(max(own, children) / 1024, 1)


@dataclass(frozen=True)
class Measurement:
    """One row of the table. size: how many of what the name says; at_most: the ratio that must be kept.

    note: a few words for the last column, such as a second ratio.
    """

    name: str
    size: int
    seconds: float
    limit_seconds: float | None = None
    at_most: float | None = None
    note: str = ""
    peak_mb: float = field(default_factory=peak_mb)

    @property
    def ratio(self) -> float | None:
        """Seconds over the limit's seconds; None for a rival."""
        return round(self.seconds / self.limit_seconds, 3) if self.limit_seconds else None

    @property
    def kept(self) -> bool:
        """Whether the ratio is within what must be kept."""
        return self.ratio is None or self.at_most is None or self.ratio <= self.at_most

    def as_json(self) -> dict[str, float | int | None]:
        """The entry of `bench.json`; a rival has no ratio."""
        entry: dict[str, float | int | None] = {
            "size": self.size,
            "seconds": round(self.seconds, 4),
            "peak_mb": self.peak_mb,
        }
        if self.limit_seconds is not None:
            entry |= {"limit_seconds": round(self.limit_seconds, 4), "ratio": self.ratio}
        return entry


Bench = Callable[[Wanted], Iterator[Measurement]]
registered: dict[str, Bench] = {}


def bench(prefix: str) -> Callable[[Bench], Bench]:
    """Register a benchmark whose results' names begin with the prefix."""

    def register(measure: Bench) -> Bench:
        registered[prefix] = measure
        return measure

    return register


@dataclass
class Stopwatch:
    """The seconds a block took."""

    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Measure a block; `seconds` of what it gives is set when the block ends."""
    watch = Stopwatch()
    began = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - began
