"""Lists of the register in the staff pages."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from core.access import may
from core.phones import mask_phone
from core.staff import SCOPED, ScopedAdmin
from estates.forms import PersonForm
from estates.models import Building, Community, Meter, Occupancy, Person, Reading, RosterImport, Unit


class OccupancyInline(TabularInline):
    """Who holds the unit, or what the person holds; changed through transfers and rosters only."""

    model = Occupancy
    extra = 0
    can_delete = False
    hide_title = True
    fields = ["unit", "person", "role", "is_payer", "start", "end"]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "estates.view")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Occupancy.objects.visible_to(request.user).select_related("unit", "person")


@admin.register(Community)
class CommunityAdmin(ScopedAdmin):
    """The communities one works in."""

    permission = "estates.view"
    change_permission = "settings.change"
    list_display = ["code", "name", "company", "city", "service_phone"]
    list_select_related = ["company"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["developer"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Communities come with a roster (`import_roster --create`)."""
        return False


@admin.register(Building)
class BuildingAdmin(ScopedAdmin):
    """Buildings with their heights."""

    permission = "estates.view"
    change_permission = "estates.import"
    list_display = ["code", "community", "floors", "has_lift"]
    list_filter = [("community", SCOPED)]
    list_select_related = ["community"]
    search_fields = ["code"]
    ordering = ["community", "sort_key"]
    readonly_fields = ["community", "code"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Buildings come with a roster."""
        return False


@admin.register(Unit)
class UnitAdmin(ScopedAdmin):
    """Units in walking order, each with the people who hold it."""

    permission = "estates.view"
    change_permission = "estates.import"
    list_display = ["code", "community", "kind", "state", "area_m2", "floor", "handed_over_on", "holders"]
    list_filter = [("community", SCOPED), ("building", SCOPED), "kind", "state", "is_top_floor"]
    list_select_related = ["community"]
    search_fields = ["code"]
    ordering = ["community", "sort_key"]
    fields = [
        "community", "code", "building", "floor", "is_top_floor", "kind", "state", "area_m2", "inner_area_m2",
        "handed_over_on",
    ]  # fmt: skip
    readonly_fields = ["community", "code", "building"]
    inlines = [OccupancyInline]
    actions_detail = ["hand_over", "vacancy", "ask_change"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the units in scope with their people at hand."""
        return super().get_queryset(request).prefetch_related("occupancies__person")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Units come with a roster."""
        return False

    @action(description=_("Hand-over"), permissions=["change"], url_path="hand-over")
    def hand_over(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        """Lead to the hand-over of the unit."""
        return self._lead(request, object_id, reverse("billing:hand_over", args=[object_id]))

    @action(description=_("Apply for a vacancy"), permissions=["vacancy"], url_path="vacancy")
    def vacancy(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        """Lead to the form in which a vacancy of the unit is applied for."""
        return self._lead(request, object_id, f"{reverse('billing:apply_vacancy')}?unit={object_id}")

    @action(description=_("Ask for a change"), permissions=["ask"], url_path="ask-change")
    def ask_change(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        """Lead to the form in which another owner, a measured area or a pause is asked for."""
        return self._lead(request, object_id, f"{reverse('billing:ask_change')}?unit={object_id}")

    def _lead(self, request: HttpRequest, unit_id: int, address: str) -> HttpResponseRedirect:
        get_object_or_404(self.get_queryset(request), pk=unit_id)
        return HttpResponseRedirect(address)

    def has_vacancy_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the person may apply for a vacancy."""
        return may(request.user, "estates.vacancies")

    def has_ask_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the person may ask for a change."""
        return may(request.user, "billing.correct")

    @display(description=_("people"))
    def holders(self, unit: Unit) -> str:
        """The names of those who hold the unit now; the payer comes first."""
        running = [tie for tie in unit.occupancies.all() if tie.end is None]
        return "、".join(tie.person.name for tie in sorted(running, key=lambda tie: not tie.is_payer)) or "—"


@admin.register(Person)
class PersonAdmin(ScopedAdmin):
    """People with masked phones; the full contact is a page of its own that asks for a reason."""

    permission = "estates.view"
    change_permission = "estates.import"
    form = PersonForm
    list_display = ["name", "masked_phone", "kind", "units", "full_contact"]
    list_filter = ["kind", "lives_alone_elderly"]
    search_fields = ["name", "=phone"]
    ordering = ["name", "id"]
    fields = [
        "name",
        "kind",
        "masked_phone",
        "phone",
        "email",
        "contact_source",
        "lives_alone_elderly",
        "full_contact",
    ]
    readonly_fields = ["masked_phone", "full_contact"]
    inlines = [OccupancyInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the people in scope with their units at hand."""
        return super().get_queryset(request).prefetch_related("occupancies__unit")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Leave the link to the full contact out for those it would turn away."""
        can_see = may(request.user, "estates.reveal")
        return [name for name in self.list_display if name != "full_contact" or can_see]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave the field for a new phone out where it cannot be changed: it would show the phone in full."""
        can_change = self.has_change_permission(request, obj)
        hidden = {"phone": can_change, "full_contact": may(request.user, "estates.reveal")}
        return [name for name in self.fields if hidden.get(name, True)]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People come with a roster."""
        return False

    @display(description=_("phone"))
    def masked_phone(self, person: Person) -> str:
        """The phone with its middle hidden."""
        return mask_phone(person.phone) or "—"

    @display(description=_("units"))
    def units(self, person: Person) -> str:
        """The units that the person holds now."""
        return "、".join(tie.unit.code for tie in person.occupancies.all() if tie.end is None) or "—"

    @display(description=_("full contact"))
    def full_contact(self, person: Person) -> str:
        """A link to the page that shows the full contact on record."""
        address = reverse("estates:person_contact", args=[person.pk])
        return format_html('<a href="{}">{}</a>', address, _("show"))


@admin.register(Meter)
class MeterAdmin(ScopedAdmin):
    """Meters of units and of communities; they come with files, and change by the acts on their own pages."""

    permission = "estates.view"
    list_display = ["code", "community", "unit", "kind", "multiplier", "page"]
    list_filter = [("community", SCOPED), "kind"]
    list_select_related = ["community", "unit"]
    search_fields = ["code", "unit__code"]
    ordering = ["community", "code"]

    @display(description=_("acts"))
    def page(self, meter: Meter) -> str:
        """A link to the meter's own page, where it is changed, estimated and opened."""
        return format_html('<a href="{}">{}</a>', reverse("estates:meter", args=[meter.pk]), _("open"))


@admin.register(Reading)
class ReadingAdmin(ScopedAdmin):
    """Readings of meters; a recorded reading is never changed, because bills were computed from it."""

    permission = "estates.view"
    list_display = ["meter", "unit", "read_on", "value", "source"]
    list_filter = [("meter__community", SCOPED), "meter__kind", "read_on"]
    list_select_related = ["meter__unit"]
    search_fields = ["meter__code", "meter__unit__code"]
    date_hierarchy = "read_on"
    ordering = ["-read_on", "meter"]

    @display(description=_("unit"))
    def unit(self, reading: Reading) -> str:
        """The meter's unit; a meter of the community has none."""
        return str(reading.meter.unit or "—")


@admin.register(RosterImport)
class RosterImportAdmin(ScopedAdmin):
    """Roster imports."""

    permission = "estates.import"
    list_display = [
        "imported_at", "community", "file_name", "created_count", "updated_count", "unchanged_count", "rejected_count",
        "imported_by",
    ]  # fmt: skip
    list_filter = [("community", SCOPED)]
    list_select_related = ["community"]
    ordering = ["-imported_at"]
    fields = ["community", "file_name", "file_hash", "imported_by", "imported_at", "page"]
    readonly_fields = ["page"]

    @display(description=_("what it did"))
    def page(self, record: RosterImport) -> str:
        """A link to the page of the result."""
        return format_html(
            '<a href="{}">{}</a>', reverse("estates:roster_result", args=[record.pk]), _("show")
        )
