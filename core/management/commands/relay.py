"""`manage.py relay`: the process that carries events from the outbox to the workers."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core.outbox import relay_outbox
from core.tasks import deliver_event

LONGEST_WAIT = 30.0

log: Any = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Relays until it is told to stop; lost servers only make it wait. Several may run."""

    help = "Carry events from the outbox to the workers until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the pace."""
        parser.add_argument(
            "--every", type=float, default=0.5, help="seconds to wait when there is nothing to carry"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Relay in a loop; SIGTERM and SIGINT end it after the batch in hand."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        failures = 0
        while not stop.is_set():
            try:
                sent = relay_outbox(now=timezone.now(), send=deliver_event.delay)
                failures = 0
            except (DatabaseError, BrokerError, RedisError) as error:
                failures += 1
                sent = 0
                log.warning("relay.waiting", error=str(error), failures=failures)
                connection.close()
            if not sent:
                stop.wait(min(options["every"] * 2**failures, LONGEST_WAIT))
