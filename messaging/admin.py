"""Staff pages of messaging: what went out, what is waiting, what failed and why; a community's own wording."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from core.access import may
from core.errors import DomainError
from core.figures import format_moment
from core.phones import mask_name
from core.staff import ScopedAdmin
from messaging.domain.lifecycle import MessageState
from messaging.domain.linter import lint
from messaging.domain.wording import unknown_placeholders
from messaging.kinds import get_kind, list_kinds
from messaging.models import DeliveryFact, MessageTemplate, OutboundMessage
from messaging.services import replan_message
from users.acting import acting_user

REASONS = {
    "outside_hours": _("outside contact hours; checked again when they begin"),
    "contact_cap": _("reminded often enough for now"),
    "vacancy_moved_on": _("something else was decided when its hour came"),
    "nothing_open": _("nothing open any more when its hour came"),
    "no_address": _("no phone or e-mail on file"),
    "sender_stopped": _("the sender stopped; nobody knows whether it left"),
}
COLOURS = {
    MessageState.SENT: "success",
    MessageState.DELIVERED: "success",
    MessageState.OPENED: "success",
    MessageState.FAILED: "danger",
    MessageState.UNKNOWN: "warning",
}


class DeliveryFactInline(TabularInline):
    """The proof of delivery below a message."""

    model = DeliveryFact
    fields = ["happened_at", "state", "detail"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Facts happen; nobody writes them by hand."""
        return False


@admin.register(OutboundMessage)
class OutboundMessageAdmin(ScopedAdmin):
    """Every message that was planned, with what became of it."""

    permission = "messaging.view"
    list_display = ["show_person", "show_kind", "show_state", "show_reason", "not_before", "show_sent"]
    list_filter = ["community", "state", "kind", "channel"]
    search_fields = ["person__name", "dedupe_key"]
    ordering = ["-not_before", "-id"]
    list_select_related = ["person", "community"]
    fields = [
        "community",
        "show_person",
        "show_kind",
        "channel",
        "subject",
        "body",
        "show_state",
        "show_reason",
    ]
    readonly_fields = fields
    inlines = [DeliveryFactInline]
    actions_detail = ["send_again"]

    @display(description=_("person"))
    def show_person(self, message: OutboundMessage) -> str:
        """The masked name."""
        return mask_name(message.person.name)

    @display(description=_("kind"))
    def show_kind(self, message: OutboundMessage) -> str:
        """The kind in words."""
        return str(get_kind(message.kind).label)

    @display(description=_("state"), label={str(state): colour for state, colour in COLOURS.items()})
    def show_state(self, message: OutboundMessage) -> tuple[str, str]:
        """The state in words, coloured only where it matters."""
        return message.state, message.get_state_display()

    @display(description=_("reason"))
    def show_reason(self, message: OutboundMessage) -> str:
        """Why it waits, failed or was not sent."""
        return str(REASONS.get(message.reason, message.reason)) or "—"

    @display(description=_("sent at"))
    def show_sent(self, message: OutboundMessage) -> str:
        """When it left."""
        return format_moment(message.sent_at) if message.sent_at else "—"

    @action(description=_("Send again"), permissions=["send_again"])
    def send_again(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        """Put a failed message back in the queue."""
        found = get_object_or_404(self.get_queryset(request), pk=object_id)
        try:
            replan_message(message_id=found.pk, now=timezone.now(), by=acting_user(request))
        except DomainError as error:
            self.message_user(request, str(error), "error")
        return HttpResponseRedirect(reverse("admin:messaging_outboundmessage_change", args=[object_id]))

    def has_send_again_permission(self, request: HttpRequest, object_id: int | None = None) -> bool:
        """Whoever may change the settings of messages may send one again."""
        return may(request.user, "settings.change")


class TemplateForm(forms.ModelForm):
    """Refuses words that do not belong in a letter, and placeholders the kind does not offer."""

    kind = forms.ChoiceField(
        label=_("kind"),
        choices=lambda: [(kind.name, kind.label) for kind in list_kinds()],
        widget=UnfoldAdminSelectWidget(),
    )

    class Meta:
        model = MessageTemplate
        fields = ["community", "kind", "language", "subject", "body"]

    def clean(self) -> dict[str, Any]:
        """Check subject and text against the kind and the linter."""
        cleaned = super().clean() or {}
        text = f"{cleaned.get('subject', '')}\n{cleaned.get('body', '')}"
        if "kind" in cleaned:
            self._refuse_unknown(text, get_kind(cleaned["kind"]).placeholders)
        for _reason, word in lint(text):
            self.add_error(
                "body", _("“%(word)s” does not belong in a message to a neighbour.") % {"word": word}
            )
        return cleaned

    def _refuse_unknown(self, text: str, allowed: tuple[str, ...]) -> None:
        for name in unknown_placeholders(text, allowed):
            known = ", ".join(f"{{{{ {name} }}}}" for name in allowed)
            words = _("{{ %(name)s }} is not known here. These are: %(known)s.")
            self.add_error("body", words % {"name": name, "known": known})


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ScopedAdmin):
    """A community's own wording, checked before it is saved."""

    permission = "messaging.view"
    change_permission = "settings.change"
    delete_permission = "settings.change"
    form = TemplateForm
    list_display = ["community", "kind", "language", "subject"]
    list_filter = ["community", "kind", "language"]
    ordering = ["community", "kind"]
