"""Runs the checks one after the other, all of them even when one fails, and ends with a table.

python -m tools.run_checks lint          style, types, layers, migrations, catalogues, house rules
    python -m tools.run_checks lint tests    and every test, with two workers
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tools.system_libraries import find_chromium

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv/bin"
PYTHON = str(BIN / "python")

LINT = {
    "style": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "house rules": [PYTHON, "-m", "tools.lint_house"],
    "layers": [str(BIN / "lint-imports"), "--no-cache"],
    "types": [str(BIN / "mypy"), "."],
    "migrations": [
        PYTHON,
        "-W",
        "ignore::RuntimeWarning",
        "manage.py",
        "makemigrations",
        "--check",
        "--dry-run",
    ],
    "catalogues": [PYTHON, "-m", "tools.catalogues"],
}
BROWSER_TESTS = "tests/e2e"


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    name: str
    passed: bool
    seconds: float


def main() -> int:
    """Run the groups named on the command line; 1 when a check failed."""
    wanted = set(sys.argv[1:]) or {"lint"}
    checks = dict(LINT) if "lint" in wanted else {}
    chromium = find_chromium(ROOT / ".venv")
    if "tests" in wanted:
        checks["tests"] = test_command(chromium)
    outcomes = [run(name, command) for name, command in checks.items()]
    report(outcomes, without_browser="tests" in wanted and not chromium)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def test_command(chromium: Path | None) -> list[str]:
    """The command that runs every test this machine can run: a worker a core, the slowest named."""
    command = [
        PYTHON,
        "-m",
        "pytest",
        "-n",
        str(os.cpu_count() or 2),
        "--dist",
        "worksteal",
        "--durations",
        "15",
    ]
    return command if chromium else [*command, f"--ignore={BROWSER_TESTS}"]


def run(name: str, command: list[str]) -> Outcome:
    """Run one check in view of the reader."""
    print(f"\n:: {name}: {' '.join(command[:1] and [Path(command[0]).name, *command[1:]])}", flush=True)
    began = time.monotonic()
    code = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "default"}, check=False
    ).returncode
    return Outcome(name, code == 0, time.monotonic() - began)


def report(outcomes: list[Outcome], *, without_browser: bool) -> None:
    """One line a check; what could not run is said where nobody overlooks it."""
    print()
    for outcome in outcomes:
        print(f"  {'passed' if outcome.passed else 'FAILED':<8}{outcome.name:<14}{outcome.seconds:7.1f} s")
    if without_browser:
        print(f"\n  !!!!  NOT RUN: {BROWSER_TESTS} (no Chromium on this machine; apt install chromium)  !!!!")


if __name__ == "__main__":
    sys.exit(main())
