"""Staff pages of log-ins and roles."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from core.phones import mask_phone
from core.staff import ScopedAdmin
from users.acting import acting_user
from users.models import Membership, User

admin.site.unregister(Group)


class MembershipInline(TabularInline):
    """The roles of a log-in."""

    model = Membership
    fields = readonly_fields = ["role", "company", "community"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Roles are given by the service, which audits them and ends open sessions."""
        return False


@admin.register(User)
class UserAdmin(ScopedAdmin):
    """The staff of the companies one may see; owners' log-ins are made by their phones."""

    permission = "users.view"
    list_display = ["username", "show_name", "show_roles", "is_active", "last_login"]
    list_filter = ["is_active", "memberships__role"]
    search_fields = ["username", "first_name", "last_name"]
    ordering = ["username"]
    fields = ["username", "show_name", "show_phone", "language", "is_active", "last_login"]
    readonly_fields = fields
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Staff who hold a role in a company where the person holds one."""
        everybody = User.objects.filter(is_staff=True).prefetch_related("memberships__community")
        user = acting_user(request)
        if user.is_superuser:
            return everybody.order_by("username")
        companies = list(user.memberships.values_list("company", flat=True))
        return everybody.filter(memberships__company__in=companies).distinct().order_by("username")

    @display(description=_("name"))
    def show_name(self, user: User) -> str:
        """Family name first, as in Chinese."""
        return user.get_full_name() or "—"

    @display(description=_("roles"))
    def show_roles(self, user: User) -> str:
        """Each role with its community, or the whole company."""
        whole = _("whole company")
        return (
            "；".join(f"{m.get_role_display()} ({m.community or whole})" for m in user.memberships.all())
            or "—"
        )

    @display(description=_("phone"))
    def show_phone(self, user: User) -> str:
        """The masked phone."""
        return mask_phone(user.phone) if user.phone else "—"
