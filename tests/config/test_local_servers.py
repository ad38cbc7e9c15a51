"""The embedded servers, really started: kept, shared, stopped by the last user, in awkward folders."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.local_servers import (
    Servers,
    borrow_servers,
    find_servers,
    note_servers,
    start_servers,
    stop_servers,
)
from config.local_servers.programs import LONGEST_SOCKET_PATH, make_short_folder, wait_until
from config.state import BASE_DIR

FAST = {"fsync": "off", "shared_buffers": "16MB"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder with a long name, spaces and Chinese; whatever still runs in it is stopped."""
    state = tmp_path / ("状态 of a copy " + "long " * 20)
    state.mkdir()
    monkeypatch.setenv("NUANLIN_VAR", str(state))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    yield state
    stop_servers(state)


def manage(*arguments: str, **more) -> "subprocess.CompletedProcess[str]":
    """Run a management command as a person would."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False, **more)


def test_start_servers_answers_on_short_sockets(folder: Path) -> None:
    servers = start_servers(folder, keep=True, settings=FAST)
    assert len(f"{servers.sockets}/.s.PGSQL.5432.lock") <= LONGEST_SOCKET_PATH
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    with redis.Redis.from_url(servers.redis_url) as valkey:
        assert valkey.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_start_servers_twice_is_once(folder: Path) -> None:
    first = start_servers(folder, keep=True, settings=FAST)
    postmaster = (folder / "postgres/postmaster.pid").read_text().split()[0]
    assert start_servers(folder, keep=True, settings=FAST) == first
    assert (folder / "postgres/postmaster.pid").read_text().split()[0] == postmaster


def test_stop_servers_keeps_data_and_leaves_nothing_running(folder: Path) -> None:
    servers = start_servers(folder, keep=True, settings=FAST)
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    stop_servers(folder)
    assert not servers.sockets.exists()
    assert find_servers(folder) is None
    again = start_servers(folder, keep=True, settings=FAST)
    with psycopg.connect(again.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_stop_servers_without_servers_is_quiet(folder: Path) -> None:
    stop_servers(folder)
    assert find_servers(folder) is None


def test_note_servers_is_never_seen_half_written(tmp_path: Path) -> None:
    old, new = Servers(Path("/old"), keep=True), Servers(Path("/new"), keep=False)
    note_servers(tmp_path, old)
    with (tmp_path / "servers.json").open() as opened_before:
        note_servers(tmp_path, new)
        assert '"/old"' in opened_before.read()
    assert find_servers(tmp_path) == new


def test_borrow_servers_ends_what_it_started(folder: Path) -> None:
    with borrow_servers():
        servers = find_servers(folder)
        assert servers is not None
        assert servers.running == {"PostgreSQL": True, "Valkey": True}
        assert os.environ["DATABASE_URL"] == servers.database_url
    assert find_servers(folder) is None


def test_borrow_servers_leaves_them_to_another_user(folder: Path) -> None:
    with borrow_servers():
        assert manage("servers", "status").stdout.startswith("PostgreSQL  running\nValkey      running\n")
        borrower = manage("shell", "-c", "from config.state import *", env=os.environ | {"DATABASE_URL": ""})
        assert borrower.returncode == 0, borrower.stderr
        servers = find_servers(folder)
        assert servers is not None
        assert servers.running == {"PostgreSQL": True, "Valkey": True}


def test_borrow_servers_spares_kept_ones(folder: Path) -> None:
    servers = start_servers(folder, keep=True, settings=FAST)
    with borrow_servers():
        pass
    assert servers.running == {"PostgreSQL": True, "Valkey": True}


def test_borrow_servers_with_addresses_starts_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/nuanlin")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with borrow_servers():
        assert find_servers(folder) is None


def test_start_servers_after_a_crash_of_both(folder: Path) -> None:
    servers = start_servers(folder, keep=True, settings=FAST)
    for pidfile in (folder / "postgres/postmaster.pid", folder / "valkey/valkey.pid"):
        os.kill(int(pidfile.read_text().split()[0]), 9)
    wait_until(lambda: not any(servers.running.values()), 10, "killed servers still answer")
    servers = start_servers(folder, keep=True, settings=FAST)
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_servers_up_keeps_no_descriptor_of_the_caller(folder: Path) -> None:
    read_end, write_end = os.pipe()
    os.set_inheritable(write_end, True)
    up = manage("servers", "up", pass_fds=[write_end])
    os.close(write_end)
    assert up.returncode == 0, up.stderr
    assert os.read(read_end, 1) == b""  # end of file: nobody holds the other end
    os.close(read_end)


def test_make_short_folder_with_a_long_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("x" * 100)))
    made = make_short_folder("nuanlin-test-")
    assert made.parent == Path("/tmp")
    assert made.stat().st_mode & 0o777 == 0o700
    made.rmdir()
