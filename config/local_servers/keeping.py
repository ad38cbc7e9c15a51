"""Starting both servers for whoever needs them, noting where they are, and stopping them after the last one."""

import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.local_servers.postgres import POSTGRES_SETTINGS, choose_launcher, start_postgres
from config.local_servers.programs import accepts, make_short_folder, stop_process
from config.local_servers.valkey import start_valkey
from config.state import state_folder


@dataclass(frozen=True)
class Servers:
    """Where running servers can be reached, and whether they outlive the commands that use them."""

    sockets: Path
    keep: bool

    @property
    def database_url(self) -> str:
        """The address for `DATABASE_URL`; the role `postgres` may connect because the folder is private."""
        return f"postgresql://postgres@/nuanlin?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        """The address for `REDIS_URL`."""
        return f"unix://{self.sockets}/valkey.sock"

    @property
    def running(self) -> dict[str, bool]:
        """For each server, whether its socket accepts a connection."""
        names = {"PostgreSQL": ".s.PGSQL.5432", "Valkey": "valkey.sock"}
        return {server: accepts(self.sockets / name) for server, name in names.items()}


@contextmanager
def borrow_servers() -> Iterator[None]:
    """Set `DATABASE_URL` and `REDIS_URL` for the block, starting what is not set and not running.

    Servers started for a block are stopped by the last block that used them; `servers up` keeps them.
    """
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        yield
        return
    folder = state_folder()
    with open(folder / "servers.users", "a") as users:
        with locked(folder):
            servers = start_servers_locked(folder, keep=False, settings=POSTGRES_SETTINGS)
            fcntl.flock(users, fcntl.LOCK_SH)
        os.environ.setdefault("DATABASE_URL", servers.database_url)
        os.environ.setdefault("REDIS_URL", servers.redis_url)
        try:
            yield
        finally:
            with locked(folder):
                stop_if_unused(folder, users)


def start_servers(folder: Path, *, keep: bool, settings: dict[str, str] | None = None) -> Servers:
    """Start what does not run yet; with `keep` they stay until `stop_servers`. Calling it twice is fine.

    settings: PostgreSQL settings on top of ours. Raises ServersUnavailable.
    """
    with locked(folder):
        return start_servers_locked(folder, keep=keep, settings=POSTGRES_SETTINGS | (settings or {}))


def stop_servers(folder: Path) -> None:
    """Stop both servers and remove their sockets, whoever uses them. Nothing happens when none runs."""
    with locked(folder):
        stop_servers_locked(folder)


def find_servers(folder: Path) -> Servers | None:
    """The servers noted in the folder, running or not."""
    try:
        kept = json.loads((folder / "servers.json").read_text())
    except FileNotFoundError:
        return None
    return Servers(Path(kept["sockets"]), kept["keep"])


def note_servers(folder: Path, servers: Servers) -> None:
    """Write down where the servers of this folder are, or will be when they are started.

    The caller holds the lock. Who looks takes none, so the note is replaced whole: it is never seen half written.
    """
    draft = folder / "servers.json.draft"
    draft.write_text(json.dumps({"sockets": str(servers.sockets), "keep": servers.keep}))
    draft.replace(folder / "servers.json")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one process at a time starts or stops servers of a folder."""
    with open(folder / "servers.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def stop_if_unused(folder: Path, users: IO[str]) -> None:
    """Stop the servers when nobody else holds the lock on `users` and nobody asked to keep them."""
    servers = find_servers(folder)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # someone else still uses them, and will stop them
    if servers and not servers.keep:
        stop_servers_locked(folder)


def start_servers_locked(folder: Path, *, keep: bool, settings: dict[str, str]) -> Servers:
    """Start what does not run yet and note where. The caller holds the lock."""
    found = find_servers(folder)
    if not found or not found.sockets.is_dir():
        found = Servers(make_short_folder("nuanlin-"), keep)
    servers = Servers(found.sockets, keep or found.keep)
    (folder / "logs").mkdir(exist_ok=True)
    note_servers(folder, servers)
    running = servers.running
    if not running["PostgreSQL"]:
        start_postgres(choose_launcher(folder), servers.sockets, folder / "logs/postgresql.log", settings)
    if not running["Valkey"]:
        start_valkey(folder, servers.sockets, durable="fsync" not in settings)
    return servers


def stop_servers_locked(folder: Path) -> None:
    """Stop both servers; the caller holds the lock."""
    servers = find_servers(folder)
    if not servers:
        return
    running = (
        servers.running
    )  # a pid file left by a crash may name a stranger's process: only what answers is stopped
    if running["PostgreSQL"]:
        stop_process(choose_launcher(folder).data / "postmaster.pid", signal.SIGINT)
    if running["Valkey"]:
        stop_process(folder / "valkey/valkey.pid", signal.SIGTERM)
    shutil.rmtree(servers.sockets, ignore_errors=True)
    (folder / "servers.json").unlink(missing_ok=True)
