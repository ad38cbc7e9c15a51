import os
import threading
from pathlib import Path

import pytest

from config.state import secret_key, state_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder, and no key in the environment."""
    monkeypatch.setenv("NUANLIN_VAR", str(tmp_path / "state"))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    return tmp_path / "state"


def test_state_folder_is_private(folder: Path) -> None:
    assert state_folder() == folder
    assert folder.stat().st_mode & 0o777 == 0o700


def test_secret_key_stays_the_same(folder: Path) -> None:
    first = secret_key()
    assert len(first) == 64
    assert secret_key() == first
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600


def test_secret_key_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    assert secret_key() == "given"
    assert not (folder / "secret_key").exists()


def test_secret_key_of_many_first_callers_is_one(folder: Path) -> None:
    folder.mkdir()
    keys: list[str] = []
    callers = [threading.Thread(target=lambda: keys.append(secret_key())) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert sorted(os.listdir(folder)) == ["secret_key"]
