#!/usr/bin/env python
"""Django's command line; each command finds its servers running, or starts them and stops them again."""

import os
import signal
import sys
from types import FrameType

from django.core.management import execute_from_command_line

from config.local_servers import ServersUnavailable, borrow_servers

WITHOUT_SERVERS = {
    "makemigrations",
    "help",
    "version",
    "--help",
    "--version",
    "check",
    "makemessages",
    "compilemessages",
    "servers",
}
"""Commands that touch neither PostgreSQL nor Valkey."""


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores it
        signal.signal(signal.SIGHUP, leave)
    if sys.argv[1:2] == [] or sys.argv[1] in WITHOUT_SERVERS:
        execute_from_command_line(sys.argv)
        return
    try:
        with borrow_servers():
            execute_from_command_line(sys.argv)
    except ServersUnavailable as problem:
        sys.exit(f"{problem}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def leave(signum: int, frame: FrameType | None) -> None:
    """Turn a polite request to end into an exception, so that what this command started is stopped."""
    sys.exit(128 + signum)


if __name__ == "__main__":
    main()
