"""What set-up decides; its long way, a fresh environment, is walked by every clean clone."""

import os
import subprocess
from pathlib import Path

from config.state import BASE_DIR
from tools.setup import is_usable, stamp_of, succeeds
from tools.system_libraries import find_chromium, find_pip_wheel, is_loadable


def test_setup_without_a_python_says_so_in_one_line(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path), "PYTHON": "/nonexistent/python"}
    tried = subprocess.run(
        ["/bin/sh", "tools/setup.sh"], cwd=BASE_DIR, env=nothing, capture_output=True, text=True, check=False
    )
    assert tried.returncode == 2
    assert tried.stdout == ""
    assert tried.stderr.count("\n") == 1
    assert tried.stderr.startswith("Nuanlin needs Python 3.11, 3.12, 3.13 or 3.14; none was found")


def test_setup_passes_over_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    tried = subprocess.run(
        ["/bin/sh", "tools/setup.sh"], cwd=BASE_DIR, env={"PATH": str(tmp_path)}, check=False
    )
    assert tried.returncode == 2


def test_make_lets_python_keep_what_it_compiled() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "KEPT": "1"}
    asked = subprocess.run(
        ["make", "-f", "Makefile", "-f", "-", "probe"],
        input="probe:\n\t@env\n",
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "KEPT=1" in asked.stdout
    assert "PYTHONDONTWRITEBYTECODE" not in asked.stdout


def test_stamp_tells_the_two_locks_apart() -> None:
    assert stamp_of("run").startswith("run ")
    assert stamp_of("run").split()[1] != stamp_of("dev").split()[1]


def test_is_usable_of_a_broken_environment(tmp_path: Path) -> None:
    assert not is_usable(tmp_path / "bin/python")
    (tmp_path / "python").symlink_to("/bin/false")
    assert not is_usable(tmp_path / "python")


def test_succeeds_looks_at_the_exit_code() -> None:
    assert succeeds("true")
    assert not succeeds("false")


def test_find_chromium_takes_only_what_can_be_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tools.system_libraries.CHROMIUM", [str(tmp_path / "chromium")])
    (tmp_path / "chromium").touch()
    assert find_chromium(tmp_path / "venv") is None
    os.chmod(tmp_path / "chromium", 0o755)
    assert find_chromium(tmp_path / "venv") == tmp_path / "chromium"


def test_find_pip_wheel_that_was_unpacked(tmp_path: Path) -> None:
    wheels = tmp_path / "syslibs/root/usr/share/python-wheels"
    wheels.mkdir(parents=True)
    (wheels / "pip-23.0.1-py3-none-any.whl").touch()
    assert find_pip_wheel(tmp_path) is not None


def test_is_loadable_asks_the_linker() -> None:
    assert is_loadable("libc.so.6")
    assert not is_loadable("libnuanlin.so.0")
