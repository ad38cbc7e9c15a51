"""The programs that make up a running house, and the addresses they get."""

import os
import socket
from dataclasses import dataclass

from config.state import state_folder
from config.supervisor import Program, python

WORKERS = str(os.cpu_count() or 2)


@dataclass(frozen=True)
class Port:
    """A port that is ours while this object lives, though nobody listens on it yet."""

    number: int
    guard: socket.socket


def take_port(host: str, wished: int) -> Port:
    """Take the wished port, else the next one above that is free. Raises OSError when there is none.

    Two houses that start at once must not choose the same: whoever holds the abstract socket of the port's name has it.
    """
    for number in range(wished, wished + 200):
        guard = socket.socket(socket.AF_UNIX)
        try:
            guard.bind(f"\0nuanlin-port-{number}")
            try_port(host, number)
        except OSError:
            guard.close()
            continue  # taken
        return Port(number, guard)
    raise OSError(f"No free port between {wished} and {wished + 199}")


def try_port(host: str, number: int) -> None:
    """Raises OSError when somebody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, number))


ACCESS_LOG = "%(t)s %(m)s %(s)s %(B)s bytes %(M)s ms %({x-request-id}o)s"
"""No path and no referrer: a signed link's token in a log would be a key lying about."""


def web(host: str, port: int) -> Program:
    """The pages and the API: gunicorn with threads; the house is loaded once, before the workers are forked."""
    serve = python("-m", "gunicorn", "config.wsgi", "--preload", "--bind", f"{host}:{port}")
    size = ("--worker-class", "gthread", "--workers", WORKERS, "--threads", "4")
    rest = ("--graceful-timeout", "5", "--no-control-socket")
    log = ("--access-logfile", "-", "--access-logformat", ACCESS_LOG)
    return Program("web", (*serve, *size, *rest, *log), {"NUANLIN_PROCESS": "web", "COLLECTED_STATIC": "1"})


def worker() -> Program:
    """The jobs: billing chunks, subscribers of events, delivery."""
    command = (
        "-m",
        "celery",
        "-A",
        "config.celery",
        "worker",
        "--concurrency",
        WORKERS,
        "--loglevel",
        "INFO",
    )
    return Program("worker", python(*command), {"NUANLIN_PROCESS": "worker"})


def beat() -> Program:
    """The clock that puts jobs into the queue."""
    command = ("-m", "celery", "-A", "config.celery", "beat", "--loglevel", "INFO", "--pidfile=")
    return Program("beat", python(*command), {"NUANLIN_PROCESS": "worker"})


def relay() -> Program:
    """Carries events from the outbox to the queue within a second."""
    return Program("relay", python("manage.py", "relay"), {"NUANLIN_PROCESS": "worker"})


def gateway(host: str, port: int) -> Program:
    """The sandbox that speaks WeChat Pay and Alipay; it leaves its merchants' keys where we look for such."""
    folders = ("--state", str(state_folder() / "sandbox"), "--configs", str(state_folder() / "merchants"))
    command = python("-m", "payments.gateways.sandbox", *folders, "--host", host, "--port", str(port))
    return Program("gateway", command)
