"""Celery doors of payments: the clock in, one call."""

from celery import shared_task
from django.utils import timezone

from core.context import request_context
from payments.services.bill_files import fetch_bill_files
from payments.services.notices import apply_left_notices
from payments.services.queries import query_due_intents


@shared_task(name="payments.tasks.query_payments")
def query_payments() -> int:
    """Ask the platforms about orders whose next question is due. The next question of each stands in its row, so
    Celery never retries. Returns how many were asked.
    """
    with request_context(request_id="query-payments"):
        return query_due_intents(now=timezone.now())


@shared_task(name="payments.tasks.apply_notices")
def apply_notices() -> int:
    """Apply callbacks that were stored by a process which died before it applied them. Returns their number."""
    with request_context(request_id="apply-notices"):
        return apply_left_notices(now=timezone.now())


@shared_task(name="payments.tasks.fetch_bills")
def fetch_bills() -> int:
    """Read the platforms' bills of the days that are over and not read yet. What is not ready is asked for again an
    hour later; Celery never retries. Returns the number of files read.
    """
    with request_context(request_id="fetch-bills"):
        return fetch_bill_files(now=timezone.now())
