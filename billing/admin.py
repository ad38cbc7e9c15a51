"""Lists of billing in the staff pages: bills, accounts, fee items and their prices, pools, parked accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from billing.contract_admin import ContractAdmin
from billing.forms import TariffVersionForm
from billing.models import (
    Bill,
    BillingPolicy,
    BillState,
    ChargeAccount,
    FeeItem,
    PoolResult,
    PostingProfile,
    RunProblem,
    SupplierBill,
    TariffVersion,
    UnitCoefficient,
)
from billing.pages import bill_state, price_words, scope_words
from billing.selectors.outstanding import annotate_outstanding
from billing.services.tariffs import change_fee_item, keep_version
from core.figures import format_amount, format_date, format_period
from core.periods import Period
from core.phones import mask_name
from core.staff import ScopedAdmin
from core.states import word_for_staff
from users.acting import acting_user

__all__ = ["ContractAdmin"]

SCOPED = admin.RelatedOnlyFieldListFilter
COLOURS = {"paid": "success", "overdue": "warning", "due": "info"}


class ReadOnlyInline(TabularInline):
    """Rows below a page that are written by services only."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(Bill)
class BillAdmin(ScopedAdmin):
    """Bills with what is outstanding on them today; one opens on its own page."""

    permission = "billing.view"
    list_display = [
        "show_number",
        "unit",
        "payer",
        "period",
        "due_on",
        "show_total",
        "outstanding",
        "standing",
    ]
    list_display_links = None
    list_filter = [("community", SCOPED), "state", ("account__unit__building", SCOPED), "period_start"]
    list_select_related = ["account__unit__building", "account__payer"]
    search_fields = ["number", "account__unit__code", "account__payer__name"]
    ordering = ["-period_start", "account__unit__sort_key", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the bills with what is outstanding on them today."""
        return annotate_outstanding(super().get_queryset(request), timezone.localdate())

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Lead to the bill's own page."""
        bill = self.get_object(request, object_id)
        if bill is None or not self.has_view_permission(request):
            return super().change_view(request, object_id, *args, **kwargs)
        return HttpResponseRedirect(reverse("billing:bill", args=[bill.number]))

    @display(description=_("number"), ordering="number")
    def show_number(self, bill: Bill) -> SafeString:
        """The number as a link to the bill's own page."""
        return format_html('<a href="{}">{}</a>', reverse("billing:bill", args=[bill.number]), bill.number)

    @display(description=_("unit"), ordering="account__unit__sort_key")
    def unit(self, bill: Bill) -> str:
        """The unit's code."""
        return bill.account.unit.code

    @display(description=_("payer"))
    def payer(self, bill: Bill) -> str:
        """The masked name of who owes."""
        return mask_name(bill.account.payer.name)

    @display(description=_("period"), ordering="period_start")
    def period(self, bill: Bill) -> str:
        """The period in words."""
        return format_period(Period(bill.period_start, bill.period_end))

    @display(description=_("total"), ordering="total")
    def show_total(self, bill: Bill) -> str:
        """The total as a column of figures has it."""
        return format_amount(bill.total)

    @display(description=_("outstanding"))
    def outstanding(self, bill: Any) -> str:
        """What is left to pay today."""
        return format_amount(bill.outstanding) if bill.state == BillState.ISSUED else "—"

    @display(description=_("state"), label=COLOURS)
    def standing(self, bill: Any) -> tuple[str, str]:
        """Paid, due or overdue; draft and void in words."""
        state = bill_state(bill, bill.outstanding, timezone.localdate())
        if "word" in state:
            return bill.state, state["word"]
        return state["name"], word_for_staff(state["name"], days=state.get("days"))


@admin.register(ChargeAccount)
class ChargeAccountAdmin(ScopedAdmin):
    """Who pays for which unit, and since when; opened by the runs from the register."""

    permission = "billing.view"
    list_display = ["unit", "community", "show_payer", "start", "end"]
    list_filter = [("community", SCOPED)]
    list_select_related = ["unit", "community", "payer"]
    search_fields = ["unit__code", "payer__name"]
    ordering = ["community", "unit__sort_key", "start"]
    fields = readonly_fields = ["community", "unit", "show_payer", "start", "end"]

    @display(description=_("payer"))
    def show_payer(self, account: ChargeAccount) -> str:
        """The masked name."""
        return mask_name(account.payer.name)


class TariffVersionInline(ReadOnlyInline):
    """The prices of a fee item."""

    model = TariffVersion
    fields = readonly_fields = ["applies_to", "method", "rounding", "start", "end"]


class PostingProfileInline(ReadOnlyInline):
    """How a fee item enters the books."""

    model = PostingProfile
    fields = readonly_fields = ["treatment", "ledger_code", "start"]


@admin.register(FeeItem)
class FeeItemAdmin(ScopedAdmin):
    """What a community charges for. New ones come with a tariff file; cycle and timing stay once there are bills."""

    permission = "billing.view"
    change_permission = "billing.tariffs"
    list_display = ["name", "code", "community", "cycle", "timing", "rank", "tax_rate"]
    list_filter = [("community", SCOPED), "cycle", "timing"]
    list_select_related = ["community"]
    search_fields = ["name", "code"]
    ordering = ["community", "rank", "code"]
    fields = [
        "community",
        "code",
        "name",
        "cycle",
        "timing",
        "rank",
        "honours_vacancy",
        "tax_rate",
        "tax_code",
    ]
    readonly_fields = ["community", "code", "cycle", "timing"]
    inlines = [TariffVersionInline, PostingProfileInline]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Fee items come with a tariff file."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Change name, rank or tax; who and what goes into the audit trail."""
        change_fee_item(item=obj, changed=form.changed_data, by=acting_user(request))


@admin.register(TariffVersion)
class TariffVersionAdmin(ScopedAdmin):
    """Dated prices. A new price is a new version from a day on; the old one gets its last day."""

    permission = "billing.view"
    change_permission = "billing.tariffs"
    form = TariffVersionForm
    list_display = [
        "fee_item",
        "community",
        "scope",
        "method",
        "price_words",
        "rounding",
        "start",
        "last_day",
    ]
    list_filter = [("fee_item__community", SCOPED), ("fee_item", SCOPED), "method"]
    list_select_related = ["fee_item__community"]
    search_fields = ["fee_item__name", "applies_to"]
    actions_list = ["import_file"]
    ordering = ["fee_item__community", "fee_item__rank", "applies_to", "-start"]

    @action(description=_("Import a tariff file"), permissions=["import_file"], url_path="import-file")
    def import_file(self, request: HttpRequest) -> HttpResponseRedirect:
        """Lead to the pages that take a file in."""
        return HttpResponseRedirect(reverse("billing:tariff_upload"))

    def has_import_file_permission(self, request: HttpRequest) -> bool:
        """Whoever may change tariffs may take a file in."""
        return self.has_change_permission(request)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Offer the fee items of the person's communities only."""
        form = super().get_form(request, *args, **kwargs)
        if "fee_item" in form.base_fields:
            form.base_fields["fee_item"].queryset = FeeItem.objects.visible_to(request.user)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the rounding of the person's community."""
        policy = BillingPolicy.objects.visible_to(request.user).first() or BillingPolicy()
        return {"rounding": policy.rounding, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the version; who and what goes into the audit trail."""
        keep_version(version=obj, by=acting_user(request))

    @display(description=_("community"))
    def community(self, version: TariffVersion) -> str:
        """The community of the fee item."""
        return version.fee_item.community.name

    @display(description=_("applies to"), ordering="applies_to")
    def scope(self, version: TariffVersion) -> str:
        """The scope in words."""
        return scope_words(version.applies_to)

    @display(description=_("price"))
    def price_words(self, version: TariffVersion) -> str:
        """The price in words."""
        return price_words(version.method, version.price, version.formula)

    @display(description=_("last day"), ordering="end")
    def last_day(self, version: TariffVersion) -> str:
        """The last day, inclusive."""
        return format_date(version.end - timedelta(days=1)) if version.end else "—"


@admin.register(PoolResult)
class PoolResultAdmin(ScopedAdmin):
    """Pools as they were shared: what the community meter counted and what it came to."""

    permission = "billing.view"
    list_display = [
        "fee_item",
        "meter_code",
        "applies_to",
        "period_start",
        "use",
        "price",
        "amount",
        "participants",
    ]
    list_filter = [("run__community", SCOPED), "fee_item"]
    list_select_related = ["fee_item"]
    ordering = ["-period_start", "fee_item", "meter_code"]
    fields = readonly_fields = [
        "fee_item", "run", "applies_to", "meter_code", "period_start", "period_end", "opening", "closing", "use",
        "price", "amount", "key", "participants",
    ]  # fmt: skip

    @display(description=_("participants"))
    def participants(self, pool: PoolResult) -> int:
        """How many units took part with a weight."""
        return sum(weight > 0 for weight in pool.weights)


@admin.register(SupplierBill)
class SupplierBillAdmin(ScopedAdmin):
    """What suppliers billed: the amounts of pools that are shared by bill instead of by a price."""

    permission = "billing.view"
    change_permission = delete_permission = "billing.tariffs"
    list_display = ["community", "meter_code", "period_start", "period_end", "amount", "number"]
    list_filter = [("community", SCOPED), "meter_code"]
    list_select_related = ["community"]
    search_fields = ["meter_code", "number"]
    ordering = ["-period_start", "community", "meter_code"]
    fields = ["community", "meter_code", "period_start", "period_end", "amount", "number"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep who wrote it down and when beside the bill."""
        obj.recorded_by, obj.recorded_at = str(acting_user(request)), timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(UnitCoefficient)
class UnitCoefficientAdmin(ScopedAdmin):
    """Agreed coefficients of units with names and days, for pools that are shared by one."""

    permission = "billing.view"
    change_permission = delete_permission = "billing.tariffs"
    list_display = ["unit", "name", "value", "start", "end"]
    list_filter = [("unit__community", SCOPED), "name"]
    list_select_related = ["unit"]
    search_fields = ["unit__code", "name"]
    autocomplete_fields = ["unit"]
    ordering = ["unit__sort_key", "name", "start"]
    fields = ["unit", "name", "value", "start", "end"]


@admin.register(RunProblem)
class RunProblemAdmin(ScopedAdmin):
    """The error desk: accounts that could not be billed, with their reasons, until somebody mends the cause."""

    permission = "billing.view"
    list_display = ["unit", "show_run", "message", "blocks"]
    list_filter = [("run__community", SCOPED), "blocks", "code"]
    list_select_related = ["run__community"]
    search_fields = ["unit", "message"]
    ordering = ["-run__period_start", "-blocks", "unit"]
    fields = readonly_fields = ["unit", "show_run", "code", "message", "blocks"]

    @display(description=_("run"))
    def show_run(self, problem: RunProblem) -> SafeString:
        """A link to the run."""
        period = format_period(Period(problem.run.period_start, problem.run.period_end))
        text = __("%(community)s, %(period)s") % {"community": problem.run.community.name, "period": period}
        return format_html('<a href="{}">{}</a>', reverse("billing:run", args=[problem.run_id]), text)
