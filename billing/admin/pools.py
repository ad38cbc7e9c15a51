"""Pools, suppliers' bills and agreed coefficients."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models import (
    PoolResult,
    SupplierBill,
    UnitCoefficient,
)
from core.staff import SCOPED, ScopedAdmin
from users.acting import acting_user


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
