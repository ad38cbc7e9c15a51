"""Running the night: every registered job once for every business day, in order, whoever asks and how often.

One night runs at a time (an advisory lock). A job that is done for a day is never run again for it. A job
that failed, or whose process died, is run again by the next call; it was written to be safe to run twice.
Missed days are caught up first, oldest day first, at most a month back.
"""

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import Max, Min
from django.db.models.functions import Now

from core.contract import as_json
from core.failpoints import failpoint
from core.models import JobRun
from core.nightly import NightlyJob, list_jobs
from core.progress import Advance, no_progress

LONGEST_CATCH_UP = 31
LOCK = "SELECT hashtextextended('core.night', 0)"

log: Any = structlog.get_logger(__name__)


@dataclass(frozen=True)
class JobReport:
    """What became of one job on one day: `done`, `failed`, or `already` when an earlier night had done it."""

    job: str
    day: date
    state: str
    seconds: float = 0.0
    result: dict[str, Any] | None = None
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for JSON."""
        return asdict(self)


def run_night(day: date, *, advance: Advance = no_progress, wait: bool = True) -> list[JobReport]:
    """Run all jobs for `day`, after the days that were missed since each job was last done.

    A job that fails is recorded and does not stop the others; it is not run for a later day before this
    one. With `wait` a second caller waits for the first and then finds everything done; without it, it
    returns an empty list.
    """
    with _one_night_at_a_time(wait=wait) as ours:
        if not ours:
            log.info("night.running_elsewhere", day=str(day))
            return []
        return list(_run_jobs(list_due(day), advance))


def list_due(day: date) -> list[tuple[date, NightlyJob]]:
    """Return the (day, job) pairs a night of `day` has to look at: day by day, and within a day in order."""
    jobs = list_jobs()
    starts = {job.name: _first_due_day(job.name, day) for job in jobs}
    back = (day - min(starts.values(), default=day)).days
    days = [day - timedelta(days=ago) for ago in range(back, -1, -1)]
    return [(one, job) for one in days for job in jobs if starts[job.name] <= one]


def _first_due_day(job: str, day: date) -> date:
    """The day after the job was last done; its first failure if it never was; `day` for a new job."""
    earlier = JobRun.objects.filter(job=job, day__lt=day)
    last_done = earlier.filter(state=JobRun.State.DONE).aggregate(day=Max("day"))["day"]
    start = last_done + timedelta(days=1) if last_done else earlier.aggregate(day=Min("day"))["day"]
    return max(start or day, day - timedelta(days=LONGEST_CATCH_UP))


def _run_jobs(due: list[tuple[date, NightlyJob]], advance: Advance) -> Iterator[JobReport]:
    stuck: set[str] = set()
    for day, job in due:
        if job.name not in stuck:
            report = _run_job(job, day)
            if report.state == "failed":
                stuck.add(job.name)
            yield report
        advance(1)


def _run_job(job: NightlyJob, day: date) -> JobReport:
    run, _ = JobRun.objects.get_or_create(job=job.name, day=day)
    if run.state == JobRun.State.DONE:
        return JobReport(job.name, day, "already", result=run.result)
    # By the clock of the database: the day is an argument, when it ran is only looked at by people.
    JobRun.objects.filter(pk=run.pk).update(state=JobRun.State.RUNNING, started_at=Now())
    began = time.monotonic()
    try:
        failpoint("night.before_job")
        result = as_json(job.function(day))
        failpoint("night.before_done")
    except Exception as error:  # one job must not cost the others their night; the failure is a row
        _close(run, JobRun.State.FAILED, error=traceback.format_exc(limit=-8))
        log.exception("night.failed", job=job.name, day=str(day))
        return JobReport(job.name, day, "failed", time.monotonic() - began, error=str(error))
    _close(run, JobRun.State.DONE, result=result)
    return JobReport(job.name, day, "done", time.monotonic() - began, result=result)


def _close(
    run: JobRun, state: JobRun.State, *, result: dict[str, Any] | None = None, error: str = ""
) -> None:
    JobRun.objects.filter(pk=run.pk).update(state=state, result=result, error=error, finished_at=Now())


@contextmanager
def _one_night_at_a_time(*, wait: bool) -> Iterator[bool]:
    """Hold the session's advisory lock; the database frees it when the process dies."""
    take = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {take}(({LOCK}))")
        (taken,) = cursor.fetchone() or (None,)
    ours = taken is not False
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock(({LOCK}))")
