"""Runs the programs of the house side by side, starts the fallen again, and leaves none behind.

Each program is a session of its own, so that Ctrl-C in the terminal reaches the supervisor alone, which
then ends the programs in an orderly way. Should the supervisor itself be killed, the kernel sends each
program a SIGTERM.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE_SECONDS = 12
RESTART_SECONDS = (1, 2, 5, 15, 30)
STEADY_SECONDS = 60

libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Program:
    """One long-running program: its name in the log folder, its command, what it adds to the environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Running:
    """A started program; `falls` counts how often it ended soon after its start."""

    program: Program
    process: subprocess.Popen[bytes]
    since: float
    falls: int = 0


class Supervisor:
    """Starts programs, watches them and ends them. Output goes to one file a program in `logs`."""

    def __init__(self, logs: Path, *, say: Callable[[str], None]) -> None:
        self.logs = logs
        self.say = say
        self.look_after: Callable[[], None] = lambda: None  # called about five times a second while watching
        self.running: list[Running] = []
        self.asked_to_stop = False

    def start(self, program: Program) -> Running:
        """Start one program and watch it from now on."""
        started = Running(program, self.spawn(program), time.monotonic())
        self.running.append(started)
        return started

    def spawn(self, program: Program) -> "subprocess.Popen[bytes]":
        """Start the process in a session of its own; it gets nothing of ours but its log."""
        with open(self.logs / f"{program.name}.log", "ab") as log:
            return subprocess.Popen(
                program.command,
                env=os.environ | program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 (the supervisor has a single thread)
            )

    def watch(self) -> None:
        """Start fallen programs again, with growing pauses, until someone asks to stop."""
        with self.listening():
            while not self.asked_to_stop:
                for one in self.running:
                    if one.process.poll() is not None:
                        self.restart(one)
                self.look_after()
                time.sleep(0.2)

    def restart(self, fallen: Running) -> None:
        """Start a fallen program again; the more often it fell, the longer the pause before."""
        steady = time.monotonic() - fallen.since > STEADY_SECONDS
        fallen.falls = 0 if steady else fallen.falls + 1
        pause = RESTART_SECONDS[min(fallen.falls, len(RESTART_SECONDS)) - 1] if fallen.falls else 0
        log = self.logs / f"{fallen.program.name}.log"
        code = fallen.process.returncode
        self.say(f"{fallen.program.name} ended with {code} and starts again in {pause} s (see {log})")
        deadline = time.monotonic() + pause
        while time.monotonic() < deadline and not self.asked_to_stop:
            time.sleep(0.1)
        if not self.asked_to_stop:
            fallen.process, fallen.since = self.spawn(fallen.program), time.monotonic()

    def stop(self) -> None:
        """Ask all programs to end, last started first; after a grace period end their whole sessions."""
        for one in reversed(self.running):
            with suppress(ProcessLookupError):
                one.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for one in self.running:
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(max(0.1, deadline - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()
        self.running.clear()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGINT, SIGTERM and, unless started by nohup, SIGHUP as the wish to stop."""
        wishes = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            wishes.append(signal.SIGHUP)
        before = {wish: signal.signal(wish, self.note_wish) for wish in wishes}
        try:
            yield
        finally:
            for wish, handler in before.items():
                signal.signal(wish, handler)

    def note_wish(self, signum: int, frame: FrameType | None) -> None:
        """Remember that someone asked to stop; `watch` looks."""
        self.asked_to_stop = True


def die_with_parent() -> None:
    """Runs in the new process: ask the kernel for a SIGTERM when the supervisor dies."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    """Become the parent of daemons we start, so that none is left as a zombie where nobody buries them."""
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


def python(*arguments: str) -> tuple[str, ...]:
    """The command that runs these arguments with this Python."""
    return (sys.executable, *arguments)
