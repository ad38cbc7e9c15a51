"""Lists of payments in the staff pages. Money is looked at here; it is taken and settled on pages of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from core.access import may
from core.figures import format_money
from core.staff import SCOPED, ScopedAdmin
from payments.models import (
    BillFileRead,
    GatewayNotice,
    Intent,
    IntentPart,
    IntentState,
    MerchantAccount,
    NoticeState,
    PaymentException,
    PaymentPolicy,
    PrepaymentEntry,
    Receipt,
)
from payments.selectors.desk import next_move
from payments.services.queries import query_intent

INTENT_COLOURS = {
    IntentState.PAID: "success",
    IntentState.PENDING: "info",
    IntentState.UNKNOWN: "warning",
}
NOTICE_COLOURS = {
    NoticeState.APPLIED: "success",
    NoticeState.REFUSED: "danger",
    NoticeState.DOUBTED: "warning",
}


class LookedAt(ScopedAdmin):
    """Rows that staff look at and nobody changes by hand."""

    permission = "payments.view"

    @display(description=_("amount"), ordering="amount")
    def show_amount(self, row: Any) -> str:
        """The amount as people write it."""
        return format_money(row.amount)


@admin.register(Receipt)
class ReceiptAdmin(LookedAt):
    """Receipts, newest first, each with its paper."""

    list_display = ["number", "account", "channel", "show_amount", "paid_at", "taken_by", "paper"]
    list_filter = [("community", SCOPED), "channel", "value_day"]
    search_fields = ["number", "transaction_id", "account__unit__code", "reference"]
    list_select_related = ["account__unit", "account__payer"]
    ordering = ["-paid_at", "-id"]
    fields = [
        "number", "community", "account", "channel", "show_amount", "tendered", "paid_at", "value_day",
        "transaction_id", "reference", "intent", "order", "was_chosen", "taken_by", "paper",
    ]  # fmt: skip
    readonly_fields = fields

    @display(description=_("paper"))
    def paper(self, receipt: Receipt) -> str:
        """The link to the printed receipt."""
        url = reverse("payments:receipt_pdf", args=[receipt.pk])
        return format_html('<a href="{}">{}</a>', url, _("Print"))


class PartInline(TabularInline):
    """What an order is for."""

    model = IntentPart
    fields = ["show_unit", "show_line", "amount"]
    readonly_fields = fields
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders are made by payers."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the order sees its parts."""
        return may(request.user, "payments.view")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the parts with their bills at hand."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("line__bill__account__unit__building", "line__fee_item")

    @display(description=_("unit"))
    def show_unit(self, part: IntentPart) -> str:
        """The unit the line is for."""
        return part.line.bill.account.unit.label

    @display(description=_("charge line"))
    def show_line(self, part: IntentPart) -> str:
        """The fee item and its bill."""
        return f"{part.line.fee_item.name} · {part.line.bill.number}"


