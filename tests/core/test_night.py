"""Each job once for each business day, whoever asks and how often (P-43)."""

import json
from datetime import date, timedelta
from functools import partial

import pytest
from django.core.management import call_command

from core import nightly as registry
from core.models import JobRun
from core.night import LONGEST_CATCH_UP, JobReport, run_night
from core.nightly import list_jobs, nightly
from tests.races import all_at_once, crowding_at, meeting_at

DAY = date(2026, 9, 10)

Diary = list[tuple[str, date]]


@pytest.fixture(autouse=True)
def only_these_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_jobs", {})


@pytest.fixture
def diary() -> Diary:
    """Two jobs that write down when they ran; the one registered last comes first in the night."""
    lines: Diary = []

    @nightly(order=200, name="messages.plan")
    def plan(day: date) -> None:
        lines.append(("plan", day))

    @nightly(order=100, name="billing.runs")
    def bill(day: date) -> dict[str, object]:
        lines.append(("bill", day))
        return {"bills": 3}

    return lines


def states(reports: list[JobReport]) -> list[tuple[str, int, str]]:
    return [(report.job, (report.day - DAY).days, report.state) for report in reports]


@pytest.mark.django_db
class TestRunNight:
    def test_runs_the_jobs_in_order(self, diary: Diary) -> None:
        reports = run_night(DAY)
        assert diary == [("bill", DAY), ("plan", DAY)]
        assert states(reports) == [("billing.runs", 0, "done"), ("messages.plan", 0, "done")]
        assert reports[0].result == {"bills": 3}

    def test_a_second_night_of_the_day_does_nothing(self, diary: Diary) -> None:
        run_night(DAY)
        again = run_night(DAY)
        assert states(again) == [("billing.runs", 0, "already"), ("messages.plan", 0, "already")]
        assert len(diary) == 2

    def test_missed_days_are_caught_up_day_by_day(self, diary: Diary) -> None:
        run_night(DAY)
        diary.clear()
        run_night(DAY + timedelta(days=2))
        one, two = DAY + timedelta(days=1), DAY + timedelta(days=2)
        assert diary == [("bill", one), ("plan", one), ("bill", two), ("plan", two)]

    def test_a_long_silence_is_caught_up_for_a_month_only(self, diary: Diary) -> None:
        run_night(DAY)
        diary.clear()
        run_night(DAY + timedelta(days=400))
        assert len(diary) == 2 * (LONGEST_CATCH_UP + 1)

    def test_a_job_without_a_history_starts_with_the_day_asked_for(self, diary: Diary) -> None:
        run_night(DAY)

        @nightly(order=50, name="new.job")
        def new(day: date) -> None:
            diary.append(("new", day))

        run_night(DAY + timedelta(days=2))
        assert [line for line in diary if line[0] == "new"] == [("new", DAY + timedelta(days=2))]

    def test_a_job_left_running_by_a_dead_process_is_run_again(self, diary: Diary) -> None:
        JobRun.objects.create(job="billing.runs", day=DAY)
        run_night(DAY)
        assert diary == [("bill", DAY), ("plan", DAY)]


@pytest.mark.django_db
class TestFailure:
    @pytest.fixture
    def broken(self, diary: Diary) -> list[bool]:
        """A job between the two others that fails while the list is not empty."""
        faults = [True]

        @nightly(order=150, name="meters.read")
        def read(day: date) -> None:
            if faults:
                raise ValueError("the meter server is away")
            diary.append(("read", day))

        return faults

    def test_the_other_jobs_have_their_night(self, diary: Diary, broken: list[bool]) -> None:
        reports = run_night(DAY)
        assert diary == [("bill", DAY), ("plan", DAY)]
        assert states(reports)[1] == ("meters.read", 0, "failed")
        assert "the meter server is away" in JobRun.objects.get(job="meters.read").error

    def test_the_failed_day_comes_before_the_next(self, diary: Diary, broken: list[bool]) -> None:
        run_night(DAY)
        run_night(DAY + timedelta(days=1))
        assert not JobRun.objects.filter(job="meters.read", day__gt=DAY).exists()
        broken.clear()
        run_night(DAY + timedelta(days=1))
        assert [day for name, day in diary if name == "read"] == [DAY, DAY + timedelta(days=1)]

    def test_the_command_answers_2_and_names_the_error(
        self, broken: list[bool], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as left:
            call_command("nightly", date=DAY, json=True)
        assert left.value.code == 2
        answer = json.loads(capsys.readouterr().out)
        assert (answer["done"], answer["already"], answer["failed"]) == (2, 0, 1)
        assert answer["jobs"][1]["error"] == "the meter server is away"


@pytest.mark.django_db(transaction=True)
class TestTwoSchedulers:
    """Two beats at the same moment, on two connections."""

    def test_have_one_effect(self, diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
        with crowding_at(monkeypatch, "night.before_job", 2):
            nights = all_at_once(*[partial(run_night, DAY)] * 2)
        assert diary == [("bill", DAY), ("plan", DAY)]
        found = sorted(report.state for night in nights for report in night)
        assert found == ["already", "already", "done", "done"]

    def test_who_may_not_wait_leaves_the_night_to_the_other(self, diary: Diary) -> None:
        meanwhile: list[list[JobReport]] = []

        @nightly(order=50, name="slow.job")
        def see_another_come(day: date) -> None:
            meanwhile.extend(all_at_once(partial(run_night, DAY, wait=False)))

        assert {report.state for report in run_night(DAY)} == {"done"}
        assert meanwhile == [[]]
        assert diary == [("bill", DAY), ("plan", DAY)]

    def test_without_the_lock_they_have_two(self, diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
        """The twin with the protection off."""
        monkeypatch.setattr("core.night.LOCK", "SELECT pg_backend_pid()::bigint")
        with meeting_at(monkeypatch, "night.before_job", 2):
            all_at_once(*[partial(run_night, DAY, wait=True)] * 2)
        assert len(diary) == 4


def test_list_jobs_breaks_ties_by_name() -> None:
    for name in ("b", "a"):
        nightly(order=1, name=name)(lambda day: None)
    assert [job.name for job in list_jobs()] == ["a", "b"]
