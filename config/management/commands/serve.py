import argparse
import fcntl
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.local_servers import find_servers, start_servers
from config.preparation import collecting_static, migrate
from config.programs import Port, beat, gateway, relay, take_port, web, worker
from config.supervisor import Supervisor, adopt_orphans
from estates.selectors import has_communities

OPENING_SECONDS = 120
FIRST_PORT = 8000


class Command(BaseCommand):
    """Runs the whole house on this machine: web, worker, beat, relay, sandbox gateway; until Ctrl-C."""

    help = (
        "Prepare the database and static files, start all programs, print the addresses; Ctrl-C stops them."
    )
    requires_system_checks = ()  # they load every page, and only the web needs those

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--port", type=int, default=8000, help="the next free one is taken if this is not free"
        )
        parser.add_argument("--demo", action="store_true", help="build the demo community if there is none")
        parser.add_argument("--units", type=int, default=1200)
        parser.add_argument("--months", type=int, default=12)
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        adopt_orphans()
        with self.alone():
            ports = self.choose_addresses(options["host"], options["port"])
            with collecting_static():
                migrate()
                if options["demo"] and not has_communities():
                    self.build_demo(options)
            self.run(options["host"], ports, began)

    def build_demo(self, options: dict[str, Any]) -> None:
        """Build the community as `manage.py demo` does."""
        self.say("Building the demo community; this happens once")
        wanted = {name: options[name] for name in ("units", "months", "seed")}
        call_command("demo", once=True, **wanted, stdout=self.stderr)

    def run(self, host: str, ports: dict[str, Port], began: float) -> None:
        """Start all programs, say where they are, and watch them until someone asks to stop."""
        supervisor = Supervisor(Path(settings.STATE_DIR) / "logs", say=self.say)
        seen_first = [gateway(host, ports["gateway"].number), web(host, ports["web"].number)]
        behind = [worker(), beat(), relay()]
        try:
            for program in seen_first:
                supervisor.start(program)
            self.wait_for_web(os.environ["PUBLIC_URL"])
            for program in behind:  # jobs wait in their queue; people would wait before a door
                supervisor.start(program)
            self.welcome(time.monotonic() - began)
            supervisor.look_after = self.revive_servers
            supervisor.watch()
        finally:
            self.say("Stopping")
            supervisor.stop()

    def revive_servers(self) -> None:
        """Start PostgreSQL or Valkey of our own again when one of them fell."""
        servers = find_servers(Path(settings.STATE_DIR))
        if servers and not all(servers.running.values()):
            self.say(
                f"Starting again: {', '.join(name for name, runs in servers.running.items() if not runs)}"
            )
            start_servers(Path(settings.STATE_DIR), keep=servers.keep)

    def choose_addresses(self, host: str, wished: int | None) -> dict[str, Port]:
        """Ports for the web and the gateway, the same as last time if they are free, told to all programs."""
        note = Path(settings.STATE_DIR) / "ports.json"
        last = json.loads(note.read_text()) if note.exists() else {}
        web_port = take_port(host, wished or last.get("web", FIRST_PORT))
        gateway_port = take_port(host, last.get("gateway", web_port.number + 1))
        note.write_text(json.dumps({"web": web_port.number, "gateway": gateway_port.number}))
        os.environ["PUBLIC_URL"] = f"http://{host}:{web_port.number}"
        os.environ["SANDBOX_URL"] = f"http://{host}:{gateway_port.number}"
        os.environ.setdefault("ALLOWED_HOSTS", f"localhost,127.0.0.1,{host}")
        return {"web": web_port, "gateway": gateway_port}

    def wait_for_web(self, address: str) -> None:
        """Wait until the web answers. Raises CommandError with the log's end when it does not."""
        deadline = time.monotonic() + OPENING_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{address}/health/", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        log = (Path(settings.STATE_DIR) / "logs/web.log").read_text().splitlines()[-15:]
        raise CommandError("The web does not answer:\n" + "\n".join(log), returncode=2)

    def welcome(self, seconds: float) -> None:
        """Say where everything is, and one log-in a role."""
        public, logs = os.environ["PUBLIC_URL"], Path(settings.STATE_DIR) / "logs"
        rows = [("Owners", f"{public}/"), ("Staff", f"{public}/admin/"), ("API", f"{public}/api/schema/")]
        rows += [("Sandbox wallet", os.environ["SANDBOX_URL"]), ("Logs", str(logs))]
        self.stdout.write(f"\n  暖邻 Nuanlin is open ({seconds:.0f} s)\n")
        self.stdout.writelines(f"  {name:<16}{value}\n" for name, value in rows)
        self.stdout.write("")
        for login in self.list_logins():
            self.stdout.write(f"  {login['role']:<16}{login['name']:<24}{login['password']}\n")
        self.stdout.write("\n  Ctrl-C stops everything; the data stays.\n")
        self.stdout.flush()

    def list_logins(self) -> list[dict[str, str]]:
        """The log-ins the demo left in the state folder: role, name and password (or how to get in)."""
        note = Path(settings.STATE_DIR) / "logins.json"
        return json.loads(note.read_text()) if note.exists() else []

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Refuse to run twice on one state folder; NUANLIN_VAR gives a second copy its own."""
        with open(Path(settings.STATE_DIR) / "serve.lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CommandError("Nuanlin already runs on this state folder.", returncode=2) from error
            yield

    def say(self, text: str) -> None:
        """One line of news on standard error."""
        self.stderr.write(f":: {text}")
        self.stderr.flush()
