"""Which staff pages of other people's packages stay: the timetable and locked log-ins, in our skin and with our roles.

Their own pages know neither our permissions nor our look; what is not named here is taken out of the menu.
"""

from typing import ClassVar

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.staff import ScopedAdmin

THEIRS = [
    AccessAttempt, AccessFailureLog, AccessLog,
    ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule,
    StaticDevice, TOTPDevice,
]  # fmt: skip

for model in THEIRS:
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ScopedAdmin):
    """What beat starts and when; the table is written in `config.celery` and only read here."""

    permission = "operations.view"
    unscoped = "the timetable belongs to the house"
    list_display = ["name", "task", "scheduler", "enabled", "last_run_at"]
    list_filter = ["enabled"]
    search_fields = ["name", "task"]
    fields = readonly_fields = ["name", "task", "scheduler", "enabled", "last_run_at", "total_run_count"]


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ScopedAdmin):
    """Failed log-ins of staff; deleting one lets the person try again at once (S-18)."""

    permission = "users.view"
    delete_permission: ClassVar[str] = "users.change"
    unscoped = "a failed log-in belongs to nobody yet"
    list_display = ["attempt_time", "username", "ip_address", "failures_since_start"]
    search_fields = ["username", "ip_address"]
    fields = readonly_fields = [
        "attempt_time",
        "username",
        "ip_address",
        "user_agent",
        "failures_since_start",
    ]
