import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.bulk import SLICE, Column, Fen, Scaled, Text, copy_rows, render_json, render_scaled, reserve_ids
from core.models import Holiday, JobRun, OutboxEvent

NASTY = [
    "plain",
    "",
    "tab\there",
    "line\nend",
    "back\\slash",
    "\\N",
    "\\.",
    "return\r",
    "8栋2单元301",
    "𬭎㎡",
    "'\"",
]


def read_back(kind: str, column: Column) -> list[object]:
    """Write one column of a scratch table by COPY and read it in the order it was written."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE scratch (place serial, value {kind})")
        count = copy_rows("scratch", {"value": column})
        cursor.execute("SELECT value FROM scratch ORDER BY place")
        values = [value for (value,) in cursor.fetchall()]
        cursor.execute("DROP TABLE scratch")
    assert len(values) == count
    return values


@pytest.mark.django_db
class TestCopyRows:
    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            ("text", NASTY),
            ("text", ["", None, "\\N"]),
            ("bigint", [0, -1, 2**62]),
            ("numeric(14, 2)", [Decimal("309.45"), Decimal("-0.05"), Decimal("0.00")]),
            ("numeric(14, 6)", [Decimal("2.350000"), None]),
            ("boolean", [True, False, None]),
            ("date", [date(2026, 9, 1), date(2028, 2, 29)]),
            ("date", [date(2026, 9, 1), None]),
            ("timestamptz", [datetime(2026, 9, 1, 0, 30, tzinfo=UTC)]),
        ],
    )
    def test_what_goes_in_comes_out(self, kind: str, values: list[object]) -> None:
        assert read_back(kind, values) == values

    @pytest.mark.parametrize("document", [{"a": [1, "x"]}, {"text": 'tab\t line\n \\ “引号” "'}, []])
    def test_json_comes_out_as_it_went_in(self, document: object) -> None:
        copy_rows("core_outboxevent", {"name": ["x"], "payload": [document]})
        assert OutboxEvent.objects.get().payload == document

    @given(
        st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30))
    )
    def test_any_text_survives(self, values: list[str]) -> None:
        assert read_back("text", values) == values

    def test_numpy_columns(self) -> None:
        assert read_back("bigint", np.array([1, -2, 3], dtype=np.int64)) == [1, -2, 3]
        assert read_back("text", np.array(["8-1-101", "tab\t"], dtype=object)) == ["8-1-101", "tab\t"]
        assert read_back("boolean", np.array([True, False])) == [True, False]

    def test_fen_are_written_as_exact_yuan(self) -> None:
        fen = np.array([30945, -5, 0, 10**14 - 1], dtype=np.int64)
        assert list(map(str, read_back("numeric(14, 2)", Fen(fen // 10**2)))) == [
            "3.09", "-0.01", "0.00", "9999999999.99",
        ]  # fmt: skip
        assert list(map(str, read_back("numeric(16, 2)", Fen(fen)))) == [
            "309.45", "-0.05", "0.00", "999999999999.99",
        ]  # fmt: skip

    def test_ready_text_is_not_escaped_again(self) -> None:
        assert read_back("text", Text(["tab\\t", "\\N"])) == ["tab\t", None]

    def test_more_rows_than_a_slice(self) -> None:
        numbers = np.arange(2 * SLICE + 7)
        assert read_back("bigint", numbers) == numbers.tolist()

    def test_defaults_of_the_database_apply_and_constraints_hold(self) -> None:
        days = [date(2026, 10, 1), date(2026, 10, 2)]
        copied = copy_rows(
            "core_jobrun", {"job": ["a", "b"], "day": days, "state": ["done"] * 2, "error": [""] * 2}
        )
        assert copied == 2
        assert all(run.started_at for run in JobRun.objects.all())

    def test_no_rows_is_no_work(self) -> None:
        assert copy_rows("core_holiday", {"day": [], "name": []}) == 0

    def test_columns_of_different_length_are_refused(self) -> None:
        with pytest.raises(ValueError, match="differ in length"):
            copy_rows("core_holiday", {"day": [date(2026, 10, 1)], "name": []})

    def test_a_float_is_refused(self) -> None:
        with pytest.raises(TypeError, match="float"), transaction.atomic():
            copy_rows("core_holiday", {"name": [1.5]})

    def test_names_are_quoted(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute('CREATE TEMPORARY TABLE "order" ("end" text)')
        assert copy_rows("order", {"end": ["x"]}) == 1


class TestRender:
    @pytest.mark.parametrize(
        ("value", "places", "text"),
        [(30945, 2, "309.45"), (-5, 2, "-0.05"), (2350000, 6, "2.350000"), (7, 1, "0.7"), (-100, 2, "-1.00")],
    )
    def test_render_scaled(self, value: int, places: int, text: str) -> None:
        assert render_scaled(np.array([value]), places) == [text]

    @given(st.integers(-(2**62), 2**62), st.integers(1, 9))
    def test_render_scaled_is_exact(self, value: int, places: int) -> None:
        (text,) = render_scaled(np.array([value], dtype=np.int64), places)
        assert Decimal(text).scaleb(places) == value

    def test_scaled_is_cut_with_its_column(self) -> None:
        assert Scaled(np.arange(3), 4).values[1:].tolist() == [1, 2]

    def test_render_json_is_one_line(self) -> None:
        assert render_json({"a": "x\ny\\"}) == '{"a": "x\\\\ny\\\\\\\\"}'


@pytest.mark.django_db
class TestReserveIds:
    def test_gives_a_block_that_ordinary_inserts_leave_alone(self) -> None:
        block = reserve_ids(Holiday, 5)
        assert len(block) == 5
        after = Holiday.objects.create(day=date(2026, 10, 1))
        assert after.pk == block[-1] + 1

    def test_two_blocks_do_not_touch(self) -> None:
        assert not set(reserve_ids(Holiday, 100)) & set(reserve_ids(Holiday, 100))

    def test_no_keys_leave_the_sequence_alone(self) -> None:
        assert reserve_ids(Holiday, 0) == range(0)


@pytest.mark.django_db(transaction=True)
def test_reserve_ids_of_many_sessions_never_overlap() -> None:
    barrier = threading.Barrier(4)
    blocks: list[range] = []

    def reserve() -> None:
        barrier.wait()
        try:
            for _ in range(10):
                with transaction.atomic():
                    blocks.append(reserve_ids(Holiday, 50))
        finally:
            connection.close()

    sessions = [threading.Thread(target=reserve) for _ in range(4)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    assert len({key for block in blocks for key in block}) == 4 * 10 * 50
