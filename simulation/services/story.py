"""The whole story: found the community, live its months, and say in figures what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.periods import Period
from simulation.domain.community import draw_community
from simulation.platform import running_sandbox
from simulation.services.episodes import Episodes
from simulation.services.founding import found_community
from simulation.services.haste import write_ahead
from simulation.services.living import Life

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plot:
    """What decides a story: one plot, one outcome."""

    units: int
    months: int
    seed: int
    until: date

    def list_periods(self) -> list[Period]:
        """The months of the story; the last one is that of ``until``."""
        periods = [Period.of_month(self.until)]
        while len(periods) < self.months:
            periods.insert(0, Period.of_month(periods[0].start - timedelta(days=1)))
        return periods


@dataclass
class Clock:
    """How long each chapter took, in seconds by name."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def chapter(self, name: str) -> Iterator[None]:
        """Add the time of a block to a chapter."""
        start = time.monotonic()
        yield
        spent = self.seconds.get(name, 0.0) + time.monotonic() - start
        self.seconds[name] = round(spent, 2)


def tell_story(plot: Plot, *, tell: Tell) -> Clock:
    """Build the community of a plot; ``tell`` hears of each month. Nothing of it may exist yet."""
    clock = Clock()
    write_ahead()
    plan = draw_community(plot.units, plot.seed)
    periods = plot.list_periods()
    with running_sandbox() as sandbox:
        with clock.chapter("founding"):
            founded = found_community(plan, start=periods[0].previous().start)
        life = Life(plan, founded, sandbox, plot.until, Episodes(plan, founded, plot.months))
        life.open_meters(periods[0].previous().start - timedelta(days=1))
        for number, period in enumerate(periods):
            tell(period.start.strftime("%Y-%m"))
            with clock.chapter("billing"):
                run = life.bill(period, number)
            with clock.chapter("living"):
                life.draw_payments(run)
                life.live(run, over_http=period == periods[-1])
    return clock
