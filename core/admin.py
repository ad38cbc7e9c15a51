"""Staff pages of the kernel: the audit trail, deliveries that were given up, nightly jobs and holidays."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from core.access import may
from core.logs import mask_text
from core.models import AuditRecord, EventDelivery, Holiday, JobRun
from core.outbox import NotDeadError, replay_delivery
from core.staff import ScopedAdmin


@admin.register(AuditRecord)
class AuditRecordAdmin(ScopedAdmin):
    """Who did what, when and why, in the communities one may see."""

    permission = "audit.view"
    list_display = ["at", "actor", "action", "target", "reason"]
    list_filter = [("at", RangeDateTimeFilter), "action"]
    search_fields = ["actor", "action", "target_id", "reason", "request_id"]
    ordering = ["-id"]
    fields = ["at", "actor", "action", "target", "changes", "reason", "request_id", "number", "hash"]
    readonly_fields = fields

    @display(description=_("thing"))
    def target(self, row: AuditRecord) -> str:
        """Kind and number of the thing."""
        return f"{row.target_type} {row.target_id}".strip()

    @display(description=_("changes"))
    def changes(self, row: AuditRecord) -> str:
        """Each field with its value before and after; phones and identity numbers masked."""
        lines = ((name, old, new) for name, old, new in list_changes(row.before or {}, row.after or {}))
        return format_html_join("", "<div>{}: {} → {}</div>", lines) or "—"


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (field, before, after) for every field that differs, masked; — stands for nothing."""
    names = sorted(set(before) | set(after))
    pairs = [(name, before.get(name), after.get(name)) for name in names]
    return [(name, _shown(old), _shown(new)) for name, old, new in pairs if old != new]


def _shown(value: Any) -> str:
    return "—" if value is None or value == "" else mask_text(str(value))


@admin.register(EventDelivery)
class EventDeliveryAdmin(ScopedAdmin):
    """News on its way inside the platform, and what was given up after five tries."""

    permission = "operations.view"
    unscoped = "deliveries belong to the running of the house; they show ids only"
    list_display = ["id", "event_name", "subscriber", "show_state", "attempts", "next_try_at"]
    list_filter = ["state", "event__name"]
    list_select_related = ["event"]
    ordering = ["-id"]
    fields = [
        "event_name",
        "payload",
        "subscriber",
        "show_state",
        "attempts",
        "next_try_at",
        "done_at",
        "error",
    ]
    readonly_fields = fields
    actions = ["replay"]

    @display(description=_("event"))
    def event_name(self, delivery: EventDelivery) -> str:
        """The name of the event."""
        return delivery.event.name

    @display(description=_("payload"))
    def payload(self, delivery: EventDelivery) -> str:
        """The ids the event carries."""
        return ", ".join(f"{name} {value}" for name, value in delivery.event.payload.items())

    @display(
        description=_("state"),
        label={"pending": "info", "running": "info", "done": "success", "dead": "danger"},
    )
    def show_state(self, delivery: EventDelivery) -> tuple[str, str]:
        """The state as a coloured word."""
        return delivery.state, delivery.get_state_display()

    @display(description=_("last error"))
    def error(self, delivery: EventDelivery) -> str:
        """The last failure, masked."""
        return mask_text(delivery.last_error) or "—"

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may start a delivery again."""
        return may(request.user, "operations.replay")

    @action(description=_("Try again"), permissions=["replay"])
    def replay(self, request: HttpRequest, rows: QuerySet[EventDelivery]) -> None:
        """Give the dead deliveries among the chosen ones five new tries."""
        now, count = timezone.now(), 0
        for delivery_id in rows.filter(state=EventDelivery.State.DEAD).values_list("id", flat=True):
            try:
                replay_delivery(delivery_id, now=now)
                count += 1
            except NotDeadError as error:
                messages.warning(request, str(error))
        text = ngettext("%(count)d delivery is tried again.", "%(count)d deliveries are tried again.", count)
        messages.info(request, text % {"count": count})


@admin.register(JobRun)
class JobRunAdmin(ScopedAdmin):
    """What became of each nightly job."""

    permission = "operations.view"
    unscoped = "the night belongs to the house"
    list_display = ["day", "job", "show_state", "started_at", "finished_at"]
    list_filter = ["state", "job"]
    ordering = ["-day", "job"]
    fields = ["day", "job", "show_state", "started_at", "finished_at", "result", "error"]
    readonly_fields = fields

    @display(description=_("state"), label={"running": "info", "done": "success", "failed": "danger"})
    def show_state(self, run: JobRun) -> tuple[str, str]:
        """The state as a coloured word."""
        return run.state, run.get_state_display()


@admin.register(Holiday)
class HolidayAdmin(ScopedAdmin):
    """Days on which the calendar departs from the week, entered when they are announced."""

    permission = "settings.view"
    change_permission = delete_permission = "settings.change"
    unscoped = "holidays are the same for everybody"
    list_display = ["day", "name", "is_workday"]
    list_filter = ["is_workday"]
    search_fields = ["name"]
