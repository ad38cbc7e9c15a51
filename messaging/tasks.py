"""Celery doors of messaging."""

from celery import shared_task
from django.utils import timezone

from messaging import services


@shared_task(soft_time_limit=540, time_limit=600)
def deliver_messages() -> dict[str, int]:
    """Send what is planned and allowed now; beat calls this every few minutes. A second run finds nothing left."""
    return services.deliver(now=timezone.now())
