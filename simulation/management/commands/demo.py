"""Build the demo community: `demo --units 1200 --months 12 --seed 7 --once --json`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.commands import JsonCommand
from core.errors import ConflictError, InvalidError
from estates.selectors import find_community, get_community
from simulation.selectors import BUILT, find_plot, measure_story
from simulation.services.founding import CODE, write_logins
from simulation.services.story import Plot, tell_story


class AnotherStoryError(ConflictError):
    """The demo community stands already, from another plot."""

    code = "simulation.another_story"


class Command(JsonCommand):
    """Builds once; the same plot again only reports its figures."""

    help = "Build a demo community with a history of bills and payments, through the product's own services."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare size, length, seed and last day of the story."""
        parser.add_argument(
            "--units", type=int, default=1200, help="dwellings, shops and offices, unsold ones too"
        )
        parser.add_argument(
            "--months", type=int, default=12, help="months of bills, the last one that of --until"
        )
        parser.add_argument("--seed", type=int, default=7, help="same seed and last day: same figures")
        parser.add_argument("--until", help="last day of the history, such as 2026-11-20; default: today")
        parser.add_argument("--once", action="store_true", help="build and exit (this command always does)")

    def run(self, **options: Any) -> dict[str, Any]:
        """Migrate, build what is not built yet, and measure it."""
        _migrate()
        plot = _plot(options)
        seconds = self._build(plot)
        return {**measure_story(get_community(CODE), plot.until), "seconds": seconds}

    def _build(self, plot: Plot) -> dict[str, float]:
        if built := find_community(CODE):
            _check_same(find_plot(built), plot)
            return {}
        clock = tell_story(plot, tell=self._tell)
        community = get_community(CODE)
        with transaction.atomic():
            after = {**asdict(plot), "until": plot.until.isoformat()}
            audit.record(action=BUILT, target=community, community_id=community.pk, after=after)
        write_logins(community)
        return clock.seconds

    def _tell(self, month: str) -> None:
        sys.stderr.write(f"  {month}\n")


def _migrate() -> None:
    """Apply the migrations that are missing; with none, the command itself would take a second or two."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def _plot(options: dict[str, Any]) -> Plot:
    try:
        until = date.fromisoformat(options["until"]) if options["until"] else timezone.localdate()
    except ValueError as error:
        raise InvalidError(
            _("--until %(text)s: not a day like 2026-11-20.") % {"text": options["until"]}
        ) from error
    if options["units"] < 20 or not 1 <= options["months"] <= 36:
        raise InvalidError(
            _("A demo community needs at least 20 units and between 1 and 36 months of history.")
        )
    return Plot(options["units"], options["months"], options["seed"], until)


def _check_same(known: dict[str, Any] | None, plot: Plot) -> None:
    wanted = {**asdict(plot), "until": plot.until.isoformat()}
    if known != wanted:
        raise AnotherStoryError(
            _("The demo community is already built, as %(known)s. Use another state folder (NUANLIN_VAR).")
            % {"known": known}
        )
