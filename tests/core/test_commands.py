import json
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.commands import JsonCommand, parse_day
from core.context import current_context
from core.contract import as_json
from core.errors import ConflictError, Problem
from core.models import EventDelivery, OutboxEvent

NOW = datetime(2026, 9, 1, tzinfo=UTC)
FINDING = Problem("roster.area", "No area.", {"row": 7})


class Import(JsonCommand):
    """Imports nothing: two rows, one of them bad."""

    def run(self, **options: Any) -> dict[str, Any]:
        self.stderr.write("working")
        return {"created": 1, "total": Decimal("1684.0300"), "problems": [FINDING]}

    def exit_code(self, result: dict[str, Any]) -> int:
        return 1 if result["problems"] else 0


class Refused(JsonCommand):
    def run(self, **options: Any) -> dict[str, Any]:
        raise ConflictError("The month is closed.", problems=[FINDING])


def test_json_is_one_object_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        call_command(Import(), json=True)
    out, err = capsys.readouterr()
    assert left.value.code == 1
    assert json.loads(out) == {"created": 1, "total": "1684.03", "problems": [FINDING.as_dict()]}
    assert err == "working\n"


def test_without_json_it_is_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command(Import())
    assert capsys.readouterr().out.splitlines() == [
        "created: 1", "total: 1684.03", "problems: 1", "  ✗ row 7: No area.",
    ]  # fmt: skip


def test_entries_of_a_list_stand_on_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    remark = Problem(
        "totals", "A total.", {"sheet": "一期", "row": 9, "column": "", "value": "合计"}, blocks=False
    )

    class Told(JsonCommand):
        def run(self, **options: Any) -> dict[str, Any]:
            return {
                "files": ["1.pdf"],
                "pools": [{"meter": "P1", "more": 3}],
                "problems": [remark, Problem("x", "All.")],
            }

    call_command(Told())
    assert capsys.readouterr().out.splitlines() == [
        "files: 1", "  1.pdf", "pools: 1", "  meter P1, more 3", "problems: 2",
        "  · sheet 一期, row 9: A total.", "  ✗ All.",
    ]  # fmt: skip


def test_a_refusal_is_exit_2_and_a_sentence_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        call_command(Refused(), json=True)
    out, err = capsys.readouterr()
    assert (left.value.code, json.loads(out)) == (2, {"problems": [FINDING.as_dict()]})
    assert err == "The month is closed.\nNo area.\n"


def test_a_refusal_without_findings_is_the_only_problem(capsys: pytest.CaptureFixture[str]) -> None:
    class Closed(JsonCommand):
        def run(self, **options: Any) -> dict[str, Any]:
            raise ConflictError("The month is closed.", code="ledger.closed")

    with pytest.raises(SystemExit) as left:
        call_command(Closed(), json=True)
    out, err = capsys.readouterr()
    (problem,) = json.loads(out)["problems"]
    assert (left.value.code, err) == (2, "The month is closed.\n")
    assert (problem["code"], problem["message"]) == ("ledger.closed", "The month is closed.")


def test_a_file_that_cannot_be_written_is_exit_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    class Write(JsonCommand):
        def run(self, **options: Any) -> dict[str, Any]:
            (tmp_path / "nowhere" / "x.csv").write_text("")
            return {}

    with pytest.raises(SystemExit) as left:
        call_command(Write(), json=True)
    out, err = capsys.readouterr()
    assert (left.value.code, json.loads(out)["problems"][0]["code"]) == (2, "file_not_opened")
    assert "nowhere/x.csv" in err
    assert "Traceback" not in err


def test_parse_day_refuses_a_day_that_does_not_exist() -> None:
    assert parse_day("2026-11-30") == date(2026, 11, 30)
    with pytest.raises(ArgumentTypeError, match="there is no day '2026-11-31'; write it like 2026-11-20"):
        parse_day("2026-11-31")


def test_what_a_command_does_is_on_record_as_its_own() -> None:
    seen: list[str] = []

    class Look(JsonCommand):
        def run(self, **options: Any) -> dict[str, Any]:
            seen.append(current_context().request_id)
            return {}

    call_command(Look(), json=True)
    assert seen == ["command-test_commands"]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Decimal("1684.0300"), "1684.03"),
        (Decimal(0), "0.00"),
        (0.75, 0.75),
        (date(2026, 9, 1), "2026-09-01"),
        (datetime(2026, 9, 1, 8, 30), "2026-09-01T08:30:00"),
        (FINDING, FINDING.as_dict()),
        ({"rows": (1, None, True)}, {"rows": [1, None, True]}),
    ],
)
def test_as_json(value: object, form: object) -> None:
    assert as_json(value) == form


@pytest.mark.django_db
class TestOutboxCommand:
    @pytest.fixture
    def dead(self) -> EventDelivery:
        event = OutboxEvent.objects.create(name="gone.event", payload={"id": 7}, relayed_at=NOW)
        return EventDelivery.objects.create(
            event=event,
            subscriber="x.y",
            state="dead",
            attempts=5,
            next_try_at=NOW,
            last_error="boom",
        )

    def call(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
        call_command("outbox", *arguments, "--json")
        return dict(json.loads(capsys.readouterr().out))

    def test_lists_the_dead(self, dead: EventDelivery, capsys: pytest.CaptureFixture[str]) -> None:
        (found,) = self.call(capsys, "list")["deliveries"]
        assert (found["id"], found["event"], found["last_error"]) == (dead.pk, "gone.event", "boom")
        assert self.call(capsys, "list", "--open")["deliveries"] == []

    def test_replays_all_or_some(self, dead: EventDelivery, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.call(capsys, "replay") == {"replayed": 1}
        dead.refresh_from_db()
        assert dead.state == "pending"
        with pytest.raises(SystemExit):
            self.call(capsys, "replay", str(dead.pk))

    def test_drains(self, dead: EventDelivery, capsys: pytest.CaptureFixture[str]) -> None:
        self.call(capsys, "replay")
        assert self.call(capsys, "drain") == {"delivered": 1}
        dead.refresh_from_db()
        assert "does not listen" in dead.last_error
