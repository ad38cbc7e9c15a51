"""`manage.py outbox`: what is on its way, what was given up, and the way to try again."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from core.commands import JsonCommand
from core.models import EventDelivery, OutboxEvent
from core.outbox import drain_outbox, replay_delivery


class Command(JsonCommand):
    """Lists dead or open deliveries, replays dead ones, or delivers here and now what no worker takes."""

    help = "List the deliveries of events that failed or wait, retry failed ones, or run those that are due."

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the act and the deliveries it is meant for."""
        parser.add_argument("act", choices=["list", "replay", "drain"])
        parser.add_argument("ids", nargs="*", type=int, help="deliveries to replay; none means all dead ones")
        parser.add_argument("--open", action="store_true", help="list those on their way instead of the dead")

    def run(self, **options: Any) -> dict[str, Any]:
        """Carry out the act."""
        now = timezone.now()
        if options["act"] == "drain":
            return {"delivered": drain_outbox(now=now)}
        if options["act"] == "replay":
            ids = options["ids"] or list(
                _list_deliveries(EventDelivery.State.DEAD).values_list("id", flat=True)
            )
            for delivery_id in ids:
                replay_delivery(delivery_id, now=now)
            return {"replayed": len(ids)}
        states = ["pending", "running"] if options["open"] else ["dead"]
        return {
            "waiting_events": OutboxEvent.objects.filter(relayed_at=None).count(),
            "deliveries": [_describe(delivery) for delivery in _list_deliveries(*states)],
        }


def _list_deliveries(*states: str) -> Any:
    return EventDelivery.objects.filter(state__in=states).select_related("event").order_by("id")


def _describe(delivery: EventDelivery) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "event": delivery.event.name,
        "payload": delivery.event.payload,
        "subscriber": delivery.subscriber,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_try_at": delivery.next_try_at,
        "last_error": delivery.last_error,
    }
