"""What both servers need of the machine: short folders for sockets, waiting, stopping, and the wheels they come in."""

import importlib.util
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LONGEST_SOCKET_PATH = 107
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")
START_SECONDS, STOP_SECONDS = 60, 30


class ServersUnavailable(Exception):
    """The servers could not be started or stopped; the message says why, for a person."""


def make_short_folder(prefix: str) -> Path:
    """A new private folder whose path leaves room for socket names within 107 bytes."""
    room = LONGEST_SOCKET_PATH - LONGEST_SOCKET_NAME - len(f"/{prefix}12345678")
    parents = [path for path in (tempfile.gettempdir(), "/tmp", "/var/tmp") if len(os.fsencode(path)) <= room]
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parents[0]))


def accepts(path: Path) -> bool:
    """Whether a server listens on the Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def stop_process(pidfile: Path, how: signal.Signals) -> None:
    """Signal the process of a pid file and wait until it has removed the file or is gone."""
    if not pidfile.exists():
        return
    pid = int(pidfile.read_text().split()[0])
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pidfile.unlink()
        return
    wait_until(lambda: not pidfile.exists(), STOP_SECONDS, f"Process {pid} of {pidfile} does not stop")


def wait_until(ready: Callable[[], bool], seconds: float, complaint: str) -> None:
    """Look every 20 ms. Raises ServersUnavailable with the complaint when the seconds have passed."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise ServersUnavailable(complaint)
        time.sleep(0.02)


def succeeds(*command: str) -> bool:
    """Whether the command can be run and exits with 0."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def find_package(name: str) -> Path:
    """The folder of an installed package, not importing it; one that does not exist when there is none."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")
