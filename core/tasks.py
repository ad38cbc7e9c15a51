"""Celery doors of the kernel: primitives in, one call."""

from datetime import date
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from core.context import request_context
from core.invariants import report_violations
from core.night import run_night
from core.outbox import deliver, relay_outbox


@shared_task(name="core.tasks.deliver_event", bind=True, max_retries=0)
def deliver_event(self: "Task[Any, Any]", delivery_id: int) -> None:
    """Run one delivery. Its outcome and next try are in its row, so Celery itself never retries."""
    with request_context(request_id=f"event-{delivery_id}"):
        deliver(delivery_id, now=timezone.now(), worker=self.request.id or "")


@shared_task(name="core.tasks.relay_events")
def relay_events() -> int:
    """Relay what is in the outbox: the beat's safety net beside the `relay` process."""
    return relay_outbox(now=timezone.now(), send=deliver_event.delay)


@shared_task(name="core.tasks.open_night")
def open_night(day: str | None = None) -> None:
    """Run the night of a business day in ISO form, today's by default. A job already done is left alone."""
    business_day = date.fromisoformat(day) if day else timezone.localdate()
    with request_context(request_id=f"night-{business_day}"):
        run_night(business_day, wait=False)


@shared_task(name="core.tasks.check_books")
def check_books() -> int:
    """Ask every invariant and log each violation as an error. Returns their number."""
    return len(report_violations())
