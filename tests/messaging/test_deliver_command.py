"""``deliver --now T --json``: what is planned and allowed leaves, and the counts are one JSON object."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command


def test_deliver_command_prints_one_object(plan, capsys):
    plan("bill:1")
    call_command("deliver", "--now", "2026-11-20T12:00", "--json")
    assert json.loads(capsys.readouterr().out) == {"sent": 1}


def test_deliver_command_at_night_sends_nothing(plan, capsys):
    plan("bill:1")
    call_command("deliver", "--now", "2026-11-20T22:30", "--json")
    assert json.loads(capsys.readouterr().out) == {"planned": 1}


@pytest.mark.django_db
def test_deliver_command_with_a_moment_that_is_none_exits_2(capsys):
    with pytest.raises(SystemExit) as left:
        call_command("deliver", "--now", "tomorrow")
    assert left.value.code == 2
    assert "tomorrow" in capsys.readouterr().err
