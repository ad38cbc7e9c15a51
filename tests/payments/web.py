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
PATIENT = "tests.payments.patient_wsgi:make_application()"


@contextmanager
def running_web(
    *, workers: int = 2, application: str = PATIENT, env: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Serve on a free loopback port with gunicorn's threads until the end, and give the address.

    The port is ours from the beginning and handed on, so that nobody takes it meanwhile. Its processes have answered
    something before, so that the first caller does not wait for their imports.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=256) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        process = _serve(door.fileno(), workers=workers, application=application, env=env or {})
    try:
        warm_up = f"{address}/payments/notices/none/warm-up/"
        answers = post_all(warm_up, {}, b"", copies=4 * workers, at_once=4 * workers)
        assert {status for status, _ in answers} == {404}, "the web server died at its start"
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def _serve(door: int, *, workers: int, application: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"fd://{door}"]
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
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(), "NUANLIN_PROCESS": "web", **env},
        pass_fds=[door],
    )


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
