"""A pytest plugin (loaded by `addopts`): PostgreSQL and Valkey of this run, started when first needed.

They live in a private temporary folder, so that a run never meets the demo or another run. Workers of pytest-xdist
share the servers; each has databases of its own in both, and a state folder (`NUANLIN_VAR`) of its own, so that no
story reads the letters of another one that is told at the same time.
With `DATABASE_URL` and `REDIS_URL` set, those servers are used instead.
"""

import os
from pathlib import Path

import pytest

from config.local_servers import Servers, note_servers, start_servers, stop_servers
from config.local_servers.postgres import FORGETFUL_POSTGRES
from config.local_servers.programs import make_short_folder

PREFIX = "nuanlin-test-"
FOLDER = "NUANLIN_TEST_FOLDER"


def choose_addresses() -> Path:
    """Point the environment at the run's servers-to-be, before Django reads its settings.

    The first process makes the folder and owns it; pytest-xdist's workers inherit the environment.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["NUANLIN_REDIS_FIRST_DATABASE"] = str(2 * int(worker))
    if FOLDER not in os.environ:
        folder = make_short_folder(PREFIX)
        folder.chmod(0o711)  # where root steps down to nobody, nobody must get in; the sockets stay private
        (folder / "owner").write_text(str(os.getpid()))
        servers = Servers(folder, keep=True)
        note_servers(folder, servers)
        os.environ[FOLDER] = str(folder)
        os.environ.setdefault("DATABASE_URL", servers.database_url)
        os.environ.setdefault("REDIS_URL", servers.redis_url)
    # Collecting the doctests of config.wsgi would make this process, and whatever it starts, one of the web.
    os.environ["NUANLIN_PROCESS"] = "command"
    os.environ["NUANLIN_VAR"] = f"{os.environ[FOLDER]}/state-{worker}"
    return Path(os.environ[FOLDER])


def sweep_orphans(beside: Path) -> None:
    """Stop servers of test runs that were killed and could not stop them."""
    for owner in beside.parent.glob(f"{PREFIX}*/owner"):
        ours = owner.stat().st_uid == os.geteuid()
        if ours and not Path("/proc", owner.read_text()).exists():
            stop_servers(owner.parent)


folder = choose_addresses()


@pytest.fixture(scope="session")
def servers() -> Servers:
    """The run's PostgreSQL and Valkey, forgetful and therefore fast."""
    return start_servers(folder, keep=True, settings=FORGETFUL_POSTGRES)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop what the run started and remove its folder."""
    if (folder / "owner").read_text() == str(os.getpid()):
        stop_servers(folder)
        sweep_orphans(beside=folder)
