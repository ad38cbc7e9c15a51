"""What must be true before the house opens: tables, catalogues and static files are those of this code."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tqdm import tqdm

MANAGE = Path(settings.BASE_DIR) / "manage.py"
UNUSED = "rest_framework"  # pages of the API for browsers, which we do not show
COLLECT = [
    sys.executable,
    str(MANAGE),
    "collectstatic",
    "--no-input",
    "--clear",
    "-v",
    "2",
    "--ignore",
    UNUSED,
]


class CountingStream(StringIO):
    """Takes what a command prints and moves a bar on by one for each line that holds the mark."""

    def __init__(self, bar: "tqdm[None]", mark: str) -> None:
        super().__init__()
        self.bar, self.mark = bar, mark

    def write(self, text: str) -> int:
        self.bar.update(text.count(self.mark))
        return super().write(text)


def migrate() -> None:
    """Apply the migrations that are missing, with a bar."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        with progress("Tables", total=len(missing)) as bar:
            call_command("migrate", interactive=False, verbosity=1, stdout=CountingStream(bar, " OK"))


@contextmanager
def collecting_static() -> Iterator[None]:
    """Beside the block, collect, hash and compress the static files if one of them changed; then wait for the rest.

    A process of its own, because it needs the storage that the web uses after this (`COLLECTED_STATIC`).
    """
    files = list_static_files()
    stamp, kept = hash_files(files), Path(settings.STATE_DIR) / "static.stamp"
    if kept.exists() and kept.read_text() == stamp:
        yield
        return
    with (
        tempfile.NamedTemporaryFile() as printed,
        subprocess.Popen(COLLECT, env=os.environ | {"COLLECTED_STATIC": "1"}, stdout=printed) as collecting,
    ):
        yield
        await_collection(collecting, Path(printed.name), len(files))
    kept.write_text(stamp)


def await_collection(collecting: "subprocess.Popen[bytes]", printed: Path, files: int) -> None:
    """Wait with a bar. Raises CalledProcessError when the collection failed."""
    with progress("Static files", total=files) as bar:
        while collecting.poll() is None:
            bar.update(min(files, printed.read_text().count("Post-processed")) - bar.n)
            time.sleep(0.1)
    if collecting.returncode:
        raise subprocess.CalledProcessError(collecting.returncode, COLLECT)


def list_static_files() -> list[Path]:
    """All static files of the project and its packages."""
    found = (storage.path(name) for finder in get_finders() for name, storage in finder.list([UNUSED]))
    return sorted(map(Path, found))


def hash_files(files: list[Path]) -> str:
    """A hash that changes when a file is added, removed or written."""
    facts = "\n".join(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in files)
    return hashlib.sha256(facts.encode()).hexdigest()


@contextmanager
def progress(what: str, *, total: int) -> "Iterator[tqdm[None]]":
    """A bar on standard error for something that takes longer than two seconds."""
    with tqdm(total=total, desc=f"{what:<14}", unit="", file=sys.stderr, leave=True) as bar:
        yield bar
        bar.update(total - bar.n)
