import time
from pathlib import Path

import pytest

from core import failpoints
from core.failpoints import FailpointReached, failpoint, list_failpoints, reset_hits


@pytest.fixture(autouse=True)
def fresh() -> None:
    reset_hits()


def arm(monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    monkeypatch.setenv("FAILPOINTS", spec)


def test_without_the_variable_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAILPOINTS", raising=False)
    failpoint("billing.run.before_write")


def test_only_the_named_point_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    arm(monkeypatch, "billing.run.before_write=raise,other=exit")
    failpoint("billing.run.before")
    with pytest.raises(FailpointReached, match="before_write"):
        failpoint("billing.run.before_write")


def test_breaks_at_the_named_hit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    arm(monkeypatch, "a.b=raise@3")
    failpoint("a.b")
    failpoint("a.b")
    with pytest.raises(FailpointReached):
        failpoint("a.b")
    failpoint("a.b")


def test_exit_ends_the_process_like_a_kill(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(failpoints.os, "_exit", codes.append)
    arm(monkeypatch, "a.b=exit")
    failpoint("a.b")
    assert codes == [137]


def test_sleep_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    arm(monkeypatch, "a.b=sleep:0.25")
    failpoint("a.b")
    assert naps == [0.25]


def test_list_failpoints_finds_every_name_in_the_code(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('failpoint("b.two")\nif x:\n    failpoint("a.one")\n')
    (tmp_path / "two.py").write_text('failpoint(name)\nprint("failpoint(not.one)")\n')
    assert list_failpoints(tmp_path) == ["a.one", "b.two"]


def test_the_kernel_has_the_points_its_own_tests_break() -> None:
    names = list_failpoints(Path(failpoints.__file__).parent)
    assert {"outbox.relay.before_send", "outbox.deliver.before_done", "night.before_job"} <= set(names)
