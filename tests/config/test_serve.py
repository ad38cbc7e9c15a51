"""The whole house, opened and closed once: addresses, a second copy, Ctrl-C, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.state import BASE_DIR

PATIENCE = 300
"""Seconds to wait on a machine that does many things at once; no test measures time."""
OURS = ("DATABASE_URL", "REDIS_URL", "NUANLIN_REDIS_FIRST_DATABASE")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a person at a fresh checkout, with a state folder of their own."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return inherited | {"NUANLIN_VAR": str(tmp_path / "state")}


@pytest.fixture
def house(environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """`manage.py serve`, just started."""
    command = [sys.executable, "manage.py", "serve", "--port", "18400"]
    with subprocess.Popen(
        command,
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as running:
        yield running
        running.send_signal(signal.SIGTERM)


def read_until(house: "subprocess.Popen[str]", mark: str) -> str:
    """What the house prints up to the line with the mark."""
    printed = ""
    for line in house.stdout or ():
        printed += line
        if mark in line:
            break
    return printed


def processes_of(state: str) -> set[str]:
    """Command lines of processes that run on this state folder; zombies have none."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ, command = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile, or is not ours to see
        if f"NUANLIN_VAR={state}".encode() in environ and command:
            found.add(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def ends_empty(look: Callable[[], set[str]]) -> set[str]:
    """What is there in the end: a server removes its pid file, which is waited for, a moment before it is gone."""
    deadline = time.monotonic() + PATIENCE
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_serve_opens_refuses_a_second_and_leaves_nothing(house, environment: dict[str, str]) -> None:
    welcome = read_until(house, "Ctrl-C")
    address = next(line.split()[-1] for line in welcome.splitlines() if line.strip().startswith("Staff"))
    with urllib.request.urlopen(f"{address.removesuffix('admin/')}health/", timeout=PATIENCE) as health:
        assert health.read() == b'{"database": true, "jobs": true}'

    second = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (second.returncode, "already runs" in second.stderr) == (2, True)

    house.send_signal(signal.SIGINT)
    house.wait(PATIENCE)
    assert ends_empty(lambda: processes_of(environment["NUANLIN_VAR"])) == set()
