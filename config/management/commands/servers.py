import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.local_servers import ServersUnavailable, find_servers, start_servers, stop_servers
from config.state import state_folder


class Command(BaseCommand):
    """Starts, stops and shows PostgreSQL and Valkey of this copy (web, worker and beat: `serve`)."""

    help = "Start, stop or show the embedded PostgreSQL and Valkey."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("action", choices=["up", "down", "status"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            if action == "up":
                start_servers(state_folder(), keep=True)
            elif action == "down":
                stop_servers(state_folder())
        except ServersUnavailable as problem:
            raise CommandError(str(problem), returncode=2) from problem
        self.show()

    def show(self) -> None:
        """One line a server, and the addresses to export when they run."""
        servers = find_servers(state_folder())
        running = servers.running if servers else {"PostgreSQL": False, "Valkey": False}
        for name, runs in running.items():
            self.stdout.write(f"{name:<12}{'running' if runs else 'stopped'}")
        if servers and all(running.values()):
            self.stdout.write(f"DATABASE_URL={servers.database_url}\nREDIS_URL={servers.redis_url}")
