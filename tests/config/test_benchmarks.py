import json
from pathlib import Path

import pytest

from benchmarks.__main__ import address, keep, row
from benchmarks.protocol import Measurement, stopwatch

RUN = Measurement("billing.run.10000", 10_000, 1.5, limit_seconds=1.0, at_most=1.6, peak_mb=210.0)
RIVAL = Measurement("billing.bulk_create.10000", 10_000, 9.0, peak_mb=300.0)


@pytest.mark.parametrize(("seconds", "kept"), [(1.59, True), (1.6, True), (1.61, False)])
def test_kept_at_the_border(seconds: float, kept: bool) -> None:
    assert Measurement("x", 1, seconds, limit_seconds=1.0, at_most=1.6).kept is kept


def test_rival_has_no_ratio() -> None:
    assert RIVAL.ratio is None
    assert RIVAL.kept
    assert RIVAL.as_json() == {"size": 10_000, "seconds": 9.0, "peak_mb": 300.0}


def test_keep_adds_to_what_other_runs_left(tmp_path: Path) -> None:
    note = tmp_path / "bench.json"
    note.write_text('{"books.check.1000000": {"size": 1000000}}')
    keep([RUN], note)
    assert json.loads(note.read_text()) == {
        "billing.run.10000": {
            "size": 10_000,
            "seconds": 1.5,
            "limit_seconds": 1.0,
            "ratio": 1.5,
            "peak_mb": 210.0,
        },
        "books.check.1000000": {"size": 1_000_000},
    }


def test_row_marks_what_was_not_kept() -> None:
    slow = Measurement("billing.run.10000", 10_000, 2.0, limit_seconds=1.0, at_most=1.6, peak_mb=210.0)
    assert row(slow).endswith("2.00     1.60      210  " + "  NOT KEPT")
    assert not row(RUN).endswith("NOT KEPT")


def test_address_keeps_server_and_options() -> None:
    given = "postgresql://postgres@/nuanlin?host=/tmp/sockets"
    assert address(given, "nuanlin_bench") == "postgresql://postgres@/nuanlin_bench?host=/tmp/sockets"


def test_stopwatch_stands_after_the_block() -> None:
    with stopwatch() as watch:
        pass
    assert 0 < watch.seconds < 60
