"""The sandbox as a program of its own: started for a test run, turned by its knobs, stopped afterwards."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from payments.gateways.interface import Gateway, MerchantConfig
from payments.gateways.registry import gateway_for

ROOT = Path(__file__).resolve().parents[3]
PATIENT = {"connect_ms": 120_000, "read_ms": 120_000}
"""No answer of the sandbox counts as lost because the machine does many things at once."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its address, its state folder and the merchants it told us of."""

    address: str
    state: Path
    configs: tuple[MerchantConfig, ...]

    def config(self, name: str) -> MerchantConfig:
        """Return the configuration of the first merchant at a platform."""
        return next(config for config in self.configs if config.gateway == name)

    def gateway(self, name: str) -> Gateway:
        """Return the product's gateway to the first merchant at a platform."""
        return gateway_for(self.config(name))

    def turn(self, knob: str, **wish: Any) -> dict[str, Any]:
        """Turn a knob and return what it answered; fails on anything but success."""
        answer = requests.post(f"{self.address}/sandbox/{knob}", json=wish, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def running_sandbox(state: Path, *options: str) -> Iterator[Sandbox]:
    """Start the sandbox on a free loopback port with a state folder, and stop it at the end."""
    command = [
        sys.executable,
        "-m",
        "payments.gateways.sandbox",
        "--state",
        str(state),
        "--port",
        "0",
        *options,
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("Payment sandbox at")
        configs = json.loads((state / "merchants.json").read_text())
        address = (state / "address").read_text()
        yield Sandbox(
            address, state, tuple(MerchantConfig.from_mapping(config | PATIENT) for config in configs)
        )
    finally:
        process.terminate()
        process.wait(timeout=60)
        if process.stdout:
            process.stdout.close()
