"""Celery doors of users."""

from celery import shared_task

from users.services import codes


@shared_task(ignore_result=True, soft_time_limit=50, time_limit=60)
def send_code(phone: str, code: str) -> None:
    """Send a one-time code; a lost task costs the owner one more request, so it is not repeated by itself."""
    codes.send_code(phone=phone, code=code)
