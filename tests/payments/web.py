"""The product's own web server as a program of its own, on the test's database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds to wait for an answer on a machine that does many things at once; no test measures time."""


@contextmanager
def running_web(
    *, workers: int = 2, application: str = "config.wsgi", env: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Serve on a free loopback port with gunicorn's threads until the end, and give the address.

    Its processes have answered something before, so that the first caller does not wait for their imports.
    """
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += [
        "--worker-class",
        "gthread",
        "--workers",
        str(workers),
        "--threads",
        "10",
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(), "NUANLIN_PROCESS": "web", **(env or {})},
    )
    try:
        _wait_for(port, process)
        address = f"http://127.0.0.1:{port}"
        post_all(
            f"{address}/payments/notices/none/warm-up/", {}, b"", copies=4 * workers, at_once=4 * workers
        )
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def post_all(
    url: str, headers: Mapping[str, str], body: bytes, *, copies: int, at_once: int
) -> list[tuple[int, float]]:
    """Post copies of one request, so many at once, and return the status and seconds of each (0: no answer)."""

    def post(_: int) -> tuple[int, float]:
        began = time.monotonic()
        try:
            status = requests.post(url, headers=dict(headers), data=body, timeout=PATIENCE).status_code
        except requests.ConnectionError:
            status = 0
        return status, time.monotonic() - began

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(post, range(copies)))


def database_url() -> str:
    """The address of the database this test writes to."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the web server died at its start"
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the web server did not start")
