"""What must be true before the house opens: tables, catalogues and static files are those of this code."""

import hashlib
import os
import subprocess
import sys
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


class CountingStream(StringIO):
    """Takes what a command prints and moves a bar on by one for each line that holds the mark."""

    def __init__(self, bar: "tqdm[None]", mark: str) -> None:
        super().__init__()
        self.bar, self.mark = bar, mark

    def write(self, text: str) -> int:
        self.bar.update(text.count(self.mark))
        return super().write(text)


def prepare() -> None:
    """Bring database and static files to this code; what is there already costs next to nothing."""
    migrate()
    collect_static()


def migrate() -> None:
    """Apply the migrations that are missing, with a bar."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        with progress("Tables", total=len(missing)) as bar:
            call_command("migrate", interactive=False, verbosity=1, stdout=CountingStream(bar, " OK"))


def collect_static() -> None:
    """Collect, hash and compress the static files when one of them changed, with a bar.

    A process of its own, because it needs the storage that the web uses after this (`COLLECTED_STATIC`).
    """
    files = list_static_files()
    stamp, kept = hash_files(files), Path(settings.STATE_DIR) / "static.stamp"
    if kept.exists() and kept.read_text() == stamp:
        return
    command = [sys.executable, str(MANAGE), "collectstatic", "--no-input", "--clear", "-v", "2"]
    environment = os.environ | {"COLLECTED_STATIC": "1"}
    with (
        progress("Static files", total=len(files)) as bar,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as collecting,
    ):
        for line in collecting.stdout or ():
            bar.update(line.startswith("Copying"))
    if collecting.returncode:
        raise subprocess.CalledProcessError(collecting.returncode, command)
    kept.write_text(stamp)


def list_static_files() -> list[Path]:
    """All static files of the project and its packages."""
    found = (storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
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
