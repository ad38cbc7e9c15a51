"""Fee items, their prices and their places in the books."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from billing.forms.tariffs import TariffVersionForm
from billing.models import (
    BillingPolicy,
    FeeItem,
    PostingProfile,
    TariffVersion,
)
from billing.pages.tariffs import price_words, scope_words
from billing.services.tariffs import change_fee_item, keep_version
from core.figures import format_date
from core.staff import SCOPED, ScopedAdmin
from users.acting import acting_user


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
        """Save name, rank or tax, and write an audit record of the change."""
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
        """Allow the import to whoever may change tariffs."""
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
        """Save the version and write an audit record of the change."""
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
