"""The runner: `python -m benchmarks [PREFIX]` measures, prints one table and writes `bench.json` to the state folder.

`bench.json` is `{"name": {"size", "seconds", "limit_seconds", "ratio", "peak_mb"}}`; names that were not measured
this time keep their entries. Exit 1 when a ratio was not kept, 2 when nothing answers to the prefix.
"""

import importlib
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
from psycopg import sql

import benchmarks
from benchmarks.protocol import Measurement, registered
from config.local_servers import borrow_servers
from config.state import state_folder

TEMPLATE, DATABASE = "nuanlin_bench_template", "nuanlin_bench"
HEAD = (
    f"{'benchmark':<34}{'size':>10}{'seconds':>10}{'limit':>10}{'ratio':>8}{'at most':>9}{'peak MB':>9}  note"
)


def main() -> int:
    """Run what is asked for."""
    if sys.argv[1:2] == ["--one"]:
        return measure_here(*sys.argv[2:4])
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    load()
    chosen = [prefix for prefix in sorted(registered) if prefix.startswith(asked) or asked.startswith(prefix)]
    if not chosen:
        print(
            f"No benchmark begins with {asked!r}; there are: {', '.join(sorted(registered))}", file=sys.stderr
        )
        return 2
    with borrow_servers():
        measurements = list(measure_all(chosen, asked))
    keep(measurements, state_folder() / "bench.json")
    return 0 if all(measurement.kept for measurement in measurements) else 1


def load() -> None:
    """Import every file of this folder, which registers its benchmarks."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name not in {"__main__", "protocol"}:
            importlib.import_module(f"benchmarks.{module.name}")


def measure_all(chosen: list[str], asked: str) -> Iterator[Measurement]:
    """Run each benchmark in its own process on a database of its own, printing rows as they come."""
    server = os.environ["DATABASE_URL"]
    make_database(server, TEMPLATE, "template0")
    call_for(server, TEMPLATE, [sys.executable, "manage.py", "migrate", "-v", "0"])
    print(HEAD, flush=True)
    try:
        for prefix in chosen:
            make_database(server, DATABASE, TEMPLATE)
            yield from measure_apart(server, prefix, asked)
    finally:
        drop_databases(server)


def measure_apart(server: str, prefix: str, asked: str) -> Iterator[Measurement]:
    """Run one benchmark in a process of its own."""
    command = [sys.executable, "-m", "benchmarks", "--one", prefix, asked]
    environment = os.environ | {"DATABASE_URL": address(server, DATABASE), "NUANLIN_PROCESS": "command"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout or ():
            measurement = Measurement(**json.loads(line))
            print(row(measurement), flush=True)
            yield measurement
    if running.returncode:
        raise SystemExit(f"{prefix} ended with {running.returncode}")


def measure_here(prefix: str, asked: str) -> int:
    """In the child: run the benchmark and write each measurement as a line of JSON."""
    load()
    for measurement in registered[prefix](lambda name: is_asked(name, asked)):
        print(json.dumps(asdict(measurement)), flush=True)
    return 0


def is_asked(name: str, asked: str) -> bool:
    """Whether a name begins with what was asked for, or the other way round. Numbers are asked for whole.

    >>> is_asked("billing.run.100000", "billing.run"), is_asked("billing.run.1000000", "billing.run.100000")
    (True, False)
    """
    rest = name.removeprefix(asked)
    cuts_number = asked[-1:].isdigit() and rest[:1].isdigit()
    return (name.startswith(asked) and not cuts_number) or asked.startswith(f"{name}.")


def row(measurement: Measurement) -> str:
    """One line of the table."""
    blank = "–"
    limit = f"{measurement.limit_seconds:.2f}" if measurement.limit_seconds else blank
    ratio = f"{measurement.ratio:.2f}" if measurement.ratio else blank
    at_most = f"{measurement.at_most:.2f}" if measurement.at_most else blank
    mark = "" if measurement.kept else "  NOT KEPT"
    figures = f"{measurement.size:>10,}{measurement.seconds:>10.2f}{limit:>10}{ratio:>8}{at_most:>9}"
    return f"{measurement.name:<34}{figures}{measurement.peak_mb:>9.0f}  {measurement.note}{mark}"


def keep(measurements: list[Measurement], note: Path) -> None:
    """Write what was measured into the note, beside what it holds of other names."""
    kept = json.loads(note.read_text()) if note.exists() else {}
    kept |= {measurement.name: measurement.as_json() for measurement in measurements}
    note.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n")
    print(f"\nWritten to {note}")


# Databases -----------------------------------------------------------------------------------------------


def make_database(server: str, name: str, template: str) -> None:
    """Make the database anew as a copy of the template."""
    with psycopg.connect(address(server, "postgres"), autocommit=True) as connection:
        drop, create = (
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"),
            sql.SQL("CREATE DATABASE {} TEMPLATE {}"),
        )
        connection.execute(drop.format(sql.Identifier(name)))
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))


def drop_databases(server: str) -> None:
    """Leave no benchmark database behind."""
    with psycopg.connect(address(server, "postgres"), autocommit=True) as connection:
        for name in (DATABASE, TEMPLATE):
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def address(server: str, database: str) -> str:
    """The server's address with another database in it."""
    return urlsplit(server)._replace(path=f"/{database}").geturl()


def call_for(server: str, database: str, command: list[str]) -> None:
    """Run a command on one database."""
    subprocess.run(command, env=os.environ | {"DATABASE_URL": address(server, database)}, check=True)


if __name__ == "__main__":
    sys.exit(main())