@admin.register(Intent)
class IntentAdmin(LookedAt):
    """Orders at the platforms: how far each got, and when the platform is asked next."""

    list_display = [
        "number",
        "merchant",
        "show_amount",
        "show_state",
        "created_at",
        "next_query_at",
        "last_word",
    ]
    list_filter = [("community", SCOPED), "state", "merchant__gateway"]
    search_fields = ["number", "parts__line__bill__number"]
    list_select_related = ["merchant"]
    ordering = ["-created_at", "-id"]
    fields = [
        "number", "community", "merchant", "show_amount", "state", "opened_by_link", "created_at", "expires_at",
        "started_at", "finished_at", "next_query_at", "query_count", "last_word",
    ]  # fmt: skip
    readonly_fields = fields
    inlines = [PartInline]
    actions_detail = ["query_now"]

    @display(description=_("state"), label={str(state): colour for state, colour in INTENT_COLOURS.items()})
    def show_state(self, intent: Intent) -> tuple[str, str]:
        """The state in words, coloured only where it matters."""
        return intent.state, intent.get_state_display()

    @action(description=_("Ask the platform now"), permissions=["query_now"])
    def query_now(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        """Ask the platform how the order stands; asking again is harmless."""
        intent = get_object_or_404(self.get_queryset(request), pk=object_id)
        query_intent(intent_id=intent.pk, now=timezone.now())
        return HttpResponseRedirect(reverse("admin:payments_intent_change", args=[object_id]))

    def has_query_now_permission(self, request: HttpRequest, object_id: int | None = None) -> bool:
        """Whoever sees an order may ask about it."""
        return may(request.user, "payments.view")


@admin.register(GatewayNotice)
class GatewayNoticeAdmin(LookedAt):
    """What the platforms told us, as it arrived, and what we made of it."""

    list_display = ["received_at", "merchant", "notice_id", "show_state", "reason", "intent"]
    list_filter = [("merchant", SCOPED), "state"]
    search_fields = ["notice_id", "intent__number", "sha256"]
    list_select_related = ["merchant", "intent"]
    ordering = ["-received_at", "-id"]
    fields = ["received_at", "merchant", "notice_id", "state", "reason", "intent", "sha256"]
    readonly_fields = fields

    @display(description=_("state"), label={str(state): colour for state, colour in NOTICE_COLOURS.items()})
    def show_state(self, notice: GatewayNotice) -> tuple[str, str]:
        """The state in words, coloured only where it matters."""
        return notice.state, notice.get_state_display()


@admin.register(PaymentException)
class PaymentExceptionAdmin(LookedAt):
    """The exceptions desk: what the rules could not settle, oldest first, with the next move."""

    list_display = [
        "kind",
        "reference",
        "show_expected",
        "show_heard",
        "opened_at",
        "count",
        "move",
        "closed_at",
    ]
    list_filter = [("community", SCOPED), "kind", ("closed_at", admin.EmptyFieldListFilter)]
    search_fields = ["reference", "intent__number"]
    list_select_related = ["intent", "merchant"]
    ordering = ["closed_at", "opened_at"]
    fields = [
        "kind", "reference", "community", "merchant", "intent", "show_expected", "show_heard", "count", "opened_at",
        "move", "closed_at", "closed_by", "outcome",
    ]  # fmt: skip
    readonly_fields = fields

    @display(description=_("expected"))
    def show_expected(self, exception: PaymentException) -> str:
        """What our order says."""
        return "—" if exception.expected is None else format_money(exception.expected)

    @display(description=_("heard"))
    def show_heard(self, exception: PaymentException) -> str:
        """What the platform says."""
        return "—" if exception.heard is None else format_money(exception.heard)

    @display(description=_("next move"))
    def move(self, exception: PaymentException) -> str:
        """What to do about it, and the link to do it."""
        if exception.closed_at:
            return exception.outcome
        url = reverse("payments:settle_exception", args=[exception.pk])
        return format_html('<a href="{}">{}</a>', url, next_move(exception))


@admin.register(PrepaymentEntry)
class PrepaymentEntryAdmin(LookedAt):
    """What accounts have with us, entry by entry."""

    list_display = ["account", "show_amount", "value_day", "source"]
    list_filter = [("account__community", SCOPED), "value_day"]
    search_fields = ["account__unit__code", "source"]
    list_select_related = ["account__unit", "account__payer"]
    ordering = ["-id"]
    fields = ["account", "show_amount", "value_day", "source", "written_at"]
    readonly_fields = fields


@admin.register(BillFileRead)
class BillFileReadAdmin(LookedAt):
    """Which days of the platforms' bills were read."""

    list_display = ["day", "merchant", "record_count", "show_amount", "read_at"]
    list_filter = [("merchant", SCOPED)]
    list_select_related = ["merchant"]
    ordering = ["-day"]
    fields = list_display
    readonly_fields = fields


@admin.register(MerchantAccount)
class MerchantAccountAdmin(ScopedAdmin):
    """The accounts at the platforms; keys are not shown, because they are not here."""

    permission = "settings.view"
    change_permission = "settings.change"
    list_display = ["community", "gateway", "merchant_id", "app_id", "is_active"]
    list_filter = [("community", SCOPED), "gateway", "is_active"]
    ordering = ["community", "gateway"]
    fields = ["community", "gateway", "merchant_id", "app_id", "secret_name", "slug", "is_active"]


@admin.register(PaymentPolicy)
class PaymentPolicyAdmin(ScopedAdmin):
    """A community's rules for money that comes in."""

    permission = "settings.view"
    change_permission = "settings.change"
    list_display = ["community", "order", "inside", "receipt_prefix", "intent_minutes"]
    ordering = ["community"]
    fields = ["community", "order", "inside", "clause", "receipt_prefix", "intent_minutes"]
