"""The payment platform of the synthetic community: the sandbox program, spoken to over HTTP like a platform.

The product itself never knows. Its merchants are configured from the files the sandbox leaves; what the
simulation adds is the payer's side: pressing "pay" in the wallet, today or in the past.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from payments.selectors.merchants import secrets_folder

START_SECONDS = 20


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox program."""

    address: str

    def record_history(self, platform: str, merchant_id: str, orders: Sequence[dict[str, str]]) -> None:
        """Let these orders have been paid in the past: number, amount, paid_at, payer."""
        self._post("history", {"platform": platform, "merchant_id": merchant_id, "orders": list(orders)})

    def pay(self, number: str, moment: datetime) -> dict[str, Any]:
        """Press "pay" in the wallet and return the signed callback: url, headers and body."""
        stamp = moment.isoformat()
        wish = {"number": number, "paid_at": stamp, "sent_at": stamp, "callback": False, "notice": True}
        notice: dict[str, Any] = self._post("pay", wish)["notice"]
        return notice

    def _post(self, knob: str, content: dict[str, Any]) -> Any:
        body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/sandbox/{knob}", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    """The sandbox of this state folder: the one that runs already, or one started for as long as it is needed."""
    folder = settings.STATE_DIR / "sandbox"
    found = _find_running(folder)
    if found is not None:
        yield found
        return
    program = _start(folder)
    try:
        yield _wait_for(folder, program)
    finally:
        program.terminate()
        program.wait(timeout=10)


def _find_running(folder: Path) -> Sandbox | None:
    with suppress(OSError):
        sandbox = Sandbox((folder / "address").read_text().strip())
        urllib.request.urlopen(sandbox.address, timeout=1)
        return sandbox
    return None


def _start(folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "address").unlink(missing_ok=True)
    module = "payments.gateways.sandbox"
    options = ["--state", str(folder), "--port", "0", "--configs", str(secrets_folder())]
    with (folder / "sandbox.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", module, *options], cwd=settings.BASE_DIR, stdout=log, stderr=log
        )


def _wait_for(folder: Path, program: subprocess.Popen[bytes]) -> Sandbox:
    for _ in range(START_SECONDS * 20):
        found = _find_running(folder)
        if found is not None:
            return found
        if program.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the payment sandbox did not start; see {folder / 'sandbox.log'}")
