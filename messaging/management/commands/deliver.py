"""Send what is planned and allowed at a moment."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone

from core.commands import JsonCommand
from core.errors import InvalidError
from messaging import services


class Command(JsonCommand):
    """``deliver --now 2026-11-20T09:30``; without ``--now`` the present moment."""

    help = "Send the messages that are planned and allowed at this moment."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the moment, in local time unless it names a zone."""
        parser.add_argument("--now", help="local moment such as 2026-11-20T09:30; default: now")

    def run(self, **options: Any) -> dict[str, Any]:
        """Deliver and report a count for each state."""
        return dict(services.deliver(now=_moment(options["now"])))


def _moment(text: str | None) -> datetime:
    if text is None:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidError(f"--now {text}: not a moment like 2026-11-20T09:30") from error
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
