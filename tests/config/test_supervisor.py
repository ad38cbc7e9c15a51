"""The supervisor: starts, starts again, ends all of it, and goes down with everything when it is killed."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

from config.state import BASE_DIR
from config.supervisor import Program, Supervisor, python

SLEEPER = python("-c", "import time; print('up', flush=True); time.sleep(60)")


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def eventually(true: Callable[[], bool]) -> bool:
    """Wait up to ten seconds for something to become true."""
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def test_start_writes_output_to_the_log(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, say=print)
    supervisor.start(Program("sleeper", SLEEPER))
    assert eventually(lambda: (tmp_path / "sleeper.log").read_text() == "up\n")
    supervisor.stop()


def test_start_adds_to_the_environment(tmp_path: Path) -> None:
    show = python("-c", "import os; print(os.environ['NUANLIN_PROCESS'])")
    supervisor = Supervisor(tmp_path, say=print)
    supervisor.start(Program("show", show, {"NUANLIN_PROCESS": "web"})).process.wait()
    assert (tmp_path / "show.log").read_text() == "web\n"


def test_stop_ends_a_program_that_does_not_listen(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("config.supervisor.GRACE_SECONDS", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    supervisor = Supervisor(tmp_path, say=print)
    process = supervisor.start(Program("deaf", python("-c", deaf))).process
    assert eventually(lambda: (tmp_path / "deaf.log").read_text() == "up\n")
    supervisor.stop()
    assert process.returncode == -signal.SIGKILL


def test_stop_ends_grandchildren(tmp_path: Path) -> None:
    script = (
        "import subprocess as s; child = s.Popen(['sleep', '60']); print(child.pid, flush=True); child.wait()"
    )
    supervisor = Supervisor(tmp_path, say=print)
    supervisor.start(Program("family", python("-c", script)))
    assert eventually(lambda: (tmp_path / "family.log").read_text() != "")
    grandchild = int((tmp_path / "family.log").read_text())
    supervisor.stop()
    assert eventually(lambda: not alive(grandchild))


def test_watch_starts_a_fallen_program_again(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path, say=said.append)
    sleeper = supervisor.start(Program("sleeper", SLEEPER))
    first = sleeper.process.pid
    sleeper.process.kill()

    def stop_when_restarted() -> None:
        eventually(lambda: sleeper.process.pid != first)
        supervisor.asked_to_stop = True

    watcher = threading.Thread(target=stop_when_restarted)
    watcher.start()
    supervisor.watch()
    watcher.join()
    assert said == [f"sleeper ended with -9 and starts again in 1 s (see {tmp_path / 'sleeper.log'})"]
    assert alive(sleeper.process.pid)
    supervisor.stop()


def test_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = f"""
        from pathlib import Path
        from config.supervisor import Program, Supervisor, python
        supervisor = Supervisor(Path({str(tmp_path)!r}), say=print)
        running = supervisor.start(Program("sleeper", python("-c", "import time; time.sleep(60)")))
        print(running.process.pid, flush=True)
        supervisor.watch()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        os.kill(parent.pid, signal.SIGKILL)
    assert eventually(lambda: not alive(child))
