"""The Celery app: workers that lose nothing, and the table of what runs when.

A job whose worker dies comes back to the queue; every job is therefore safe to run twice. A message becomes
visible again after VISIBILITY seconds, and no job may run longer than a little under half of that.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

VISIBILITY = 3600
LONGEST_JOB = 1500

app = Celery("nuanlin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=LONGEST_JOB,
    task_soft_time_limit=LONGEST_JOB - 60,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_soft_shutdown_timeout=30,
    worker_max_tasks_per_child=2000,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    visibility_timeout=VISIBILITY,
    broker_transport_options={"visibility_timeout": VISIBILITY, "socket_keepalive": True},
    result_backend_transport_options={"visibility_timeout": VISIBILITY},
    broker_connection_retry_on_startup=True,
    beat_scheduler="django_celery_beat.schedulers:DatabaseScheduler",
    timezone="Asia/Shanghai",
)
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # name in the database          task                          when
    "relay events": {"task": "core.tasks.relay_events", "schedule": 30.0},  # beside the relay process
    "open the night": {"task": "core.tasks.open_night", "schedule": crontab(hour="1-5", minute="*/20")},
    "deliver messages": {"task": "messaging.tasks.deliver_messages", "schedule": crontab(minute="*/5")},
    "query payments": {"task": "payments.tasks.query_payments", "schedule": 60.0},
    "fetch the platforms' bills": {
        "task": "payments.tasks.fetch_bills",
        "schedule": crontab(hour="10-22", minute=20),  # they are ready after ten
    },
    "apply notices left behind": {"task": "payments.tasks.apply_notices", "schedule": 60.0},
    "remind reviewers": {"task": "billing.tasks.remind_reviewers", "schedule": crontab(hour=9, minute=0)},
    "check the books": {"task": "core.tasks.check_books", "schedule": crontab(minute=17)},
}
